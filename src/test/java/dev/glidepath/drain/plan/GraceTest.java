package dev.glidepath.drain.plan;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraceTest {
    private static final Instant NOW = Instant.parse("2026-08-24T10:15:00Z");

    @ParameterizedTest(name = "of {0} ms, {1} s")
    @CsvSource({"29000, 29", "28999, 29", "28001, 29", "28000, 28", "1001, 2", "1000, 1"})
    void sendsWhatIsLeftRoundedUpToWholeSeconds(long leftMillis, long sent) {
        assertThat(wishing(ofSeconds(30), Duration.ofMillis(leftMillis)).sentAt(NOW))
                .contains(ofSeconds(sent));
    }

    @ParameterizedTest
    @CsvSource({"999", "1", "0", "-1", "-60000"})
    void neverSendsLessThanASecond(long leftMillis) {
        assertThat(wishing(ofSeconds(30), Duration.ofMillis(leftMillis)).sentAt(NOW))
                .contains(ofSeconds(1));
    }

    @ParameterizedTest
    @CsvSource({"29001", "30000", "31000", "3600000"})
    void sendsNothingWhereThePodsOwnFits(long leftMillis) {
        assertThat(wishing(ofSeconds(30), Duration.ofMillis(leftMillis)).sentAt(NOW))
                .isEmpty();
    }

    @Test
    void leavesAPodThatWishesNoneOrOneSecondAlone() {
        assertThat(wishing(ZERO, ofSeconds(-5)).sentAt(NOW)).isEmpty();
        assertThat(wishing(ZERO, ofSeconds(60)).sentAt(NOW)).isEmpty();
        assertThat(wishing(ofSeconds(1), ofSeconds(-5)).sentAt(NOW)).isEmpty();
    }

    @Test
    void shortensNothingWhereItNeedNotBeOver() {
        assertThat(new Grace(Duration.ofHours(1), Optional.empty()).sentAt(NOW)).isEmpty();
    }

    private static Grace wishing(Duration own, Duration left) {
        return new Grace(own, Optional.of(NOW.plus(left)));
    }
}
