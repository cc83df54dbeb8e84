package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Scheduling;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a node by the kind of what is announced for it, and by several of them one after the other. */
class KindsPlayTest {
    private static final Policy DRAINS_ON_REBALANCE =
            SamplePolicy.responding(Kind.REBALANCE_RECOMMENDATION, Response.DRAIN);
    private static final Policy CORDONS_ON_REBALANCE =
            SamplePolicy.responding(Kind.REBALANCE_RECOMMENDATION, Response.CORDON);

    private final Play play = new Play(7);

    // Several, one after the other.

    @Test
    void aRebalanceAndThenASpotNoticeAreOneDrainThatGetsADeadline() {
        Instant taken = START.plus(ofMinutes(10));
        blocked("web")
                .pod("idle", 0, ofSeconds(1))
                .policy(DRAINS_ON_REBALANCE)
                .notice(SampleNotices.rebalance(START))
                .noticeAt(taken, SampleNotices.spot(taken))
                .run();

        assertThat(play.done(ListPods.class)).as("nothing is begun anew").hasSize(2);
        assertThat(play.started(Evict.class, "idle")).hasSize(1);
        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofMinutes(10).plusSeconds(85));
        assertThat(play.done(SettleJournal.class)).hasSize(1);
        assertThat(play.succeeded(Cordon.class))
                .extracting(cordon -> ((Cordon) cordon.action()).journal().start())
                .containsOnly(START);
        assertThat(play.succeeded(Cordon.class))
                .extracting(cordon -> ((Cordon) cordon.action()).movesDeadlineTo())
                .containsExactly(Optional.empty(), Optional.of(taken.plus(ofMinutes(2))));
        assertThat(play.journal().orElseThrow().causes()).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void nobodyIsEvictedForWhatIsNotJournaledYet() {
        AtomicInteger refusals = new AtomicInteger(3);
        play.pod("web", 0, ofSeconds(1))
                .policy(SamplePolicy.responding(Kind.ASG_TERMINATION, Response.CORDON))
                .fault(action -> action instanceof DescribeHook
                                || (action instanceof Cordon cordon
                                        && cordon.kind() == Kind.SPOT_INTERRUPTION
                                        && refusals.getAndDecrement() > 0)
                        ? Optional.of(new Outcome.Retry("down"))
                        : Optional.empty())
                .notice(Play.asg("token-1", START))
                .noticeAt(START.plusSeconds(1), SampleNotices.spot(START))
                .run();

        assertThat(play.succeeded(Cordon.class)).as("for either").hasSize(2);
        assertThat(play.done(Evict.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at())
                        .isAfter(play.succeeded(Cordon.class).getLast().at()));
    }

    @Test
    void aLifecycleActionAfterASpotNoticeKeepsTheEarlierDeadline() {
        play.pod("web", 0, ofSeconds(20))
                .notice(SampleNotices.spot(START))
                .noticeAt(START.plusSeconds(5), Play.asg("token-1", START.plusSeconds(5)))
                .at(
                        START.plusSeconds(10),
                        () -> assertThat(play.journal().flatMap(Journal::term).map(Journal.Term::deadline))
                                .contains(START.plusSeconds(120)))
                .run();

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(START.plusSeconds(20), START.plusSeconds(21)));
        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aSpotNoticeAndThenTheEndOfTheMachineStopTheEvictions() {
        Instant ended = START.plusSeconds(40);
        blocked("web")
                .notice(SampleNotices.spot(START))
                .at(ended, play::machineStops)
                .noticeAt(ended, SampleNotices.state(InstanceState.TERMINATED, ended))
                .run();

        assertThat(play.done(OnPod.class))
                .allSatisfy(done -> assertThat(done.at()).isBefore(ended));
        assertThat(play.ending().ending()).isEqualTo(Ending.MACHINE_OFF);
        assertThat(play.now()).isBefore(ended.plusSeconds(1));
        assertThat(play.isSettledOnTheNode(SampleNotices.spot(START))).isTrue();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aLifecycleActionToldTwiceIsCompletedOnce() {
        play.pod("web", 0, ofSeconds(20))
                .noticeAt(START, Play.asg("token-1", START), "message-a", 0)
                .noticeAt(START.plusSeconds(3), Play.asg("token-1", START), "message-a", 0)
                .noticeAt(START.plusSeconds(5), Play.asg("token-1", START), "message-b", 0)
                .runUntil(START.plus(ofMinutes(5)));
        play.noticeAt(play.now(), Play.asg("token-1", START), "message-c", 0).runUntil(START.plus(ofMinutes(10)));

        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(play.done(Cordon.class)).hasSize(1);
        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    /** An instance that rests in the pool has no Node object; the one it had before was seen to go. */
    @Test
    void theLaunchOfAReturningInstanceWaitsForItsNewNodeToBeReady() {
        Instant back = START.plus(ofMinutes(5));
        play.at(START, play.node::isDeleted)
                .noticeAt(back, SampleNotices.launchFromWarmPool(back))
                .at(back.plusSeconds(30), play::nodeAppears)
                .run();

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isAfterOrEqualTo(back.plusSeconds(30)));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aNodeBackFromTheWarmPoolIsUndoneBeforeItsLaunchIsCompleted() {
        Instant back = START.plus(ofMinutes(30));
        play.pod("web", 0, ofSeconds(20))
                .notice(SampleNotices.toWarmPool("token-1", START))
                .at(START.plus(ofMinutes(2)), play.node::isUncordoned)
                .at(START.plus(ofMinutes(3)), play::machineStops)
                .noticeAt(back, SampleNotices.launchFromWarmPool(back))
                .at(back.plusSeconds(40), play::machineStarts)
                .runUntil(back.plus(ofMinutes(20)));

        List<Play.Done> undone = play.succeeded(Undo.class);
        assertThat(undone).hasSize(1);
        assertThat(play.node.changed()).isEmpty();
        assertThat(undone.getFirst().at()).isAfterOrEqualTo(back.plusSeconds(40));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(2);
        assertThat(play.succeeded(CompleteHook.class).getLast().at())
                .isAfter(undone.getFirst().at());
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    /** It could not be launched with an action pending: there is nothing to complete any more. */
    @Test
    void aLateCopyCompletesNoHookOfANodeBackFromTheWarmPool() {
        Instant back = START.plusSeconds(10);
        play.pod("web", 0, ofSeconds(25))
                .notice(SampleNotices.toWarmPool("token-1", START))
                .noticeAt(back, SampleNotices.launchFromWarmPool(back))
                .noticeAt(back.plus(ofMinutes(3)), SampleNotices.toWarmPool("token-1", START))
                .runUntil(back.plus(ofMinutes(20)));

        assertThat(play.done(CompleteHook.class))
                .extracting(done -> ((CompleteHook) done.action()).action())
                .containsOnly(SampleNotices.LAUNCH);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aNodeThatStopsAndStartsIsFreedFromWhatWeDid() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.state(InstanceState.STOPPING, START))
                .at(START.plusSeconds(30), play::machineStops)
                .noticeAt(START.plusSeconds(40), SampleNotices.state(InstanceState.STOPPED, START.plusSeconds(40)))
                .at(START.plus(ofHours(5)), play::machineStarts)
                .runUntil(START.plus(ofHours(6)));

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isAfterOrEqualTo(START.plus(ofHours(5))));
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(State.SETTLED);
    }

    @Test
    void aStateOfASettledNodeIsJournaledBeforeItsMessageIsDeleted() {
        Instant off = START.plus(ofMinutes(5));
        play.notice(SampleNotices.state(InstanceState.STOPPING, START))
                .at(START.plus(ofMinutes(4)), play::machineStops)
                .noticeAt(off, SampleNotices.state(InstanceState.STOPPED, off))
                .runUntil(off.plusSeconds(60));

        assertThat(play.isSettledOnTheNode(SampleNotices.state(InstanceState.STOPPED, off)))
                .isTrue();
        assertThat(play.journal().flatMap(Journal::stop)).contains(new Journal.Stop(off, true));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aCapacityInterruptionHasTheDeadlineItTells() {
        blocked("web")
                .notice(SampleNotices.capacity(START, START.plus(ofMinutes(7))))
                .run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofMinutes(7).minusSeconds(35));
        assertThat(play.done(Delete.class)).hasSize(1);
    }

    // A machine that is only at risk.

    @Test
    void aRebalanceThatCordonsOnlyDiscouragesAndIsUndoneAfterAnHour() {
        play.pod("web", 0, ofSeconds(5))
                .policy(CORDONS_ON_REBALANCE)
                .notice(SampleNotices.rebalance(START))
                .at(START.plus(ofMinutes(5)), () -> {
                    assertThat(play.node.changed()).containsExactly(Change.SOFT_TAINT);
                    assertThat(play.journal().map(Journal::state)).contains(State.PLANNED);
                    assertThat(play.messages()).isEmpty();
                })
                .run();

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done ->
                        assertThat(((Cordon) done.action()).scheduling()).isEqualTo(Scheduling.DISCOURAGED));
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.succeeded(Undo.class)).hasSize(1);
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.LAPSED);
        assertThat(play.now())
                .isBetween(START.plus(ofHours(1)), START.plus(ofHours(1)).plusSeconds(30));
    }

    @Test
    void aRebalanceOfAnUnhealthyNodeIsKeptAndCheckedEveryTenMinutes() {
        Instant well = START.plus(ofMinutes(85));
        play.policy(CORDONS_ON_REBALANCE)
                .notice(SampleNotices.rebalance(START))
                .at(START.plus(ofMinutes(50)), play::nodeIsNotReady)
                .at(well, play::nodeIsReady)
                .run();

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(well, well.plusSeconds(30)));
        assertThat(play.looks().stream()
                        .filter(look -> look.at().isAfter(START.plus(ofHours(1))))
                        .filter(look -> look.at().isBefore(well)))
                .hasSizeBetween(2, 5)
                .allSatisfy(look -> assertThat(look.decision().lookAgainAt())
                        .isBeforeOrEqualTo(look.at().plus(ofMinutes(10))));
    }

    @Test
    void aRebalanceThatDrainsLeavesBlockedPodsAndMakesNoLastCall() {
        blocked("web")
                .pod("idle", 0, ofSeconds(1))
                .policy(DRAINS_ON_REBALANCE)
                .notice(SampleNotices.rebalance(START))
                .run();

        assertThat(play.done(LastCall.class)).isEmpty();
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.pods.names()).containsExactly("web");
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.LAPSED);
        assertThat(play.now())
                .isBetween(START.plus(ofHours(1)), START.plus(ofHours(1)).plusSeconds(30));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aCalmDrainThatIsDoneWaitsForTheLapseInTheJournalAlone() {
        play.pod("web", 0, ofSeconds(5))
                .policy(DRAINS_ON_REBALANCE)
                .notice(SampleNotices.rebalance(START))
                .at(START.plus(ofMinutes(5)), () -> {
                    Journal journal = play.journal().orElseThrow();
                    assertThat(journal.state()).isEqualTo(State.PLANNED);
                    assertThat(journal.holder()).isEmpty();
                    assertThat(play.messages()).isEmpty();
                    play.restart();
                })
                .run();

        assertThat(play.succeeded(Undo.class)).hasSize(1);
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.started(Evict.class, "web")).hasSize(1);
    }

    @Test
    void aPersonsUncordonIsRespected() {
        blocked("web")
                .policy(DRAINS_ON_REBALANCE)
                .notice(SampleNotices.rebalance(START))
                .at(START.plusSeconds(30), play.node::isUncordoned)
                .at(START.plusSeconds(60), () -> play.restart())
                .run();

        assertThat(play.succeeded(Cordon.class)).hasSize(1);
    }

    @Test
    void aDoNotDisruptPodStaysUntilAnInterruptionForcesIt() {
        Instant taken = START.plus(ofMinutes(10));
        play.pod(SamplePod.of("batch").with(Trait.DO_NOT_DISRUPT), ofSeconds(5))
                .policy(DRAINS_ON_REBALANCE)
                .notice(SampleNotices.rebalance(START))
                .noticeAt(taken, SampleNotices.spot(taken))
                .run();

        assertThat(play.started(Evict.class, "batch"))
                .singleElement()
                .satisfies(at -> assertThat(at).isGreaterThanOrEqualTo(ofMinutes(10)));
    }

    // By setting.

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"SPOT_INTERRUPTION", "ASG_TERMINATION"})
    void theCordonResponseEvictsNoPodAndCompletesTheHookAtOnce(Kind kind) {
        play.pod("web", 0, ofSeconds(5))
                .policy(SamplePolicy.responding(kind, Response.CORDON))
                .notice(kind == Kind.ASG_TERMINATION ? Play.asg("token-1", START) : SampleNotices.spot(START))
                .run();

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done ->
                        assertThat(((Cordon) done.action()).scheduling()).isEqualTo(Scheduling.FORBIDDEN));
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.succeeded(CompleteHook.class)).hasSize(kind == Kind.ASG_TERMINATION ? 1 : 0);
        assertThat(play.ending().ending()).isEqualTo(Ending.CORDONED);
        assertThat(play.now()).isBefore(START.plusSeconds(1));
    }

    @Test
    void aNodeOutsideTheSelectorIsNotTouchedNorIsItsHook() {
        play.pod("web", 0, ofSeconds(5))
                .policy(SamplePolicy.selecting("pool=spot"))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.done())
                .extracting(Play.Done::action)
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteMessages.class,
                        deleted -> assertThat(deleted.ending()).isEqualTo(Ending.NOT_SELECTED));
    }

    @Test
    void aNodeOutsideTheSelectorIsNotLaunchedByUs() {
        play.policy(SamplePolicy.selecting("pool=spot"))
                .notice(SampleNotices.launch(START))
                .run();

        assertThat(play.done()).extracting(Play.Done::action).singleElement().isInstanceOf(DeleteMessages.class);
    }

    @Test
    void aNodeThatTheSelectorSelectsDeparts() {
        play.node.isLabelled("pool", "spot");
        play.pod("web", 0, ofSeconds(5))
                .policy(SamplePolicy.selecting("pool=spot"))
                .notice(Play.asg("token-1", START))
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    // While many are told of at once.

    @Test
    void podsAreListedButNotEvictedBeforeTheBurstIsCordoned() {
        play.pod("web", 0, ofSeconds(5))
                .drainsFrom(START.plusSeconds(2))
                .notice(SampleNotices.spot(START))
                .run();

        assertThat(play.started(Evict.class, "web")).containsExactly(ofSeconds(2));
        assertThat(play.done(ListPods.class).getFirst().at()).isBefore(START.plusSeconds(1));
    }

    @Test
    void aMachineThatIsGoingDoesNotWaitForTheBurst() {
        play.pod("web", 0, ofSeconds(5))
                .drainsFrom(START.plusSeconds(2))
                .notice(SampleNotices.state(InstanceState.SHUTTING_DOWN, START))
                .run();

        assertThat(play.started(LastCall.class, "web").getFirst()).isLessThan(ofSeconds(1));
    }

    @Test
    void aBurstDoesNotPauseADrainThatHasBegun() {
        play.pod("first", 0, ofSeconds(30))
                .notice(SampleNotices.spot(START))
                .at(START.plusSeconds(5), () -> {
                    play.drainsFrom(START.plusSeconds(60));
                    play.pod("late", 0, ofSeconds(1));
                })
                .run();

        assertThat(play.started(Evict.class, "late")).containsExactly(ofSeconds(5));
    }

    private Play blocked(String pod) {
        play.pod(SamplePod.of(pod), ofMinutes(30));
        play.pods.addBudget("web", 0, ofSeconds(1), each -> each.ref().name().equals(pod));
        return play;
    }
}
