package dev.glidepath.drain.plan;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.SamplePod;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HorizonTest {
    private static final Instant START = Instant.parse("2026-08-24T10:15:00Z");
    private static final Horizon.Deadline SPOT = in(ofMinutes(2));

    @ParameterizedTest(name = "with a grace of {0} s, {1} s after a spot notice")
    @CsvSource({"0, 115", "1, 114", "30, 85", "99, 16", "100, 15", "101, 15", "120, 15", "600, 15"})
    void theLastCallLeavesThePodItsGraceAndTheMargin(int grace, int lastCall) {
        assertThat(SPOT.lastCallOf(pod(grace), ZERO)).isEqualTo(START.plusSeconds(lastCall));
    }

    @Test
    void aPodWithAVolumeIsCalledSoMuchEarlierAsDetachingTakes() {
        Pod pod = SamplePod.of("db").claiming("data").build();

        assertThat(SPOT.lastCallOf(pod, ZERO)).isEqualTo(START.plusSeconds(65));
        assertThat(SPOT.goneBy(pod)).isEqualTo(START.plusSeconds(95));
        assertThat(SPOT.goneBy(pod(30))).isEqualTo(START.plusSeconds(115));
    }

    @Test
    void theMoreCallsAreDueTheEarlierEachIs() {
        assertThat(SPOT.lastCallOf(pod(30), ofSeconds(7))).isEqualTo(START.plusSeconds(78));
        assertThat(SPOT.lastCallOf(pod(30), ofMinutes(3)))
                .as("but budgets have their time in any case")
                .isEqualTo(START.plusSeconds(15));
    }

    @ParameterizedTest(name = "of {0} s, {1} s")
    @CsvSource({"600, 15", "60, 15", "59, 14.75", "40, 10", "8, 2", "1, 0.25", "0, 0"})
    void budgetsAreHonouredForFifteenSecondsOrAQuarterOfTheTime(long there, double honoured) {
        Horizon.Deadline deadline = in(ofSeconds(there));

        assertThat(deadline.lastCallOf(pod(3_600), ZERO)).isEqualTo(START.plusMillis((long) (honoured * 1_000)));
    }

    @Test
    void aGraceLongerThanTheTimeThereWasNeedsNoMoreThanThat() {
        assertThat(in(ofMinutes(15)).lastCallOf(pod(600), ZERO)).isEqualTo(START.plusSeconds(295));
        assertThat(SPOT.lastCallOf(pod(600), ZERO)).isEqualTo(SPOT.lastCallOf(pod(120), ZERO));
    }

    @Test
    void aDeadlineLearnedTooLateLeavesNoTimeRatherThanLessThanNone() {
        Horizon.Deadline past = in(ofSeconds(-10));

        assertThat(SPOT.timeThereWas()).isEqualTo(ofMinutes(2));
        assertThat(past.timeThereWas()).isEqualTo(ZERO);
        assertThat(past.lastCallOf(pod(30), ZERO)).isEqualTo(START);
    }

    @Test
    void onlyADeadlineHasALastCallAndAnEndToTheGrace() {
        Pod pod = pod(30);

        assertThat(SPOT.lastCall(pod, ofSeconds(1))).contains(START.plusSeconds(84));
        assertThat(SPOT.grace(pod).endsBy()).contains(START.plusSeconds(115));
        assertThat(SPOT.grace(pod).own()).isEqualTo(ofSeconds(30));
        for (Horizon endless : new Horizon[] {new Horizon.Calm(), new Horizon.Going()}) {
            assertThat(endless.lastCall(pod, ZERO)).isEmpty();
            assertThat(endless.grace(pod).endsBy()).isEmpty();
            assertThat(endless.grace(pod).own()).isEqualTo(ofSeconds(30));
        }
    }

    private static Horizon.Deadline in(Duration time) {
        return new Horizon.Deadline(START, START.plus(time));
    }

    private static Pod pod(int graceSeconds) {
        return SamplePod.of("web").grace(ofSeconds(graceSeconds)).build();
    }
}
