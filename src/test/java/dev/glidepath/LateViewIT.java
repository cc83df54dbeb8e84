package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A daemon that sees nodes as they were some seconds ago: what it wrote itself, it knows. */
@RunsTheProgram
class LateViewIT {
    private static final Duration LIMIT = ofMinutes(3);
    private static final Duration LAG = ofSeconds(6);

    /** A departure whose node asks for one begins a second after the last has ended; then a drain takes its time. */
    private static final Duration UNTIL_ANOTHER_WOULD_HAVE_ENDED = ofSeconds(15);

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
    void aSettledDepartureDoesNotBeginAgainBecauseItsEndIsSeenLate() {
        LabNode doomed = cluster.node("doomed");
        cluster.node("spare");
        cluster.deployment("web").replicas(2).exitAfter(ofSeconds(1)).createOn(doomed);
        autoScaling.addHook(Hook.of("workers", "drain"));
        AuditLog.Mark mark = plane.audit().mark();
        try (FaultProxy proxy = FaultProxy.before(plane)) {
            proxy.on(request -> request.isWatch() && request.path().equals("/api/v1/nodes"))
                    .passLate(LAG);
            try (DaemonProcess daemon = DaemonProcess.start(
                    plane,
                    queue,
                    autoScaling,
                    Map.of(
                            "KUBECONFIG",
                            proxy.kubeconfigFor("glidepath", "glidepath").toString()))) {
                daemon.awaitReady();
                LifecycleAction action = autoScaling
                        .terminate("workers", doomed.instance(), queue)
                        .getFirst();
                daemon.await1(LogEvent.DEPARTURE_SETTLED);
                Instant settled = Instant.now();

                autoScaling.tellAgain(action, queue); // in the time in which its end is not seen yet

                await("the time another departure would take")
                        .atMost(LIMIT)
                        .pollInterval(ofMillis(200))
                        .until(() -> Instant.now().isAfter(settled.plus(LAG).plus(UNTIL_ANOTHER_WOULD_HAVE_ENDED)));
                await("the queue to be empty").atMost(LIMIT).until(queue::isEmpty);
                assertThat(autoScaling.completionsOf(action)).hasSize(1);
                assertThat(daemon.told(LogEvent.LIFECYCLE_COMPLETED)).hasSize(1);
                assertThat(daemon.told(LogEvent.DRAIN_STARTED)).hasSize(1);
                assertThat(plane.audit().since(mark).stream()
                                .filter(by(USER))
                                .filter(to("patch", "nodes"))
                                .filter(request -> request.code() != 200))
                        .as("writes over a journal that was another by then")
                        .isEmpty();
                assertThat(cluster.journal(doomed).map(Journal::state)).contains(Journal.State.SETTLED);
            }
        }
    }
}
