package dev.glidepath;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two installations in one namespace. */
@RunsTheProgram
class ReleasesIT {
    private static final Duration LIMIT = ofMinutes(3);

    /** One of our own counts as dead after 15 s. */
    private static final Duration UNTIL_ONE_OF_OUR_OWN_WOULD_BE_DEAD = ofSeconds(25);

    private final ControlPlane plane = ControlPlane.shared();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void leavesDeparturesOfAnotherReleaseAndReportsTheOverlapAtStart() {
        LabNode doomed = cluster.node("doomed");
        Workload kept = cluster.deployment("kept").createOn(doomed);
        cluster.budget("kept", kept).maxUnavailable(0);
        TestQueue queue = TestQueue.create();
        try (DaemonProcess first =
                DaemonProcess.start(plane, queue, autoScaling).awaitReady()) {
            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
            first.await1(LogEvent.EVICTION_BLOCKED);
            try (DaemonProcess second = DaemonProcess.start(
                            plane, TestQueue.create(), autoScaling, Map.of("GLIDEPATH_POD_RELEASE", "second"))
                    .awaitReady()) {
                assertThat(second.await1(LogEvent.RELEASES_OVERLAP).message())
                        .contains("GLIDEPATH_NODE_SELECTOR", "release glidepath");
                assertThat(second.told(LogEvent.RELEASES_OVERLAP)).hasSize(1);

                first.kill();
                Instant dead = Instant.now();

                await("its Lease to be old")
                        .atMost(LIMIT)
                        .pollInterval(ofMillis(200))
                        .until(() -> Instant.now().isAfter(dead.plus(UNTIL_ONE_OF_OUR_OWN_WOULD_BE_DEAD)));
                assertThat(second.told(LogEvent.DEPARTURE_TAKEN_OVER)).isEmpty();
                assertThat(cluster.journal(doomed).flatMap(Journal::holder))
                        .hasValueSatisfying(holder -> assertThat(holder).endsWith("@glidepath:glidepath"));
            }
        }
    }
}
