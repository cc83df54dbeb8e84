package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Waiting;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hooks that more than one replica has to do with, one after the other or at the same time: each is completed, and once. */
@RunsTheProgram
class HandoverIT {
    /** SQS keeps a message for half a minute from others, and may hand it to a dead process before it does so to a living one. */
    private static final Duration LIMIT = ofMinutes(3);

    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    private final ControlPlane plane = ControlPlane.shared();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestQueue queue = TestQueue.create();
    private TestCluster cluster;
    private LabNode doomed;
    private AuditLog.Mark mark;

    @BeforeEach
    void twoNodes() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        cluster.node("spare");
        mark = plane.audit().mark();
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void anotherReplicaCompletesTheHookOfADeletedNodeOfADeadHolder() {
        try (DaemonProcess one = startDaemon(Map.of());
                DaemonProcess two = startDaemon(Map.of())) {
            LifecycleAction action = terminateWhileABudgetHolds();
            await("one to be held up")
                    .atMost(LIMIT)
                    .until(() -> Stream.of(one, two).anyMatch(HandoverIT::isHeldUp));
            DaemonProcess holder = isHeldUp(one) ? one : two;
            DaemonProcess other = isHeldUp(one) ? two : one;

            killAndDeleteTheNode(holder, action);

            awaitCompletion(other, action);
        }
    }

    @Test
    void aRestartedReplicaCompletesTheHookOfANodeDeletedMeanwhile() {
        try (DaemonProcess killed = startDaemon(Map.of())) {
            LifecycleAction action = terminateWhileABudgetHolds();
            killed.await1(LogEvent.EVICTION_BLOCKED);

            killAndDeleteTheNode(killed, action);

            assertThat(autoScaling.stateOf(action)).isInstanceOf(Waiting.class);
            try (DaemonProcess again = killed.startAgain()) {
                awaitCompletion(again, action);
            }
        }
    }

    @Test
    void aReplicaThatReadsTheDeadOnesLeaseLateCompletesTheHookThen() {
        try (DaemonProcess killed = startDaemon(Map.of());
                FaultProxy proxy = FaultProxy.before(plane)) {
            LifecycleAction action = terminateWhileABudgetHolds();
            killed.await1(LogEvent.EVICTION_BLOCKED);
            killAndDeleteTheNode(killed, action);
            await("the message to be there again").atMost(LIMIT).until(() -> queue.visible() == 1);
            FaultProxy.Rule unknown = proxy.on(HandoverIT::listsLeases).hold();

            try (DaemonProcess next = DaemonProcess.start(
                    plane,
                    queue,
                    autoScaling,
                    Map.of(
                            "KUBECONFIG",
                            proxy.kubeconfigFor("glidepath", "glidepath").toString()))) {
                next.await1(LogEvent.NODE_AWAITED);
                unknown.end();

                awaitCompletion(next, action);
            }
        }
    }

    /** It receives from another queue: nothing but the Lease can tell it. */
    @Test
    void aTakeoverFindsTheTokenInTheLeaseAndOnlyItsHashOnTheNode() {
        try (DaemonProcess holder = startDaemon(Map.of());
                DaemonProcess other = startDaemon(
                        Map.of("GLIDEPATH_QUEUE_URL", TestQueue.create().url().toString()))) {
            LifecycleAction action = terminateWhileABudgetHolds();
            String token = autoScaling.tokenOf(action);
            holder.await1(LogEvent.EVICTION_BLOCKED);
            assertThat(cluster.live(doomed).getMetadata().getAnnotations().get("glidepath.dev/departure"))
                    .contains(action.tokenHash())
                    .doesNotContain(token);
            awaitWrittenDown(action, holder);

            holder.kill();
            cluster.client()
                    .policy()
                    .v1()
                    .podDisruptionBudget()
                    .inNamespace(cluster.namespace())
                    .withName("kept")
                    .delete();

            Instant takenOver = other.await1(LogEvent.DEPARTURE_TAKEN_OVER).at();
            Instant completed = other.await1(LogEvent.LIFECYCLE_COMPLETED).at();
            assertThat(autoScaling.stateOf(action)).isInstanceOf(Completed.class);
            assertThat(autoScaling.completionsOf(action)).hasSize(1);
            assertThat(Duration.between(takenOver, completed)).isLessThan(ofSeconds(30));
            assertThat(holder.output() + other.output()).as("the logs").doesNotContain(token);
        }
    }

    @Test
    void hooksReceivedByOneReplicaEachAreCompletedOnceAfterOneDrain() {
        Workload web =
                cluster.deployment("web").replicas(4).exitAfter(ofSeconds(4)).createOn(doomed);
        autoScaling.addHook(Hook.of("workers", "glidepath-one"));
        autoScaling.addHook(Hook.of("workers", "glidepath-two"));
        try (SqsFront front = oneMessage();
                SqsFront otherFront = oneMessage();
                DaemonProcess one = startDaemon(through(front));
                DaemonProcess two = startDaemon(through(otherFront))) {
            List<LifecycleAction> actions = autoScaling.terminate("workers", doomed.instance(), queue);

            await("both hooks to be completed")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(actions)
                            .hasSize(2)
                            .allSatisfy(action ->
                                    assertThat(autoScaling.stateOf(action)).isInstanceOf(Completed.class)));
            await("the queue to be empty").atMost(LIMIT).until(queue::isEmpty);

            assertThat(List.of(one, two))
                    .allSatisfy(daemon -> assertThat(daemon.told(LogEvent.INTERRUPTION_RECEIVED))
                            .hasSize(1));
            assertThat(actions)
                    .allSatisfy(action ->
                            assertThat(autoScaling.completionsOf(action)).hasSize(1));
            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(evictions()).hasSize(4).extracting(Request::name).doesNotHaveDuplicates();
            assertThat(Stream.of(one, two).flatMap(daemon -> daemon.told(LogEvent.DRAIN_STARTED).stream()))
                    .hasSize(1);
            assertThat(cluster.journal(doomed).map(Journal::state)).contains(Journal.State.SETTLED);
        }
    }

    // What happens.

    private LifecycleAction terminateWhileABudgetHolds() {
        Workload kept = cluster.deployment("kept").createOn(doomed);
        cluster.budget("kept", kept).maxUnavailable(0);
        autoScaling.addHook(Hook.of("workers", "drain"));
        return autoScaling.terminate("workers", doomed.instance(), queue).getFirst();
    }

    private void killAndDeleteTheNode(DaemonProcess holder, LifecycleAction action) {
        awaitWrittenDown(action, holder);
        holder.kill();
        cluster.client().nodes().withName(doomed.name()).delete();
        await("the node to be gone")
                .atMost(LIMIT)
                .until(() -> cluster.client().nodes().withName(doomed.name()).get() == null);
    }

    /** A replica's Lease says with each renewal which hooks are pending, and the tokens of their actions. */
    private void awaitWrittenDown(LifecycleAction action, DaemonProcess holder) {
        await("the hook to be in the Lease of " + holder.podName())
                .atMost(LIMIT)
                .until(() -> {
                    Map<String, String> said = cluster.client()
                            .leases()
                            .inNamespace("glidepath")
                            .withName(holder.podName())
                            .require()
                            .getMetadata()
                            .getAnnotations();
                    return said.getOrDefault("glidepath.dev/pending-hooks", "")
                                    .contains(action.instance().value())
                            && said.getOrDefault("glidepath.dev/lifecycle-tokens", "")
                                    .contains(autoScaling.tokenOf(action));
                });
    }

    private void awaitCompletion(DaemonProcess by, LifecycleAction action) {
        await("the hook to be completed").atMost(LIMIT).until(() -> autoScaling.stateOf(action) instanceof Completed);
        await("the queue to be empty").atMost(LIMIT).until(queue::isEmpty);

        assertThat(autoScaling.completionsOf(action)).hasSize(1);
        assertThat(by.told(LogEvent.LIFECYCLE_COMPLETED)).hasSize(1);
        assertThat(by.await1(LogEvent.DEPARTURE_SETTLED).get(Field.OUTCOME)).isEqualTo("node-gone");
        assertThat(evictions()).filteredOn(eviction -> eviction.code() == 201).isEmpty();
    }

    // The world.

    private DaemonProcess startDaemon(Map<String, String> more) {
        return DaemonProcess.start(plane, queue, autoScaling, more).awaitReady();
    }

    private static SqsFront oneMessage() {
        SqsFront front = SqsFront.start(1);
        front.bringNoMoreThan(1);
        return front;
    }

    private static Map<String, String> through(SqsFront front) {
        return Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString());
    }

    private static boolean isHeldUp(DaemonProcess daemon) {
        return !daemon.told(LogEvent.EVICTION_BLOCKED).isEmpty();
    }

    private static boolean listsLeases(FaultProxy.Request request) {
        return request.method().equals("GET") && request.path().endsWith("/leases") && !request.isWatch();
    }

    private List<Request> evictions() {
        return plane.audit().since(mark).stream()
                .filter(by(USER))
                .filter(to("create", "pods/eviction"))
                .filter(request -> request.namespace().equals(cluster.namespace()))
                .toList();
    }
}
