package dev.glidepath.departure.sharing;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Duration LOOK = ofNanos(300_000);

    private int departures = 1;
    private final Pace pace = new Pace(() -> departures);

    @Test
    void oneDepartureAloneHardlyWaits() {
        looks(LOOK, 1_000);

        assertThat(pace.pause()).isEqualTo(ofMillis(20));
    }

    @Test
    void looksOfAllTakeATenthOfAProcessor() {
        departures = 200;
        looks(LOOK, 1_000);

        assertThat(pace.pause()).isCloseTo(LOOK.multipliedBy(200 * 10), ofMillis(1));
    }

    @Test
    void nobodyWaitsLongerThanASecond() {
        departures = 2_000;
        looks(ofSeconds(10), 1_000);

        assertThat(pace.pause()).isEqualTo(ofSeconds(1));
    }

    @Test
    void looksThatWereKeptFromTheirProcessorCountLittle() {
        departures = 10;
        looks(LOOK, 1_000);
        looks(ofSeconds(10), 1);

        assertThat(pace.pause()).isLessThan(ofMillis(100));
    }

    private void looks(Duration took, int times) {
        for (int i = 0; i < times; i++) {
            pace.looked(took);
        }
    }
}
