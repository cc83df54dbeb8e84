package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.action.LeftHook.Why;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal.Hook;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lifecycle hooks: whose they are, how long they are held, what is told late, and those that hold a launch. */
class HooksPlayTest {
    private static final String OUR_QUEUE = "arn:aws:sqs:eu-central-1:111122223333:glidepath";
    private static final String TOPIC = "arn:aws:sns:eu-central-1:111122223333:topic";
    private static final Instant LATE = START.minus(ofMinutes(20));

    private final Play play = new Play(7);

    // SampleNotices late, and nobody says whether they still wait.

    @Test
    void aDrainUnderWayGoesOnWhileALateActionIsAskedFor() {
        play.pod("web", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .fault(HooksPlayTest::cannotBeDescribed)
                .notice(new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE))
                .noticeAt(START.plusSeconds(5), Play.asg("late", LATE))
                .at(START.plusSeconds(20), () -> play.pods.changeRoom("web", 1))
                .run();

        assertThat(play.started(Evict.class, "web").getLast()).isBetween(ofSeconds(20), ofSeconds(21));
    }

    @Test
    void aLateActionThatNobodyAnswersForIsDrainedForAfterAMinute() {
        play.pod("web", 0, ofSeconds(1))
                .fault(HooksPlayTest::cannotBeDescribed)
                .notice(Play.asg("late", LATE))
                .run();

        assertThat(play.started(Evict.class, "web").getFirst()).isBetween(ofMinutes(1), ofSeconds(62));
    }

    private static Optional<Outcome> cannotBeDescribed(Action act) {
        return act instanceof DescribeHook ? Optional.of(new Outcome.Retry("no answer")) : Optional.empty();
    }

    // Whose they are.

    static Stream<Arguments> hooksOfOthers() {
        return Stream.of(
                argumentSet(
                        "EKS's own",
                        SamplePolicy.owning(Set.of(), List.of("*"), OUR_QUEUE),
                        eventOf("Terminate-LC-Hook"),
                        "",
                        false),
                argumentSet(
                        "EKS's own, though it is named",
                        SamplePolicy.owning(Set.of("Terminate-LC-Hook"), List.of("*"), OUR_QUEUE),
                        eventOf("Terminate-LC-Hook"),
                        "",
                        false),
                argumentSet(
                        "with another target",
                        SamplePolicy.owning(Set.of(), List.of("*"), OUR_QUEUE),
                        eventOf("drain"),
                        "arn:aws:sns:eu-central-1:111122223333:backups",
                        false),
                argumentSet(
                        "with a target while it is not known which queue is ours",
                        Policy.standard(),
                        eventOf("drain"),
                        OUR_QUEUE,
                        false),
                argumentSet(
                        "not among those named",
                        SamplePolicy.owning(Set.of("drain"), List.of("*"), OUR_QUEUE),
                        eventOf("ship-logs"),
                        "",
                        false),
                argumentSet(
                        "of which nobody tells us whose it is",
                        SamplePolicy.owning(Set.of(), List.of("*"), OUR_QUEUE),
                        eventOf("drain"),
                        "",
                        true));
    }

    @ParameterizedTest
    @MethodSource("hooksOfOthers")
    void aHookThatIsNotOursIsNeverTouchedThoughItsNodeIsDrained(
            Policy policy, AsgTermination action, String target, boolean denied) {
        play.pod("web", 0, ofMinutes(10))
                .pod(SamplePod.of("slow").grace(ofMinutes(10)), ofMinutes(10))
                .heartbeatTimeout(ofMinutes(1))
                .policy(policy)
                .target(target)
                .fault(act -> denied && act instanceof DescribeHook
                        ? Optional.of(new Outcome.Forbidden("autoscaling:DescribeLifecycleHooks"))
                        : Optional.empty())
                .notice(action)
                .run();

        assertThat(play.done(Heartbeat.class)).isEmpty();
        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.messages()).isEmpty();
    }

    static Stream<Arguments> ourHooks() {
        return Stream.of(
                argumentSet("without a target", Policy.standard(), eventOf("drain"), ""),
                argumentSet(
                        "whose target is our queue",
                        SamplePolicy.owning(Set.of(), List.of(), OUR_QUEUE),
                        eventOf("drain"),
                        OUR_QUEUE),
                argumentSet(
                        "that told us itself",
                        Policy.standard(),
                        new AsgTermination(action("drain"), START, Route.DIRECT, false),
                        "arn:aws:sns:eu-central-1:111122223333:topic"),
                argumentSet(
                        "that is named, whatever its target",
                        SamplePolicy.owning(Set.of("drain"), List.of(), OUR_QUEUE),
                        eventOf("drain"),
                        "arn:aws:sns:eu-central-1:111122223333:topic"));
    }

    @ParameterizedTest
    @MethodSource("ourHooks")
    void aHookThatIsOursIsHeartbeatedAndCompleted(Policy policy, AsgTermination action, String target) {
        play.pod(SamplePod.of("slow").grace(ofMinutes(10)), ofMinutes(10))
                .heartbeatTimeout(ofMinutes(1))
                .policy(policy)
                .target(target)
                .notice(action)
                .run();

        assertThat(play.done(Heartbeat.class)).hasSizeGreaterThan(15);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void holdsTheHookOfAnUnknownInstanceOfOurGroupsForTheWholeWait() {
        play.noNode()
                .heartbeatTimeout(ofMinutes(1))
                .policy(SamplePolicy.owning(Set.of(), List.of("work*"), OUR_QUEUE))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done(Heartbeat.class).getFirst().at()).isBefore(START.plusSeconds(31));
        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at())
                        .isBetween(
                                START.plus(ofMinutes(5)),
                                START.plus(ofMinutes(5)).plusSeconds(1)));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void theHookOfAnUnknownInstanceOfNoGroupOfOursIsNeverTouched() {
        play.noNode()
                .heartbeatTimeout(ofMinutes(1))
                .policy(SamplePolicy.owning(Set.of(), List.of("others-*"), OUR_QUEUE))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done())
                .extracting(each -> each.action().label())
                .containsExactly("ask-for-node", "ask-for-node", "delete-messages");
        assertThat(play.now()).isBetween(START.plus(ofMinutes(5)), START.plus(ofMinutes(6)));
    }

    @Test
    void twoHooksOfOneInstanceAreBothCompletedOnce() {
        play.pod("web", 0, ofSeconds(20))
                .notice(Play.asg("token-1", START))
                .noticeAt(START.plusSeconds(2), Play.asg("token-2", START.plusSeconds(2)))
                .run();

        assertThat(play.succeeded(CompleteHook.class))
                .extracting(done -> ((CompleteHook) done.action()).action().tokenHash())
                .containsExactlyInAnyOrder("token-1", "token-2");
    }

    /** Whoever may change one node can copy an entry of another's journal: that instance is drained by its own departure. */
    @Test
    void aHookOfAnotherInstanceThatTheJournalHasIsNotTouched() {
        LifecycleAction theirs =
                new LifecycleAction("workers", "glidepath", "token-9", new InstanceId("i-0123456789abcdef9"));
        play.pod("web", 1, ofSeconds(10))
                .notice(Play.asg("token-1", START))
                .at(
                        START.plusSeconds(5),
                        () -> play.node.isJournaled(play.node
                                .journal()
                                .orElseThrow()
                                .with(new Hook(Play.asg("token-1", START).id(), theirs, START, START))))
                .run();

        assertThat(play.done(CompleteHook.class))
                .extracting(done -> ((CompleteHook) done.action()).action().tokenHash())
                .containsExactly("token-1");
        assertThat(play.done(Heartbeat.class))
                .extracting(done -> ((Heartbeat) done.action()).action().tokenHash())
                .doesNotContain("token-9");
    }

    /** Whoever may change a node can write there that a hook announced itself. */
    @Test
    void thatAHookAnnouncedItselfIsNotBelievedOfAJournal() {
        play.pod("web", 1, ofMinutes(3))
                .policy(SamplePolicy.owning(Set.of(), List.of("*"), OUR_QUEUE))
                .target(TOPIC)
                .notice(eventOf("drain"))
                .at(
                        START.plusSeconds(5),
                        () -> rewriteJournal(text -> text.replace(",\"direct\":false", "")
                                .replace("\"firstReceivedAt\"", "\"direct\":true,\"firstReceivedAt\"")))
                .run();

        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.done(Heartbeat.class)).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    /** The journal names it before the other's Lease says by which way it was announced. */
    @Test
    void aHookAnnouncedToAnotherReplicaIsCompletedOnceItsLeaseSaysSo() {
        play.pod("web", 1, ofSeconds(1))
                .policy(SamplePolicy.owning(Set.of(), List.of("*"), OUR_QUEUE))
                .target(TOPIC)
                .leasesTake(ofSeconds(10))
                .notice(new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE))
                .at(
                        START.plusMillis(500),
                        () -> play.anotherHears(new AsgTermination(action("drain"), START, Route.DIRECT, false)))
                .run();

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBefore(START.plusSeconds(17)));
    }

    /** That its message is never known here does not keep the departure. */
    @Test
    void aHookWhoseMessageIsNeverKnownIsWaitedForAMinuteAndLeft() {
        play.pod("web", 1, ofSeconds(1))
                .policy(SamplePolicy.owning(Set.of(), List.of("*"), OUR_QUEUE))
                .target(TOPIC)
                .leasesTake(ofHours(9))
                .notice(new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE))
                .at(
                        START.plusMillis(500),
                        () -> play.anotherHears(new AsgTermination(action("drain"), START, Route.DIRECT, false)))
                .run();

        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.now()).isBetween(START.plus(ofMinutes(1)), START.plusSeconds(68));
    }

    // Hooks that notify topics: some feed our queue, some send e-mail.

    @Test
    void noHookIsTheOnlyOneBesideOneThatToldUsItself() {
        assertThat(completed(besideTopic()
                        .notice(told("drain", Route.DIRECT))
                        .notice(told("upload-logs", Route.EVENT_BRIDGE))))
                .containsExactly("drain");
    }

    @Test
    void noHookIsTheOnlyOneBesideOneThatTellsUsAMomentLater() {
        assertThat(completed(besideTopic()
                        .notice(told("upload-logs", Route.EVENT_BRIDGE))
                        .noticeAt(START.plusSeconds(40), told("drain", Route.DIRECT))))
                .containsExactly("drain");
    }

    /** The journal has settled it, and lists its hook no more. */
    @Test
    void noHookIsTheOnlyOneBesideOneThatToldUsItselfBefore() {
        assertThat(completed(besideTopic()
                        .notice(told("drain", Route.DIRECT))
                        .noticeAt(START.plusSeconds(90), told("upload-logs", Route.EVENT_BRIDGE))))
                .containsExactly("drain");
    }

    @Test
    void theOnlyHookWithoutATargetIsOursAfterAMinuteOfASilentTopic() {
        besideTopic().notice(told("upload-logs", Route.EVENT_BRIDGE)).run();

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(START.plusSeconds(60), START.plusSeconds(62)));
    }

    /** Half its time is past when the first heartbeat is due. */
    @Test
    void aHookOfThirtySecondsIsHeartbeatedInTimeBesideATopic() {
        besideTopic()
                .pod(SamplePod.of("slow").grace(ofMinutes(2)), ofMinutes(2))
                .heartbeatTimeout(ofSeconds(30))
                .notice(told("upload-logs", Route.EVENT_BRIDGE))
                .run();

        assertThat(play.succeeded(Heartbeat.class).getFirst().at())
                .isBetween(START.plusSeconds(10), START.plusSeconds(16));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    /** The rule of EventBridge is faster than the topic, and the node is empty. */
    @ParameterizedTest
    @ValueSource(ints = {12, 300})
    void aHookThatTellsUsItselfAfterItsDrainIsCompleted(int secondsLater) {
        play.policy(SamplePolicy.owning(Set.of(), List.of(), OUR_QUEUE))
                .group(new GroupHook("drain", true, TOPIC, ""))
                .notice(told("drain", Route.EVENT_BRIDGE))
                .noticeAt(START.plusSeconds(secondsLater), told("drain", Route.DIRECT));

        assertThat(completed(play)).containsExactly("drain");
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aHookThatNotifiesUsAfterItsDeadlineExpiresIfSoConfigured() {
        Policy expiring = SamplePolicy.owning(Set.of(), List.of(), OUR_QUEUE);
        blocked("web")
                .policy(expiring.with(new Policy.HookPolicy(
                        expiring.hooks().ownership(), expiring.hooks().allowance(), AtDeadline.EXPIRE, true)))
                .group(new GroupHook("drain", true, TOPIC, ""))
                .notice(told("drain", Route.EVENT_BRIDGE))
                .noticeAt(START.plus(ofMinutes(40)), told("drain", Route.DIRECT))
                .run();

        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    private Play besideTopic() {
        return play.policy(SamplePolicy.owning(Set.of(), List.of(), OUR_QUEUE))
                .group(new GroupHook("drain", true, TOPIC, ""), new GroupHook("upload-logs", true, "", ""));
    }

    private static AsgTermination told(String hook, Route route) {
        return new AsgTermination(
                new LifecycleAction("workers", hook, "of-" + hook, Play.INSTANCE), START, route, false);
    }

    private static List<String> completed(Play play) {
        play.runUntil(START.plus(ofMinutes(20)));
        return play.succeeded(CompleteHook.class).stream()
                .map(done -> ((CompleteHook) done.action()).action().hook())
                .toList();
    }

    // How long they are held.

    /** Whoever may change a node can write there that a hook began in years: by that it could be alive for as long. */
    @Test
    void aHookWithAJournaledBeginInTheFutureIsGivenUpAsIfBegunNow() {
        Duration global = ofMinutes(100);
        play.pod("web", 1, ofSeconds(1))
                .heartbeatTimeout(global.dividedBy(100))
                .fault(act ->
                        act instanceof CompleteHook ? Optional.of(new Outcome.Retry("no answer")) : Optional.empty())
                .notice(Play.asg("token-1", START))
                .at(
                        START.plusSeconds(5),
                        () -> rewriteJournal(text -> text.replace("2026-08-24T10:15:00Z", "2036-08-24T10:15:00Z")))
                .run();

        assertThat(play.looks().stream().flatMap(look -> look.decision().leftHooks().stream()))
                .extracting(LeftHook::why)
                .contains(Why.GIVEN_UP);
        assertThat(play.now()).isBetween(START.plus(global), START.plus(global).plusSeconds(60));
    }

    private void rewriteJournal(UnaryOperator<String> edit) {
        play.node.isAnnotated(edit.apply(play.node.node().journalText()));
    }

    @Test
    void deniedHeartbeatsLimitADepartureToTheHooksOwnTimeout() {
        blocked("web")
                .heartbeatTimeout(ofMinutes(4))
                .fault(act -> act instanceof Heartbeat ? Optional.of(new Outcome.Forbidden("no")) : Optional.empty())
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofMinutes(4).minusSeconds(35));
    }

    @Test
    void aCompletionThatFailsFiveTimesIsDoneAtTheSixth() {
        int[] left = {5};
        play.pod("web", 0, ofSeconds(1))
                .fault(act -> act instanceof CompleteHook && left[0]-- > 0
                        ? Optional.of(new Outcome.Retry("throttled"))
                        : Optional.empty())
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done(CompleteHook.class)).hasSize(6);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void aCordonOnlyHookIsCompletedAfterThePutOffDrainIsJournaled() {
        AtomicInteger refusals = new AtomicInteger(3);
        Instant moved = START.plusSeconds(60);
        play.pod(SamplePod.of("web").grace(ofMinutes(5)), ofMinutes(5))
                .policy(SamplePolicy.responding(Kind.ASG_TERMINATION, Response.CORDON))
                .fault(act -> act instanceof UpdateJournal && refusals.getAndDecrement() > 0
                        ? Optional.of(new Outcome.Retry("down"))
                        : Optional.empty())
                .notice(SampleNotices.change(1, START, START.plus(ofMinutes(30))))
                .notice(Play.asg("token-1", START))
                .noticeAt(moved, SampleNotices.change(2, moved, START.plus(ofHours(5))))
                .run();

        Instant journaled = play.succeeded(UpdateJournal.class).getFirst().at();
        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isAfter(journaled));
    }

    // SampleNotices late.

    @Test
    void aLifecycleActionToldLateIsAskedForBeforeAnythingIsDone() {
        play.pod("web", 0, ofSeconds(5)).notice(Play.asg("token-1", LATE)).run();

        assertThat(play.done(Heartbeat.class).getFirst().at())
                .isBefore(play.done(Cordon.class).getFirst().at());
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aLateUnknownLifecycleActionIsSettledWithoutTouchingTheNode() {
        play.pod("web", 0, ofSeconds(5))
                .notice(Play.asg("token-1", LATE))
                .at(START, play::hookIsOver)
                .run();

        assertThat(play.done(Heartbeat.class)).hasSize(1);
        assertThat(play.done(OnJournal.class)).isEmpty();
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.STALE);
    }

    @Test
    void aHeartbeatThatFailsDoesNotMakeALateActionStale() {
        play.pod("web", 0, ofSeconds(5))
                .fault(act -> act instanceof Heartbeat && play.now().isBefore(START.plusSeconds(3))
                        ? Optional.of(new Outcome.Retry("throttled"))
                        : Optional.empty())
                .notice(Play.asg("token-1", LATE))
                .run();

        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void anActionTwentyMinutesLateOnAnHoursHookLeavesPodsTheirGrace() {
        play.pod(SamplePod.of("slow").grace(ofMinutes(10)), ofMinutes(10))
                .heartbeatTimeout(ofHours(1))
                .notice(Play.asg("token-1", LATE))
                .run();

        assertThat(play.report("slow").given()).contains(ofMinutes(10));
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.now()).isAfter(START.plus(ofMinutes(10)));
    }

    @Test
    void aStaleNoticeOfANodeThatIsWellIsSettledWithoutTouchingIt() {
        play.pod("web", 0, ofSeconds(5)).notice(SampleNotices.spot(LATE)).run();

        assertThat(play.ending().ending()).isEqualTo(Ending.STALE);
        assertThat(play.done(OnJournal.class)).isEmpty();
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aNoticeThatLooksStaleCountsIfTheKubeletIsSilent() {
        play.node.kubeletRuns(false);
        Instant late = START.plus(ofMinutes(20));
        play.pod("web", 0, ofSeconds(5))
                .noticeAt(late, SampleNotices.spot(START))
                .run();

        assertThat(play.done(AskKubelet.class)).as("in forty seconds").hasSize(5);
        assertThat(play.started(LastCall.class, "web")).hasSize(1);
        assertThat(play.done(Evict.class)).isEmpty();
        assertThat(play.ending().ending()).isNotEqualTo(Ending.STALE);
    }

    /** Whose it is was asked by a process that is no more, an hour ago. */
    @Test
    void aHookOfLongAgoIsAskedAboutBeforeItIsLeftAlone() {
        Instant again = START.plus(ofMinutes(90));
        play.heartbeatTimeout(ofHours(3))
                .pod("web", 0, ofSeconds(5))
                .notice(Play.asg("token-1", START))
                .fault(act -> act instanceof CompleteHook && play.now().isBefore(again)
                        ? Optional.of(new Outcome.Retry("no answer"))
                        : Optional.empty())
                .at(START.plusSeconds(20), play::nodeIsDeleted)
                .at(again, play::restart)
                .runUntil(START.plus(ofHours(2)));

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void aNoticeThatLooksStaleCountsIfTheNodeIsNotReady() {
        play.node.isReady(false);
        play.pod("web", 0, ofSeconds(5)).notice(SampleNotices.spot(LATE)).run();

        assertThat(play.started(LastCall.class, "web")).hasSize(1);
        assertThat(play.ending().ending()).isNotEqualTo(Ending.STALE);
    }

    @Test
    void aNoticeThatIsPastButNotLongIsAMachineThatIsGoing() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.spot(START.minus(ofMinutes(5))))
                .run();

        assertThat(play.started(LastCall.class, "web")).hasSize(1);
        assertThat(play.done(Evict.class)).isEmpty();
    }

    // Launches.

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLaunchIsCompletedWhenItsNodeIsReady(boolean known) {
        if (!known) {
            play.noNode();
        }
        play.node.isReady(false);
        play.notice(SampleNotices.launch(START))
                .at(START.plusSeconds(40), play::nodeAppears)
                .at(START.plusSeconds(60), play::nodeIsReady)
                .run();

        assertThat(play.succeeded(CompleteHook.class)).singleElement().satisfies(done -> {
            assertThat(done.at()).isBetween(START.plusSeconds(60), START.plusSeconds(61));
            assertThat(((CompleteHook) done.action()).result()).isEqualTo(HookResult.CONTINUE);
        });
        assertThat(play.done(OnJournal.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aLaunchIntoAWarmPoolIsLeftAlone() {
        play.notice(SampleNotices.launchIntoWarmPool(START)).run();

        assertThat(play.done()).extracting(Play.Done::action).singleElement().isInstanceOf(DeleteMessages.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLaunchWhoseNodeIsNotReadyInTimeIsLeftToItsDefault(boolean known) {
        if (!known) {
            play.noNode();
        }
        play.node.isReady(false);
        play.notice(SampleNotices.launch(START)).run();

        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.done(Heartbeat.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.now()).isBetween(START.plus(ofMinutes(15)), START.plus(ofMinutes(16)));
    }

    @Test
    void aLaunchWhoseHookIsNotOursIsLeftAlone() {
        play.target("arn:aws:sns:eu-central-1:111122223333:others")
                .policy(SamplePolicy.owning(Set.of(), List.of(), OUR_QUEUE))
                .notice(new AsgLaunch(action("join"), START, Route.EVENT_BRIDGE, false, false))
                .run();

        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    // Auto Scaling is eventually consistent.

    @Test
    void aCompletionThatIsNotFoundYetIsAskedAgainEveryFiveSeconds() {
        play.pod("web", 0, ofSeconds(1))
                .actionsFoundFrom(START.plusSeconds(30))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.done(CompleteHook.class)).hasSizeBetween(4, 8);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void theHookOfANodeThatIsGoneIsAskedForAgain() {
        play.actionsFoundFrom(START.plusSeconds(9))
                .at(START.minusSeconds(1), play::nodeIsDeleted)
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.ending().ending()).isEqualTo(Ending.NODE_GONE);
    }

    @Test
    void aLaunchThatIsNotFoundYetIsAskedForAgain() {
        play.policy(SamplePolicy.owning(Set.of("glidepath-launch"), List.of(), OUR_QUEUE))
                .actionsFoundFrom(START.plusSeconds(9))
                .notice(SampleNotices.launch(START))
                .run();

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void heartbeatsGoOnAfterOneThatWasNotFoundYet() {
        play.pod(SamplePod.of("slow").grace(ofMinutes(10)), ofMinutes(10))
                .heartbeatTimeout(ofSeconds(30))
                .actionsFoundFrom(START.plusSeconds(20))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.succeeded(Heartbeat.class)).hasSizeGreaterThan(35);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void twoMinutesAfterItBeganAnActionThatIsNotFoundIsOver() {
        play.pod(SamplePod.of("slow").grace(ofMinutes(3)), ofSeconds(130))
                .heartbeatTimeout(ofHours(1))
                .actionsFoundFrom(Instant.MAX)
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void anActionThatNobodyFindsIsOverTwoMinutesAfterItBegan() {
        play.pod("web", 0, ofSeconds(1))
                .actionsFoundFrom(Instant.MAX)
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.now()).isBetween(START.plusSeconds(120), START.plusSeconds(130));
        assertThat(play.messages()).isEmpty();
    }

    // Heartbeats that are denied.

    @Test
    void deniedHeartbeatsKeepOneDeadlineThatIsJournaledOnce() {
        for (int second = 1; second < 360; second++) {
            play.at(START.plusSeconds(second), () -> {}); // something changes, and it looks again
        }
        blocked("web")
                .takes(act -> act instanceof Heartbeat ? Optional.of(ofSeconds(3)) : Optional.empty())
                .heartbeatTimeout(ofMinutes(6))
                .fault(act -> act instanceof Heartbeat ? Optional.of(new Outcome.Forbidden("no")) : Optional.empty())
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done(Heartbeat.class)).as("heartbeats tried").hasSizeGreaterThan(3);
        assertThat(play.succeeded(UpdateJournal.class))
                .as("journals written when the first was denied")
                .hasSizeLessThanOrEqualTo(2);
        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofMinutes(6).minusSeconds(35));
    }

    @Test
    void aDeniedVolumeClaimHoldsNothingUpWhileItIsRetried() {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(1))
                .fault(act -> act instanceof FindVolume ? Optional.of(new Outcome.Forbidden("no")) : Optional.empty())
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.now()).isBefore(START.plusSeconds(10));
    }

    // Completions that fail.

    @Test
    void aDeniedCompletionEndsAtTheGlobalTimeoutWithoutHeartbeats() {
        play.pod("web", 0, ofSeconds(1))
                .heartbeatTimeout(ofMinutes(1))
                .fault(denying(CompleteHook.class))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.now()).isBetween(START.plus(ofMinutes(100)), START.plus(ofMinutes(101)));
        assertThat(play.done(Heartbeat.class)).isEmpty();
        assertThat(play.left()).containsExactly(new LeftHook(Play.hook("token-1"), Why.GIVEN_UP, "not allowed"));
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.report("web").result()).isEqualTo(DrainReport.Result.EVICTED);
        assertThat(play.messages()).isEmpty();
        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.done(ListPods.class)).as("pods are looked at no more").hasSize(2);
    }

    @Test
    void deniedCompletionAndHeartbeatsGiveUpAtTheHooksOwnTimeout() {
        play.pod(SamplePod.of("slow").grace(ofMinutes(3)), ofMinutes(3))
                .heartbeatTimeout(ofMinutes(4))
                .fault(act -> denying(CompleteHook.class)
                        .apply(act)
                        .or(() -> denying(Heartbeat.class).apply(act)))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.now())
                .isBetween(START.plus(ofMinutes(4)), START.plus(ofMinutes(4)).plusSeconds(2));
        assertThat(play.left()).extracting(LeftHook::why).containsExactly(Why.GIVEN_UP);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereTheHooksTimesAreNotKnownThoseOfAutoScalingHold(boolean mayHeartbeat) {
        play.pod(SamplePod.of("slow").grace(ofMinutes(1)), ofMinutes(1))
                .policy(SamplePolicy.owning(Set.of("drain"), List.of(), OUR_QUEUE))
                .fault(act -> denying(CompleteHook.class)
                        .apply(act)
                        .or(() -> denying(DescribeHook.class).apply(act))
                        .or(() -> mayHeartbeat
                                ? Optional.empty()
                                : denying(Heartbeat.class).apply(act)))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(Duration.between(START, play.now()))
                .isBetween(mayHeartbeat ? ofHours(48) : ofHours(1), mayHeartbeat ? ofHours(49) : ofMinutes(61));
        assertThat(play.done(Heartbeat.class).getLast().at()).isBefore(START.plus(ofMinutes(2)));
    }

    @Test
    void anUnansweredCompletionIsHeartbeatedUntilItIsGivenUp() {
        play.pod("web", 0, ofSeconds(1))
                .heartbeatTimeout(ofSeconds(30))
                .fault(act ->
                        act instanceof CompleteHook ? Optional.of(new Outcome.Retry("no answer")) : Optional.empty())
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.now()).isBetween(START.plusSeconds(3_000), START.plusSeconds(3_012));
        assertThat(play.succeeded(Heartbeat.class)).hasSizeGreaterThan(180);
        assertThat(play.left()).extracting(LeftHook::why).containsExactly(Why.GIVEN_UP);
    }

    @Test
    void aPermissionThatIsGrantedLaterTakesEffect() {
        play.pod("web", 0, ofSeconds(1))
                .fault(act -> play.now().isBefore(START.plus(ofMinutes(20)))
                        ? denying(CompleteHook.class).apply(act)
                        : Optional.empty())
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.now()).isBefore(START.plus(ofMinutes(21)));
        assertThat(play.left()).isEmpty();
    }

    @Test
    void theDeniedCompletionOfANodeThatIsGoneEndsToo() {
        play.at(START.minusSeconds(1), play::nodeIsDeleted)
                .fault(denying(CompleteHook.class))
                .heartbeatTimeout(ofMinutes(1))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.now()).isBetween(START.plus(ofMinutes(100)), START.plus(ofMinutes(101)));
        assertThat(stages().getLast()).isInstanceOf(Stage.Settled.class);
        assertThat(stages()).hasAtLeastOneElementOfType(Stage.AwaitingHook.class);
    }

    @Test
    void aDeniedLaunchIsGivenUpWhenTheHooksOwnTimeIsOver() {
        play.heartbeatTimeout(ofMinutes(20))
                .group(new GroupHook("glidepath-launch", false, "", ""))
                .fault(denying(CompleteHook.class))
                .notice(SampleNotices.launch(START))
                .run();

        assertThat(play.now()).isBetween(START.plus(ofHours(1)), START.plus(ofMinutes(61)));
        assertThat(play.left()).extracting(LeftHook::why).containsExactly(Why.GIVEN_UP);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aDeniedCompletionIsGivenUpAtOnceWhereTooManyWait() {
        play.pod("web", 0, ofSeconds(1))
                .tooManyWait()
                .fault(denying(CompleteHook.class))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.now()).isBefore(START.plusSeconds(30));
        assertThat(play.left()).extracting(LeftHook::why).containsExactly(Why.GIVEN_UP);
    }

    @Test
    void whatIsAnnouncedWhileACompletionIsDeniedIsActedOn() {
        Instant later = START.plus(ofMinutes(5));
        play.pod("web", 0, ofSeconds(1))
                .heartbeatTimeout(ofMinutes(1))
                .fault(denying(CompleteHook.class))
                .notice(Play.asg("token-1", START))
                .at(START.plus(ofMinutes(4)), () -> play.pod("latecomer", 0, ofSeconds(1)))
                .noticeAt(later, SampleNotices.spot(later))
                .run();

        assertThat(play.started(Evict.class, "latecomer")).hasSize(1);
        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void whatOnlyWaitsForAHookIsNotUnderWay() {
        play.node.isReady(false);
        play.notice(SampleNotices.launch(START))
                .at(START.plusSeconds(60), play::nodeIsReady)
                .run();

        assertThat(play.looks())
                .filteredOn(look -> look.at().isBefore(START.plusSeconds(60)))
                .isNotEmpty()
                .allSatisfy(look -> assertThat(look.decision().stage()).isInstanceOf(Stage.AwaitingHook.class));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    private List<Stage> stages() {
        return play.looks().stream().map(look -> look.decision().stage()).toList();
    }

    private static Function<Action, Optional<Outcome>> denying(Class<? extends Action> sort) {
        return act -> sort.isInstance(act) ? Optional.of(new Outcome.Forbidden("not allowed")) : Optional.empty();
    }

    // Where nothing decides whose a hook is.

    @Test
    void ofTwoHooksThatNotifyNobodyNoneIsTouchedAndItIsSaidOnce() {
        play.pod(SamplePod.of("slow").grace(ofMinutes(2)), ofMinutes(2))
                .heartbeatTimeout(ofSeconds(30))
                .group(new GroupHook("drain", true, "", ""), new GroupHook("upload-logs", true, "", ""))
                .notice(eventOf("drain"))
                .run();

        assertUntouched(Why.UNDECIDED);
        assertThat(play.started(Evict.class, "slow")).hasSize(1);
    }

    @Test
    void aLaunchingHookIsNotOursForBeingTheOnlyOne() {
        play.group(new GroupHook("kops-warmpool", false, "", ""))
                .notice(new AsgLaunch(action("kops-warmpool"), START, Route.EVENT_BRIDGE, false, false))
                .run();

        assertUntouched(Why.UNDECIDED);
    }

    @Test
    void besideAHookOfOursTheOthersAreSomebodyElses() {
        play.pod("web", 0, ofSeconds(1))
                .group(new GroupHook("glidepath-terminate", true, "", ""), new GroupHook("upload-logs", true, "", ""))
                .notice(eventOf("upload-logs"))
                .run();

        assertUntouched(Why.NOT_OURS);
    }

    @Test
    void aHookThatIsNamedOrMarkedIsOursBesideOthers() {
        play.pod("web", 0, ofSeconds(1))
                .group(new GroupHook("drain", true, "", "Glidepath"), new GroupHook("upload-logs", true, "", ""))
                .notice(eventOf("drain"))
                .run();

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.left()).isEmpty();
    }

    @Test
    void aListedHookIsHeartbeatedAndCompletedThoughDescribingIsDenied() {
        play.pod(SamplePod.of("slow").grace(ofMinutes(2)), ofMinutes(2))
                .policy(SamplePolicy.owning(Set.of("drain"), List.of(), OUR_QUEUE))
                .fault(denying(DescribeHook.class))
                .notice(eventOf("drain"))
                .run();

        assertThat(play.succeeded(Heartbeat.class)).hasSizeBetween(7, 9);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.left()).isEmpty();
    }

    @Test
    void anUndecidedHookIsLeftAloneAndTheMissingPermissionReported() {
        play.pod("web", 0, ofSeconds(1))
                .fault(denying(DescribeHook.class))
                .notice(eventOf("drain"))
                .run();

        assertUntouched(Why.UNDECIDED);
        assertThat(play.left()).extracting(LeftHook::detail).containsExactly("not allowed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHookThatNotifiesOurQueueIsOursThoughTheQueueIsKnownLate(boolean launch) {
        if (launch) {
            play.group(new GroupHook("join", false, OUR_QUEUE, ""))
                    .notice(new AsgLaunch(action("join"), START, Route.EVENT_BRIDGE, false, false));
        } else {
            play.target(OUR_QUEUE)
                    .at(START.minusSeconds(1), play::nodeIsDeleted)
                    .notice(eventOf("drain"));
        }
        play.at(START.plusSeconds(20), () -> play.policy(SamplePolicy.owning(Set.of(), List.of(), OUR_QUEUE)))
                .run();

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.left()).isEmpty();
    }

    private void assertUntouched(Why why) {
        assertThat(play.done(Heartbeat.class)).isEmpty();
        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.left()).extracting(LeftHook::why).containsExactly(why);
        assertThat(play.messages()).isEmpty();
    }

    private static AsgTermination eventOf(String hook) {
        return new AsgTermination(action(hook), START, Route.EVENT_BRIDGE, false);
    }

    private static LifecycleAction action(String hook) {
        return new LifecycleAction("workers", hook, "token-1", Play.INSTANCE);
    }

    private Play blocked(String pod) {
        play.pod(SamplePod.of(pod), Duration.ofMinutes(30));
        play.pods.addBudget("web", 0, ofSeconds(1), each -> each.ref().name().equals(pod));
        return play;
    }
}
