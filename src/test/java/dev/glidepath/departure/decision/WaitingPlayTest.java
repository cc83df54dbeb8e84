package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.DrainReport.Note;
import dev.glidepath.departure.action.DrainReport.Result;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who and what is waited for, and what is said of it, by example. */
class WaitingPlayTest {
    private static final Interruption SPOT = new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE);
    private static final AsgTermination ASG = Play.asg("token-1", START);
    private static final Duration FIRST = ofMillis(100);

    private final Play play = new Play(7);

    /** What we watch has fallen silent: the node may be there, with all its pods. */
    @Test
    void aNodeThatOnlyAnotherReplicaSawIsAskedForBeforeItIsCalledGone() {
        play.noNode();
        play.pod("web", 0, ofSeconds(5))
                .notice(ASG)
                .at(START.plusSeconds(5), play::nodeAppearsUnseen)
                .at(START.plusSeconds(20), play.node::isSeenByAnother)
                .runUntil(START.plus(ofMinutes(2)));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at())
                        .isAfter(play.succeeded(Evict.class).getFirst().at()));
    }

    /** Somebody deleted the Node object, the kubelet made another, and what we watch fell silent in between. */
    @Test
    void aNodeDeletedBeforeTheNoticeIsAskedForBeforeItCountsAsGone() {
        play.pod("web", 0, ofSeconds(5))
                .at(START.plusSeconds(1), play.node::isDeleted)
                .at(START.plusSeconds(2), play::nodeAppearsUnseen)
                .noticeAt(START.plusSeconds(5), ASG)
                .runUntil(START.plus(ofMinutes(2)));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at())
                        .isAfter(play.succeeded(Evict.class).getFirst().at()));
    }

    @Test
    void aNodeThatIsDeletedAfterTheNoticeIsGoneWithoutAQuestion() {
        play.notice(ASG).at(START.plus(ofMillis(1)), play::nodeIsDeleted).run();

        assertThat(play.done(AskForNode.class)).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.NODE_GONE);
    }

    @Test
    void aNodeSeenOnlyByAnotherReplicaIsGoneIfTheServerHasNone() {
        play.noNode();
        play.node.isSeenByAnother();

        play.notice(ASG).run();

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBefore(START.plusSeconds(5)));
        assertThat(play.ending().ending()).isEqualTo(Ending.NODE_GONE);
    }

    /** Out of a warm pool an instance comes back with another node; the former is gone since it was put there. */
    @Test
    void anInstanceThatIsTerminatedWhileItBootsAnewIsWaitedFor() {
        Instant told = START.plusSeconds(70);
        AsgTermination terminates = Play.asg("token-2", told);
        play.heartbeatTimeout(ofSeconds(40))
                .at(START, play::nodeIsDeleted)
                .noticeAt(START.plusSeconds(60), SampleNotices.launchFromWarmPool(START.plusSeconds(60)))
                .noticeAt(told, terminates)
                .at(told.plusSeconds(45), () -> {
                    play.nodeAppears();
                    play.pod("web", 0, ofSeconds(20));
                })
                .run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(completedOf(terminates)).isBetween(told.plusSeconds(65), told.plusSeconds(75));
        assertThat(heartbeats().getFirst()).as("the first of its heartbeats").isBefore(told.plusSeconds(21));
    }

    @Test
    void anInstanceTerminatedInItsSecondBootIsAwaitedForFiveMinutes() {
        Instant told = START.plusSeconds(70);
        AsgTermination terminates = Play.asg("token-2", told);
        play.at(START, play::nodeIsDeleted)
                .noticeAt(START.plusSeconds(60), SampleNotices.launchFromWarmPool(START.plusSeconds(60)))
                .noticeAt(told, terminates)
                .run();

        assertThat(completedOf(terminates)).isBetween(told.plus(ofMinutes(5)), told.plusSeconds(305));
    }

    /** Its group is not configured: whether it is a node of ours shows when its node joins, and from then on its hook is held. */
    @Test
    void anInstanceTerminatedWhileItBootsIsHeldOnceItsNodeIsSeen() {
        play.noNode()
                .heartbeatTimeout(ofMinutes(1))
                .notice(ASG)
                .at(START.plusSeconds(45), () -> {
                    play.nodeAppears();
                    play.pod("web", 0, ofSeconds(25));
                })
                .run();

        assertThat(heartbeats().getFirst()).isBetween(START.plusSeconds(45), START.plusSeconds(46));
        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(completedOf(ASG)).isAfter(START.plusSeconds(70));
    }

    private List<Instant> heartbeats() {
        return play.succeeded(Heartbeat.class).stream().map(Play.Done::at).toList();
    }

    private Instant completedOf(AsgTermination asg) {
        return play.succeeded(CompleteHook.class).stream()
                .filter(done -> ((CompleteHook) done.action()).action().equals(asg.action()))
                .map(Play.Done::at)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPodThatIsAMinuteOverItsTimeDoesNotHoldTheHook() {
        play.pod("web", 0, ofSeconds(1)).notice(ASG);
        play.pods.stays("web");
        play.run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(completedAt()).isBetween(ofSeconds(90), ofSeconds(91));
        assertThat(play.report("web")).satisfies(report -> {
            assertThat(report.result()).isEqualTo(Result.EVICTED);
            assertThat(report.note()).isEqualTo(Note.STUCK);
            assertThat(report.there()).isTrue();
        });
        assertThat(play.ending().report().stillThere()).isEqualTo(1);
    }

    @Test
    void aPodOfWhichFinalizersKeepTheObjectDoesNotHoldTheHook() {
        play.pod("web", 0, ofSeconds(10))
                .at(START.plusSeconds(10), () -> play.pods.change("uid-of-web", PlayedPods::ended))
                .notice(ASG);
        play.pods.stays("web");
        play.run();

        assertThat(completedAt()).isBetween(ofSeconds(10), ofSeconds(11));
        assertThat(play.report("web").note()).isEqualTo(Note.HELD_BY_FINALIZERS);
    }

    @Test
    void aPodWhoseContainersEndedIsAskedAllTheSame() {
        play.pod(SamplePod.of("web").with(Trait.CONTAINERS_ENDED), ofSeconds(10))
                .notice(SPOT)
                .run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
    }

    @Test
    void aPodThatMayFinishIsAwaitedUntilItsLastCall() {
        play.pod(SamplePod.of("batch").with(Trait.WAIT), ofSeconds(10))
                .notice(SPOT)
                .run();

        assertThat(play.done(Evict.class)).isEmpty();
        assertThat(play.started(LastCall.class, "batch")).containsExactly(ofSeconds(85));
        assertThat(play.report("batch").result()).isEqualTo(Result.EVICTED);
    }

    @Test
    void aPodThatFinishesInTimeIsNeverEvicted() {
        play.pod(SamplePod.of("batch").with(Trait.WAIT), ofSeconds(10))
                .pod("dns", 2_000_000_000, ofSeconds(1))
                .at(START.plusSeconds(40), () -> play.pods.goes("uid-of-batch"))
                .notice(ASG)
                .run();

        assertThat(onPod("batch")).isZero();
        assertThat(completedAt()).isBetween(ofSeconds(40), ofSeconds(41));
        assertThat(play.report("batch").result()).isEqualTo(Result.BY_ITSELF);
        assertThat(play.report("batch").given()).isEmpty();
        assertThat(play.report("batch").isShortened()).isFalse();
        assertThat(play.started(Evict.class, "dns"))
                .as("who is not asked holds up nobody")
                .containsExactly(FIRST);
    }

    @Test
    void aPodThatRequestsToBeSkippedStaysAndIsNotAwaited() {
        play.pod(SamplePod.of("pet").with(Trait.SKIP), ofSeconds(1))
                .pod("web", 0, ofSeconds(1))
                .notice(ASG)
                .run();

        assertThat(onPod("pet")).isZero();
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.ending().report().stay()).isEqualTo(1);
        assertThat(play.pods.names()).containsExactly("pet");
    }

    @Test
    void aTerminatingPodIsAwaitedAndNotEvicted() {
        play.pod(
                        SamplePod.of("web").terminating(new Termination(START.plusSeconds(20), ofSeconds(20), false)),
                        ofSeconds(20))
                .at(START.plusSeconds(20), () -> play.pods.goes("uid-of-web"))
                .notice(ASG)
                .run();

        assertThat(onPod("web")).isZero();
        assertThat(completedAt()).isBetween(ofSeconds(20), ofSeconds(21));
        assertThat(play.report("web").result()).isEqualTo(Result.BY_ITSELF);
        assertThat(play.report("web").given()).contains(ofSeconds(20));
        assertThat(play.report("web").isShortened()).isTrue();
        assertThat(play.ending().report().shortened()).isEqualTo(1);
    }

    @Test
    void anEvictionOfSomebodyElseCountsAsOne() {
        play.pod(
                        SamplePod.of("web").terminating(new Termination(START.plusSeconds(20), ofSeconds(30), true)),
                        ofSeconds(20))
                .at(START.plusSeconds(20), () -> play.pods.goes("uid-of-web"))
                .notice(SPOT)
                .run();

        assertThat(play.report("web").result()).isEqualTo(Result.EVICTED);
        assertThat(play.ending().report().count(Result.EVICTED)).isEqualTo(1);
        assertThat(play.ending().report().shortened()).isZero();
        assertThat(play.ending().report().sinceTakeOver()).isFalse();
    }

    @Test
    void aPodThatToleratesEverythingAndCameBackHoldsNothingUp() {
        play.pod(SamplePod.of("agent-1").with(Trait.TOLERATES_ALL), ofSeconds(1))
                .at(
                        START.plusSeconds(2),
                        () -> play.pod(SamplePod.of("agent-2").with(Trait.TOLERATES_ALL), ofSeconds(1)))
                .notice(ASG)
                .run();

        assertThat(play.started(Evict.class, "agent-1")).containsExactly(FIRST);
        assertThat(onPod("agent-2")).isZero();
        assertThat(completedAt()).isBetween(ofSeconds(5), ofSeconds(6));
        assertThat(play.report("agent-2")).satisfies(report -> {
            assertThat(report.note()).isEqualTo(Note.CAME_BACK);
            assertThat(report.result()).isEqualTo(Result.LEFT);
            assertThat(report.there()).isTrue();
        });
    }

    @Test
    void aPodThatComesBackAfterItsOwnersLastCallIsNotEvicted() {
        play.pod(SamplePod.of("agent-1").with(Trait.TOLERATES_ALL), ofSeconds(1))
                .pod(SamplePod.of("slow").grace(ofSeconds(110)), ofSeconds(109))
                .notice(SPOT)
                .at(
                        START.plusSeconds(5),
                        () -> play.pod(SamplePod.of("agent-2").with(Trait.TOLERATES_ALL), ofSeconds(1)))
                .at(
                        START.plusSeconds(90),
                        () -> play.pod(SamplePod.of("agent-3").with(Trait.TOLERATES_ALL), ofSeconds(1)))
                .run();

        assertThat(play.done().stream()
                        .filter(each -> each.action() instanceof Action.OnPod onPod
                                && onPod.pod().name().startsWith("agent"))
                        .map(each -> ((Action.OnPod) each.action()).pod().name()))
                .containsExactly("agent-1", "agent-2");
        assertThat(play.report("agent-3").note()).isEqualTo(DrainReport.Note.CAME_BACK);
    }

    @Test
    void aPodThatCameBackIsEvictedOnceMoreAtItsLastCall() {
        play.pod(SamplePod.of("agent-1").with(Trait.TOLERATES_ALL), ofSeconds(1))
                .pod(SamplePod.of("batch").with(Trait.WAIT).grace(ofSeconds(5)), ofSeconds(1))
                .at(
                        START.plusSeconds(2),
                        () -> play.pod(SamplePod.of("agent-2").with(Trait.TOLERATES_ALL), ofSeconds(1)))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "agent-2")).isEmpty();
        assertThat(play.started(LastCall.class, "agent-2")).containsExactly(ofSeconds(85));
    }

    @Test
    void othersOfTheSameOwnerThatWereThereDidNotComeBack() {
        play.pod(SamplePod.of("agent-1").with(Trait.TOLERATES_ALL), ofSeconds(1))
                .pod(SamplePod.of("agent-2").with(Trait.TOLERATES_ALL), ofSeconds(1))
                .budget(1, ofSeconds(5))
                .notice(SPOT)
                .run();

        assertThat(play.succeeded(Evict.class)).hasSize(2);
        assertThat(play.report("agent-2").note()).isEqualTo(Note.NONE);
    }

    @Test
    void aSuccessorThatToleratesNothingIsEvictedLikeAnyOther() {
        play.pod("web-1", 0, ofSeconds(1))
                .at(START.plusSeconds(2), () -> play.pod("web-2", 0, ofSeconds(1)))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web-2")).containsExactly(ofSeconds(2));
    }

    @Test
    void volumesAreWaitedFor() {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(5)).notice(ASG).run();

        assertThat(play.done(FindVolume.class)).hasSize(1);
        assertThat(completedAt()).isBetween(ofSeconds(8), ofSeconds(9));
    }

    @Test
    void volumesAreNotWaitedForBeyondTheDeadline() {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(5))
                .fault(action ->
                        action instanceof FindVolume ? Optional.of(new Outcome.Bound("stuck")) : Optional.empty())
                .notice(SPOT);
        play.pods.attach("stuck");
        play.run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DEADLINE_PASSED);
        assertThat(play.ending().report().stillThere()).isZero();
        assertThat(since(play.now())).isBetween(ofSeconds(120), ofSeconds(121));
    }

    @Test
    void aVolumeThatAPodWhichStaysUsesTooIsNotWaitedFor() {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(6))
                .pod(SamplePod.of("pet").with(Trait.SKIP).claiming("data"), ofSeconds(1))
                .notice(ASG)
                .run();

        assertThat(completedAt()).isBetween(ofSeconds(6), ofSeconds(7));
    }

    @Test
    void aClaimThatMayNotBeReadIsNotWaitedFor() {
        claimCannotBeRead(new Outcome.Forbidden("forbidden"));

        assertThat(play.done(FindVolume.class)).hasSize(1);
        assertThat(completedAt()).isBetween(ofSeconds(6), ofSeconds(7));
    }

    @Test
    void aClaimThatIsBoundToNothingIsNotWaitedFor() {
        claimCannotBeRead(new Outcome.NotNeeded("not found"));

        assertThat(completedAt()).isBetween(ofSeconds(6), ofSeconds(7));
    }

    @Test
    void aClaimThatCannotBeReadThriceIsNotWaitedFor() {
        claimCannotBeRead(new Outcome.Retry("reset"));

        assertThat(play.done(FindVolume.class)).hasSizeGreaterThanOrEqualTo(3);
        assertThat(completedAt()).isBetween(ofSeconds(6), ofSeconds(7));
    }

    @Test
    void aClaimThatCouldNotBeReadYetIsWaitedFor() {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(6))
                .pod(SamplePod.of("logs").ownedBy("DaemonSet").claiming("logs"), ofSeconds(6))
                .takes(action -> action instanceof FindVolume ? Optional.of(ofSeconds(20)) : Optional.empty())
                .notice(ASG)
                .run();

        assertThat(completedAt()).isBetween(ofSeconds(20), ofSeconds(21));
    }

    @Test
    void onANodeThatDoesNotAnswerEachIsAskedOnceWhateverItsBudget() {
        play.pod("web", 0, ofSeconds(1))
                .pod("proxy", 2_000_001_000, ofSeconds(1))
                .notice(ASG)
                .at(START, play::nodeIsNotReady)
                .at(START.plusSeconds(40), () -> play.pod("db", 0, ofSeconds(1)));
        play.pods.addBudget("db", 0, ofSeconds(1), pod -> pod.ref().name().equals("db"));
        play.pods.stays("web");
        play.pods.stays("proxy");
        play.run();

        assertThat(play.started(Evict.class, "web")).containsExactly(FIRST);
        assertThat(play.started(Evict.class, "db")).containsExactly(ofSeconds(60));
        assertThat(play.started(Evict.class, "proxy")).containsExactly(ofSeconds(60));
        assertThat(play.done(LastCall.class)).isEmpty();
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.UNRESPONSIVE);
        assertThat(completedAt()).isBetween(ofSeconds(60), ofSeconds(61));
        assertThat(play.report("web").note()).isEqualTo(Note.STILL_ENDING);
        assertThat(play.report("db").result()).isEqualTo(Result.LEFT);
        assertThat(play.report("db").note()).isEqualTo(Note.NONE);
    }

    @Test
    void onANodeThatDidNotAnswerFromTheFirstEachIsAskedStill() {
        play.pod("web", 0, ofSeconds(1)).notice(ASG).at(START, play::nodeIsNotReady);
        play.pods.stays("web");
        play.fault(action -> action instanceof Evict && play.now().isBefore(START.plusSeconds(70))
                        ? Optional.of(new Outcome.Overloaded("busy", Duration.ZERO))
                        : Optional.empty())
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.UNRESPONSIVE);
    }

    @Test
    void aNodeThatSaysThatItIsNotReadyIsDrainedLikeAnyOther() {
        play.pod(SamplePod.of("web").grace(ofMinutes(3)), ofMinutes(2))
                .notice(ASG)
                .at(START.minusSeconds(300), play.node::saysItIsNotReady)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(completedAt()).isBetween(ofSeconds(120), ofSeconds(121));
        assertThat(play.done(AskKubelet.class)).hasSizeBetween(11, 13);
    }

    @Test
    void onANodeThatSaysThatItIsNotReadyLastCallsAreHeeded() {
        play.at(START.minusSeconds(300), play.node::saysItIsNotReady)
                .pod("web", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(85));
        assertThat(play.succeeded(Delete.class)).hasSize(1);
    }

    @Test
    void aNodeThatIsNotReadyAndWhoseKubeletFallsSilentDoesNotAnswer() {
        play.pod("web", 0, ofSeconds(1)).notice(ASG).at(START, () -> {
            play.node.saysItIsNotReady();
            play.node.kubeletRuns(false);
        });
        play.pods.stays("web");
        play.run();

        assertThat(play.ending().ending()).isEqualTo(Ending.UNRESPONSIVE);
        assertThat(completedAt()).isBetween(ofSeconds(40), ofSeconds(52));
    }

    @Test
    void whereNobodyMaySeeTheLeaseTheNodesOwnWordHolds() {
        play.node.leaseIsHidden();
        play.pod(SamplePod.of("web").grace(ofMinutes(3)), ofMinutes(2))
                .notice(ASG)
                .at(START.minusSeconds(300), play.node::saysItIsNotReady)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aTakeoverWaitsForVolumesOfPodsItHasNeverSeen() {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(5))
                .pod(SamplePod.of("logs").ownedBy("DaemonSet").claiming("logs"), ofSeconds(5))
                .at(START.plusMillis(5_100), play::restart)
                .notice(ASG)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.pods.attached()).containsExactly("volume-of-logs");
    }

    @Test
    void nobodyIsEvictedBeforeItIsKnownWhatNamespacesWish() {
        play.isInformed(false);
        play.pod("web", 0, ofSeconds(5))
                .at(START.plusSeconds(20), () -> play.isInformed(true))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web"))
                .singleElement()
                .satisfies(at -> assertThat(at).isBetween(ofSeconds(20), ofSeconds(21)));
    }

    @Test
    void whatNamespacesWishIsNotWaitedForLong() {
        play.isInformed(false);
        play.pod(SamplePod.of("web").claiming("data"), ofSeconds(5))
                .pod(SamplePod.of("slow").grace(ofSeconds(90)), ofSeconds(5))
                .notice(SPOT)
                .run();

        assertThat(play.started(LastCall.class, "slow"))
                .as("its last call is before")
                .containsExactly(ofSeconds(25));
        assertThat(play.started(Evict.class, "web"))
                .singleElement()
                .satisfies(at -> assertThat(at).isBetween(ofSeconds(30), ofSeconds(32)));
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void theLongestGraceIsThatOfThosePodsThatHaveToGo() {
        play.pod(SamplePod.of("skips").grace(ofMinutes(50)).with(Trait.SKIP), ofSeconds(5))
                .pod(SamplePod.of("tolerates").grace(ofMinutes(40)).tolerating("glidepath.dev/departing"), ofSeconds(5))
                .pod(SamplePod.of("goes").grace(ofMinutes(20)), ofSeconds(5))
                .notice(ASG)
                .run();

        assertThat(play.looks())
                .filteredOn(look ->
                        look.snapshot().journal().flatMap(Journal::longestGrace).isPresent())
                .isNotEmpty()
                .allSatisfy(look -> assertThat(look.snapshot().journal().flatMap(Journal::longestGrace))
                        .contains(ofMinutes(20)));
    }

    @Test
    void aNodeThatIsSaidToBeOffAndLooksWellIsDrainedWhileItCanBe() {
        play.pod("web", 0, ofSeconds(5))
                .notice(ASG)
                .notice(new StateChange(Play.INSTANCE, START, InstanceState.STOPPED))
                .at(START.minusSeconds(4), () -> play.node.kubeletRuns(false))
                .at(START.plusSeconds(50), play::nodeIsNotReady)
                .run();

        assertThat(play.pods.names()).isEmpty();
        assertThat(play.done(OnPod.class)).hasSize(1);
    }

    @Test
    void whatIsSaidToBeOffAndHasRenewedItsLeaseSinceIsWell() {
        play.pod("web", 0, ofSeconds(5))
                .noticeAt(
                        START.plusSeconds(60),
                        new StateChange(Play.INSTANCE, START.plusSeconds(1), InstanceState.STOPPED))
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.STALE);
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.node.changed()).isEmpty();
    }

    @Test
    void aNodeThatAnswersAgainInTimeIsDrainedAsUsual() {
        play.pod(SamplePod.of("web").grace(ofMinutes(2)), ofSeconds(80))
                .notice(ASG)
                .at(START, play::nodeIsNotReady)
                .at(START.plusSeconds(59), play::nodeIsReady)
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(completedAt()).isBetween(ofSeconds(80), ofSeconds(81));
    }

    @Test
    void aNodeThatIsOffIsTaintedUntilItsPodsAreFreed() {
        off(20).at(START.plusSeconds(15), play::nodeIsNotReady).run();

        assertThat(play.succeeded(TakeOutOfService.class)).hasSize(1);
        assertThat(play.succeeded(PutBackInService.class)).hasSize(1);
        assertThat(play.pods.names()).isEmpty();
        assertThat(play.journal().orElseThrow().changed()).doesNotContain(Change.OUT_OF_SERVICE);
        assertThat(play.ending().ending()).isEqualTo(Ending.MACHINE_OFF);
        assertThat(completedAt()).isBetween(ofSeconds(20), ofSeconds(21));
    }

    @Test
    void aNodeIsNotTaintedBeforeTheClusterSeesItOff() {
        off(20).at(START.plusSeconds(50), play::nodeIsNotReady).run();

        assertThat(play.succeeded(TakeOutOfService.class))
                .singleElement()
                .satisfies(done -> assertThat(since(done.at())).isBetween(ofSeconds(50), ofSeconds(51)));
    }

    @Test
    void aNodeThatStaysReadyIsNeverTainted() {
        off(20).run();

        assertThat(play.done(TakeOutOfService.class)).isEmpty();
        assertThat(play.done(OnPod.class)).as("asked while it may yet be well").isNotEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.MACHINE_OFF);
        assertThat(since(play.now())).isBetween(ofSeconds(620), ofSeconds(621));
    }

    @Test
    void withoutLeaveANodeThatIsOffIsNotTainted() {
        off(20).policy(Policy.standard())
                .at(START.plusSeconds(15), play::nodeIsNotReady)
                .run();

        assertThat(play.done(TakeOutOfService.class)).isEmpty();
        assertThat(completedAt()).isBetween(ofSeconds(20), ofSeconds(21));
    }

    @Test
    void aNodeThatIsBackIsPutBackInServiceThoughPodsAreLeft() {
        play.pods.stays("web");
        off(20).at(START.plusSeconds(15), play::nodeIsNotReady)
                .at(START.plusSeconds(40), play::nodeIsReady)
                .run();

        assertThat(play.succeeded(PutBackInService.class))
                .singleElement()
                .satisfies(done -> assertThat(since(done.at())).isBetween(ofSeconds(40), ofSeconds(41)));
        assertThat(completedAt()).isBetween(ofSeconds(40), ofSeconds(41));
    }

    @Test
    void theTaintIsTakenAwayInAnyCaseWhenItsTimeIsOver() {
        play.pods.stays("web");
        off(20).at(START.plusSeconds(15), play::nodeIsNotReady).run();

        assertThat(play.succeeded(PutBackInService.class)).hasSize(1);
        assertThat(completedAt()).isBetween(ofSeconds(620), ofSeconds(621));
    }

    @Test
    void aTaintSetByAnEarlierProcessIsTakenAway() {
        play.pods.stays("web");
        off(20).at(START.plusSeconds(15), play::nodeIsNotReady)
                .at(START.plusSeconds(30), play::restart)
                .at(START.plusSeconds(40), () -> play.pods.clear())
                .run();

        assertThat(play.succeeded(TakeOutOfService.class)).hasSize(1);
        assertThat(play.succeeded(PutBackInService.class)).hasSize(1);
        assertThat(completedAt()).isBetween(ofSeconds(40), ofSeconds(41));
    }

    @Test
    void whatWentBeforeATakeOverIsUnknownAfterIt() {
        play.pod("web", 0, ofSeconds(1))
                .pod("db", 0, ofSeconds(20))
                .at(START.plusSeconds(3), play::restart)
                .notice(SPOT)
                .run();

        DrainReport report = play.ending().report();
        assertThat(report.sinceTakeOver()).isTrue();
        assertThat(report.pods()).singleElement().satisfies(db -> {
            assertThat(db.pod().name()).isEqualTo("db");
            assertThat(db.result()).isEqualTo(Result.EVICTED);
            assertThat(db.there()).isFalse();
        });
    }

    @ParameterizedTest
    @EnumSource(Result.class)
    void aResultHasALabel(Result result) {
        assertThat(result.label()).matches("[a-z]+(-[a-z]+)*").doesNotContain("_");
    }

    @ParameterizedTest
    @EnumSource(Note.class)
    void aNoteHasALabel(Note note) {
        assertThat(note.label()).matches("[a-z]+(-[a-z]+)*");
    }

    /** EC2 says so many seconds after the start that the machine is off; its one pod would take an hour to end. */
    private Play off(int seconds) {
        Instant at = START.plusSeconds(seconds);
        return play.policy(SamplePolicy.outOfServiceTaint())
                .pod(SamplePod.of("web").grace(Duration.ofHours(1)).claiming("data"), Duration.ofHours(1))
                .notice(ASG)
                .at(at, () -> play.node.kubeletRuns(false))
                .noticeAt(at, new StateChange(Play.INSTANCE, at, InstanceState.TERMINATED));
    }

    private void claimCannotBeRead(Outcome outcome) {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(6))
                .fault(action -> action instanceof FindVolume ? Optional.of(outcome) : Optional.empty())
                .notice(ASG)
                .run();
    }

    private Duration completedAt() {
        return since(play.succeeded(CompleteHook.class).getFirst().at());
    }

    private long onPod(String name) {
        return play.done().stream()
                .filter(done -> done.action() instanceof OnPod onPod
                        && onPod.pod().name().equals(name))
                .count();
    }

    private static Duration since(Instant at) {
        return Duration.between(START, at);
    }
}
