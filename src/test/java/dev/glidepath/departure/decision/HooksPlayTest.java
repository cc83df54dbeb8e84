package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.decision.Act.AskKubelet;
import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.LastCall;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lifecycle hooks: whose they are, how long they are held, what is told late, and those that hold a launch. */
class HooksPlayTest {
    private static final String OUR_QUEUE = "arn:aws:sqs:eu-central-1:111122223333:glidepath";
    private static final Instant LATE = START.minus(ofMinutes(20));

    private final Play play = new Play(7);

    // Told late, and nobody says whether they still wait.

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

    private static Optional<Outcome> cannotBeDescribed(Act act) {
        return act instanceof DescribeHook ? Optional.of(new Outcome.TryAgain("no answer")) : Optional.empty();
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
                        ? Optional.of(new Outcome.Denied("autoscaling:DescribeLifecycleHooks"))
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
        assertThat(play.landed(CompleteHook.class)).hasSize(1);
    }

    @Test
    void theHookOfAnUnknownInstanceOfOurGroupsIsHeldFromTheStartAndCompletedWhenTheWaitEnds() {
        play.noNode()
                .heartbeatTimeout(ofMinutes(1))
                .policy(SamplePolicy.owning(Set.of(), List.of("work*"), OUR_QUEUE))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done(Heartbeat.class).getFirst().at()).isBefore(START.plusSeconds(31));
        assertThat(play.landed(CompleteHook.class))
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

        assertThat(play.done()).extracting(Play.Done::act).singleElement().isInstanceOf(DeleteMessages.class);
        assertThat(play.now()).isBetween(START.plus(ofMinutes(5)), START.plus(ofMinutes(6)));
    }

    @Test
    void twoHooksOfOneInstanceAreBothCompletedOnce() {
        play.pod("web", 0, ofSeconds(20))
                .notice(Play.asg("token-1", START))
                .noticeAt(START.plusSeconds(2), Play.asg("token-2", START.plusSeconds(2)))
                .run();

        assertThat(play.landed(CompleteHook.class))
                .extracting(done -> ((CompleteHook) done.act()).action().token())
                .containsExactlyInAnyOrder("token-1", "token-2");
    }

    // How long they are held.

    @Test
    void whoeverMayNotHeartbeatHasNoMoreThanTheHooksOwnTime() {
        blocked("web")
                .heartbeatTimeout(ofMinutes(4))
                .fault(act -> act instanceof Heartbeat ? Optional.of(new Outcome.Denied("no")) : Optional.empty())
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
                        ? Optional.of(new Outcome.TryAgain("throttled"))
                        : Optional.empty())
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done(CompleteHook.class)).hasSize(6);
        assertThat(play.landed(CompleteHook.class)).hasSize(1);
    }

    @Test
    void aHookThatOnlyCordonsIsCompletedOnceTheJournalKnowsThatTheDrainIsPutOff() {
        AtomicInteger refusals = new AtomicInteger(3);
        Instant moved = START.plusSeconds(60);
        play.pod(SamplePod.of("web").grace(ofMinutes(5)), ofMinutes(5))
                .policy(SamplePolicy.responding(Kind.ASG_TERMINATION, Response.CORDON))
                .fault(act -> act instanceof Rejournal && refusals.getAndDecrement() > 0
                        ? Optional.of(new Outcome.TryAgain("down"))
                        : Optional.empty())
                .notice(Told.change(1, START, START.plus(ofMinutes(30))))
                .notice(Play.asg("token-1", START))
                .noticeAt(moved, Told.change(2, moved, START.plus(ofHours(5))))
                .run();

        Instant journaled = play.landed(Rejournal.class).getFirst().at();
        assertThat(play.landed(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isAfter(journaled));
    }

    // Told late.

    @Test
    void aLifecycleActionToldLateIsAskedForBeforeAnythingIsDone() {
        play.pod("web", 0, ofSeconds(5)).notice(Play.asg("token-1", LATE)).run();

        assertThat(play.done(Heartbeat.class).getFirst().at())
                .isBefore(play.done(Cordon.class).getFirst().at());
        assertThat(play.landed(CompleteHook.class)).hasSize(1);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aLifecycleActionToldLateThatNobodyKnowsIsSettledWithoutTouchingTheNode() {
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
                        ? Optional.of(new Outcome.TryAgain("throttled"))
                        : Optional.empty())
                .notice(Play.asg("token-1", LATE))
                .run();

        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.landed(CompleteHook.class)).hasSize(1);
    }

    @Test
    void anActionReceivedTwentyMinutesLateOnAHookOfAnHourLeavesThePodsTheirGrace() {
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
        play.pod("web", 0, ofSeconds(5)).notice(Told.spot(LATE)).run();

        assertThat(play.ending().ending()).isEqualTo(Ending.STALE);
        assertThat(play.done(OnJournal.class)).isEmpty();
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aNoticeThatLooksStaleIsAMachineThatIsGoingWhereTheKubeletIsSilent() {
        play.node.kubeletRuns(false);
        Instant late = START.plus(ofMinutes(20));
        play.pod("web", 0, ofSeconds(5)).noticeAt(late, Told.spot(START)).run();

        assertThat(play.done(AskKubelet.class)).hasSize(1);
        assertThat(play.started(LastCall.class, "web")).hasSize(1);
        assertThat(play.done(Evict.class)).isEmpty();
        assertThat(play.ending().ending()).isNotEqualTo(Ending.STALE);
    }

    @Test
    void aNoticeThatLooksStaleIsAMachineThatIsGoingWhereTheNodeIsNotReady() {
        play.node.isReady(false);
        play.pod("web", 0, ofSeconds(5)).notice(Told.spot(LATE)).run();

        assertThat(play.done(AskKubelet.class)).isEmpty();
        assertThat(play.started(LastCall.class, "web")).hasSize(1);
    }

    @Test
    void aNoticeThatIsPastButNotLongIsAMachineThatIsGoing() {
        play.pod("web", 0, ofSeconds(5))
                .notice(Told.spot(START.minus(ofMinutes(5))))
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
        play.notice(Told.launch(START))
                .at(START.plusSeconds(40), play::nodeAppears)
                .at(START.plusSeconds(60), play::nodeIsReady)
                .run();

        assertThat(play.landed(CompleteHook.class)).singleElement().satisfies(done -> {
            assertThat(done.at()).isBetween(START.plusSeconds(60), START.plusSeconds(61));
            assertThat(((CompleteHook) done.act()).result()).isEqualTo(HookResult.CONTINUE);
        });
        assertThat(play.done(OnJournal.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aLaunchIntoAWarmPoolIsLeftAlone() {
        play.notice(Told.launchIntoWarmPool(START)).run();

        assertThat(play.done()).extracting(Play.Done::act).singleElement().isInstanceOf(DeleteMessages.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLaunchWhoseNodeIsNotReadyInTimeIsLeftToItsDefault(boolean known) {
        if (!known) {
            play.noNode();
        }
        play.node.isReady(false);
        play.notice(Told.launch(START)).run();

        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.done(Heartbeat.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.now()).isBetween(START.plus(ofMinutes(15)), START.plus(ofMinutes(16)));
    }

    @Test
    void aLaunchWhoseHookIsNotOursIsLeftAlone() {
        play.target("arn:aws:sns:eu-central-1:111122223333:others")
                .policy(SamplePolicy.owning(Set.of(), List.of(), OUR_QUEUE))
                .notice(Told.launch(START))
                .run();

        assertThat(play.done(CompleteHook.class)).isEmpty();
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
