package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.lab.AdmissionWebhook;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Evictions in one namespace that are never answered, for a webhook hangs, and those of another, which nothing is the matter with. */
@RunsTheProgram
class HangingWebhookIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");
    private static final int NODES = 10;
    private static final int PODS = 12;
    private static final int HOOKED_PODS = 8;
    private static final Duration GRACE = ofSeconds(10);
    private static final Duration NOTICE = ofMinutes(2);

    /** How old the notices are: the last calls come that much sooner. */
    private static final Duration OLD = ofSeconds(60);

    /** What a busy computer may need in any case. */
    private static final Duration AT_LEAST = ofSeconds(5);

    private final ControlPlane plane = ControlPlane.shared();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestQueue queue = TestQueue.create();
    private final TestCluster cluster = TestCluster.create(plane);
    private final TestCluster hooked = TestCluster.create(plane);

    @AfterEach
    void end() {
        hooked.close();
        cluster.close();
        autoScaling.close();
    }

    @Test
    void keepNobodyElseWaitingAndAreFollowedByDeletionsInTime() {
        List<LabNode> before = nodesWithPods("before");
        List<LabNode> after = nodesWithPods("after");
        LabNode spare = cluster.node("spare");
        hooked.pod("probe").on(spare).submit();
        try (DaemonProcess daemon =
                DaemonProcess.start(plane, queue, autoScaling).awaitReady()) {
            Drain well = drain(before, daemon);
            await("all pods to be gone").atMost(LIMIT).until(() -> podsOn(before) == 0 && queue.isEmpty());

            try (var _ = AdmissionWebhook.thatNeverAnswersToCreating("/pods/eviction", hooked.namespace(), plane)) {
                await("evictions to hang").atMost(LIMIT).until(this::hangs);
                Drain hanging = drain(after, daemon);
                await("its time to be over")
                        .atMost(LIMIT)
                        .until(() -> Instant.now().isAfter(hanging.deadline));

                Duration usual = well.lastEviction;
                Duration beside = hanging.lastEviction;
                System.out.printf("hanging webhook: the last eviction after %s, without it %s%n", beside, usual);
                assertThat(beside)
                        .as("to the last eviction of those who have nothing to do with it; without it %s", usual)
                        .isLessThan((usual.compareTo(AT_LEAST) < 0 ? AT_LEAST : usual).multipliedBy(2));
                assertThat(deletions(hanging))
                        .as("deletions of those behind it, in time")
                        .hasSize(NODES * HOOKED_PODS);
            }
        }
    }

    /**
     * Notices of so many nodes, sent at once.
     *
     * @param lastEviction how long after them the last pod was evicted that is not behind the webhook
     */
    private record Drain(Instant deadline, AuditLog.Mark mark, Duration lastEviction) {}

    private Drain drain(List<LabNode> nodes, DaemonProcess daemon) {
        AuditLog.Mark mark = plane.audit().mark();
        Instant sentAt = Instant.now();
        Instant noticedAt = sentAt.minus(OLD);
        queue.sendAll(nodes.stream()
                .map(node -> Announcement.spotInterruption(node.instance(), noticedAt))
                .toList());
        daemon.awaitThat("evicted none", LIMIT, () -> !evictions(mark).isEmpty());
        await("the evictions of the others")
                .atMost(LIMIT)
                .until(() -> evicted(mark).size() == NODES * PODS);
        return new Drain(noticedAt.plus(NOTICE), mark, Duration.between(sentAt, lastEvictionSince(mark)));
    }

    private Instant lastEvictionSince(AuditLog.Mark mark) {
        return evictions(mark).stream().map(Request::at).max(Instant::compareTo).orElseThrow();
    }

    private Set<String> evicted(AuditLog.Mark mark) {
        return evictions(mark).stream().map(Request::name).collect(Collectors.toSet());
    }

    private List<Request> evictions(AuditLog.Mark mark) {
        return plane.audit().since(mark).stream()
                .filter(by(USER))
                .filter(to("create", "pods/eviction"))
                .filter(request -> request.namespace().equals(cluster.namespace()))
                .filter(request -> request.code() == 201)
                .toList();
    }

    private Set<String> deletions(Drain drain) {
        return plane.audit().since(drain.mark).stream()
                .filter(by(USER))
                .filter(to("delete", "pods"))
                .filter(request -> request.namespace().equals(hooked.namespace()))
                .filter(request -> request.code() == 200 && request.at().isBefore(drain.deadline))
                .map(Request::name)
                .collect(Collectors.toSet());
    }

    private List<LabNode> nodesWithPods(String prefix) {
        List<LabNode> nodes = cluster.nodes(
                IntStream.range(0, NODES).mapToObj(i -> prefix + "-" + i).toArray(String[]::new));
        nodes.parallelStream().forEach(node -> {
            for (int i = 0; i < PODS; i++) {
                submit(cluster, "pod-" + i + "-" + node.name(), node);
            }
            for (int i = 0; i < HOOKED_PODS; i++) {
                submit(hooked, "hooked-" + i + "-" + node.name(), node);
            }
        });
        await("pods to run").atMost(LIMIT).until(() -> podsOn(nodes) == NODES * (PODS + HOOKED_PODS));
        return nodes;
    }

    private static void submit(TestCluster owner, String name, LabNode node) {
        owner.pod(name).grace(GRACE).exitAfter(ofSeconds(1)).on(node).submit();
    }

    private long podsOn(List<LabNode> nodes) {
        Set<String> names = nodes.stream().map(LabNode::name).collect(Collectors.toSet());
        return List.of(cluster, hooked).stream()
                .flatMap(each -> each.client().pods().inNamespace(each.namespace()).list().getItems().stream())
                .filter(pod -> names.contains(pod.getSpec().getNodeName()))
                .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
                .count();
    }

    /** A dry run, so that it changes nothing where the API server does not ask the webhook yet. */
    private boolean hangs() throws IOException, InterruptedException {
        String path = "/api/v1/namespaces/" + hooked.namespace() + "/pods/probe/eviction";
        try {
            new ApiServer(plane.client().getConfiguration())
                    .within(ofSeconds(1))
                    .post(path, """
                    {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "probe"}, "deleteOptions": {"dryRun": ["All"]}}""");
            return false;
        } catch (ApiServer.TimedOut hanging) {
            return true;
        }
    }
}
