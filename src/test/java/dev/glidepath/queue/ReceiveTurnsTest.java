package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lab.LogLines;
import dev.glidepath.queue.Receiver.Pace;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class ReceiveTurnsTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final ReceiveTurns turns = new ReceiveTurns(now::get, new Random(7));

    @Test
    void areFreeUnlessNothingMayBeReceived() {
        assertThat(turns.take(Pace.FREELY)).isTrue();
        assertThat(turns.take(Pace.FREELY)).isTrue();
        assertThat(turns.take(Pace.NOT_NOW)).isFalse();
    }

    @Test
    void comeSeldomEveryTenToTwentySecondsToOnePoller() {
        assertThat(turns.take(Pace.SELDOM)).as("when the pace begins").isFalse();
        pass(Receiver.SELDOM.minusMillis(1));
        assertThat(turns.take(Pace.SELDOM)).as("too early").isFalse();

        pass(Receiver.SELDOM.plusMillis(1));

        assertThat(turns.take(Pace.SELDOM)).as("one poller").isTrue();
        assertThat(turns.take(Pace.SELDOM)).as("another poller").isFalse();
    }

    @Test
    void comeAgainAtOnceWhenTheClockWasSetBackByMuch() {
        turns.take(Pace.SELDOM);

        now.set(NOON.minus(Duration.ofHours(1)));

        assertThat(turns.take(Pace.SELDOM)).isTrue();
    }

    @Test
    void pauseIsLoggedWhenItBeginsAndWhenItEnds() {
        try (LogLines log = new LogLines(Receiver.class)) {
            turns.take(Pace.FREELY);
            turns.take(Pace.NOT_NOW);
            turns.take(Pace.NOT_NOW);
            turns.take(Pace.SELDOM);

            assertThat(log.atLeast(Level.INFO))
                    .containsExactly(
                            "INFO receiving pauses: nothing more may be received for now", "INFO receiving goes on");
        }
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }
}
