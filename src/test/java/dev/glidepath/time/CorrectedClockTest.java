package dev.glidepath.time;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.time.CorrectedClock.Change;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorrectedClockTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00.400Z");

    private final List<Change> told = new ArrayList<>();
    private Duration ahead = ZERO;
    private Duration passed = ZERO;

    @ParameterizedTest
    @ValueSource(ints = {-4, 0, 4})
    void aClockThatIsNearlyRightIsBelieved(int secondsAhead) {
        CorrectedClock clock = clock(ofSeconds(secondsAhead));

        for (int each = 0; each < 20; each++) {
            answer(clock, ofMillis(50));
            clock.sent(now().minusMillis(100));
            clock.sent(now().minusSeconds(3_600));
            passed = passed.plusSeconds(7);
        }

        assertThat(clock.instant()).isEqualTo(now().plusSeconds(secondsAhead));
        assertThat(clock.skew()).isZero();
        assertThat(told).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-7_200, -120, 120, 720})
    void aClockThatIsWrongIsCorrectedForByThreeAnswers(int secondsAhead) {
        CorrectedClock clock = clock(ofSeconds(secondsAhead));

        answer(clock, ofMillis(50));
        answer(clock, ofMillis(50));
        assertThat(clock.instant()).as("after two").isEqualTo(now().plusSeconds(secondsAhead));
        answer(clock, ofMillis(50));

        assertIsRight(clock);
        assertThat(clock.skew()).isBetween(ofSeconds(secondsAhead - 1), ofSeconds(secondsAhead + 1));
        assertThat(told).singleElement().isInstanceOf(Change.Wrong.class);
    }

    @Test
    void aClockThatIsBehindIsCorrectedForByOneMessage() {
        CorrectedClock clock = clock(ofMinutes(-2));

        clock.sent(now().minusMillis(300));

        assertThat(clock.instant()).isEqualTo(now().minusMillis(300));
        assertThat(told).containsExactly(new Change.Wrong(ofMillis(-119_700)));
    }

    @Test
    void theNewestMessageCountsAmongThoseThatWaited() {
        CorrectedClock clock = clock(ofMinutes(-2));

        clock.sent(now().minusSeconds(60));
        clock.sent(now().minusMillis(300));
        clock.sent(now().minusSeconds(90));

        assertThat(clock.instant()).isEqualTo(now().minusMillis(300));
        assertThat(told).hasSize(1);
    }

    @Test
    void messagesSayNothingOfAClockThatIsAhead() {
        CorrectedClock clock = clock(ofMinutes(2));

        clock.sent(now().minusMillis(300));
        clock.sent(now().minusSeconds(3_600));

        assertThat(clock.instant()).isEqualTo(now().plusSeconds(120));
    }

    @Test
    void aServerWhoseOwnClockIsWrongIsRefutedByOneMessageForGood() {
        CorrectedClock clock = clock(ZERO);
        for (int each = 0; each < 5; each++) {
            clock.answered(now().minusSeconds(120).truncatedTo(ChronoUnit.SECONDS), ofMillis(50));
        }
        assertThat(clock.instant()).isBefore(now().minusSeconds(118));

        clock.sent(now().minusMillis(300));

        assertThat(clock.instant()).isEqualTo(now());
        for (int each = 0; each < 60; each++) {
            passed = passed.plusSeconds(60);
            clock.answered(now().minusSeconds(120).truncatedTo(ChronoUnit.SECONDS), ofMillis(50));
            assertThat(clock.instant()).isEqualTo(now());
        }
        assertThat(told).hasSize(2).last().isEqualTo(new Change.Right());
    }

    @Test
    void answersThatDisagreeProveNothing() {
        CorrectedClock clock = clock(ofMinutes(2));
        for (int each = 0; each < 10; each++) {
            answer(clock, ofMillis(50));
            clock.answered(now().minusSeconds(120).truncatedTo(ChronoUnit.SECONDS), ofMillis(50));
        }

        assertThat(clock.instant()).isEqualTo(now().plusSeconds(120));
        assertThat(told).isEmpty();
    }

    @Test
    void anAnswerThatTookLongSaysLittle() {
        CorrectedClock clock = clock(ofSeconds(8));
        for (int each = 0; each < 5; each++) {
            answer(clock, ofSeconds(20));
        }
        assertThat(clock.instant()).isEqualTo(now().plusSeconds(8));

        answer(clock, ofMillis(50));

        assertThat(clock.instant()).as("the others allow it").isBefore(now().plusSeconds(2));
    }

    @Test
    void oneOddAnswerChangesNothing() {
        CorrectedClock clock = clock(ofMinutes(2));
        for (int each = 0; each < 5; each++) {
            answer(clock, ofMillis(50));
        }
        Instant before = clock.instant();
        clock.sent(now().minusSeconds(40));

        clock.answered(now().minusSeconds(500).truncatedTo(ChronoUnit.SECONDS), ofMillis(50));

        assertThat(clock.instant()).isEqualTo(before);
        assertThat(told).hasSize(1);
    }

    @Test
    void whatIsCorrectedForDoesNotFlap() {
        CorrectedClock clock = clock(ofSeconds(12));
        Random random = new Random(7);
        Set<Duration> errors = new HashSet<>();
        for (int each = 0; each < 5_000; each++) {
            passed = passed.plusMillis(random.nextInt(2_000));
            answer(clock, ofMillis(random.nextInt(900)));
            clock.sent(now().minusMillis(random.nextInt(100_000)));
            if (each >= 5) {
                errors.add(Duration.between(now(), clock.instant()));
            }
        }

        assertIsRight(clock);
        assertThat(errors).hasSizeLessThan(4);
        assertThat(told).hasSize(1);
    }

    @Test
    void aClockThatIsSetRightWhileItIsCorrectedForChangesNothing() {
        CorrectedClock clock = clock(ofMinutes(12));
        for (int each = 0; each < 5; each++) {
            answer(clock, ofMillis(50));
        }
        Instant before = clock.instant();

        ahead = ZERO;

        assertThat(clock.instant()).isEqualTo(before);
        answer(clock, ofMillis(50));
        assertThat(clock.instant()).isEqualTo(now());
        assertThat(clock.skew()).isZero();
        assertThat(told).hasSize(2).last().isEqualTo(new Change.Right());
    }

    @Test
    void aClockThatIsSetWrongLaterIsCorrectedFor() {
        CorrectedClock clock = clock(ZERO);
        for (int each = 0; each < 5; each++) {
            answer(clock, ofMillis(50));
        }

        ahead = ofMinutes(5);
        answer(clock, ofMillis(50));

        assertIsRight(clock);
    }

    @ParameterizedTest
    @ValueSource(ints = {-8, 8})
    void aLittleIsCorrectedForWithoutAWord(int secondsAhead) {
        CorrectedClock clock = clock(ofSeconds(secondsAhead));
        for (int each = 0; each < 5; each++) {
            answer(clock, ofMillis(50));
        }

        assertIsRight(clock);
        assertThat(told).isEmpty();
    }

    private CorrectedClock clock(Duration machineAhead) {
        ahead = machineAhead;
        CorrectedClock clock = new CorrectedClock(new SteadyClock(() -> now().plus(ahead), () -> passed.toNanos()));
        clock.onChange(told::add);
        return clock;
    }

    /** A server that knows the time answers in the midst of that. */
    private void answer(CorrectedClock clock, Duration took) {
        passed = passed.plus(took.dividedBy(2));
        Instant date = now().truncatedTo(ChronoUnit.SECONDS);
        passed = passed.plus(took.dividedBy(2));
        clock.answered(date, took);
    }

    private Instant now() {
        return NOON.plus(passed);
    }

    private void assertIsRight(CorrectedClock clock) {
        assertThat(Duration.between(now(), clock.instant()).abs()).isLessThan(ofSeconds(1));
    }
}
