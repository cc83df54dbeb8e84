package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two replicas, forty departures of all kinds, and one of the two is killed at a random moment and started again. How often:
 * {@code -Dchaos.rounds}. Each round prints its seed, and {@code -Dchaos.seed} plays that round alone.
 */
class ChaosIT {
    private static final int DEPARTURES = 40;
    private static final Duration LIMIT = ofMinutes(3);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    static LongStream seeds() {
        @Nullable Long seed = Long.getLong("chaos.seed");
        return seed == null
                ? ThreadLocalRandom.current().longs(Integer.getInteger("chaos.rounds", 3), 0, Long.MAX_VALUE)
                : LongStream.of(seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void settlesEverythingOnceThoughAReplicaIsKilledInTheMidst(long seed) {
        System.out.printf("chaos: -Dchaos.seed=%d%n", seed);
        try (Round round = new Round(new Random(seed))) {
            round.play();
        }
    }

    /** What is told of a node. */
    private enum Fate {
        SPOT,
        LIFECYCLE_ACTION,
        SPOT_AND_LIFECYCLE_ACTION,
        HEALTH,
        HEALTH_WITHDRAWN,
        STOPPING,
        SHUTTING_DOWN,
        /** By default nothing is done about it but to tell. */
        REBALANCE;

        static final List<Fate> OF_TEN = List.of(
                SPOT,
                SPOT,
                SPOT,
                LIFECYCLE_ACTION,
                LIFECYCLE_ACTION,
                LIFECYCLE_ACTION,
                SPOT_AND_LIFECYCLE_ACTION,
                HEALTH,
                HEALTH_WITHDRAWN,
                STOPPING);

        boolean empties() {
            return this != HEALTH_WITHDRAWN && this != REBALANCE;
        }
    }

    private static final class Round implements AutoCloseable {
        private final ControlPlane plane = ControlPlane.shared();
        private final TestQueue queue = TestQueue.create();
        private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
        private final TestCluster cluster = TestCluster.create(plane);
        private final AuditLog.Mark mark = plane.audit().mark();
        private final List<DaemonProcess> daemons = new ArrayList<>();
        private final Map<LabNode, Fate> fates = new LinkedHashMap<>();
        private final List<LifecycleAction> actions = new ArrayList<>();
        private final Random random;

        Round(Random random) {
            this.random = random;
        }

        void play() {
            start();
            start();
            Set<String> pods = layOut();
            daemons.forEach(DaemonProcess::awaitReady);
            Instant told = Instant.now();
            announce();
            killOneAndStartItAgain(told);

            await("everything to be settled")
                    .atMost(LIMIT)
                    .pollInterval(ofMillis(500))
                    .untilAsserted(() -> assertThat(owed()).isEmpty());

            System.out.printf("chaos: settled after %s%n", Duration.between(told, Instant.now()));
            Map<String, List<Request>> requests = ourRequestsByPod();
            assertThat(pods)
                    .as("evicted once, or deleted")
                    .allSatisfy(pod -> wasAskedOnce(pod, requests.getOrDefault(pod, List.of())));
            assertThat(daemons.stream().flatMap(daemon -> daemon.told(LogEvent.DEPARTURE_FAILED).stream()))
                    .isEmpty();
        }

        /** The nodes to be, with their pods, and room for those that replace them. */
        private Set<String> layOut() {
            String[] names = IntStream.range(0, DEPARTURES)
                    .mapToObj(number -> "n" + number)
                    .toArray(String[]::new);
            List<LabNode> doomed = cluster.nodes(names);
            List<LabNode> spare = cluster.nodes("spare-1", "spare-2");
            for (int i = 0; i < doomed.size(); i++) {
                Fate fate = Fate.OF_TEN.get(i % Fate.OF_TEN.size());
                fates.put(doomed.get(i), fate == Fate.STOPPING && i >= DEPARTURES / 2 ? Fate.SHUTTING_DOWN : fate);
            }
            spare.forEach(cluster::cordon);
            List<Workload> workloads = doomed.stream()
                    .map(node -> cluster.deployment(node.name())
                            .replicas(random.nextInt(1, 4))
                            .exitAfter(ofMillis(random.nextInt(200, 4_000)))
                            .on(Stream.concat(Stream.of(node), spare.stream()).toArray(LabNode[]::new))
                            .submit())
                    .toList();
            workloads.forEach(Workload::awaitReady);
            workloads.stream()
                    .filter(_ -> random.nextInt(4) == 0)
                    .forEach(workload ->
                            cluster.budget(workload.name(), workload).maxUnavailable(1));
            Set<String> pods = cluster.client().pods().inNamespace(cluster.namespace()).list().getItems().stream()
                    .filter(pod -> fates.entrySet().stream()
                            .anyMatch(entry -> entry.getValue().empties()
                                    && entry.getKey()
                                            .name()
                                            .equals(pod.getSpec().getNodeName())))
                    .map(pod -> pod.getMetadata().getName())
                    .collect(Collectors.toSet());
            spare.forEach(cluster::uncordon);
            cluster.nodes("at-risk-1", "at-risk-2", "at-risk-3").forEach(node -> fates.put(node, Fate.REBALANCE));
            return pods;
        }

        private void announce() {
            autoScaling.addHook(Hook.of("workers", "drain").withHeartbeatTimeout(ofMinutes(2)));
            List<LabNode> order = new ArrayList<>(fates.keySet());
            Collections.shuffle(order, random);
            order.forEach(node -> announce(node, fates.getOrDefault(node, Fate.SPOT)));
        }

        private void announce(LabNode node, Fate fate) {
            Instant now = Instant.now();
            switch (fate) {
                case SPOT -> queue.send(Announcement.spotInterruption(node.instance(), now));
                case LIFECYCLE_ACTION -> actions.addAll(autoScaling.terminate("workers", node.instance(), queue));
                case SPOT_AND_LIFECYCLE_ACTION -> {
                    queue.send(Announcement.spotInterruption(node.instance(), now));
                    actions.addAll(autoScaling.terminate("workers", node.instance(), queue));
                }
                case HEALTH -> queue.send(health(node, "arn:" + UUID.randomUUID(), "open", now));
                case HEALTH_WITHDRAWN -> {
                    String arn = "arn:" + UUID.randomUUID();
                    queue.send(health(node, arn, "open", now.minusSeconds(60)));
                    queue.send(health(node, arn, "closed", now));
                }
                case STOPPING -> queue.send(Announcement.stateChange(node.instance(), now, "stopping"));
                case SHUTTING_DOWN -> queue.send(Announcement.stateChange(node.instance(), now, "shutting-down"));
                case REBALANCE -> queue.send(Announcement.rebalanceRecommendation(node.instance(), now));
            }
        }

        /** So near that the brake, which so many departures pull, lifts for it. */
        private static String health(LabNode node, String arn, String status, Instant at) {
            return Announcement.scheduledChange(
                    arn, UUID.randomUUID().toString(), status, at.plus(ofMinutes(10)), at, node.instance());
        }

        private void killOneAndStartItAgain(Instant told) {
            DaemonProcess victim = daemons.get(random.nextInt(daemons.size()));
            Instant moment = told.plusMillis(random.nextInt(7_000));
            await("the moment")
                    .pollInterval(ofMillis(5))
                    .until(() -> Instant.now().isAfter(moment));
            victim.kill();
            boolean sameName = random.nextBoolean();
            System.out.printf(
                    "chaos: killed %s after %s; another comes with %s name%n",
                    victim.podName(), Duration.between(told, moment), sameName ? "the same" : "a new");
            if (sameName) {
                daemons.add(victim.startAgain());
            } else {
                start();
            }
        }

        private void start() {
            daemons.add(DaemonProcess.start(plane, queue, autoScaling));
        }

        /** What is not yet as it should be in the end. */
        private List<String> owed() {
            List<String> owed = new ArrayList<>();
            if (!queue.isEmpty()) {
                owed.add("%d messages, %d in flight".formatted(queue.visible(), queue.inFlight()));
            }
            actions.stream()
                    .filter(action -> !(autoScaling.stateOf(action) instanceof Completed))
                    .forEach(action -> owed.add("hook of " + action.instance()));
            Map<String, Node> live = nodes();
            Map<String, List<Pod>> pods = podsByNode();
            cluster.nodes().forEach(node -> {
                Node now = live.getOrDefault(node.name(), new Node());
                Optional<Fate> fate = Optional.ofNullable(fates.get(node));
                boolean leaves = fate.filter(Fate::empties).isPresent();
                if (isCordoned(now) != leaves) {
                    owed.add("%s (%s) is %scordoned".formatted(node, fate, leaves ? "not " : ""));
                }
                if (leaves && pods.containsKey(node.name())) {
                    owed.add("pods on %s (%s)".formatted(node, fate));
                }
                journalOf(now)
                        .filter(journal -> journal.state() != Journal.State.SETTLED
                                || journal.holder().isPresent())
                        .ifPresent(journal -> owed.add("%s (%s): %s".formatted(node, fate, journal)));
            });
            return owed;
        }

        /** The audit log has a 504 for an eviction whose asker was killed before the answer: it may have been accepted. */
        private static void wasAskedOnce(String pod, List<Request> about) {
            List<Integer> answers = about.stream()
                    .filter(to("create", "pods/eviction"))
                    .map(Request::code)
                    .toList();
            boolean deleted = about.stream().filter(to("delete", "pods")).anyMatch(request -> request.code() == 200);
            assertThat(answers)
                    .as("answers to evictions of %s", pod)
                    .filteredOn(code -> code == 201)
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(deleted || answers.contains(201) || answers.contains(504))
                    .as("%s was evicted or deleted: %s", pod, about)
                    .isTrue();
        }

        private Map<String, List<Request>> ourRequestsByPod() {
            return plane.audit().since(mark).stream()
                    .filter(by(USER))
                    .filter(request -> request.namespace().equals(cluster.namespace()))
                    .collect(Collectors.groupingBy(Request::name));
        }

        private Map<String, Node> nodes() {
            return cluster.client().nodes().list().getItems().stream()
                    .collect(Collectors.toMap(node -> node.getMetadata().getName(), Function.identity()));
        }

        private Map<String, List<Pod>> podsByNode() {
            return cluster.client().pods().inNamespace(cluster.namespace()).list().getItems().stream()
                    .filter(pod -> pod.getSpec().getNodeName() != null)
                    .collect(Collectors.groupingBy(pod -> pod.getSpec().getNodeName()));
        }

        private static boolean isCordoned(Node node) {
            return node.getSpec() != null
                    && (Boolean.TRUE.equals(node.getSpec().getUnschedulable())
                            || node.getSpec().getTaints().stream()
                                    .anyMatch(taint -> taint.getKey().startsWith("glidepath.dev/")));
        }

        private static Optional<Journal> journalOf(Node node) {
            return Optional.ofNullable(node.getMetadata())
                    .map(metadata -> metadata.getAnnotations())
                    .map(annotations -> annotations.get("glidepath.dev/departure"))
                    .flatMap(Journal::parse);
        }

        @Override
        public void close() {
            daemons.forEach(DaemonProcess::close);
            cluster.close();
            autoScaling.close();
        }
    }
}
