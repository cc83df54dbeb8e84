package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
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
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The main job, end to end, on real parts: the program as a process of its own, a real control plane, a real queue. */
@RunsTheProgram
class DaemonIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private TestCluster cluster;
    private LabNode doomed;
    private LabNode spare;

    @BeforeEach
    void twoNodes() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        spare = cluster.node("spare");
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void drainsASpotNodeOf30PodsInFewCallsThenDeletesTheMessage() {
        Workload web =
                cluster.deployment("web").replicas(30).exitAfter(ofSeconds(15)).createOn(doomed);
        Workload agents = cluster.daemonSet("agent").create();
        Workload watchdog = cluster.deployment("watchdog")
                .replicas(1)
                .template(pod -> new PodTemplateSpecBuilder(pod)
                        .editSpec()
                        .addNewToleration("NoSchedule", "glidepath.dev/departing", "Exists", null, null)
                        .endSpec()
                        .build())
                .createOn(doomed);
        try (DaemonProcess daemon = startDaemon()) {
            AuditLog.Mark mark = plane.audit().mark();

            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));

            daemon.await1(LogEvent.POD_EVICTED);
            assertThat(queue.isEmpty())
                    .as("the message is gone before the pods are")
                    .isFalse();
            Instant lastSeen = web.awaitGoneFrom(doomed);
            Line deleted = daemon.await1(LogEvent.MESSAGE_DELETED);
            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            assertThat(queue.isEmpty()).isTrue();
            assertThat(deleted.at()).isAfter(lastSeen);
            assertThat(deleted.at()).isAfter(lastEviction(mark));

            List<Request> calls =
                    plane.audit().since(mark).stream().filter(by(USER)).toList();
            assertThat(calls.stream().filter(to("create", "pods/eviction"))).hasSize(30);
            assertThat(calls.stream()
                            .filter(call -> !call.resource().equals("events"))
                            .filter(call -> !call.resource().equals("leases")))
                    .as("calls for a node of 30 pods")
                    .hasSizeLessThanOrEqualTo(30 + 6);
            assertThat(calls)
                    .as("calls that RBAC refused")
                    .noneMatch(call -> call.decision().equals("forbid"));
            assertThat(agents.podsOn(doomed)).as("DaemonSet pods stay").hasSize(1);
            assertThat(watchdog.podsOn(doomed))
                    .as("pods that tolerate our taint by name stay")
                    .hasSize(1);
            assertThat(autoScaling.callsAboutGroups())
                    .as("calls to AWS besides the queue")
                    .isEmpty();
            assertThat(cluster.isCordoned(doomed)).isTrue();
            assertThat(cluster.live(doomed).getMetadata().getAnnotations().get("glidepath.dev/departure"))
                    .contains("\"state\":\"settled\"");
        }
    }

    @Test
    void neverTakesDownMoreThanTheBudgetAllows() {
        Workload web = cluster.deployment("web")
                .replicas(4)
                .readyAfter(ofSeconds(2))
                .exitAfter(ofSeconds(1))
                .createOn(doomed);
        cluster.budget("web", web).maxUnavailable(1);
        try (DaemonProcess daemon = startDaemon();
                var unavailability = web.watchUnavailability()) {

            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));

            Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);
            assertThat(settled.get(Field.OUTCOME)).isEqualTo("drained");
            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(unavailability.mostAtOnce()).isEqualTo(1);
            assertThat(daemon.told(LogEvent.EVICTION_BLOCKED))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line.get(Field.BUDGET)).endsWith("/web"));
        }
    }

    @Test
    void heartbeatsUntilTheLastPodIsGoneThenCompletesTheHookOnce() {
        Workload web =
                cluster.deployment("web").replicas(2).exitAfter(ofSeconds(20)).createOn(doomed);
        autoScaling.addHook(Hook.of("workers", "drain").withHeartbeatTimeout(ofSeconds(24)));
        try (DaemonProcess daemon = startDaemon()) {
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();

            Instant lastSeen = web.awaitGoneFrom(doomed);
            daemon.await1(LogEvent.DEPARTURE_SETTLED);

            assertThat(autoScaling.completionsOf(action)).singleElement().satisfies(call -> {
                assertThat(call.at()).isAfter(lastSeen);
                assertThat(call.parameters()).containsEntry("LifecycleActionResult", "CONTINUE");
            });
            assertThat(autoScaling.stateOf(action)).isInstanceOf(AutoScalingStandIn.ActionState.Completed.class);
            assertThat(autoScaling.heartbeatsOf(action)).isNotEmpty();
            assertThat(queue.isEmpty()).isTrue();
            assertThat(daemon.output()).as("the log").doesNotContain(autoScaling.tokenOf(action));
        }
    }

    @Test
    void leavesALifecycleActionOfAnInstanceOfSomebodyElseAlone() {
        autoScaling.addHook(Hook.of("databases", "backup"));
        try (DaemonProcess daemon = startDaemon()) {
            AuditLog.Mark mark = plane.audit().mark();

            autoScaling.terminate("databases", new InstanceId("i-0123456789abcdef0"), queue);
            queue.send(Announcement.spotInterruption(new InstanceId("i-0fedcba9876543210"), Instant.now()));
            queue.send(Announcement.stateChange(new InstanceId("i-00000000000000001"), Instant.now(), "terminated"));
            daemon.await1(LogEvent.NODE_AWAITED);
            await().atMost(LIMIT).until(() -> daemon.told(LogEvent.NODE_AWAITED).size() == 2);
            await().atMost(LIMIT)
                    .until(() -> daemon.told(LogEvent.INTERRUPTION_IGNORED).size() == 1);

            assertThat(autoScaling.callsAboutGroups()).isEmpty();
            assertThat(plane.audit().since(mark).stream().filter(by(USER)).filter(to("patch", "nodes")))
                    .isEmpty();
        }
        assertThat(autoScaling.callsAboutGroups()).isEmpty();
        assertThat(List.of(doomed, spare)).noneMatch(cluster::isCordoned);
    }

    @Test
    void aRestartAfterKill9FinishesTheDrainAndTheHook() {
        Workload web =
                cluster.deployment("web").replicas(6).exitAfter(ofSeconds(8)).createOn(doomed);
        cluster.budget("web", web).maxUnavailable(2);
        autoScaling.addHook(Hook.of("workers", "drain"));
        try (DaemonProcess daemon = startDaemon()) {
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();
            daemon.await1(LogEvent.POD_EVICTED);
            daemon.kill();
            assertThat(web.podsOn(doomed)).isNotEmpty();
            assertThat(autoScaling.completionsOf(action)).isEmpty();

            try (DaemonProcess successor = startDaemon()) {
                Line settled = successor.await1(LogEvent.DEPARTURE_SETTLED);

                assertThat(settled.get(Field.OUTCOME)).isEqualTo("drained");
                assertThat(settled.get(Field.DEPARTURE))
                        .as("the same departure")
                        .isEqualTo(
                                daemon.told(LogEvent.NODE_CORDONED).getFirst().get(Field.DEPARTURE));
                assertThat(web.podsOn(doomed)).isEmpty();
                assertThat(autoScaling.stateOf(action)).isInstanceOf(AutoScalingStandIn.ActionState.Completed.class);
                await("the message, which the dead one held").atMost(LIMIT).until(queue::isEmpty);
                assertThat(autoScaling.completionsOf(action)).hasSize(1);
            }
        }
    }

    @Test
    void twoMessagesForOneNodeAreOneDeparture() {
        Workload web = cluster.deployment("web").replicas(3).createOn(doomed);
        try (DaemonProcess daemon = startDaemon()) {
            AuditLog.Mark mark = plane.audit().mark();
            String notice = Announcement.spotInterruption(doomed.instance(), Instant.now());

            queue.send(notice);
            queue.send(notice);

            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            await().atMost(LIMIT).until(queue::isEmpty);
            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(plane.audit().since(mark).stream().filter(by(USER)).filter(to("create", "pods/eviction")))
                    .hasSize(3);
        }
    }

    @Test
    void tellsHowItIsAndEndsOnSigterm() {
        try (DaemonProcess daemon = startDaemon()) {
            assertThat(daemon.get("/health/live")).contains("\"UP\"");
            assertThat(daemon.get("/metrics")).contains("glidepath_departures_in_flight");

            assertThat(daemon.terminate()).isEqualTo(143);

            assertThat(daemon.told(LogEvent.GLIDEPATH_STOPPING)).hasSize(1);
        }
    }

    @Test
    void readinessTellsWhyItIsNotReady() {
        try (DaemonProcess daemon = DaemonProcess.start(Map.of(
                "KUBECONFIG",
                plane.kubeconfigFor("glidepath", "glidepath").toString(),
                "GLIDEPATH_QUEUE_URL",
                queue.url() + "-missing",
                "AWS_REGION",
                TestQueue.REGION,
                "AWS_ACCESS_KEY_ID",
                "test",
                "AWS_SECRET_ACCESS_KEY",
                "test",
                "AWS_ENDPOINT_URL",
                TestQueue.endpoint().toString()))) {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(daemon.get("/health/ready"))
                            .contains("\"DOWN\"")
                            .contains("GLIDEPATH_QUEUE_URL"));
        }
    }

    @Test
    void refusesAWrongConfigurationBeforeAnythingIsTouched() {
        try (DaemonProcess daemon = DaemonProcess.start(
                Map.of("KUBECONFIG", "/nowhere", "GLIDEPATH_QUEUE_URL", "my-queue", "GLIDEPATH_LOG_FORMAT", "xml"))) {
            assertThat(daemon.awaitExit()).isEqualTo(2);
            assertThat(daemon.output().lines())
                    .hasSize(3)
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("GLIDEPATH_QUEUE_URL: found \"my-queue\", expected the URL of an SQS queue"))
                    .anySatisfy(line ->
                            assertThat(line).isEqualTo("GLIDEPATH_LOG_FORMAT: found \"xml\", expected json or text"))
                    .anySatisfy(line -> assertThat(line)
                            .isEqualTo("KUBECONFIG: found \"/nowhere\", expected a kubeconfig file that can be read"));
        }
    }

    private DaemonProcess startDaemon() {
        return DaemonProcess.start(plane, queue, autoScaling).awaitReady();
    }

    private Instant lastEviction(AuditLog.Mark mark) {
        return plane.audit().since(mark).stream()
                .filter(by(USER))
                .filter(to("create", "pods/eviction"))
                .map(Request::at)
                .max(Instant::compareTo)
                .orElseThrow();
    }
}
