package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Term;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A departure that a replica of another release holds, whose Lease is seen nowhere. */
class OtherReleasePlayTest {
    private static final Instant DEADLINE = START.plus(ofMinutes(30));

    private final Play play = new Play(1).pod("web-0", 0, ofSeconds(1));

    @BeforeEach
    void theirs() {
        play.strangersFreeAt(START);
        play.strangersAreOfAnotherRelease();
    }

    @Test
    void isNeverTakenWhileItsDeadlineLiesAhead() {
        play.node.isJournaled(heldByAnother(Optional.of(new Term(DEADLINE, START))));

        play.runUntil(DEADLINE.plus(ofMinutes(59)));

        assertThat(play.done(Evict.class)).isEmpty();
        assertThat(play.journal().flatMap(Journal::holder)).contains("pod-9/5eed@other:glidepath");
    }

    @Test
    void isTakenAnHourAfterItsDeadline() {
        play.node.isJournaled(heldByAnother(Optional.of(new Term(DEADLINE, START))));

        play.runUntil(DEADLINE.plus(ofMinutes(70)));

        assertThat(play.journal().flatMap(Journal::holder)).isNotEqualTo(Optional.of("pod-9/5eed@other:glidepath"));
    }

    @Test
    void isTakenADayAfterItBeganWhereItHasNoDeadline() {
        play.node.isJournaled(heldByAnother(Optional.empty()));

        play.runUntil(START.plus(ofHours(23)));
        assertThat(play.journal().flatMap(Journal::holder)).contains("pod-9/5eed@other:glidepath");

        play.runUntil(START.plus(ofHours(25)));
        assertThat(play.journal().flatMap(Journal::holder)).isNotEqualTo(Optional.of("pod-9/5eed@other:glidepath"));
    }

    @Test
    void isTakenWhenItsHolderDoesNotTurnToWhatTakesTheMachineSooner() {
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.empty()));

        play.noticeAt(at, SampleNotices.spot(at)).runUntil(at.plus(ofMinutes(2)));

        assertThat(play.succeeded(Evict.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(at.plusSeconds(15), at.plusSeconds(25)));
    }

    @Test
    void isTakenWhenItsHolderKeepsToALaterDeadline() {
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.of(new Term(DEADLINE, START))));

        play.noticeAt(at, SampleNotices.spot(at)).runUntil(at.plus(ofMinutes(2)));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
    }

    @Test
    void isLeftToAHolderThatTurnsToWhatTakesTheMachineSooner() {
        Instant at = START.plus(ofMinutes(1));
        Instant turnsAt = at.plusSeconds(5);
        play.node.isJournaled(heldByAnother(Optional.empty()));

        play.noticeAt(at, SampleNotices.spot(at))
                .at(
                        turnsAt,
                        () -> play.node.isJournaled(play.journal()
                                .orElseThrow()
                                .with(Optional.of(new Term(at.plus(ofMinutes(2)), turnsAt)), Optional.empty())))
                .runUntil(at.plus(ofMinutes(2)));

        assertThat(play.done(Evict.class)).isEmpty();
    }

    /** Its list of hooks is not ours, and it is told no token of ours: it drains, and settles all causes. */
    @Test
    void aHookThatIsOursIsCompletedThoughAnotherReleaseDrained() {
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.of(new Term(DEADLINE, START))));

        play.noticeAt(at, Play.asg("token", at))
                .at(at.plus(ofMinutes(1)), () -> {
                    Journal theirs = play.journal().orElseThrow();
                    play.node.isJournaled(
                            theirs.settle(idsOf(theirs)).in(State.SETTLED).with(Optional.empty(), Optional.empty()));
                })
                .runUntil(at.plus(ofMinutes(30)));

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    /** One release completes the hook, the other holds a second message of it. */
    @Test
    void aHookThatTheOtherReleaseCompletedIsAskedForNoMore() {
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.of(new Term(DEADLINE, START))));

        play.noticeAt(at, Play.asg("token", at))
                .at(at.plus(ofMinutes(1)), () -> {
                    Journal theirs = play.journal().orElseThrow();
                    play.node.isJournaled(theirs.settle(idsOf(theirs))
                            .withHooksCompleted(idsOf(theirs))
                            .in(State.SETTLED)
                            .with(Optional.empty(), Optional.empty()));
                })
                .runUntil(at.plus(ofMinutes(30)));

        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    private static Set<InterruptionId> idsOf(Journal journal) {
        return journal.causes().stream().map(Journal.Cause::id).collect(Collectors.toSet());
    }

    @Test
    void isTakenWhenItsHolderDoesNotTurnToALifecycleAction() {
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.empty()));

        play.noticeAt(at, Play.asg("token", at)).runUntil(at.plus(ofMinutes(5)));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.succeeded(Action.CompleteHook.class)).hasSize(1);
    }

    @Test
    void isTakenWhenItsHolderKeepsADeadlineThoughTheMachineIsGoing() {
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.of(new Term(DEADLINE, START))));

        play.noticeAt(at, going(at)).runUntil(at.plus(ofMinutes(2)));

        assertThat(play.succeeded(Action.LastCall.class)).hasSize(1);
    }

    /** It has asked every pod at once, if it lives; the other way round two would take it from each other again and again. */
    @Test
    void isLeftToAHolderWithoutADeadlineWhileTheMachineIsGoing() {
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.empty()));

        play.noticeAt(at, going(at)).runUntil(at.plus(ofMinutes(5)));

        assertThat(play.done(Action.OnPod.class)).isEmpty();
    }

    /** What we heard 20 s ago we could not write down before: it has had no time to turn to it. */
    @Test
    void isLeftToAHolderThatWasToldAMomentAgo() {
        play.mostReceives(1);
        Instant at = START.plus(ofMinutes(1));
        play.node.isJournaled(heldByAnother(Optional.empty()));

        play.at(at.minusSeconds(12), () -> play.leaseIsLost(0))
                .noticeAt(at, SampleNotices.spot(at))
                .at(at.plusSeconds(20), () -> play.leaseIsRenewed(0))
                .runUntil(at.plusSeconds(30));

        assertThat(play.succeeded(Action.OnJournal.class).getFirst().at()).isAfter(at.plusSeconds(19));
        assertThat(play.journal().flatMap(Journal::holder)).contains("pod-9/5eed@other:glidepath");
        assertThat(play.done(Evict.class)).isEmpty();

        play.runUntil(at.plusSeconds(45));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
    }

    @Test
    void isTakenWhereItIsSaidToBeginInAFarFuture() {
        play.node.isJournaled(heldByAnother(Optional.empty()).startedAt(Instant.parse("2199-01-01T00:00:00Z")));

        play.runUntil(START.plus(ofMinutes(1)));

        assertThat(play.journal().flatMap(Journal::holder)).isNotEqualTo(Optional.of("pod-9/5eed@other:glidepath"));
    }

    private static Interruption going(Instant at) {
        return new StateChange(Play.INSTANCE, at, InstanceState.SHUTTING_DOWN);
    }

    /** With a deadline it is a capacity interruption's, without one a rebalance recommendation's. */
    private static Journal heldByAnother(Optional<Term> term) {
        Interruption interruption =
                term.isPresent() ? SampleNotices.capacity(START, DEADLINE) : SampleNotices.rebalance(START);
        Notice notice = new Notice(interruption, new MessageId("of-another"), START, Notice.Delivery.FIRST);
        return Causes.merge(Journal.empty(START), List.of(notice))
                .heldBy("pod-9/5eed@other:glidepath")
                .startedAt(START)
                .with(term, Optional.empty());
    }
}
