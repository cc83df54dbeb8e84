package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.node.Journal;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A scheduled change may be carried out at any moment of its window: nobody is hurried by its beginning. */
class WindowPlayTest {
    /** With the grace of 30 s and the margin of 5 s that every pod here has. */
    private static final Duration LAST_CALL = ofMinutes(15).minusSeconds(35);

    private final Play play = new Play(7);

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 40, 114})
    void aWindowThatHasBegunLeavesAQuarterOfAnHour(int minutesAgo) {
        crowd().notice(SampleNotices.change(1, START.minus(ofDays(14)), begun(ofMinutes(minutesAgo), ofHours(4))))
                .run();

        assertThat(play.started(Evict.class, "web").getFirst()).isLessThan(ofSeconds(1));
        assertEachIsLeftUntil(LAST_CALL);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aWindowThatIsAboutToBeginLeavesAQuarterOfAnHour() {
        crowd().notice(SampleNotices.change(1, START, Window.startingAt(START.plusSeconds(30))))
                .run();

        assertEachIsLeftUntil(LAST_CALL);
    }

    @Test
    void aWindowWithoutAnEndLastsTwoHours() {
        crowd().notice(SampleNotices.change(1, START.minus(ofDays(14)), Window.startingAt(START.minus(ofMinutes(90)))))
                .run();

        assertEachIsLeftUntil(LAST_CALL);
    }

    @Test
    void nothingIsLeftBeyondTheEndOfTheWindow() {
        crowd().notice(SampleNotices.change(1, START.minus(ofDays(14)), begun(ofMinutes(110), ofMinutes(115))))
                .run();

        assertEachIsLeftUntil(ofMinutes(5).minusSeconds(35));
    }

    @Test
    void aWindowThatIsOverIsStaleWhereTheNodeIsWell() {
        crowd().notice(SampleNotices.change(1, START.minus(ofDays(14)), begun(ofMinutes(125), ofMinutes(120))))
                .run();

        assertThat(play.ending().ending()).isEqualTo(Ending.STALE);
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void theTimeCountsFromTheFirstReceiptAfterATakeoverToo() {
        Interruption change = SampleNotices.change(1, START.minus(ofDays(14)), begun(ofMinutes(5), ofHours(2)));
        play.withAnotherReplica();
        crowd().noticeAt(START, change, "message", 0)
                .at(START.plus(ofMinutes(4)), () -> play.dies(0, ofSeconds(20)))
                .noticeAt(START.plus(ofMinutes(9)), change, "of-another-queue", 1)
                .run();

        assertEachIsLeftUntil(LAST_CALL);
    }

    @Test
    void anUpdateWithinTheWindowDoesNotMoveTheDeadlineOut() {
        Window window = begun(ofMinutes(5), ofHours(2));
        crowd().notice(SampleNotices.change(1, START.minus(ofDays(14)), window))
                .noticeAt(START.plus(ofMinutes(10)), SampleNotices.change(2, START.plus(ofMinutes(10)), window))
                .run();

        assertEachIsLeftUntil(LAST_CALL);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void anUpdateOfAPlannedStartIntoThePastLeavesAQuarterOfAnHour() {
        Instant moved = START.plus(ofDays(1));
        crowd().notice(SampleNotices.change(1, START, Window.startingAt(START.plus(ofDays(14)))))
                .noticeAt(moved, SampleNotices.change(2, moved, Window.startingAt(moved.minus(ofMinutes(5)))))
                .run();

        assertEachIsLeftUntil(ofDays(1).plus(LAST_CALL));
    }

    @Test
    void whatWasPlannedAndNobodyBeganInTimeHasAQuarterOfAnHourAsWell() {
        Window window = begun(ofMinutes(20), ofHours(2));
        Notice planned = new Notice(
                SampleNotices.change(1, START.minus(ofDays(14)), window),
                new MessageId("deleted long ago"),
                START.minus(ofDays(14)),
                Notice.Delivery.FIRST);
        crowd();
        play.node.isJournaled(Causes.merge(Journal.empty(START.minus(ofDays(14))), List.of(planned))
                .in(Journal.State.PLANNED));

        play.run();

        assertEachIsLeftUntil(LAST_CALL);
        assertThat(play.journal().orElseThrow().causes()).isEmpty();
    }

    @Test
    void aRebootSoonAfterTheDrainIsKnownForOne() {
        Instant back = START.plus(ofMinutes(8));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START.minus(ofDays(14)), begun(ofMinutes(5), ofHours(2))))
                .at(START.plus(ofMinutes(5)), play::machineStops)
                .at(back, play::machineStarts)
                .runUntil(START.plus(ofHours(1)));

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(back, back.plusSeconds(60)));
        assertThat(play.node.changed()).isEmpty();
    }

    @Test
    void anUnreadableStartDrainsWithinTheBudgetsWithoutLastCalls() {
        Instant closed = START.plus(ofHours(6));
        crowd().notice(SampleNotices.changeAtSomeTime(1, START))
                .noticeAt(closed, SampleNotices.closed(2, closed))
                .runUntil(closed);

        assertThat(play.started(Evict.class, "web").getFirst()).isLessThan(ofSeconds(1));
        for (String name : List.of("bare", "undisturbed", "blocked")) {
            assertThat(play.succeeded(Evict.class))
                    .noneMatch(done -> name.equals(((OnPod) done.action()).pod().name()));
        }
        assertThat(play.done(LastCall.class)).isEmpty();
        assertThat(play.node.changed()).isNotEmpty();

        play.runUntil(closed.plus(ofMinutes(5)));

        assertThat(play.node.changed()).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void anUpdateWhoseStartCanBeReadPlansItAnew() {
        Instant starts = START.plus(ofDays(14));
        crowd().notice(SampleNotices.changeAtSomeTime(1, START))
                .noticeAt(START.plus(ofHours(1)), SampleNotices.change(2, START.plus(ofHours(1)), starts))
                .runUntil(START.plus(ofHours(2)));

        assertThat(play.node.changed()).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(Journal.State.PLANNED);
        assertThat(play.messages()).isEmpty();
    }

    private static Window begun(Duration ago, Duration length) {
        return new Window(START.minus(ago), START.minus(ago).plus(length));
    }

    /** One that goes at once, and of each sort that is to be left one. */
    private Play crowd() {
        play.pod("web", 0, ofSeconds(5))
                .pod(SamplePod.of("bare").owner(new Owner.Nobody()), ofSeconds(5))
                .pod(SamplePod.of("undisturbed").with(Trait.DO_NOT_DISRUPT), ofSeconds(5))
                .pod(SamplePod.of("blocked"), ofSeconds(5));
        play.pods.addBudget(
                "blocked", 0, ofSeconds(1), each -> each.ref().name().equals("blocked"));
        return play;
    }

    /** A full budget is asked now and then; that costs nothing. */
    private void assertEachIsLeftUntil(Duration lastCall) {
        for (String name : List.of("bare", "undisturbed")) {
            assertThat(play.started(Evict.class, name)).as(name).isEmpty();
        }
        for (String name : List.of("bare", "undisturbed", "blocked")) {
            assertThat(play.started(LastCall.class, name).getFirst())
                    .as(name)
                    .isBetween(lastCall.minusSeconds(2), lastCall);
        }
        assertThat(play.done(Action.Delete.class))
                .allSatisfy(done ->
                        assertThat(done.at()).isAfter(START.plus(lastCall).minusSeconds(2)));
    }
}
