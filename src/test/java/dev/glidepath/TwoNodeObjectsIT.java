package dev.glidepath;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Taint;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An instance that two Node objects name: one is stale, for its machine has joined again under another name. */
@RunsTheProgram
class TwoNodeObjectsIT {
    private static final Duration LIMIT = ofMinutes(2);

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private TestCluster cluster;
    private LabNode stale;
    private LabNode live;

    @BeforeEach
    void twoNodeObjectsOfOneInstance() {
        cluster = TestCluster.create(plane);
        stale = cluster.node("a-stale");
        live = cluster.node("b-live", stale.instance());
        cluster.node("spare");
        cluster.notReady(stale);
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void theHookWaitsForThePodsOfBoth() {
        Workload web = cluster.deployment("web")
                .replicas(5)
                .grace(ofSeconds(30))
                .exitAfter(ofSeconds(12))
                .createOn(live);
        autoScaling.addHook(Hook.of("workers", "drain").withHeartbeatTimeout(ofSeconds(10)));
        try (DaemonProcess daemon =
                DaemonProcess.start(plane, queue, autoScaling).awaitReady()) {
            LifecycleAction action =
                    autoScaling.terminate("workers", stale.instance(), queue).getFirst();

            await().atMost(LIMIT).until(() -> !autoScaling.completionsOf(action).isEmpty());

            assertThat(web.podsOn(live)).as("pods on the live node").isEmpty();
            assertThat(cluster.isCordoned(live)).as("the live node is cordoned").isTrue();
            assertThat(cluster.isCordoned(stale))
                    .as("the stale node is cordoned")
                    .isTrue();
            assertThat(taintsOf(live)).contains("glidepath.dev/departing");
            assertThat(taintsOf(stale)).contains("glidepath.dev/departing");
            await().atMost(LIMIT).until(queue::isEmpty);
            assertThat(daemon.told(LogEvent.DEPARTURE_SETTLED))
                    .extracting(line -> line.get(Field.NODE))
                    .containsExactlyInAnyOrder(stale.name(), live.name());
            assertThat(autoScaling.completionsOf(action)).hasSize(1);
            assertThat(autoScaling.heartbeatsOf(action)).isNotEmpty();
        }
    }

    private Iterable<String> taintsOf(LabNode node) {
        return cluster.live(node).getSpec().getTaints().stream()
                .map(Taint::getKey)
                .toList();
    }
}
