package dev.glidepath;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState;
import dev.glidepath.lab.AutoScalingStandIn.Call;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lifecycle hooks that are somebody else's, and an Auto Scaling that is as mean as the real one. */
@RunsTheProgram
class HooksIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final Duration LONG = ofMinutes(10);

    private static final int MORE_THAN_WORKED_ON = 2_100;
    private static final int MORE_THAN_WAIT = 4_200;

    private final ControlPlane plane = ControlPlane.shared();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestQueue queue = TestQueue.create();
    private TestCluster cluster;
    private LabNode doomed;

    @BeforeEach
    void twoNodes() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        cluster.node("spare");
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void anActionThatAutoScalingDoesNotFindYetIsCompletedWhenItDoes() {
        Workload web = cluster.deployment("web").replicas(2).createOn(doomed);
        autoScaling.addHook(Hook.of("workers", "drain"));
        autoScaling.findActionsAfter(ofSeconds(25));
        try (DaemonProcess daemon = startDaemon()) {
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();

            Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);

            assertThat(settled.get(Field.OUTCOME)).isEqualTo("drained");
            assertThat(autoScaling.stateOf(action)).isInstanceOf(ActionState.Completed.class);
            assertThat(autoScaling.completionsOf(action)).hasSizeGreaterThan(1);
            assertThat(web.podsOn(doomed)).isEmpty();
            await().atMost(LIMIT).until(queue::isEmpty);
        }
    }

    @Test
    void undecidedHooksAreNotTouchedThoughTheNodeIsDrained() {
        Workload web =
                cluster.deployment("web").replicas(2).exitAfter(ofSeconds(6)).createOn(doomed);
        autoScaling.addHook(Hook.of("workers", "drain").withHeartbeatTimeout(ofSeconds(4)));
        autoScaling.addHook(Hook.of("workers", "upload-logs").withHeartbeatTimeout(ofSeconds(4)));
        try (DaemonProcess daemon = startDaemon()) {
            autoScaling.terminate("workers", doomed.instance(), queue);

            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            await().atMost(LIMIT).until(queue::isEmpty);

            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(callsThatTouch()).isEmpty();
            assertThat(warnings(daemon)).hasSize(2).allSatisfy(line -> {
                assertThat(line.level()).isEqualTo("WARN");
                assertThat(line.message()).contains("lifecycle.hooks", "GLIDEPATH_LIFECYCLE_HOOKS");
            });
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(eventsOn(doomed, "LifecycleUndecided"))
                            .hasSize(2)
                            .allSatisfy(event -> assertThat(event.getMessage()).contains("GLIDEPATH_LIFECYCLE_HOOKS")));
        }
    }

    @Test
    void aLaunchingHookThatTheInstanceCompletesItselfIsNotTouched() {
        autoScaling.addHook(Hook.launching("workers", "kops-warmpool"));
        try (DaemonProcess daemon = startDaemon()) {
            autoScaling.launch("workers", doomed.instance(), queue);

            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            await().atMost(LIMIT).until(queue::isEmpty);

            assertThat(callsThatTouch()).isEmpty();
            assertThat(cluster.isCordoned(doomed)).isFalse();
        }
    }

    @Test
    void aDeniedCompletionEndsWithTheActionAndSaysWhichRightIsMissing() {
        Workload web = cluster.deployment("web").exitAfter(ofSeconds(4)).createOn(doomed);
        autoScaling.addHook(Hook.of("workers", "drain").withTimeouts(ofSeconds(30), ofSeconds(60)));
        autoScaling.faults().deny("CompleteLifecycleAction");
        try (DaemonProcess daemon = startDaemon()) {
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();

            Line givenUp = daemon.await1(LogEvent.LIFECYCLE_GIVEN_UP);

            assertThat(givenUp.level()).isEqualTo("WARN");
            assertThat(givenUp.get(Field.REASON)).contains("autoscaling:CompleteLifecycleAction");
            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            await().atMost(LIMIT).until(queue::isEmpty);
            assertThat(web.podsOn(doomed)).isEmpty();
            Instant denied = autoScaling.completionsOf(action).getFirst().at();
            assertThat(autoScaling.heartbeatsOf(action))
                    .as("heartbeats for nothing but a permission")
                    .noneMatch(heartbeat -> heartbeat.at().isAfter(denied));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(eventsOn(doomed, "LifecycleGivenUp"))
                            .singleElement()
                            .satisfies(event ->
                                    assertThat(event.getMessage()).contains("autoscaling:CompleteLifecycleAction")));
        }
    }

    @Test
    void launchesThatWaitForTheirNodesDoNotKeepASpotNoticeOut() {
        autoScaling.addHook(Hook.launching("fleet", "glidepath-launch"));
        try (DaemonProcess daemon = startDaemon()) {
            instances(MORE_THAN_WAIT).forEach(instance -> autoScaling.launch("fleet", instance, queue));
            daemon.awaitThat(
                    "did not receive them all",
                    LONG,
                    () -> !daemon.told(LogEvent.LAUNCH_LEFT_IN_QUEUE).isEmpty());

            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));

            daemon.awaitThat("did not cordon", LONG, () -> cluster.isCordoned(doomed));
            assertThat(daemon.told(LogEvent.LAUNCH_LEFT_IN_QUEUE)).hasSize(1);
            assertThat(callsThatTouch()).isEmpty();
        }
    }

    @Test
    void deniedCompletionsDoNotKeepASpotNoticeOut() throws InterruptedException {
        autoScaling.addHook(Hook.of("fleet", "glidepath-terminate"));
        autoScaling.faults().deny("CompleteLifecycleAction");
        try (DaemonProcess daemon = startDaemon()) {
            List<InstanceId> gone = instances(MORE_THAN_WORKED_ON);
            nodesComeAndGo(gone);
            gone.forEach(instance -> autoScaling.terminate("fleet", instance, queue));
            daemon.awaitThat(
                    "did not try to complete many",
                    LONG,
                    () -> autoScaling.calls("CompleteLifecycleAction").size() >= 2_000);

            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));

            daemon.awaitThat("did not cordon", LONG, () -> cluster.isCordoned(doomed));
        }
    }

    private static List<InstanceId> instances(int many) {
        return IntStream.range(0, many)
                .mapToObj(number -> new InstanceId("i-0f0f%013x".formatted(number)))
                .toList();
    }

    /** So that the daemon has seen a node of each, and sees none any more. */
    private void nodesComeAndGo(List<InstanceId> instances) throws InterruptedException {
        Semaphore atOnce = new Semaphore(32);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (InstanceId instance : instances) {
                atOnce.acquire();
                threads.execute(() -> {
                    try {
                        var node = plane.client()
                                .resource(new NodeBuilder()
                                        .withNewMetadata()
                                        .withName(cluster.namespace() + "-" + instance)
                                        .endMetadata()
                                        .withNewSpec()
                                        .withProviderID("aws:///eu-west-1a/" + instance)
                                        .endSpec()
                                        .build());
                        node.create();
                        node.delete();
                    } finally {
                        atOnce.release();
                    }
                });
            }
        }
    }

    private List<Call> callsThatTouch() {
        return autoScaling.calls().stream()
                .filter(call -> !call.action().startsWith("Describe"))
                .toList();
    }

    private static List<Line> warnings(DaemonProcess daemon) {
        return daemon.lines().stream()
                .filter(line -> line.get(Field.EVENT).equals("lifecycle.undecided"))
                .toList();
    }

    private List<Event> eventsOn(LabNode node, String reason) {
        return plane.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(node.name())
                        && event.getReason().equals(reason))
                .toList();
    }

    private DaemonProcess startDaemon() {
        return DaemonProcess.start(plane, queue, autoScaling).awaitReady();
    }
}
