package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Taint;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the world says one thing and does another: a yes without effect, a node that is not Ready and ends its pods, a machine that stays. */
@RunsTheProgram
class PromisesIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");
    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final TestQueue QUEUE = TestQueue.create();
    private static final AutoScalingStandIn AUTO_SCALING = AutoScalingStandIn.start(Clock.systemUTC());
    private static final DaemonProcess DAEMON = DaemonProcess.start(PLANE, QUEUE, AUTO_SCALING);

    private TestCluster cluster;
    private LabNode doomed;
    private AuditLog.Mark mark;

    @BeforeAll
    static void ready() {
        DAEMON.awaitReady();
    }

    @AfterAll
    static void close() {
        DAEMON.close();
        AUTO_SCALING.close();
    }

    @BeforeEach
    void twoNodes() {
        cluster = TestCluster.create(PLANE);
        doomed = cluster.node("doomed");
        cluster.node("spare");
        mark = PLANE.audit().mark();
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    @Test
    void aPodIsDeletedAtItsLastCallWhenItsEvictionsHaveNoEffect() {
        Workload web = cluster.deployment("web").grace(ofSeconds(5)).createOn(doomed);
        var _ = cluster.makeDryRunsOfEvictions();

        QUEUE.send(
                Announcement.spotInterruption(doomed.instance(), Instant.now().minus(ofSeconds(75))));

        awaitSettled(doomed);
        assertThat(web.podsOn(doomed)).isEmpty();
        assertThat(evictions()).as("the first, and those ten seconds apart").hasSizeBetween(2, 4);
        assertThat(ours().filter(to("delete", "pods"))).hasSize(1);
        assertThat(about(LogEvent.EVICTION_WITHOUT_EFFECT)).hasSize(1);
        assertThat(about(LogEvent.POD_REPORTED))
                .singleElement()
                .satisfies(line -> assertThat(line.message()).endsWith(": forced"));
    }

    @Test
    void aHookWaitsForAPodWhoseFirstEvictionHadNoEffect() throws Exception {
        Workload web = cluster.deployment("web").createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(cluster.namespace(), "drain"));
        LifecycleAction action;
        try (AutoCloseable _ = cluster.makeDryRunsOfEvictions()) {
            action = AUTO_SCALING
                    .terminate(cluster.namespace(), doomed.instance(), QUEUE)
                    .getFirst();
            await().atMost(LIMIT).until(() -> evictions().size() == 1);
            assertThat(web.podsOn(doomed)).hasSize(1);
        }

        awaitSettled(doomed);

        assertThat(web.podsOn(doomed)).isEmpty();
        assertThat(evictions()).hasSizeBetween(2, 3);
        assertThat(ours().filter(to("delete", "pods"))).isEmpty();
        assertThat(AUTO_SCALING.completionsOf(action)).hasSize(1);
    }

    /** Its network is in trouble, say: the kubelet is there, says so, and ends pods. */
    @Test
    void aNodeThatSaysThatItIsNotReadyIsDrainedLikeAnyOther() {
        Workload web = cluster.deployment("web")
                .grace(ofSeconds(90))
                .exitAfter(ofSeconds(25))
                .createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(cluster.namespace(), "drain"));
        cluster.saysItIsNotReady(doomed);
        Instant since = Instant.now();
        await().atMost(LIMIT).until(() -> Instant.now().isAfter(since.plusSeconds(62)));

        LifecycleAction action = AUTO_SCALING
                .terminate(cluster.namespace(), doomed.instance(), QUEUE)
                .getFirst();

        await().atMost(LIMIT).until(() -> !AUTO_SCALING.completionsOf(action).isEmpty());
        assertThat(web.podsOn(doomed)).as("when the hook was completed").isEmpty();
        assertThat(AUTO_SCALING.completionsOf(action).getFirst().at())
                .as("its pods took their time")
                .isAfter(evictions().getFirst().at().plusSeconds(20));
        awaitSettled(doomed);
        assertThat(about(LogEvent.DRAIN_FINISHED))
                .singleElement()
                .satisfies(line -> assertThat(line.get(Field.OUTCOME)).isEqualTo("drained"));
    }

    /** As after the message that the README sends to try it. */
    @Test
    void aNodeThatIsStillWellMinutesAfterItsTimeIsGivenBack() {
        Workload web = cluster.deployment("web").createOn(doomed);
        Duration goneForSure = ofMinutes(12);

        Instant noticedAt = Instant.now().minus(goneForSure).plusSeconds(30);
        QUEUE.send(Announcement.spotInterruption(doomed.instance(), noticedAt));
        awaitSettled(doomed);
        assertThat(web.podsOn(doomed)).isEmpty();
        assertThat(cluster.isCordoned(doomed)).isTrue();

        await().atMost(LIMIT).until(() -> !cluster.isCordoned(doomed));

        assertThat(Instant.now()).isAfter(noticedAt.plus(goneForSure));
        assertThat(cluster.live(doomed).getSpec().getTaints())
                .extracting(Taint::getKey)
                .doesNotContain("glidepath.dev/departing");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(about(LogEvent.NODE_RESTORED))
                        .singleElement()
                        .satisfies(line -> assertThat(line.get(Field.OUTCOME)).isEqualTo("survived")));
        assertThat(cluster.renewedAt(doomed))
                .as("its kubelet had not been silent")
                .isAfter(Instant.now().minusSeconds(40));
    }

    private void awaitSettled(LabNode node) {
        await().atMost(LIMIT)
                .until(() -> cluster.journal(node)
                        .filter(journal -> journal.state() == Journal.State.SETTLED)
                        .isPresent());
        await().atMost(LIMIT).until(QUEUE::isEmpty);
    }

    private Stream<Request> ours() {
        return PLANE.audit().since(mark).stream()
                .filter(by(USER))
                .filter(call -> call.namespace().equals(cluster.namespace()));
    }

    private List<Request> evictions() {
        return ours().filter(to("create", "pods/eviction"))
                .filter(call -> call.code() == 201)
                .toList();
    }

    private List<DaemonProcess.Line> about(LogEvent event) {
        return DAEMON.told(event).stream()
                .filter(line ->
                        line.get(Field.INSTANCE).equals(doomed.instance().value()))
                .toList();
    }
}
