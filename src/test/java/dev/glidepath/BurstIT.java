package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three hundred departures at once. */
@RunsTheProgram
class BurstIT {
    private static final int DEPARTURES = 300;
    private static final int NOISE = 2_000;
    private static final Duration LIMIT = ofMinutes(4);
    private static final Duration WINDOW = ofSeconds(20);
    private static final Duration RENEW_EVERY = ofSeconds(5);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void cordonsAllNodesOfABurstBeforeItEvictsTheFirstPod() {
        List<LabNode> doomed = nodesWithAPodThatTakes(ofSeconds(80));
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.printf("burst: seed %d%n", seed);
        sendAll(doomed, new Random(seed));
        AuditLog.Mark mark = plane.audit().mark();
        try (SqsFront front = SqsFront.start(seed);
                DaemonProcess daemon = DaemonProcess.start(
                        plane,
                        queue,
                        autoScaling,
                        Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString(), "GLIDEPATH_LOG_LEVEL", "INFO"))) {

            await("all cordons").atMost(LIMIT).pollInterval(ofMillis(250)).until(() -> cordoned() == DEPARTURES);
            assertThat(pods())
                    .as("pods that are there when the last node is cordoned: no cordon waited for a drain")
                    .isEqualTo(DEPARTURES);
            await("all messages to be deleted").atMost(LIMIT).until(queue::isEmpty);
            assertThat(daemon.isAlive()).isTrue();

            List<Request> calls =
                    plane.audit().since(mark).stream().filter(by(USER)).toList();
            Instant firstReceive = front.firstReceiveAt();
            Instant lastCordon = firstPatches(calls).values().stream()
                    .max(Instant::compareTo)
                    .orElseThrow();
            List<Request> evictions =
                    calls.stream().filter(to("create", "pods/eviction")).toList();
            Instant firstEviction =
                    evictions.stream().map(Request::at).min(Instant::compareTo).orElseThrow();
            Duration receiving = Duration.between(firstReceive, front.lastMessagesAt());
            Duration cordoning = Duration.between(firstReceive, lastCordon);
            System.out.printf(
                    "burst: %s from the first receive to the last message; to the last cordon %.2f times that; the first eviction after %s%n",
                    receiving,
                    (double) cordoning.toMillis() / receiving.toMillis(),
                    Duration.between(firstReceive, firstEviction));
            assertThat(firstPatches(calls)).hasSize(DEPARTURES);
            assertThat(evictions)
                    .filteredOn(eviction -> eviction.at().isBefore(lastCordon))
                    .as("evictions before the last cordon, and before 2 s are over")
                    .allSatisfy(
                            eviction -> assertThat(eviction.at()).isAfterOrEqualTo(firstReceive.plus(ofSeconds(2))));
            assertThat(evictions).filteredOn(eviction -> eviction.code() == 201).hasSize(DEPARTURES);
        }
    }

    @Test
    void threeHundredDeparturesWriteNoMoreLeasesThanOne() {
        List<LabNode> doomed = nodesWithAPodThatTakes(ofSeconds(100));
        try (DaemonProcess daemon =
                DaemonProcess.start(plane, queue, autoScaling, Map.of("GLIDEPATH_LOG_LEVEL", "INFO"))) {
            daemon.awaitReady();

            send(doomed.getFirst());
            await("one cordon").atMost(LIMIT).until(() -> cordoned() == 1);
            long ofOne = leasesWrittenInAWindow();
            doomed.stream().skip(1).parallel().forEach(this::send);
            await("all cordons").atMost(LIMIT).until(() -> cordoned() == DEPARTURES);
            long ofAll = leasesWrittenInAWindow();

            assertThat(pods()).as("what the departures still wait for").isGreaterThanOrEqualTo(DEPARTURES - 1);
            assertThat(ofOne)
                    .as("the Lease is renewed, however slow the machine")
                    .isPositive();
            assertThat(List.of(ofOne, ofAll))
                    .as("writes in a window, where each whose answer is late is sent again")
                    .allMatch(writes -> writes <= 2 * WINDOW.dividedBy(RENEW_EVERY));
        }
    }

    private List<LabNode> nodesWithAPodThatTakes(Duration exit) {
        List<LabNode> nodes = cluster.nodes(
                IntStream.range(0, DEPARTURES).mapToObj(number -> "n" + number).toArray(String[]::new));
        List<Workload> pods = nodes.parallelStream()
                .map(node -> cluster.pod(node.name())
                        .grace(ofSeconds(100))
                        .exitAfter(exit)
                        .on(node)
                        .submit())
                .toList();
        await("pods to be Ready")
                .atMost(LIMIT)
                .until(() -> cluster.client().pods().inNamespace(cluster.namespace()).list().getItems().stream()
                                .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
                                .count()
                        == pods.size());
        return nodes;
    }

    private void sendAll(List<LabNode> doomed, Random random) {
        List<String> bodies = new ArrayList<>(Stream.concat(
                        doomed.stream().map(node -> Announcement.spotInterruption(node.instance(), Instant.now())),
                        IntStream.range(0, NOISE)
                                .mapToObj(number -> Announcement.stateChange(
                                        new InstanceId("i-%017x".formatted(number)), Instant.now(), "running")))
                .toList());
        Collections.shuffle(bodies, random);
        bodies.parallelStream().forEach(queue::send);
    }

    private void send(LabNode node) {
        queue.send(Announcement.spotInterruption(node.instance(), Instant.now()));
    }

    private long leasesWrittenInAWindow() {
        AuditLog.Mark mark = plane.audit().mark();
        Instant begin = Instant.now();
        Instant end = begin.plus(WINDOW);
        await("the end of the window").atMost(LIMIT).until(() -> Instant.now().isAfter(end));
        return plane.audit().since(mark).stream()
                .filter(by(USER))
                .filter(request -> !request.at().isBefore(begin) && request.at().isBefore(end))
                .filter(request -> request.resource().equals("leases"))
                .filter(request -> request.namespace().equals("glidepath"))
                .filter(request -> Set.of("create", "update", "patch").contains(request.verb()))
                .count();
    }

    /** The first a node gets from us is its cordon. */
    private static Map<String, Instant> firstPatches(List<Request> calls) {
        return calls.stream()
                .filter(to("patch", "nodes"))
                .collect(Collectors.toMap(
                        Request::name, Request::at, (one, other) -> one.isBefore(other) ? one : other));
    }

    private long cordoned() {
        return cluster.client().nodes().list().getItems().stream()
                .filter(node -> node.getMetadata().getName().startsWith(cluster.namespace()))
                .filter(node -> Boolean.TRUE.equals(node.getSpec().getUnschedulable()))
                .count();
    }

    private long pods() {
        return cluster.client()
                .pods()
                .inNamespace(cluster.namespace())
                .list()
                .getItems()
                .size();
    }
}
