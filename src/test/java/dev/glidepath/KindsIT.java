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
import dev.glidepath.lab.AutoScalingStandIn.ActionState;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.AutoScalingStandIn.Place;
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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What becomes of each kind of interruption, and of several for one instance, with the standard settings: one daemon for all, as
 * it would be in a cluster, and nodes and groups of its own for each test.
 */
@RunsTheProgram
class KindsIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");
    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final TestQueue QUEUE = TestQueue.create();

    /** By how much Auto Scaling's clock lags, so that what it announces comes late. */
    private static final AtomicReference<Duration> LAG = new AtomicReference<>(Duration.ZERO);

    private static final AutoScalingStandIn AUTO_SCALING =
            AutoScalingStandIn.start(() -> Instant.now().minus(LAG.get()));
    private static final DaemonProcess DAEMON = DaemonProcess.start(PLANE, QUEUE, AUTO_SCALING);

    private TestCluster cluster;
    private LabNode doomed;
    private String group;
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
        group = cluster.namespace();
        mark = PLANE.audit().mark();
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    @Test
    void aHealthEventDrainsTwoNodesAndGivesBothBackWhenItIsClosed() {
        LabNode other = cluster.node("other");
        cluster.nodes("spare-2", "spare-3", "spare-4", "spare-5");
        Workload quick = cluster.deployment("quick").replicas(2).createOn(doomed);
        Workload slow = cluster.deployment("slow").exitAfter(ofSeconds(25)).createOn(other);
        String event = "arn:aws:health:eu-west-1::event/EC2/CODE/" + group;

        QUEUE.send(Announcement.scheduledChange(
                event,
                "first",
                "upcoming",
                Instant.now().plus(ofMinutes(40)),
                Instant.now(),
                doomed.instance(),
                other.instance()));

        await().atMost(LIMIT).until(() -> isSettled(doomed));
        assertThat(slow.podsOn(other)).as("pods of the second node").isNotEmpty();
        assertThat(QUEUE.isEmpty())
                .as("the message is gone before the second node is drained")
                .isFalse();
        await().atMost(LIMIT).until(() -> isSettled(other));
        await().atMost(LIMIT).until(QUEUE::isEmpty);
        assertThat(quick.podsOn(doomed)).isEmpty();
        assertThat(slow.podsOn(other)).isEmpty();
        assertThat(evictions()).hasSize(3);
        assertThat(List.of(doomed, other)).allMatch(cluster::isCordoned);

        QUEUE.send(Announcement.scheduledChange(
                event,
                "last",
                "closed",
                Instant.now().plus(ofMinutes(40)),
                Instant.now(),
                doomed.instance(),
                other.instance()));

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(List.of(doomed, other)).allMatch(this::isUntouched));
        await().atMost(LIMIT).until(QUEUE::isEmpty);
    }

    @Test
    void aSpotNoticeAndAnActionAreOneDrainByTheEarlierDeadline() {
        Workload web =
                cluster.deployment("web").replicas(3).exitAfter(ofSeconds(20)).createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(group, "drain"));
        Instant noticedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);

        QUEUE.send(Announcement.spotInterruption(doomed.instance(), noticedAt));
        await().atMost(LIMIT).until(() -> evictions().size() == 3);
        LifecycleAction action =
                AUTO_SCALING.terminate(group, doomed.instance(), QUEUE).getFirst();

        await().atMost(LIMIT)
                .until(() -> cluster.journal(doomed)
                        .filter(journal -> journal.hooks().size() == 1)
                        .isPresent());
        assertThat(cluster.journal(doomed).flatMap(Journal::term).orElseThrow().deadline())
                .isEqualTo(noticedAt.plus(ofMinutes(2)));
        awaitSettled(doomed);
        assertThat(web.podsOn(doomed)).isEmpty();
        assertThat(evictions()).hasSize(3);
        assertThat(AUTO_SCALING.completionsOf(action)).hasSize(1);
        assertThat(AUTO_SCALING.stateOf(action)).isInstanceOf(ActionState.Completed.class);
    }

    @Test
    void nobodyIsAskedAnyMoreOnceTheMachineIsTerminated() {
        Workload slow = cluster.deployment("slow")
                .grace(ofSeconds(100))
                .exitAfter(ofSeconds(100))
                .createOn(doomed);
        Workload kept = cluster.deployment("kept").createOn(doomed);
        cluster.budget("kept", kept).maxUnavailable(0);
        Instant noticedAt = Instant.now().minus(ofSeconds(20));
        QUEUE.send(Announcement.spotInterruption(doomed.instance(), noticedAt));
        await().atMost(LIMIT)
                .until(() -> slow.podsOn(doomed).stream()
                        .allMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null));

        cluster.notReady(doomed);
        QUEUE.send(Announcement.stateChange(doomed.instance(), Instant.now(), "terminated"));

        awaitSettled(doomed);
        assertThat(cluster.journal(doomed).orElseThrow().causes()).isEmpty();
        assertThat(kept.podsOn(doomed))
                .singleElement()
                .matches(pod -> pod.getMetadata().getDeletionTimestamp() == null);
        await("no departure to go on").atMost(LIMIT).until(() -> inFlight() == 0);
        assertThat(Instant.now()).as("before the deadline").isBefore(noticedAt.plus(ofMinutes(2)));
        assertThat(ours().filter(to("delete", "pods"))).isEmpty();
    }

    @Test
    void aLifecycleActionThatIsToldAgainCostsNothing() {
        Workload web =
                cluster.deployment("web").replicas(2).exitAfter(ofSeconds(10)).createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(group, "drain"));
        LifecycleAction action =
                AUTO_SCALING.terminate(group, doomed.instance(), QUEUE).getFirst();
        await().atMost(LIMIT).until(() -> !evictions().isEmpty());

        AUTO_SCALING.tellAgain(action, QUEUE);

        awaitSettled(doomed);
        assertThat(web.podsOn(doomed)).isEmpty();
        assertThat(evictions()).hasSize(2);
        AuditLog.Mark settled = PLANE.audit().mark();

        AUTO_SCALING.tellAgain(action, QUEUE);

        await().atMost(LIMIT).until(() -> told(LogEvent.INTERRUPTION_RECEIVED, doomed.instance()) == 3);
        await().atMost(LIMIT).until(QUEUE::isEmpty);
        assertThat(AUTO_SCALING.completionsOf(action)).hasSize(1);
        assertThat(AUTO_SCALING.heartbeatsOf(action)).isEmpty();
        assertThat(PLANE.audit().since(settled).stream()
                        .filter(by(USER))
                        .filter(to("patch", "nodes").or(to("create", "pods/eviction"))))
                .isEmpty();
    }

    @Test
    void aNodeBackFromTheWarmPoolKeepsOnlyWhatAPersonDid() {
        LabNode cordonedBefore = cluster.node("cordoned-before");
        cluster.deployment("web").createOn(doomed);
        cluster.cordon(cordonedBefore);
        AUTO_SCALING.addHook(Hook.of(group, "drain"));
        AUTO_SCALING.addHook(Hook.launching(group, "glidepath-join"));
        List<LabNode> both = List.of(doomed, cordonedBefore);
        for (LabNode node : both) {
            AUTO_SCALING.terminate(group, node.instance(), Place.WARM_POOL, QUEUE);
        }
        both.forEach(this::awaitSettled);
        assertThat(both).allMatch(this::isTainted);
        both.forEach(cluster::notReady);

        List<LifecycleAction> launches = both.stream()
                .map(node -> AUTO_SCALING
                        .launch(group, node.instance(), Place.WARM_POOL, Place.AUTO_SCALING_GROUP, QUEUE)
                        .getFirst())
                .toList();
        await().atMost(LIMIT).until(() -> told(LogEvent.INTERRUPTION_RECEIVED, cordonedBefore.instance()) == 2);
        assertThat(launches)
                .as("launched before its node is Ready")
                .allMatch(launch -> AUTO_SCALING.completionsOf(launch).isEmpty());
        assertThat(both).allMatch(this::isTainted);
        both.forEach(cluster::reboots);

        await().atMost(LIMIT)
                .until(() -> launches.stream()
                        .allMatch(launch -> AUTO_SCALING.stateOf(launch) instanceof ActionState.Completed));
        assertThat(isUntouched(doomed)).isTrue();
        assertThat(isTainted(cordonedBefore)).isFalse();
        assertThat(cluster.isCordoned(cordonedBefore))
                .as("cordoned by a person")
                .isTrue();
        await().atMost(LIMIT).until(QUEUE::isEmpty);
    }

    @Test
    void aNodeThatRebootsAsAnnouncedIsGivenBackWithoutAnyMessage() {
        cluster.deployment("web").createOn(doomed);
        Instant start = Instant.now().plus(ofSeconds(30));
        QUEUE.send(Announcement.scheduledChange(
                "arn:aws:health:eu-west-1::event/EC2/CODE/" + group,
                "only",
                "upcoming",
                start,
                Instant.now(),
                doomed.instance()));
        awaitSettled(doomed);
        await().atMost(LIMIT).until(() -> Instant.now().isAfter(start.plusSeconds(2)));
        assertThat(isTainted(doomed)).isTrue();

        cluster.reboots(doomed);

        await().atMost(LIMIT).until(() -> isUntouched(doomed));
        assertThat(evictions()).hasSize(1);
    }

    @Test
    void aChangeWeeksAheadIsJournaledAndForgottenWhenItIsClosed() {
        cluster.deployment("web").createOn(doomed);
        Instant startsAt = Instant.now().plus(Duration.ofDays(21)).truncatedTo(ChronoUnit.SECONDS);
        String event = "arn:aws:health:eu-west-1::event/EC2/CODE/" + group;

        QUEUE.send(Announcement.scheduledChange(
                event, "first", "upcoming", startsAt, Instant.now().minus(ofSeconds(2)), doomed.instance()));

        await().atMost(LIMIT).until(() -> cluster.journal(doomed).isPresent());
        assertThat(cluster.journal(doomed).orElseThrow().state()).isEqualTo(Journal.State.PLANNED);
        assertThat(cluster.journal(doomed).orElseThrow().causes())
                .singleElement()
                .satisfies(cause -> assertThat(cause.goneAt()).contains(startsAt));
        assertThat(isUntouched(doomed)).isTrue();
        await().atMost(LIMIT).until(QUEUE::isEmpty);

        QUEUE.send(Announcement.scheduledChange(event, "last", "closed", startsAt, Instant.now(), doomed.instance()));

        awaitSettled(doomed);
        assertThat(cluster.journal(doomed).orElseThrow().causes()).isEmpty();
        assertThat(isUntouched(doomed)).isTrue();
        assertThat(evictions()).isEmpty();
    }

    @Test
    void aWindowThatBeganMinutesAgoHurriesNobody() {
        Workload web = cluster.deployment("web").createOn(doomed);
        Workload kept = cluster.deployment("kept").createOn(doomed);
        List<Workload> left = List.of(
                kept,
                cluster.pod("bare").createOn(doomed),
                cluster.deployment("undisturbed")
                        .annotation("karpenter.sh/do-not-disrupt", "true")
                        .createOn(doomed));
        cluster.budget("kept", kept).maxUnavailable(0);
        String event = "arn:aws:health:eu-west-1::event/EC2/CODE/" + group;
        Instant startsAt = Instant.now().minus(ofMinutes(5));
        Instant sentAt = Instant.now();

        QUEUE.send(Announcement.scheduledChange(event, "only", "open", startsAt, startsAt, doomed.instance()));

        await().atMost(LIMIT).until(() -> web.podsOn(doomed).isEmpty());
        await().during(ofSeconds(15))
                .atMost(LIMIT)
                .until(() -> left.stream()
                        .allMatch(workload -> workload.podsOn(doomed).stream()
                                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                                        .count()
                                == 1));
        assertThat(evictions()).hasSize(1);
        assertThat(ours().filter(to("delete", "pods"))).isEmpty();
        assertThat(cluster.journal(doomed).flatMap(Journal::term).orElseThrow().deadline())
                .isBetween(
                        sentAt.plus(ofMinutes(15)), sentAt.plus(ofMinutes(15)).plusSeconds(30));

        QUEUE.send(Announcement.scheduledChange(event, "last", "closed", startsAt, Instant.now(), doomed.instance()));

        await().atMost(LIMIT).until(() -> isUntouched(doomed));
        await().atMost(LIMIT).until(QUEUE::isEmpty);
    }

    @Test
    void aHookThatNotifiesSomebodyElseIsLeftAloneAndItsNodeDrained() {
        Hook theirs = Hook.of(group, "ship-logs")
                .withHeartbeatTimeout(ofSeconds(4))
                .withNotificationTarget("arn:aws:sqs:eu-west-1:123456789012:somebody-else");

        LifecycleAction action = drainedThough(theirs);

        assertThat(AUTO_SCALING.completionsOf(action)).isEmpty();
        assertThat(AUTO_SCALING.heartbeatsOf(action)).isEmpty();
        assertThat(told(LogEvent.LIFECYCLE_NOT_OURS, doomed.instance())).isEqualTo(1);
    }

    @Test
    void aHookOfEksItselfIsNotEvenAskedAboutAndItsNodeDrained() {
        Hook theirs = Hook.of(group, "Terminate-LC-Hook").withHeartbeatTimeout(ofSeconds(4));

        var _ = drainedThough(theirs);

        assertThat(AUTO_SCALING.calls())
                .noneMatch(call -> group.equals(call.parameters().get("AutoScalingGroupName")));
        assertThat(told(LogEvent.LIFECYCLE_NOT_OURS, doomed.instance())).isEqualTo(1);
    }

    private LifecycleAction drainedThough(Hook hook) {
        Workload web = cluster.deployment("web").createOn(doomed);
        AUTO_SCALING.addHook(hook);
        LifecycleAction action =
                AUTO_SCALING.terminate(group, doomed.instance(), QUEUE).getFirst();
        awaitSettled(doomed);
        assertThat(web.podsOn(doomed)).isEmpty();
        return action;
    }

    @Test
    void hooksThatNotifyOurQueueOrATopicThatFeedsItAreCompletedOnce() {
        LabNode other = cluster.node("other");
        Workload web = cluster.deployment("web").createOn(doomed);
        Workload db = cluster.deployment("db").createOn(other);
        String topic = "arn:aws:sns:eu-west-1:123456789012:" + group;
        AUTO_SCALING.subscribe(topic, QUEUE);
        AUTO_SCALING.addHook(Hook.of(group + "-direct", "drain").withNotificationTarget(QUEUE.arn()));
        AUTO_SCALING.addHook(Hook.of(group + "-topic", "drain").withNotificationTarget(topic));

        List<LifecycleAction> actions = List.of(
                AUTO_SCALING
                        .terminate(group + "-direct", doomed.instance(), QUEUE)
                        .getFirst(),
                AUTO_SCALING
                        .terminate(group + "-topic", other.instance(), QUEUE)
                        .getFirst());

        awaitSettled(doomed);
        awaitSettled(other);
        assertThat(web.podsOn(doomed)).isEmpty();
        assertThat(db.podsOn(other)).isEmpty();
        assertThat(evictions()).hasSize(2);
        assertThat(actions).allSatisfy(action -> {
            assertThat(AUTO_SCALING.completionsOf(action)).hasSize(1);
            assertThat(AUTO_SCALING.stateOf(action)).isInstanceOf(ActionState.Completed.class);
        });
    }

    @Test
    void launchHooksWaitForAReadyNodeAndSkipTheWarmPool() {
        InstanceId launched = new InstanceId("i-00000000000000a01");
        InstanceId pooled = new InstanceId("i-00000000000000b02");
        AUTO_SCALING.addHook(Hook.launching(group, "glidepath-join"));

        LifecycleAction join = AUTO_SCALING.launch(group, launched, QUEUE).getFirst();
        AUTO_SCALING.launch(group, pooled, Place.EC2, Place.WARM_POOL, QUEUE);
        await().atMost(LIMIT)
                .until(() -> told(LogEvent.INTERRUPTION_RECEIVED, launched) == 1
                        && told(LogEvent.INTERRUPTION_RECEIVED, pooled) == 1);
        await().atMost(LIMIT).until(() -> QUEUE.visible() + QUEUE.inFlight() == 1);
        assertThat(AUTO_SCALING.completionsOf(join)).isEmpty();
        LabNode node = cluster.node("launched", launched);

        await().atMost(LIMIT).until(() -> AUTO_SCALING.stateOf(join) instanceof ActionState.Completed);
        await().atMost(LIMIT).until(QUEUE::isEmpty);
        assertThat(AUTO_SCALING.calls())
                .filteredOn(call -> group.equals(call.parameters().get("AutoScalingGroupName")))
                .filteredOn(call -> !call.action().equals("DescribeLifecycleHooks"))
                .as("calls about either")
                .hasSize(1);
        assertThat(isUntouched(node)).isTrue();
        assertThat(cluster.journal(node)).isEmpty();
    }

    @Test
    void aNoticeForABootingInstanceIsAppliedWhenItsNodeAppears() {
        InstanceId booting = new InstanceId("i-00000000000000c03");
        QUEUE.send(Announcement.spotInterruption(booting, Instant.now()));
        await().atMost(LIMIT).until(() -> told(LogEvent.NODE_AWAITED, booting) == 1);
        assertThat(QUEUE.isEmpty()).isFalse();

        LabNode node = cluster.node("booting", booting);

        awaitSettled(node);
        assertThat(cluster.isCordoned(node)).isTrue();
    }

    @Test
    void aCompletionThatIsThrottledFiveTimesIsDoneAtTheSixth() {
        cluster.deployment("web").createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(group, "drain"));
        AUTO_SCALING.faults().throttleNext(5, "CompleteLifecycleAction");

        LifecycleAction action =
                AUTO_SCALING.terminate(group, doomed.instance(), QUEUE).getFirst();

        awaitSettled(doomed);
        assertThat(AUTO_SCALING.completionsOf(action)).hasSize(6);
        assertThat(AUTO_SCALING.stateOf(action)).isInstanceOf(ActionState.Completed.class);
    }

    @Test
    void aHookThatIsOverIsSettled() {
        cluster.deployment("web").exitAfter(ofSeconds(20)).createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(group, "drain"));
        LifecycleAction action = toldLateBy(ofMinutes(3)); // so old that what is not found is over
        await().atMost(LIMIT).until(() -> !evictions().isEmpty());

        AUTO_SCALING.expire(action);

        awaitSettled(doomed);
        assertThat(AUTO_SCALING.completionsOf(action)).hasSize(1);
        assertThat(AUTO_SCALING.stateOf(action)).isInstanceOf(ActionState.Expired.class);
    }

    @Test
    void aLateActionIsCheckedByAHeartbeatAndLeavesPodsTheirGrace() {
        Workload web = cluster.deployment("web")
                .grace(ofSeconds(90))
                .exitAfter(ofSeconds(20))
                .createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(group, "drain"));
        LifecycleAction action = toldLateBy(ofMinutes(20));

        await().atMost(LIMIT).until(() -> !evictions().isEmpty());
        assertThat(web.podsOn(doomed))
                .singleElement()
                .satisfies(pod -> assertThat(pod.getMetadata().getDeletionGracePeriodSeconds())
                        .isEqualTo(90));
        awaitSettled(doomed);
        assertThat(AUTO_SCALING.heartbeatsOf(action).getFirst().at())
                .as("asked before anything is done")
                .isBefore(ours().filter(to("patch", "nodes"))
                        .findFirst()
                        .orElseThrow()
                        .at());
        assertThat(AUTO_SCALING.completionsOf(action)).hasSize(1);
    }

    @Test
    void anActionThatComesLateAndIsOverTouchesNothing() {
        Workload web = cluster.deployment("web").createOn(doomed);
        AUTO_SCALING.addHook(Hook.of(group, "drain"));
        LifecycleAction action = toldLateBy(ofMinutes(70));

        await().atMost(LIMIT).until(() -> !AUTO_SCALING.heartbeatsOf(action).isEmpty());
        await().atMost(LIMIT).until(QUEUE::isEmpty);

        assertThat(isUntouched(doomed)).isTrue();
        assertThat(web.podsOn(doomed)).hasSize(1);
        assertThat(evictions()).isEmpty();
        assertThat(AUTO_SCALING.completionsOf(action)).isEmpty();
    }

    // The world.

    /** An action that began so long ago, and of which the message comes now: when Auto Scaling is asked, its clock is right again. */
    private LifecycleAction toldLateBy(Duration lag) {
        LAG.set(lag);
        LifecycleAction action = AUTO_SCALING
                .terminate(group, doomed.instance(), TestQueue.create())
                .getFirst();
        LAG.set(Duration.ZERO);
        AUTO_SCALING.tellAgain(action, QUEUE);
        return action;
    }

    private void awaitSettled(LabNode node) {
        await().atMost(LIMIT).until(() -> isSettled(node));
        await().atMost(LIMIT).until(QUEUE::isEmpty);
    }

    private boolean isSettled(LabNode node) {
        return cluster.journal(node)
                .filter(journal -> journal.state() == Journal.State.SETTLED)
                .isPresent();
    }

    private boolean isTainted(LabNode node) {
        return cluster.live(node).getSpec().getTaints().stream()
                .map(Taint::getKey)
                .anyMatch("glidepath.dev/departing"::equals);
    }

    private boolean isUntouched(LabNode node) {
        return !cluster.isCordoned(node) && !isTainted(node);
    }

    private Stream<Request> ours() {
        return PLANE.audit().since(mark).stream().filter(by(USER));
    }

    /** Those that were granted. */
    private List<Request> evictions() {
        return ours().filter(to("create", "pods/eviction"))
                .filter(call -> call.namespace().equals(cluster.namespace()))
                .filter(call -> call.code() == 201)
                .toList();
    }

    private static int told(LogEvent event, InstanceId instance) {
        return (int) DAEMON.told(event).stream()
                .filter(line -> line.get(Field.INSTANCE).equals(instance.value()))
                .count();
    }

    private static double inFlight() {
        return DAEMON.get("/metrics")
                .lines()
                .filter(line -> line.startsWith("glidepath_departures_in_flight "))
                .map(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
