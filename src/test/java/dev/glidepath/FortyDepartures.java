package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Waiting;
import dev.glidepath.lab.AutoScalingStandIn.Call;
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
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Forty departures of all kinds for several replicas, with interruptions of instances that are no nodes here among them; and what
 * has to come of all that, whatever happens to a replica meanwhile.
 */
final class FortyDepartures implements AutoCloseable {
    private static final int DEPARTURES = 40;

    /** As many of its nodes are cordoned, or pods evicted, when something happens to a replica. */
    private static final int IN_THE_MIDST = 3;

    private static final Duration LIMIT = ofMinutes(6);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    /** Its hook belongs to databases, which no cluster has as nodes. */
    private static final InstanceId FOREIGN_HOOK = new InstanceId("i-0f0f0f0f0f0f0f0f1");

    private static final int MESSAGES_OF_OTHERS = 2;

    private static final InstanceId FOREIGN_SPOT = new InstanceId("i-0f0f0f0f0f0f0f0f2");

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);
    private final AuditLog.Mark mark = plane.audit().mark();
    private final List<DaemonProcess> daemons = new ArrayList<>();
    private final Map<LabNode, Fate> fates = new LinkedHashMap<>();
    private final List<LifecycleAction> actions = new ArrayList<>();
    private final Random random;
    private final Pods pods;
    private Set<String> leaving = Set.of();
    private Optional<LifecycleAction> foreign = Optional.empty();

    /** What is told of a node. */
    enum Fate {
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

    /** What the pods are like. */
    enum Pods {
        /** They end within a second, and no budget holds them back: what takes longer is ours. */
        SWIFT(1_000, false),
        /** They take up to four seconds, and a budget covers those of every fourth node. */
        VARIED(4_000, true);

        private final int slowestMillis;
        private final boolean budgets;

        Pods(int slowestMillis, boolean budgets) {
            this.slowestMillis = slowestMillis;
            this.budgets = budgets;
        }
    }

    FortyDepartures(Random random, Pods pods) {
        this.random = random;
        this.pods = pods;
    }

    ControlPlane plane() {
        return plane;
    }

    /** Starts one more replica, waits until all are ready, and tells them of everything. */
    void announceBesideAHealthyReplica() {
        start(Map.of());
        layOut();
        daemons.forEach(DaemonProcess::awaitReady);
        announce();
    }

    /** Starts one more replica, and does not wait. */
    DaemonProcess start(Map<String, String> more) {
        return add(DaemonProcess.start(plane, queue, autoScaling, more));
    }

    /** One more replica, that was started elsewhere. */
    DaemonProcess add(DaemonProcess daemon) {
        daemons.add(daemon);
        return daemon;
    }

    List<DaemonProcess> daemons() {
        return List.copyOf(daemons);
    }

    /** The nodes to be, with their pods, and room for those that replace them. */
    void layOut() {
        String[] names =
                IntStream.range(0, DEPARTURES).mapToObj(number -> "n" + number).toArray(String[]::new);
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
                        .exitAfter(ofMillis(random.nextInt(200, pods.slowestMillis)))
                        .on(Stream.concat(Stream.of(node), spare.stream()).toArray(LabNode[]::new))
                        .submit())
                .toList();
        workloads.forEach(Workload::awaitReady);
        workloads.stream()
                .filter(_ -> pods.budgets && random.nextInt(4) == 0)
                .forEach(workload -> cluster.budget(workload.name(), workload).maxUnavailable(1));
        leaving = cluster.client().pods().inNamespace(cluster.namespace()).list().getItems().stream()
                .filter(pod -> fates.entrySet().stream()
                        .anyMatch(entry -> entry.getValue().empties()
                                && entry.getKey().name().equals(pod.getSpec().getNodeName())))
                .map(pod -> pod.getMetadata().getName())
                .collect(Collectors.toSet());
        spare.forEach(cluster::uncordon);
        cluster.nodes("at-risk-1", "at-risk-2", "at-risk-3").forEach(node -> fates.put(node, Fate.REBALANCE));
    }

    /** Tells all, in any order, to whoever receives it. */
    void announce() {
        autoScaling.addHook(Hook.of("databases", "backup"));
        foreign =
                autoScaling.terminate("databases", FOREIGN_HOOK, queue).stream().findFirst();
        queue.send(Announcement.spotInterruption(FOREIGN_SPOT, Instant.now()));
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

    /** Waits until nothing is owed any more, but for what is told of other people's instances: nodes may yet appear for them. */
    void awaitSettled() {
        await("everything to be settled")
                .atMost(LIMIT)
                .pollInterval(ofMillis(500))
                .untilAsserted(() -> assertThat(owed()).isEmpty());
    }

    void assertThatAllWasDoneOnce() {
        Map<String, List<Request>> requests = ourRequestsByPod();
        assertThat(leaving)
                .as("evicted once, or deleted")
                .allSatisfy(pod -> wasAskedOnce(pod, requests.getOrDefault(pod, List.of())));
        assertThat(daemons.stream().flatMap(daemon -> daemon.told(LogEvent.DEPARTURE_FAILED).stream()))
                .isEmpty();
        assertThat(foreign)
                .get()
                .satisfies(action -> assertThat(autoScaling.stateOf(action)).isInstanceOf(Waiting.class));
        assertThat(autoScaling.calls())
                .as("calls about instances that are no nodes here")
                .noneMatch(FortyDepartures::isAboutOthers);
    }

    /** Waits until this replica has told of so much that it is in the midst of its work. */
    static void awaitInTheMidst(DaemonProcess daemon, LogEvent event) {
        await("it to be in the midst of its work")
                .atMost(LIMIT)
                .pollInterval(ofMillis(20))
                .until(() -> daemon.told(event).size() >= IN_THE_MIDST);
    }

    /** Waits until everything is settled, once, and was so in time. */
    void awaitAllDone(String what, Instant fault, Duration asked, Duration completed) {
        awaitSettled();
        assertThatAllWasDoneOnce();
        Duration untilAsked = Duration.between(fault, allAskedAt());
        Duration untilCompleted = Duration.between(fault, allCompletedAt());
        System.out.printf(
                "sick replica: %s: every pod asked after %s, every hook completed after %s, settled after %s%n",
                what, untilAsked, untilCompleted, Duration.between(fault, Instant.now()));
        assertThat(untilAsked).as("until every pod was asked").isLessThan(asked);
        assertThat(untilCompleted).as("until every hook was completed").isLessThan(completed);
    }

    /** When the last pod was asked to leave. */
    private Instant allAskedAt() {
        return ourRequestsByPod().entrySet().stream()
                .filter(entry -> leaving.contains(entry.getKey()))
                .flatMap(entry -> entry.getValue().stream())
                .filter(to("create", "pods/eviction").or(to("delete", "pods")))
                .filter(request -> request.code() < 300)
                .map(Request::at)
                .max(Instant::compareTo)
                .orElseThrow();
    }

    /** When the last hook was completed. */
    private Instant allCompletedAt() {
        return actions.stream()
                .map(autoScaling::stateOf)
                .map(Completed.class::cast)
                .map(Completed::at)
                .max(Instant::compareTo)
                .orElseThrow();
    }

    private static boolean isAboutOthers(Call call) {
        return call.parameters().containsValue("databases")
                || call.parameters().containsValue(FOREIGN_HOOK.value())
                || call.parameters().containsValue(FOREIGN_SPOT.value());
    }

    /** What is not yet as it should be in the end. */
    private List<String> owed() {
        List<String> owed = new ArrayList<>();
        int messages = queue.visible() + queue.inFlight();
        if (messages > MESSAGES_OF_OTHERS) {
            owed.add("%d messages".formatted(messages - MESSAGES_OF_OTHERS));
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
