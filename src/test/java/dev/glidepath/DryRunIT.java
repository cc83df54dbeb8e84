package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Call;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A dry run tells all that would be done, and does nothing: recorded by the API server, by the queue's front and by Auto Scaling. */
@RunsTheProgram
class DryRunIT {
    private static final Duration LIMIT = ofMinutes(4);
    /** The time after which SQS delivers again what nobody keeps, and a little. */
    private static final Duration UNTIL_DELIVERED_AGAIN = ofSeconds(40);

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);
    /** As the chart grants them for a dry run: reads alone. */
    private final Chart rights =
            Chart.renderedIn(cluster.namespace(), Map.of("config.dryRun", true)).rights();

    @AfterEach
    void end() {
        plane.delete(rights);
        cluster.close();
        autoScaling.close();
    }

    @Test
    void tellsWhatWouldBeDoneAndAsksForNothingButMessagesAndReads() {
        LabNode spot = cluster.node("spot");
        LabNode scaledIn = cluster.node("scaled-in");
        LabNode planned = cluster.node("planned");
        Workload web = cluster.deployment("web").replicas(3).createOn(spot);
        Workload tight = cluster.deployment("tight").replicas(2).createOn(scaledIn);
        cluster.budget("tight", tight).minAvailable(1);
        autoScaling.addHook(Hook.of("workers", "drain"));
        AuditLog.Mark mark = plane.audit().mark();
        Instant now = Instant.now();
        queue.send(Announcement.spotInterruption(spot.instance(), now));
        autoScaling.terminate("workers", scaledIn.instance(), queue);
        queue.send(Announcement.scheduledChange(
                "arn:aws:health:eu-west-1::event/EC2/CODE/1",
                "only",
                "upcoming",
                now.plus(ofHours(10)),
                now,
                planned.instance()));
        queue.send("{}");
        plane.create(rights);

        try (SqsFront front = SqsFront.start(1);
                DaemonProcess daemon = DaemonProcess.start(
                        plane,
                        queue,
                        autoScaling,
                        Map.of(
                                "KUBECONFIG",
                                plane.kubeconfigFor(cluster.namespace(), Chart.NAME)
                                        .toString(),
                                "GLIDEPATH_POD_NAMESPACE",
                                cluster.namespace(),
                                "GLIDEPATH_DRY_RUN",
                                "true",
                                "AWS_ENDPOINT_URL_SQS",
                                front.endpoint().toString()))) {
            daemon.awaitReady();
            await().atMost(LIMIT)
                    .until(() -> daemon.told(LogEvent.DEPARTURE_SETTLED).size() == 2
                            && !daemon.told(LogEvent.DEPARTURE_PLANNED).isEmpty());
            Instant settled = Instant.now();
            await("what is delivered again is not told again")
                    .atMost(LIMIT)
                    .until(() -> Instant.now().isAfter(settled.plus(UNTIL_DELIVERED_AGAIN)));

            assertThat(daemon.terminate()).isEqualTo(143);
            assertThat(front.actions()).containsExactlyInAnyOrder("GetQueueAttributes", "ReceiveMessage");
            assertThat(plane.audit().since(mark).stream()
                            .filter(by(AuditLog.serviceAccount(cluster.namespace(), Chart.NAME))))
                    .isNotEmpty()
                    .allMatch(request -> request.decision().equals("allow"))
                    .extracting(Request::verb)
                    .isSubsetOf("get", "list", "watch");
            assertThat(autoScaling.calls()).extracting(Call::action).containsOnly("DescribeLifecycleHooks");
            assertThat(List.of(spot, scaledIn, planned))
                    .noneMatch(cluster::isCordoned)
                    .allMatch(node -> cluster.journal(node).isEmpty());
            assertThat(queue.isEmpty()).isFalse();
            assertThat(web.podsOn(spot)).hasSize(3);
            assertThat(tight.podsOn(scaledIn)).hasSize(2);

            assertThat(daemon.told(LogEvent.DRY_RUN)).hasSize(1);
            assertThat(daemon.told(LogEvent.INTERRUPTION_RECEIVED)).hasSize(3);
            assertThat(daemon.told(LogEvent.NODE_CORDONED)).hasSize(2);
            assertThat(daemon.told(LogEvent.POD_EVICTED)).hasSize(5);
            assertThat(daemon.told(LogEvent.LIFECYCLE_COMPLETED)).hasSize(1);
            assertThat(daemon.told(LogEvent.DEPARTURE_SETTLED))
                    .extracting(line -> line.get(Field.OUTCOME))
                    .containsOnly("drained");
            assertThat(daemon.lines().stream()
                            .filter(line -> !line.get(Field.EVENT).isEmpty()))
                    .extracting(Line::message)
                    .allMatch(text -> text.startsWith("dry run: "));
        }
    }
}
