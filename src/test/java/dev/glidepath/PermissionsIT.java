package dev.glidepath;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.Chart;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the program does with a role that lacks permissions, and that it needs no restart once they are granted. */
@RunsTheProgram
class PermissionsIT {
    private static final Duration LIMIT = ofMinutes(4);

    private final ControlPlane plane = ControlPlane.shared();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final SqsFront front = SqsFront.start(12);
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
        front.close();
        autoScaling.close();
    }

    /** The role of AWS Node Termination Handler receives, deletes and completes, and may do nothing else. */
    @Test
    void theRoleOfAwsNodeTerminationHandlerDrainsAndCompletesTheHook() {
        TestQueue queue = TestQueue.createWithDeadLetters(1);
        front.deny("GetQueueAttributes", "ChangeMessageVisibility");
        autoScaling.faults().deny("DescribeLifecycleHooks", "RecordLifecycleActionHeartbeat");
        autoScaling.addHook(Hook.of("workers", "drain"));
        Workload slow = cluster.deployment("slow")
                .grace(ofSeconds(90))
                .exitAfter(ofSeconds(45)) // longer than a message stays invisible by itself
                .createOn(doomed);
        try (DaemonProcess daemon = startDaemon(queue).awaitReady()) {
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();

            Instant lastSeen = slow.awaitGoneFrom(doomed);
            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            await().atMost(LIMIT).until(queue::isEmpty);

            assertThat(autoScaling.completionsOf(action))
                    .singleElement()
                    .satisfies(call -> assertThat(call.at()).isAfter(lastSeen));
            assertThat(autoScaling.stateOf(action)).isInstanceOf(ActionState.Completed.class);
            assertThat(queue.deadLetters().isEmpty())
                    .as("the message was delivered once")
                    .isTrue();
            assertThat(daemon.told(LogEvent.INTERRUPTION_RECEIVED)).hasSize(1);
            assertThat(daemon.told(LogEvent.DEPARTURE_SETTLED)).hasSize(1);
            assertThat(daemon.isReady()).as("%s", daemon.get("/health/ready")).isTrue();
            assertThat(daemon.told(LogEvent.PERMISSION_MISSING))
                    .as("each is reported once")
                    .extracting(line -> line.get(Field.PERMISSION))
                    .containsExactlyInAnyOrder(
                            "sqs:GetQueueAttributes",
                            "sqs:ChangeMessageVisibility",
                            "autoscaling:DescribeLifecycleHooks",
                            "autoscaling:RecordLifecycleActionHeartbeat");
            assertThat(daemon.lines())
                    .as("no other line says so")
                    .filteredOn(line -> line.message().contains("is not allowed"))
                    .filteredOn(line -> !line.level().equals("DEBUG"))
                    .allMatch(line -> line.is(LogEvent.PERMISSION_MISSING));
            assertThat(daemon.get("/health/ready")).contains("hooks are held for their heartbeat timeout only");
            assertThat(daemon.get("/metrics")).contains("glidepath_permissions_missing 4.0");

            front.allowAll();
            autoScaling.faults().heal();

            daemon.awaitThat(
                    "did not notice that its role was granted all",
                    LIMIT,
                    () -> daemon.told(LogEvent.PERMISSION_GRANTED).size() == 4);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(daemon.get("/health/ready"))
                            .contains("\"UP\"")
                            .doesNotContain("degraded"));
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(daemon.get("/metrics")).contains("glidepath_permissions_missing 0.0"));
        }
    }

    @Test
    void aDaemonThatMayNotDeleteMessagesIsNotReadyUntilItMay() {
        TestQueue queue = TestQueue.create();
        front.deny("DeleteMessage");
        try (DaemonProcess daemon = startDaemon(queue)) {
            Line missing = daemon.await1(LogEvent.PERMISSION_REQUIRED);
            assertThat(missing.get(Field.PERMISSION)).isEqualTo("sqs:DeleteMessage");
            assertThat(missing.level()).isEqualTo("ERROR");
            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
            daemon.await1(LogEvent.NODE_CORDONED);
            assertThat(daemon.isReady()).isFalse();
            assertThat(daemon.get("/health/ready")).contains("sqs:DeleteMessage on " + queue.url() + " is not allowed");

            front.allowAll();

            daemon.awaitReady();
            await().atMost(LIMIT).until(queue::isEmpty);
            assertThat(daemon.told(LogEvent.PERMISSION_REQUIRED)).hasSize(1);
            assertThat(daemon.told(LogEvent.PERMISSION_GRANTED)).hasSize(1);
            assertThat(daemon.told(LogEvent.DEPARTURE_SETTLED)).hasSize(1);
        }
    }

    /** No watch is opened, no Lease written, no pod evicted and no event told before; all of it goes on by itself. */
    @Test
    void clusterPermissionsGrantedLaterTakeEffectWithoutARestart() {
        TestQueue queue = TestQueue.create();
        Workload web = cluster.deployment("web").replicas(3).createOn(doomed);
        Chart all = Chart.renderedIn(cluster.namespace(), Map.of()).rights();
        Chart account = new Chart(all.all("ServiceAccount"));
        Chart roles = new Chart(all.objects().stream()
                .filter(object -> !account.objects().contains(object))
                .toList());
        Chart some = roles.without(ruleFor("pods/eviction", roles)).without(ruleFor("events", roles));
        plane.create(account);
        try (DaemonProcess daemon = DaemonProcess.start(
                plane,
                queue,
                autoScaling,
                Map.of(
                        "KUBECONFIG",
                        plane.kubeconfigFor(cluster.namespace(), Chart.NAME).toString(),
                        "GLIDEPATH_POD_NAMESPACE",
                        cluster.namespace()))) {
            daemon.awaitThat(
                    "did not say what it lacks",
                    LIMIT,
                    () -> daemon.get("/health/ready").contains("nodes are not known yet"));
            plane.create(some);
            daemon.awaitReady();

            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
            Line denied = daemon.await1(LogEvent.ACT_DENIED);
            assertThat(denied.message()).contains("pods/eviction: create");
            plane.update(roles);

            await().atMost(LIMIT).until(() -> web.podsOn(doomed).isEmpty());
            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            assertThat(daemon.told(LogEvent.POD_EVICTED)).hasSize(3);
            assertThat(daemon.told(LogEvent.ACT_DENIED))
                    .as("one line for three pods")
                    .hasSize(1);
            assertThat(daemon.told(LogEvent.ACT_RECOVERED))
                    .filteredOn(line -> line.message().endsWith("is allowed now"))
                    .hasSize(1);
            await().atMost(LIMIT).until(() -> reasonsOn(doomed).contains("DrainFinished"));
            assertThat(reasonsOn(doomed)).doesNotContain("NodeCordoned");
        } finally {
            plane.delete(all);
        }
    }

    private static Chart.Rule ruleFor(String resource, Chart roles) {
        return roles.rules().stream()
                .filter(rule -> rule.resources().contains(resource))
                .findFirst()
                .orElseThrow();
    }

    private List<String> reasonsOn(LabNode node) {
        return plane.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(node.name()))
                .filter(event -> "glidepath".equals(event.getSource().getComponent()))
                .map(Event::getReason)
                .toList();
    }

    private DaemonProcess startDaemon(TestQueue queue) {
        return DaemonProcess.start(
                plane,
                queue,
                autoScaling,
                Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString(), "GLIDEPATH_LIFECYCLE_HOOKS", "drain"));
    }
}
