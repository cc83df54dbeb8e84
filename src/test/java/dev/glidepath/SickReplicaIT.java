package dev.glidepath;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Waiting;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SilentProxy;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A replica that cannot act, beside one that can; and an API server that is out for both. */
@RunsTheProgram
class SickReplicaIT {
    private static final Duration LIMIT = ofMinutes(4);

    private static final int MOST_RECEIVES = 5;

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.createWithDeadLetters(MOST_RECEIVES);
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void aReplicaThatMayNotRenewItsLeaseLeavesWhatComesToTheOther() {
        List<LabNode> doomed = nodes(12);
        try (FaultProxy proxy = FaultProxy.before(plane)) {
            proxy.on(SickReplicaIT::writesALease).answer(403, """
                    {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403,
                     "message": "leases.coordination.k8s.io is forbidden: User \\"system:serviceaccount:glidepath:glidepath\\" cannot \
                    create resource \\"leases\\" in API group \\"coordination.k8s.io\\" in the namespace \\"glidepath\\""}""");
            try (DaemonProcess sick = start(Map.of(
                            "KUBECONFIG",
                            proxy.kubeconfigFor("glidepath", "glidepath").toString()));
                    DaemonProcess healthy = start(Map.of()).awaitReady()) {
                awaitUnableToAct(sick);

                Instant sent = send(doomed);

                awaitCordons(doomed, healthy, sent);
                awaitNothingOwed();
                assertThat(sick.told(LogEvent.NODE_CORDONED)).isEmpty();
                assertThat(sick.get("/health/ready")).contains("the Role in glidepath needs leases");
            }
        }
    }

    @Test
    void aReplicaThatIsCutOffLeavesWhatComesToTheOther() {
        List<LabNode> doomed = nodes(12);
        try (SilentProxy proxy = SilentProxy.before(plane);
                DaemonProcess sick = start(proxy.variables(plane)).awaitReady();
                DaemonProcess healthy = start(Map.of()).awaitReady()) {
            proxy.cutAll();
            awaitUnableToAct(sick);

            Instant sent = send(doomed);

            awaitCordons(doomed, healthy, sent);
            awaitNothingOwed();
        }
    }

    /** The messages that it has received in the seconds before it knows that it cannot act. */
    @Test
    void aReplicaThatIsCutOffGivesBackWhatItHasReceivedAndNotBegun() {
        List<LabNode> doomed = nodes(12);
        try (SilentProxy proxy = SilentProxy.before(plane);
                DaemonProcess sick = start(proxy.variables(plane)).awaitReady()) {
            proxy.cutAll();
            Instant sent = send(doomed);
            await("all to be received, or as many as there are before it knows")
                    .atMost(LIMIT)
                    .until(() -> received(sick) >= doomed.size() || (received(sick) > 0 && isUnableToAct(sick)));

            try (DaemonProcess healthy = start(Map.of()).awaitReady()) {
                awaitCordons(doomed, healthy, sent);
                awaitNothingOwed();
            }
        }
    }

    @Test
    void nothingIsLostWhileTheApiServerIsOutForAll() {
        LabNode hooked = cluster.node("hooked");
        LabNode reclaimed = cluster.node("reclaimed");
        LabNode spare = cluster.node("spare");
        Workload web = cluster.deployment("web").on(hooked).createOn(hooked);
        autoScaling.addHook(Hook.of("workers", "drain").withHeartbeatTimeout(ofSeconds(30)));
        try (SilentProxy proxy = SilentProxy.before(plane);
                DaemonProcess one = start(proxy.variables(plane)).awaitReady();
                DaemonProcess two = start(proxy.variables(plane)).awaitReady()) {
            proxy.cutAll();
            awaitUnableToAct(one);
            awaitUnableToAct(two);

            queue.send(Announcement.spotInterruption(reclaimed.instance(), Instant.now()));
            LifecycleAction action =
                    autoScaling.terminate("workers", hooked.instance(), queue).getFirst();
            await("the hook to be heartbeated again and again")
                    .atMost(LIMIT)
                    .until(() -> autoScaling.heartbeatsOf(action).size() >= 4);
            assertThat(autoScaling.stateOf(action)).isInstanceOf(Waiting.class);
            proxy.heal();

            await("the hook to be completed")
                    .atMost(LIMIT)
                    .until(() -> autoScaling.stateOf(action) instanceof Completed);
            awaitNothingOwed();
            assertThat(autoScaling.completionsOf(action)).hasSize(1);
            assertThat(cluster.isCordoned(reclaimed)).isTrue();
            assertThat(cluster.isCordoned(hooked)).isTrue();
            assertThat(cluster.isCordoned(spare)).isFalse();
            assertThat(web.podsOn(hooked)).isEmpty();
        }
    }

    private void awaitUnableToAct(DaemonProcess sick) {
        sick.awaitThat("was not told by its readiness to be unable to act", LIMIT, () -> isUnableToAct(sick));
    }

    private static boolean isUnableToAct(DaemonProcess sick) {
        return sick.get("/health/ready").contains("receives next to nothing");
    }

    private static int received(DaemonProcess sick) {
        return sick.told(LogEvent.INTERRUPTION_RECEIVED).size();
    }

    private Instant send(List<LabNode> doomed) {
        Instant sent = Instant.now();
        doomed.forEach(node -> queue.send(Announcement.spotInterruption(node.instance(), sent)));
        return sent;
    }

    private void awaitCordons(List<LabNode> doomed, DaemonProcess by, Instant sent) {
        by.awaitThat(
                "did not cordon all",
                LIMIT, // a message that a sick one keeps takes as long as that one is sick
                () -> doomed.stream().filter(cluster::isCordoned).count() == doomed.size());
        System.out.printf(
                "sick replica: %d nodes cordoned after %s%n", doomed.size(), Duration.between(sent, Instant.now()));
    }

    private void awaitNothingOwed() {
        await("the queue to be empty").atMost(LIMIT).pollInterval(ofMillis(200)).until(queue::isEmpty);
        assertThat(queue.deadLetters().isEmpty()).as("no dead letters").isTrue();
    }

    private DaemonProcess start(Map<String, String> more) {
        return DaemonProcess.start(plane, queue, autoScaling, more);
    }

    private List<LabNode> nodes(int many) {
        return cluster.nodes(
                IntStream.range(0, many).mapToObj(number -> "n" + number).toArray(String[]::new));
    }

    private static boolean writesALease(FaultProxy.Request request) {
        return request.path().contains("/namespaces/glidepath/leases")
                && !request.method().equals("GET");
    }
}
