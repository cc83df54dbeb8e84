package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.node.Journal;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A change that is withdrawn while the drain for it is under way, and another replica hears of that. */
class WithdrawnPlayTest {
    private static final Interruption CHANGE = new ScheduledChange(
            Play.INSTANCE, START, "arn", "first", Optional.of(Window.startingAt(START.plus(ofMinutes(10)))));
    private static final Interruption CLOSED =
            new ScheduledChangeClosed(Play.INSTANCE, START.plusSeconds(5), "arn", "second");

    private final Play play = new Play(7);

    @Test
    void theHolderUndoesWhatItDid() {
        underWay().at(START.plusSeconds(5), () -> play.anotherHears(CLOSED)).run();

        assertIsUndone();
    }

    @Test
    void aTakeoverUndoesWhatWasDone() {
        underWay()
                .at(START.plusSeconds(5), () -> {
                    play.anotherHears(CLOSED);
                    play.restart();
                })
                .run();

        assertIsUndone();
    }

    @Test
    void anEvictionThatWaitsForItsTurnIsNotSent() {
        play.pod("web", 0, ofSeconds(1))
                .waits(_ -> ofSeconds(30))
                .notice(CHANGE)
                .noticeAt(START.plusSeconds(5), CLOSED)
                .run();

        assertIsUndone();
        assertThat(play.started(Action.Evict.class, "web")).hasSize(1);
        assertThat(play.sent()).isEmpty();
    }

    private Play underWay() {
        return play.pod("web", 0, ofSeconds(1)).budget(0, ofSeconds(1)).notice(CHANGE);
    }

    private void assertIsUndone() {
        assertThat(play.ending().ending()).isEqualTo(Ending.WITHDRAWN);
        assertThat(play.journal()).hasValueSatisfying(journal -> {
            assertThat(journal.state()).isEqualTo(Journal.State.SETTLED);
            assertThat(journal.holder()).isEmpty();
            assertThat(journal.changed()).isEmpty();
        });
    }
}
