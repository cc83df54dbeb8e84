package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SilentProxy;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections to the API server that say nothing any more, with neither FIN nor RST. */
@RunsTheProgram
class SilenceIT {
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    /** Shorter than any watch takes to be opened again. */
    private static final Duration ASKED_WITHIN = ofSeconds(70);

    /** Nothing is measured by it. */
    private static final Duration LIMIT = ofMinutes(4);

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);
    private final SilentProxy proxy = SilentProxy.before(plane);

    @AfterEach
    void end() {
        proxy.close();
        cluster.close();
        autoScaling.close();
    }

    @Test
    void findsANodeThatJoinsInTheSilenceAndReopensEveryWatch() {
        try (DaemonProcess daemon = DaemonProcess.start(plane, queue, autoScaling, proxy.variables(plane))) {
            daemon.awaitReady();
            proxy.silenceOpen();
            AuditLog.Mark mark = plane.audit().mark();

            LabNode late = cluster.node("late");
            cluster.deployment("web").replicas(2).on(late).create();
            queue.send(Announcement.stateChange(late.instance(), Instant.now(), "stopping"));

            daemon.awaitThat("did not cordon the node it had not seen", ASKED_WITHIN, () -> cluster.isCordoned(late));
            daemon.awaitThat(
                    "did not evict",
                    LIMIT,
                    () -> daemon.told(LogEvent.POD_EVICTED).size() == 2);
            assertThat(daemon.told(LogEvent.INTERRUPTION_IGNORED))
                    .extracting(line -> line.get(Field.REASON))
                    .doesNotContain("not-our-node");
            for (String kind : List.of("nodes", "namespaces", "poddisruptionbudgets", "volumeattachments", "leases")) {
                daemon.awaitThat(
                        "did not watch the " + kind + " again",
                        LIMIT,
                        () -> plane.audit().since(mark).stream()
                                .filter(by(USER))
                                .anyMatch(to("watch", kind)));
            }
            daemon.awaitThat("was not ready", LIMIT, daemon::isReady);
        }
    }

    @Test
    void isNotReadyInTheSilenceAndEndsTheDrainWhenTheNetworkHeals() {
        LabNode doomed = cluster.node("doomed");
        cluster.deployment("web")
                .replicas(1)
                .exitAfter(ofSeconds(25)) // still there when everything falls silent
                .on(doomed)
                .create();
        autoScaling.addHook(Hook.of("workers", "drain"));
        try (DaemonProcess daemon = DaemonProcess.start(plane, queue, autoScaling, proxy.variables(plane))) {
            daemon.awaitReady();
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();
            daemon.await1(LogEvent.POD_EVICTED);

            proxy.silenceAll();

            daemon.awaitThat(
                    "did not tell that it hears nothing",
                    LIMIT,
                    () -> daemon.get("/health/ready").contains("nothing was heard of the cluster's nodes for "));
            assertThat(daemon.isReady()).isFalse();

            proxy.heal();

            daemon.awaitThat("was not ready again", LIMIT, daemon::isReady);
            daemon.awaitThat(
                    "did not complete the hook", LIMIT, () -> autoScaling.stateOf(action) instanceof Completed);
            assertThat(autoScaling.completionsOf(action)).hasSize(1);
            daemon.awaitThat("left a message", LIMIT, queue::isEmpty);
        }
    }
}
