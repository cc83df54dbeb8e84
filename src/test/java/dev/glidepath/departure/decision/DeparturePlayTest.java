package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.LifecycleAction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Departures by example, each played to its end. */
class DeparturePlayTest {
    private static final Interruption SPOT = new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE);
    private static final AsgTermination ASG = Play.asg("token-1", START);

    private final Play play = new Play(7);

    @Test
    void cordonsThenDrainsThenSettlesTheJournalThenDeletesTheMessage() {
        play.pod("a", 0, ofSeconds(3)).pod("b", 0, ofSeconds(3)).notice(SPOT).run();

        assertThat(play.done().stream().map(each -> each.action().label()).distinct())
                .containsExactly("cordon", "list-pods", "evict", "settle-journal", "delete-messages");
        assertThat(play.succeeded(Evict.class)).hasSize(2);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.isSettledOnTheNode(SPOT)).isTrue();
    }

    @Test
    void evictsTheHighestPriorityFirst() {
        play.pod("low", 1, ofSeconds(1))
                .pod("high", 1000, ofSeconds(1))
                .pod("middle", 10, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.done(Evict.class).stream()
                        .map(each -> ((Evict) each.action()).pod().name()))
                .containsExactly("high", "middle", "low");
        List<Play.Done> evictions = play.done(Evict.class);
        assertThat(between(evictions.get(0), evictions.get(1)))
                .as("the next is asked when the first was answered")
                .isPositive();
    }

    @Test
    void aBlockedPodOfHighPriorityDoesNotHoldUpTheOthers() {
        play.pod("high", 1000, ofSeconds(1))
                .pod("low", 1, ofSeconds(1))
                .fault(action ->
                        action instanceof Evict(PodRef pod, var _) && pod.name().equals("high")
                                ? Optional.of(new Outcome.Blocked("high", "no room"))
                                : Optional.empty())
                .notice(SPOT)
                .run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.succeeded(Evict.class).getFirst().at()).isBefore(START.plusSeconds(2));
    }

    @Test
    void listsOnceMoreForThoseBoundWhileTheCordonTravelled() {
        play.at(START.plusSeconds(2), () -> play.pod("latecomer", 0, ofSeconds(1)))
                .notice(SPOT)
                .run();

        assertThat(play.done(ListPods.class)).hasSize(2);
        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(between(
                        play.done(ListPods.class).getFirst(),
                        play.done(ListPods.class).getLast()))
                .isGreaterThanOrEqualTo(ofSeconds(5));
    }

    /** Something unforeseen comes after the pods were taken in: they are seen, and their list counts as failed. */
    @Test
    void listsOnceMoreThoughTheFirstListCountsAsFailed() {
        play.pod("web", 0, ofSeconds(5))
                .witness(new Play.Witness() {
                    @Override
                    public void before(Play.Place place, Action action) {}

                    @Override
                    public Optional<Outcome> heard(Play.Place place, Action action, Outcome outcome) {
                        return Optional.of(action.equals(new ListPods(1)) ? new Retry("unforeseen") : outcome);
                    }
                })
                .notice(Play.asg("token-1", START))
                .runUntil(START.plus(ofMinutes(5)));

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.isSettledOnTheNode(Play.asg("token-1", START))).isTrue();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void asksTheMomentTheBudgetHasRoomAndNotBefore() {
        play.pod("a", 0, ofSeconds(2))
                .pod("b", 0, ofSeconds(2))
                .pod("c", 0, ofSeconds(2))
                .budget(1, ofSeconds(3))
                .notice(SPOT)
                .run();

        List<Play.Done> evictions = play.done(Evict.class);
        assertThat(evictions).as("nobody is asked for what can be seen").hasSize(3);
        assertThat(evictions).allSatisfy(each -> assertThat(each.outcome()).isInstanceOf(Outcome.Succeeded.class));
        assertThat(between(evictions.get(0), evictions.get(1)))
                .isBetween(ofSeconds(5), ofSeconds(5).plusMillis(100));
        assertThat(play.ending().report().blockedBy()).containsExactly("shop/web");
        assertThat(play.report("c").blockedFor()).isBetween(ofSeconds(10), ofSeconds(11));
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aBlockedPodIsDeletedAtItsLastCallWithItsWholeGracePeriod() {
        play.pod("stuck", 0, ofSeconds(25)).budget(0, ofSeconds(1)).notice(SPOT).run();

        Play.Done called = play.done(LastCall.class).getFirst();
        assertThat(called.at()).isBetween(START.plusSeconds(85), START.plusSeconds(86));
        assertThat(play.done(Delete.class)).hasSize(1);
        assertThat(play.report("stuck")).satisfies(report -> {
            assertThat(report.result()).isEqualTo(DrainReport.Result.FORCED);
            assertThat(report.given()).contains(ofSeconds(30));
        });
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void endsAtTheDeadlineWithPodsLeftWhereNothingIsDeleted() {
        play.policy(SamplePolicy.withoutDeletes())
                .pod("stuck", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.done(LastCall.class)).hasSize(1);
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.DEADLINE_PASSED);
        assertThat(play.ending().report().stillThere()).isEqualTo(1);
        assertThat(play.now()).isBetween(START.plusSeconds(120), START.plusSeconds(125));
    }

    @Test
    void completesTheHookOnceAfterTheLastPodIsGone() {
        play.pod(SamplePod.of("a").grace(ofSeconds(60)), ofSeconds(40))
                .notice(ASG)
                .run();

        Play.Done completed = play.done(CompleteHook.class).getFirst();
        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(completed.at()).isAfterOrEqualTo(START.plusSeconds(40));
        assertThat(play.done(SettleJournal.class).getFirst().at()).isAfter(completed.at());
        assertThat(play.done(DeleteMessages.class).getFirst().at())
                .isAfter(play.done(SettleJournal.class).getFirst().at());
    }

    @Test
    void heartbeatsAtHalfTheHooksTimeUntilItIsCompleted() {
        play.pod(SamplePod.of("a").grace(ofMinutes(2)), ofSeconds(100))
                .heartbeatTimeout(ofSeconds(30))
                .notice(ASG)
                .run();

        List<Play.Done> heartbeats = play.succeeded(Heartbeat.class);
        assertThat(play.done(DescribeHook.class)).hasSize(1);
        assertThat(heartbeats).hasSizeBetween(6, 8);
        assertThat(heartbeats.getFirst().at()).isBeforeOrEqualTo(START.plusSeconds(16));
        for (int each = 1; each < heartbeats.size(); each++) {
            assertThat(between(heartbeats.get(each - 1), heartbeats.get(each))).isLessThanOrEqualTo(ofSeconds(16));
        }
    }

    @Test
    void heartbeatsBlindlyWhileTheHookCannotBeDescribed() {
        play.pod(SamplePod.of("a").grace(ofMinutes(2)), ofSeconds(50))
                .fault(action -> action instanceof DescribeHook ? Optional.of(new Forbidden("no")) : Optional.empty())
                .notice(new AsgTermination(Play.hook("token-1"), START, Route.DIRECT, false))
                .run();

        assertThat(play.succeeded(Heartbeat.class)).hasSizeGreaterThanOrEqualTo(3);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void sendsNoHeartbeatWhenTheDrainIsQuickerThanHalfTheHooksTime() {
        play.pod("a", 0, ofSeconds(5)).notice(ASG).run();

        assertThat(play.done(Heartbeat.class)).isEmpty();
    }

    @Test
    void retriesACompletionThatIsThrottled() {
        AtomicInteger left = new AtomicInteger(5);
        play.fault(action -> action instanceof CompleteHook && left.getAndDecrement() > 0
                        ? Optional.of(new Retry("throttled"))
                        : Optional.empty())
                .notice(ASG)
                .run();

        assertThat(play.done(CompleteHook.class)).hasSize(6);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void takesAHookThatIsOverForCompleted() {
        play.pod("a", 0, ofSeconds(20))
                .notice(Play.asg("token-1", START.minus(ofMinutes(3))))
                .at(START.plusSeconds(10), play::hookIsOver)
                .run();

        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(play.succeeded(CompleteHook.class)).isEmpty();
        assertThat(play.done(DeleteMessages.class)).hasSize(1);
    }

    @Test
    void twoMessagesOfOneInterruptionAreOneDrainAndBothAreDeleted() {
        play.pod("a", 0, ofSeconds(10))
                .notice(SPOT)
                .noticeAt(START.plusSeconds(3), SPOT)
                .run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.done(Cordon.class)).hasSize(1);
        assertThat(play.done(DeleteMessages.class))
                .last()
                .satisfies(each ->
                        assertThat(((DeleteMessages) each.action()).messages()).hasSize(2));
    }

    @Test
    void aSecondKindJoinsTheDepartureAndTheEarlierDeadlineHolds() {
        play.pod("stuck", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(SPOT)
                .noticeAt(START.plusSeconds(3), ASG)
                .run();

        assertThat(play.now()).isBefore(START.plusSeconds(130));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.isSettledOnTheNode(SPOT)).isTrue();
        assertThat(play.isSettledOnTheNode(ASG)).isTrue();
    }

    @Test
    void completesTheHookAtOnceWhenTheNodeIsDeleted() {
        play.pod("a", 0, ofMinutes(10))
                .notice(ASG)
                .at(START.plusSeconds(5), play::nodeIsDeleted)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.NODE_GONE);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.now()).isBefore(START.plusSeconds(7));
    }

    @Test
    void endsWhenEc2SaysThatTheMachineIsOff() {
        play.pod("a", 0, ofMinutes(10))
                .notice(SPOT)
                .noticeAt(
                        START.plusSeconds(9),
                        new StateChange(Play.INSTANCE, START.plusSeconds(8), InstanceState.TERMINATED))
                .at(START.plusSeconds(9), play::machineStops)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.MACHINE_OFF);
        assertThat(play.now()).isBefore(START.plusSeconds(11));
    }

    @Test
    void waitsForANodeThatIsStillBooting() {
        play.noNode()
                .pod("a", 0, ofSeconds(1))
                .notice(SPOT)
                .at(START.plusSeconds(30), play::nodeAppears)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.done(Cordon.class).getFirst().at()).isBetween(START.plusSeconds(30), START.plusSeconds(31));
    }

    /** Its watch had fallen silent when it joined. */
    @Test
    void nodeThatIsNotSeenIsFoundByAskingForIt() {
        play.noNode()
                .pod("a", 0, ofSeconds(1))
                .at(START.minusSeconds(1), play::nodeAppearsUnseen)
                .notice(SPOT)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.done(Cordon.class).getFirst().at()).isBefore(START.plusSeconds(1));
    }

    @Test
    void nodeThatJoinsUnseenWhileItIsWaitedForIsFoundWhenTheWaitEnds() {
        play.noNode()
                .pod("a", 0, ofSeconds(1))
                .notice(ASG)
                .at(START.plus(ofMinutes(4)), play::nodeAppearsUnseen)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void nothingIsCalledNoNodeHereWhileTheApiServerDoesNotAnswer() {
        Instant answers = START.plus(ofMinutes(20));
        play.noNode()
                .notice(ASG)
                .notice(new StateChange(Play.INSTANCE, START, InstanceState.STOPPING))
                .fault(action -> action instanceof AskForNode && play.now().isBefore(answers)
                        ? Optional.of(new Retry("silent"))
                        : Optional.empty())
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.NOT_OUR_NODE);
        assertThat(play.done(DeleteMessages.class).getFirst().at()).isAfter(answers);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aStateChangeOfAForeignInstanceWaitsOnlyForTheServersAnswer() {
        play.noNode()
                .notice(new StateChange(Play.INSTANCE, START, InstanceState.STOPPING))
                .run();

        assertThat(play.done())
                .extracting(each -> each.action().label())
                .containsExactly("ask-for-node", "delete-messages");
        assertThat(play.now()).isBefore(START.plusSeconds(1));
    }

    @Test
    void neverTouchesTheHookOfAnInstanceThatIsNoNodeHere() {
        play.noNode().notice(ASG).run();

        assertThat(play.ending().ending()).isEqualTo(Ending.NOT_OUR_NODE);
        assertThat(play.done())
                .extracting(each -> each.action().label())
                .containsExactly("ask-for-node", "ask-for-node", "delete-messages");
        assertThat(play.now()).isBetween(START.plus(ofMinutes(5)), START.plus(ofMinutes(6)));
    }

    @Test
    void drainsForEksOwnHookAndLeavesTheHookToEks() {
        LifecycleAction eks = new LifecycleAction("workers", "Terminate-LC-Hook", "token", Play.INSTANCE);
        play.pod("a", 0, ofSeconds(1))
                .notice(new AsgTermination(eks, START, Route.EVENT_BRIDGE, false))
                .run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.done().stream().map(each -> each.action().label()))
                .doesNotContain("describe-hook", "heartbeat", "complete-hook");
    }

    @Test
    void settlesAStaleNoticeWithoutTouchingTheNode() {
        Interruption stale =
                new SpotInterruption(Play.INSTANCE, START.minus(Duration.ofHours(12)), SpotAction.TERMINATE);
        play.pod("a", 0, ofSeconds(1)).notice(stale).run();

        assertThat(play.done())
                .extracting(each -> each.action().label())
                .as("a Lease that is seen to be renewed proves that the kubelet lives, whatever its clock says")
                .containsExactly("ask-kubelet", "ask-kubelet", "delete-messages");
        assertThat(play.ending().ending()).isEqualTo(Ending.STALE);
    }

    @Test
    void aNoticeFromTheFutureGrantsNoMoreTimeThanOneFromNow() {
        Interruption future =
                new SpotInterruption(Play.INSTANCE, Instant.parse("+999999999-12-31T23:59:59Z"), SpotAction.STOP);
        play.pod("stuck", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(future)
                .run();

        assertThat(play.now()).isBefore(START.plusSeconds(125));
    }

    @Test
    void aLifecycleActionIsNeverStale() {
        AsgTermination late = Play.asg("late", START.minus(ofMinutes(20)));
        play.pod("a", 0, ofSeconds(30)).notice(late).run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.done(CompleteHook.class).getFirst().at()).isAfter(START.plusSeconds(30));
    }

    @Test
    void aRestartGoesOnWhereTheNodeSaysItWas() {
        play.pod("a", 0, ofSeconds(20))
                .pod("b", 0, ofSeconds(20))
                .notice(ASG)
                .at(START.plusSeconds(3), play::restart)
                .run();

        assertThat(play.done(Cordon.class)).hasSize(1);
        assertThat(play.succeeded(Evict.class)).hasSize(2);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void aMessageLeftOverFromASettledDepartureIsOnlyDeleted() {
        play.pod("a", 0, ofSeconds(2)).notice(SPOT).run();
        int before = play.done().size();

        play.nextDeparture().noticeAt(play.now().plusSeconds(1), SPOT).run();

        assertThat(play.done().subList(before, play.done().size()))
                .extracting(each -> each.action().label())
                .containsOnly("delete-messages");
    }

    @Test
    void anotherInterruptionOfASettledNodeOpensItsJournalAgain() {
        play.pod("a", 0, ofSeconds(2)).notice(SPOT).run();
        play.nextDeparture().noticeAt(play.now().plusSeconds(1), ASG).run();

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.isSettledOnTheNode(SPOT)).isTrue();
        assertThat(play.isSettledOnTheNode(ASG)).isTrue();
    }

    private static Duration between(Play.Done one, Play.Done other) {
        return Duration.between(one.at(), other.at());
    }
}
