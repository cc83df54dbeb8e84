package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes that AWS Health announces long before: planned, moved, withdrawn, carried out. */
class PlannedPlayTest {
    private static final Instant STARTS = START.plus(ofDays(14));
    private static final Instant BEGINS = STARTS.minus(ofHours(1));

    private final Play play = new Play(7);

    @Test
    void aChangeWeeksAheadIsOnlyJournaledAndItsMessageDeleted() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .runUntil(BEGINS.minusSeconds(1));

        assertThat(play.done())
                .extracting(Play.Done::action)
                .hasSize(2)
                .satisfiesExactly(
                        action -> assertThat(action).isInstanceOf(UpdateJournal.class),
                        action -> assertThat(action).isInstanceOf(DeleteMessages.class));
        Journal journal = play.journal().orElseThrow();
        assertThat(journal.state()).isEqualTo(State.PLANNED);
        assertThat(journal.holder()).isEmpty();
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.looks()).as("it sleeps until its time").hasSizeLessThan(8);
    }

    @Test
    void itsNodeDepartsALeadTimeBeforeThoughEveryProcessWasReplaced() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .at(START.plus(ofDays(3)), play::restart)
                .at(START.plus(ofDays(9)), play::restart)
                .run();

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(BEGINS, BEGINS.plusSeconds(1)));
        assertThat(play.started(Evict.class, "web"))
                .singleElement()
                .satisfies(at -> assertThat(START.plus(at)).isBetween(BEGINS, BEGINS.plusSeconds(1)));
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aBudgetIsHonouredUntilTheLastCall() {
        blocked("web").notice(SampleNotices.change(1, START, STARTS)).run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofDays(14).minusSeconds(35));
        assertThat(play.done(Delete.class)).hasSize(1);
    }

    // Withdrawn.

    @Test
    void onePlannedThatIsWithdrawnLeavesNothingButTheJournal() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(START.plus(ofDays(1)), SampleNotices.closed(2, START.plus(ofDays(1))))
                .runUntil(STARTS.plus(ofDays(1)));

        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.done(Undo.class)).isEmpty();
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(State.SETTLED);
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void oneUnderWayThatIsWithdrawnIsUndone() {
        Instant closed = BEGINS.plusSeconds(100);
        blocked("web")
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(closed, SampleNotices.closed(2, closed))
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.WITHDRAWN);
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.done(LastCall.class)).isEmpty();
        assertThat(play.now()).isBefore(closed.plusSeconds(1));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void oneThatWasDrainedForIsUndoneWhenItIsOverAndTheNodeIsWell() {
        Instant over = STARTS.plus(ofHours(2));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .at(STARTS, play::machineStops)
                .noticeAt(over, SampleNotices.closed(2, over))
                .at(over.plus(ofMinutes(5)), play::machineStarts)
                .runUntil(over.plus(ofHours(1)));

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(over.plus(ofMinutes(5)), over.plus(ofMinutes(6))));
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void oneThatWasDrainedForIsUndoneWhenItIsClosedBeforeItBegan() {
        Instant over = STARTS.minus(ofMinutes(30));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(over, SampleNotices.closed(2, over))
                .runUntil(STARTS.plus(ofHours(1)));

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(over, over.plusSeconds(30)));
        assertThat(play.node.changed()).isEmpty();
    }

    @Test
    void aRebootThatIsNotAnnouncedToBeOverIsUndoneWhenTheNodeIsBack() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .at(STARTS.plusSeconds(30), play::machineStops)
                .at(STARTS.plus(ofMinutes(4)), play::machineStarts)
                .runUntil(STARTS.plus(ofHours(1)));

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(
                        done -> assertThat(done.at()).isBetween(STARTS.plus(ofMinutes(4)), STARTS.plus(ofMinutes(5))));
    }

    @Test
    void whatIsWithdrawnStaysWhereSomethingElseIsUnderWay() {
        Instant closed = BEGINS.plusSeconds(20);
        blocked("web")
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(BEGINS.plusSeconds(10), SampleNotices.spot(BEGINS.plusSeconds(10)))
                .noticeAt(closed, SampleNotices.closed(2, closed))
                .run();

        assertThat(play.done(Undo.class)).isEmpty();
        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(Duration.between(START, BEGINS.plusSeconds(95)));
        assertThat(play.node.changed()).isNotEmpty();
    }

    // Moved.

    @Test
    void oneUnderWayThatIsMovedAwayIsUndoneAndPlannedAgain() {
        Instant moved = BEGINS.plusSeconds(100);
        Instant later = STARTS.plus(ofDays(7));
        blocked("web")
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(moved, SampleNotices.change(2, moved, later))
                .at(moved.plusSeconds(30), () -> {
                    assertThat(play.node.changed()).isEmpty();
                    assertThat(play.journal().map(Journal::state)).contains(State.PLANNED);
                    assertThat(play.messages()).isEmpty();
                })
                .run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(Duration.between(START, later).minusSeconds(35));
        assertThat(play.succeeded(Undo.class)).hasSize(1);
        assertThat(play.succeeded(Cordon.class)).hasSize(2);
    }

    @Test
    void oneThatWasDrainedForAndIsMovedAwayIsUndoneAndPlannedAgain() {
        Instant moved = BEGINS.plus(ofMinutes(30));
        Instant later = STARTS.plus(ofDays(7));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(moved, SampleNotices.change(2, moved, later))
                .runUntil(moved.plus(ofMinutes(1)));

        assertThat(play.succeeded(Undo.class)).hasSize(1);
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(State.PLANNED);
        assertThat(play.messages()).isEmpty();

        play.runUntil(later);

        assertThat(play.succeeded(Cordon.class).getLast().at())
                .isBetween(later.minus(ofHours(1)), later.minus(ofHours(1)).plusSeconds(1));
    }

    @Test
    void oneThatIsMovedAwayGoesOnForAnotherCause() {
        Instant moved = BEGINS.plusSeconds(20);
        blocked("web")
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(BEGINS.plusSeconds(10), Play.asg("token-1", BEGINS.plusSeconds(10)))
                .noticeAt(moved, SampleNotices.change(2, moved, STARTS.plus(ofDays(7))))
                .run();

        assertThat(play.done(Undo.class)).isEmpty();
        assertThat(play.started(LastCall.class, "web")).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void oneThatIsMovedEarlierBeginsEarlier() {
        Instant earlier = START.plus(ofDays(2));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .noticeAt(START.plus(ofDays(1)), SampleNotices.change(2, START.plus(ofDays(1)), earlier))
                .run();

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done ->
                        assertThat(done.at()).isBetween(earlier.minus(ofHours(1)), earlier.minus(ofMinutes(59))));
    }

    // Out of order.

    @Test
    void anOlderUpdateChangesNothing() {
        play.pod("web", 0, ofSeconds(5))
                .noticeAt(START, SampleNotices.change(2, START, STARTS))
                .noticeAt(START.plusSeconds(60), SampleNotices.change(1, START.minusSeconds(60), START.plus(ofDays(1))))
                .runUntil(START.plus(ofDays(2)));

        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.done(UpdateJournal.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void anAnnouncementOlderThanItsEndChangesNothing() {
        play.pod("web", 0, ofSeconds(5))
                .noticeAt(START, SampleNotices.closed(2, START))
                .noticeAt(
                        START.plusSeconds(60), SampleNotices.change(1, START.minusSeconds(60), START.plus(ofHours(2))))
                .runUntil(START.plus(ofDays(2)));

        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.journal().orElseThrow().causes()).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void updatesInAnyOrderComeToTheSame() {
        Interruption first = SampleNotices.change(1, START.minusSeconds(60), STARTS);
        Interruption second = SampleNotices.change(2, START.minusSeconds(30), STARTS.plus(ofDays(1)));
        for (List<Interruption> order : List.of(List.of(first, second), List.of(second, first))) {
            Play each = new Play(7);
            each.notice(order.getFirst()).notice(order.getLast()).runUntil(START.plusSeconds(60));

            Journal journal = each.journal().orElseThrow();
            assertThat(journal.causes()).singleElement().satisfies(cause -> {
                assertThat(cause.id()).isEqualTo(second.id());
                assertThat(cause.goneAt()).contains(STARTS.plus(ofDays(1)));
            });
            assertThat(journal.term().map(Journal.Term::deadline)).contains(STARTS.plus(ofDays(1)));
            assertThat(each.messages()).isEmpty();
        }
    }

    // The brake.

    @Test
    void itDoesNotBeginWhileTooManyDepartAndBeginsWhenTheyAreFewer() {
        Instant fewer = BEGINS.plus(ofMinutes(10));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .at(START, () -> play.tooManyDepart(true))
                .at(fewer, () -> play.tooManyDepart(false))
                .run();

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(fewer, fewer.plusSeconds(16)));
        assertLooksOftenWhileBraked(BEGINS, fewer);
    }

    @Test
    void theBrakeLiftsInTimeBeforeTheDeadline() {
        Instant lifts = STARTS.minus(ofMinutes(15));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .at(START, () -> play.tooManyDepart(true))
                .run();

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(lifts, lifts.plusSeconds(16)));
        assertThat(play.started(Evict.class, "web")).hasSize(1);
    }

    @Test
    void oneUnderWayIsHeldBackToo() {
        Instant many = BEGINS.plusSeconds(30);
        Instant fewer = BEGINS.plus(ofMinutes(10));
        play.pod("first", 0, ofMinutes(1))
                .notice(SampleNotices.change(1, START, STARTS))
                .at(many, () -> {
                    play.tooManyDepart(true);
                    play.pod("late", 0, ofSeconds(5));
                })
                .at(fewer, () -> play.tooManyDepart(false))
                .run();

        assertThat(play.started(Evict.class, "late"))
                .singleElement()
                .satisfies(at -> assertThat(START.plus(at)).isBetween(fewer, fewer.plusSeconds(16)));
        assertLooksOftenWhileBraked(many, fewer);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theBrakeHoldsNobodyAtHisLastCallBack(boolean always) {
        Instant many = BEGINS.plusSeconds(30);
        blocked("web")
                .notice(SampleNotices.change(1, START, STARTS))
                .at(always ? START : many, () -> play.tooManyDepart(true))
                .run();

        assertThat(play.started(LastCall.class, "web"))
                .containsExactly(ofDays(14).minusSeconds(35));
    }

    @Test
    void theBrakeHoldsARebalanceBackUntilItLapses() {
        play.pod("web", 0, ofSeconds(5))
                .policy(SamplePolicy.responding(Kind.REBALANCE_RECOMMENDATION, Response.DRAIN))
                .notice(SampleNotices.rebalance(START))
                .at(START, () -> play.tooManyDepart(true))
                .run();

        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void whatNobodyChoosesIsNeverBraked() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.spot(START))
                .at(START, () -> play.tooManyDepart(true))
                .run();

        assertThat(play.started(Evict.class, "web").getFirst()).isLessThan(ofSeconds(1));
    }

    @Test
    void anInvoluntaryCauseReleasesTheBrake() {
        Instant taken = BEGINS.plus(ofMinutes(1));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, STARTS))
                .at(START, () -> play.tooManyDepart(true))
                .noticeAt(taken, SampleNotices.spot(taken))
                .run();

        assertThat(play.started(Evict.class, "web"))
                .singleElement()
                .satisfies(at -> assertThat(START.plus(at)).isBetween(taken, taken.plusSeconds(1)));
    }

    /** Nothing else would tell that it may go on. */
    private void assertLooksOftenWhileBraked(Instant from, Instant until) {
        assertThat(play.looks().stream()
                        .filter(look -> look.at().isAfter(from.plusSeconds(1)))
                        .filter(look -> look.at().isBefore(until))
                        .filter(look -> !(look.decision().stage() instanceof Stage.Settled)))
                .isNotEmpty()
                .allSatisfy(look -> assertThat(look.decision().lookAgainAt())
                        .isBeforeOrEqualTo(look.at().plusSeconds(15)));
    }

    private Play blocked(String pod) {
        play.pod(SamplePod.of(pod), ofMinutes(30));
        play.pods.addBudget("web", 0, ofSeconds(1), each -> each.ref().name().equals(pod));
        return play;
    }
}
