package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.DrainReport.Result;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.action.LeftHook.Why;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Deadlines and last calls, by example. */
class LastCallPlayTest {
    private static final Interruption SPOT = new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE);
    private static final Interruption HIBERNATION = new SpotInterruption(Play.INSTANCE, START, SpotAction.HIBERNATE);
    private static final AsgTermination ASG = Play.asg("token-1", START);
    private static final Duration FIRST = ofMillis(100);
    private static final Duration AN_ACT = ofMillis(50);

    private final Play play = new Play(7);

    /** The last pod may go in the very moment in which the deadline's result is told. */
    @ParameterizedTest
    @EnumSource(AtDeadline.class)
    void theHookIsDealtWithOnceThoughTheLastPodGoesMeanwhile(AtDeadline atDeadline) {
        for (int millis = 139_800; millis < 140_100; millis += 10) {
            Play late = new Play(7)
                    .policy(SamplePolicy.atDeadline(atDeadline))
                    .pod(SamplePod.of("slow").grace(ofMinutes(10)), ofMillis(millis))
                    .notice(Play.asg("token-1", START))
                    .noticeAt(
                            START.plusSeconds(20),
                            new SpotInterruption(Play.INSTANCE, START.plusSeconds(20), SpotAction.TERMINATE))
                    .run();

            assertThat(late.done(CompleteHook.class))
                    .as("gone after %d ms", millis)
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(late.done().getLast().action()).isInstanceOf(DeleteMessages.class);
        }
    }

    @Test
    void isOneMoreEvictionAndAfterARefusalADelete() {
        blocked("web").notice(SPOT).run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(85));
        assertThat(play.started(Delete.class, "web"))
                .containsExactly(ofSeconds(85).plus(AN_ACT));
        assertThat(play.done(MarkDisrupted.class)).isEmpty();
    }

    @Test
    void isNoDeleteWhereTheEvictionIsAccepted() {
        blocked("web")
                .fault(action -> {
                    if (action instanceof LastCall) {
                        play.pods.changeRoom("web", 1);
                    }
                    return Optional.empty();
                })
                .notice(SPOT)
                .run();

        assertThat(play.done(LastCall.class)).hasSize(1);
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.report("web").result()).isEqualTo(Result.EVICTED);
    }

    @Test
    void waitsForTheAnswerToAnEvictionUnderWay() {
        play.pod("web", 0, ofSeconds(1))
                .takes(action -> action instanceof Evict ? Optional.of(ofSeconds(90)) : Optional.empty())
                .notice(SPOT)
                .run();

        assertThat(play.done(Evict.class)).hasSize(1);
        assertThat(play.done(LastCall.class)).isEmpty();
    }

    @Test
    void overloadIsNoRefusal() {
        lastCallFails(3, new Outcome.Overloaded("busy", Duration.ZERO));

        assertThat(play.done(LastCall.class)).hasSize(4);
        assertThat(play.done(Delete.class)).isEmpty();
    }

    @Test
    void aFailureIsNoRefusalButTwoAre() {
        lastCallFails(1, new Outcome.Retry("reset"));

        assertThat(play.done(LastCall.class)).hasSize(2);
        assertThat(play.done(Delete.class)).isEmpty();
    }

    @Test
    void twoFailuresAreARefusal() {
        lastCallFails(2, new Outcome.Retry("reset"));

        assertThat(play.done(LastCall.class)).hasSize(2);
        assertThat(play.done(Delete.class)).hasSize(1);
    }

    @Test
    void aLackOfPermissionAndAWebhookAreRefusals() {
        lastCallFails(1, new Outcome.Forbidden("forbidden"));

        assertThat(play.done(LastCall.class)).hasSize(1);
        assertThat(play.done(Delete.class)).hasSize(1);
    }

    @Test
    void aJobsPodIsMarkedOnceBeforeItIsDeletedEvenIfThatFails() {
        blocked(SamplePod.of("web").ownedBy("Job"))
                .fault(action ->
                        action instanceof MarkDisrupted ? Optional.of(new Outcome.Retry("conflict")) : Optional.empty())
                .notice(SPOT)
                .run();

        assertThat(play.started(MarkDisrupted.class, "web"))
                .containsExactly(ofSeconds(85).plus(AN_ACT));
        assertThat(play.started(Delete.class, "web"))
                .containsExactly(ofSeconds(85).plus(AN_ACT).plus(AN_ACT));
    }

    @ParameterizedTest(name = "of {0} s, {1} s at {2} s")
    @CsvSource({"0, 0, 115", "1, 1, 114", "30, 30, 85", "90, 90, 25", "600, 100, 15"})
    void givesWhatIsLeftOfTheGrace(int own, int given, int at) {
        blocked(SamplePod.of("web").grace(ofSeconds(own))).notice(SPOT).run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(at));
        DrainReport report = play.ending().report();
        assertThat(play.report("web").given()).contains(ofSeconds(given));
        assertThat(play.report("web").wanted()).isEqualTo(ofSeconds(own));
        assertThat(report.shortened()).isEqualTo(own > 100 ? 1 : 0);
        assertThat(report.count(Result.FORCED)).isEqualTo(1);
        assertThat(report.count(Result.EVICTED)).isZero();
    }

    @Test
    void anEvictionInItsTurnIsGivenWhatIsLeftToo() {
        play.pod(SamplePod.of("web").grace(ofMinutes(10)), ofMinutes(10))
                .notice(SPOT)
                .run();

        assertThat(play.report("web").given()).contains(ofSeconds(115));
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void withoutDeletesItIsAskedOnForAsLongAsItIsThere() {
        blocked("web")
                .policy(SamplePolicy.withoutDeletes())
                .at(START.plusSeconds(100), () -> play.pods.changeRoom("web", 1))
                .notice(SPOT)
                .run();

        assertThat(play.done(LastCall.class)).hasSize(1);
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.started(Evict.class, "web")).last().isEqualTo(ofSeconds(100));
        assertThat(play.report("web").result()).isEqualTo(Result.EVICTED);
    }

    @Test
    void whereTheyStayNobodyIsCalledAndTheHookExpires() {
        blocked("web").policy(SamplePolicy.stay()).notice(ASG).run();

        assertThat(play.done(LastCall.class)).isEmpty();
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.DEADLINE_PASSED);
        assertThat(play.left())
                .extracting(LeftHook::action, LeftHook::why)
                .containsExactly(tuple(ASG.action(), Why.EXPIRES));
        assertThat(play.ending().report().stillThere()).isEqualTo(1);
        assertThat(play.report("web").result()).isEqualTo(Result.LEFT);
        assertThat(since(play.now())).isBetween(ofMinutes(15), ofMinutes(15).plusSeconds(1));
    }

    @Test
    void theyStayOnlyWhereNothingElseEndsTheInstance() {
        blocked("web")
                .policy(SamplePolicy.stay())
                .notice(ASG)
                .noticeAt(START.plusSeconds(10), spotAt(START.plusSeconds(10)))
                .run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(95));
        assertThat(play.done(Delete.class)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(AtDeadline.class)
    void aHookWhoseDrainIsNotDoneEndsAsItIsSet(AtDeadline atDeadline) {
        blocked("web")
                .policy(SamplePolicy.withoutDeletes()
                        .with(SamplePolicy.atDeadline(atDeadline).hooks()))
                .heartbeatTimeout(ofMinutes(1))
                .notice(ASG)
                .run();

        List<HookResult> results = play.succeeded(CompleteHook.class).stream()
                .map(each -> ((CompleteHook) each.action()).result())
                .toList();
        switch (atDeadline) {
            case CONTINUE -> assertThat(results).containsExactly(HookResult.CONTINUE);
            case ABANDON -> assertThat(results).containsExactly(HookResult.ABANDON);
            case EXPIRE -> assertThat(results).isEmpty();
        }
        assertThat(play.left()).hasSize(atDeadline == AtDeadline.EXPIRE ? 1 : 0);
        assertThat(play.done(Heartbeat.class))
                .hasSizeBetween(28, 34)
                .allSatisfy(heartbeat -> assertThat(since(heartbeat.at())).isLessThanOrEqualTo(ofMinutes(15)));
    }

    @ParameterizedTest
    @EnumSource(AtDeadline.class)
    void aHookWhoseDrainIsDoneIsContinued(AtDeadline atDeadline) {
        play.pod("web", 0, ofSeconds(9))
                .policy(SamplePolicy.atDeadline(atDeadline))
                .notice(ASG)
                .run();

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done ->
                        assertThat(((CompleteHook) done.action()).result()).isEqualTo(HookResult.CONTINUE));
        assertThat(play.left()).isEmpty();
    }

    @Test
    void onAMachineThatIsGoingEachIsCalledAtOnceWithItsOwnGrace() {
        blocked(SamplePod.of("web").grace(ofMinutes(10)))
                .pod(SamplePod.of("proxy").priority(2_000_001_000).grace(ofMinutes(1)), ofSeconds(1))
                .pod(SamplePod.of("waiting").with(Trait.WAIT), ofSeconds(1))
                .notice(HIBERNATION)
                .run();

        for (String pod : List.of("web", "proxy", "waiting")) {
            assertThat(play.started(LastCall.class, pod)).as(pod).containsExactly(FIRST);
        }
        assertThat(play.done(Evict.class)).isEmpty();
        assertThat(play.started(Delete.class, "web")).containsExactly(FIRST.plus(AN_ACT));
        assertThat(play.report("web").given()).contains(ofMinutes(10));
        assertThat(play.report("proxy").given()).contains(ofMinutes(1));
    }

    @Test
    void aMachineThatIsGoingIsWaitedForTwoMinutes() {
        play.pod(SamplePod.of("web").grace(ofMinutes(10)), ofMinutes(10))
                .noticeAt(
                        START.plusSeconds(9),
                        new StateChange(Play.INSTANCE, START.plusSeconds(8), InstanceState.STOPPING))
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DEADLINE_PASSED);
        assertThat(since(play.now())).isBetween(ofSeconds(129), ofSeconds(130));
        assertThat(play.report("web").note()).isEqualTo(DrainReport.Note.STILL_ENDING);
    }

    @Test
    void aMachineThatIsGoingTakesNoDeletesWhereThereAreNone() {
        blocked("web").policy(SamplePolicy.withoutDeletes()).notice(HIBERNATION).run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(FIRST);
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.report("web").result()).isEqualTo(Result.LEFT);
    }

    @Test
    void whereTheyStayAMachineThatIsGoingIsAskedInTurnWithoutBudgets() {
        play.pod("web", 0, ofSeconds(1))
                .policy(SamplePolicy.stay())
                .heartbeatTimeout(ofSeconds(1))
                .notice(Play.asg("late", START.minus(ofMinutes(20))))
                .run();

        assertThat(play.done(LastCall.class)).isEmpty();
        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void theDeadlineIsJournaledWithTheCordonAndKeptOverARestart() {
        blocked(SamplePod.of("web").grace(ofMinutes(10)))
                .at(START.plusSeconds(5), play::restart)
                .notice(SPOT)
                .at(
                        START.plusSeconds(6),
                        () -> assertThat(play.journal().flatMap(Journal::term))
                                .contains(new Journal.Term(START.plusSeconds(120), START)))
                .run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(15));
        assertThat(play.done(UpdateJournal.class))
                .as("the claim, and nothing else")
                .hasSize(1);
    }

    @Test
    void anEarlierDeadlineIsJournaledAndTheLastCallsFollow() {
        blocked("web")
                .notice(ASG)
                .noticeAt(START.plusSeconds(30), spotAt(START.plusSeconds(29)))
                .at(
                        START.plusSeconds(31),
                        () -> assertThat(play.journal().flatMap(Journal::term))
                                .contains(new Journal.Term(START.plusSeconds(149), START.plusSeconds(30))))
                .run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(114));
        assertThat(since(play.now())).isLessThan(ofSeconds(149));
    }

    @Test
    void aLaterNoticeDoesNotPutTheDeadlineOff() {
        blocked("web")
                .notice(SPOT)
                .noticeAt(START.plusSeconds(30), ASG)
                .at(
                        START.plusSeconds(31),
                        () -> assertThat(play.journal().flatMap(Journal::term))
                                .contains(new Journal.Term(START.plusSeconds(120), START)))
                .run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(85));
    }

    @Test
    void theLongestGraceProlongsTheTimeOfAHookAndIsJournaled() {
        blocked("web")
                .pod(SamplePod.of("db").grace(ofMinutes(20)), ofMinutes(1))
                .at(START.plusSeconds(2), () -> {
                    assertThat(play.journal().flatMap(Journal::longestGrace)).contains(ofMinutes(20));
                    assertThat(play.journal().flatMap(Journal::term).map(Journal.Term::deadline))
                            .contains(START.plus(ofMinutes(22)));
                })
                .notice(ASG)
                .run();

        assertThat(play.done(UpdateJournal.class)).hasSize(1);
        assertThat(play.started(LastCall.class, "web"))
                .as("though the pod it was for is gone")
                .containsExactly(ofMinutes(22).minusSeconds(35));
    }

    @Test
    void theLongestGraceIsRememberedWhenNobodySawItsPod() {
        blocked("web")
                .pod(SamplePod.of("db").grace(ofMinutes(20)), ofMinutes(1))
                .at(START.plus(ofMinutes(3)), play::restart)
                .notice(ASG)
                .run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofMinutes(22).minusSeconds(35));
        assertThat(play.ending().report().sinceTakeOver()).isTrue();
    }

    @ParameterizedTest(name = "a {0}")
    @CsvSource({"DaemonSet", "Node"})
    void theGracePeriodOfAPodThatStaysProlongsNothing(String owner) {
        blocked("web")
                .pod(SamplePod.of("agent").ownedBy(owner).grace(ofMinutes(20)), ZERO)
                .pod(SamplePod.of("mirror").with(Trait.MIRROR).grace(ofMinutes(20)), ZERO)
                .pod(SamplePod.of("done").phase(Phase.FAILED).grace(ofMinutes(20)), ZERO)
                .notice(ASG)
                .run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofMinutes(15).minusSeconds(35));
    }

    @Test
    void aHooksGlobalTimeoutEndsItsTime() {
        blocked("web").heartbeatTimeout(ofSeconds(5)).notice(ASG).run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(500 - 35));
    }

    @Test
    void aMessageThatComesAgainDoesNotBeginAHooksTimeAnew() {
        Instant again = START.plus(ofMinutes(5));
        blocked("web")
                .notice(ASG)
                .at(again, play::nextDeparture)
                .noticeAt(again, ASG)
                .run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofMinutes(15).minusSeconds(35));
    }

    @Test
    void aMessageThatComesAgainDoesNotBeginANoticeFromTheFutureAnew() {
        Instant again = START.plusSeconds(30);
        SpotInterruption future = spotAt(START.plus(ofMinutes(5)));
        blocked("web")
                .notice(future)
                .at(again, play::nextDeparture)
                .noticeAt(again, future)
                .run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(85));
    }

    @Test
    void aHookIsHeartbeatedWhileItsCompletionFails() {
        play.pod("web", 0, ofSeconds(1))
                .heartbeatTimeout(ofSeconds(20))
                .fault(action -> action instanceof CompleteHook && play.now().isBefore(START.plusSeconds(60))
                        ? Optional.of(new Outcome.Retry("throttled"))
                        : Optional.empty())
                .notice(ASG)
                .run();

        assertThat(play.succeeded(Heartbeat.class)).hasSizeBetween(5, 8);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    private Play blocked(String pod) {
        return blocked(SamplePod.of(pod));
    }

    /** A pod that its budget, of the name web, never lets go by itself. */
    private Play blocked(SamplePod pod) {
        String name = pod.build().ref().name();
        play.pod(pod, ofMinutes(30));
        play.pods.addBudget("web", 0, ofSeconds(1), each -> each.ref().name().equals(name));
        return play;
    }

    private void lastCallFails(int times, Outcome outcome) {
        AtomicInteger left = new AtomicInteger(times);
        blocked("web")
                .at(START.plusSeconds(84), () -> play.pods.changeRoom("web", 0))
                .fault(action -> {
                    if (!(action instanceof LastCall)) {
                        return Optional.empty();
                    }
                    if (left.getAndDecrement() > 0) {
                        return Optional.of(outcome);
                    }
                    play.pods.changeRoom("web", 1);
                    return Optional.empty();
                })
                .notice(SPOT)
                .run();
    }

    private static SpotInterruption spotAt(Instant at) {
        return new SpotInterruption(Play.INSTANCE, at, SpotAction.TERMINATE);
    }

    private static Duration since(Instant at) {
        return Duration.between(START, at);
    }
}
