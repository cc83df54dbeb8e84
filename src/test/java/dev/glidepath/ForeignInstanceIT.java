package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Waiting;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lifecycle action of an instance that never was a node here: what replicas write into their Leases is no proof of a node. */
@RunsTheProgram
class ForeignInstanceIT {
    private static final Duration LIMIT = ofMinutes(3);
    private static final int RENEWALS = 3;
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");
    private static final InstanceId FOREIGN = new InstanceId("i-0123456789abcdef0");

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);
    private AuditLog.Mark mark;

    @BeforeEach
    void aNode() {
        cluster.node("bystander");
        mark = plane.audit().mark();
        autoScaling.addHook(Hook.of("databases", "backup"));
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void itsHookIsLeftAloneAfterManyRenewalsOfTheLease() {
        try (DaemonProcess daemon = startDaemon()) {
            LifecycleAction action =
                    autoScaling.terminate("databases", FOREIGN, queue).getFirst();
            daemon.await1(LogEvent.NODE_AWAITED);

            awaitRenewals(daemon);

            assertNothingWasTouched(action);
        }
    }

    /** Each has read the other's list, and the one that comes back an earlier list of its own pod. */
    @Test
    void twoReplicasLeaveItsHookAloneThoughOneIsKilledAndRestarted() {
        try (DaemonProcess one = startDaemon();
                DaemonProcess two = startDaemon()) {
            LifecycleAction action =
                    autoScaling.terminate("databases", FOREIGN, queue).getFirst();
            await("one to hold the message")
                    .atMost(LIMIT)
                    .until(() -> Stream.of(one, two).anyMatch(ForeignInstanceIT::awaitsTheNode));
            DaemonProcess holder = awaitsTheNode(one) ? one : two;
            DaemonProcess other = awaitsTheNode(one) ? two : one;
            awaitRenewals(holder);
            assertNothingWasTouched(action);

            holder.kill();
            try (DaemonProcess again = holder.startAgain().awaitReady()) {
                await("another to hold the message")
                        .atMost(LIMIT)
                        .until(() -> Stream.of(again, other).anyMatch(ForeignInstanceIT::awaitsTheNode));
                awaitRenewals(again);
                awaitRenewals(other);

                assertNothingWasTouched(action);
            }
        }
    }

    private void assertNothingWasTouched(LifecycleAction action) {
        assertThat(autoScaling.callsAboutGroups()).as("calls to Auto Scaling").isEmpty();
        assertThat(autoScaling.stateOf(action)).isInstanceOf(Waiting.class);
        assertThat(plane.audit().since(mark).stream().filter(by(USER)).filter(to("patch", "nodes")))
                .as("nodes that were written to")
                .isEmpty();
    }

    private DaemonProcess startDaemon() {
        return DaemonProcess.start(plane, queue, autoScaling).awaitReady();
    }

    private static boolean awaitsTheNode(DaemonProcess daemon) {
        return !daemon.told(LogEvent.NODE_AWAITED).isEmpty();
    }

    private void awaitRenewals(DaemonProcess daemon) {
        Set<ZonedDateTime> seen = ConcurrentHashMap.newKeySet();
        await("renewals of the Lease")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    renewedAt(daemon).ifPresent(seen::add);
                    return seen.size() > RENEWALS;
                });
    }

    private Optional<ZonedDateTime> renewedAt(DaemonProcess daemon) {
        return Optional.ofNullable(cluster.client()
                        .leases()
                        .inNamespace("glidepath")
                        .withName(daemon.podName())
                        .get())
                .map(Lease::getSpec)
                .map(LeaseSpec::getRenewTime);
    }
}
