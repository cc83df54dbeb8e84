package dev.glidepath.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.time.SteadyClock.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    private final AtomicReference<Instant> passing = new AtomicReference<>(NOON);
    private final AtomicReference<Duration> set = new AtomicReference<>(Duration.ZERO);
    private final SteadyClock clock =
            new SteadyClock(() -> passing.get().plus(set.get()), () -> ChronoUnit.NANOS.between(NOON, passing.get()));

    @Test
    void aMomentIsWhatItWasWhileNobodySetsTheClock() {
        Moment moment = clock.moment();
        passing.set(NOON.plusSeconds(60));

        assertThat(clock.earliest(moment)).isEqualTo(NOON);
        assertThat(clock.steady()).isEqualTo(clock.instant());
    }

    @Test
    void aMomentIsAsLongAgoAsItIsByAClockThatWasSetBack() {
        Moment moment = clock.moment();
        passing.set(NOON.plusSeconds(60));
        set.set(Duration.ofHours(-1));

        assertThat(clock.earliest(moment)).isEqualTo(NOON.minus(Duration.ofHours(1)));
        assertThat(clock.steady()).isEqualTo(NOON.plusSeconds(60));
        assertThat(clock.byMachine(NOON.plusSeconds(70)))
                .isEqualTo(clock.instant().plusSeconds(10));
    }

    @Test
    void aMomentIsNoLaterByAClockThatWasSetForward() {
        Moment moment = clock.moment();
        set.set(Duration.ofHours(1));

        assertThat(clock.earliest(moment)).isEqualTo(NOON);
    }

    /** Two clocks are never read at once, and drift. */
    @Test
    void whatTheClocksDriftApartIsNotTakenForASetting() {
        Moment moment = clock.moment();
        set.set(Duration.ofMillis(-20));

        assertThat(clock.earliest(moment)).isEqualTo(NOON);
    }

    @Test
    void neverIsBeforeAllOthers() {
        assertThat(clock.earliest(Moment.NEVER)).isEqualTo(Instant.MIN);
    }
}
