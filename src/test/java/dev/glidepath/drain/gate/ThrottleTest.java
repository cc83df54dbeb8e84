package dev.glidepath.drain.gate;

import static dev.glidepath.drain.gate.GateSamples.START;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final Throttle throttle = new Throttle(8);

    @Test
    void nothingPassesTheConfiguredNumber() {
        grant(8);

        assertThat(throttle.isFull()).isTrue();
    }

    @Test
    void freedPlaceMayBeTakenAgain() {
        grant(8);

        throttle.free();

        assertThat(throttle.isFullBeforeLastCalls(START)).isFalse();
    }

    @Test
    void overloadBoundsOnlyWhatCanWait() {
        long first = throttle.grant();
        throttle.overloaded(first, Duration.ZERO, START);

        grant(3);

        assertThat(throttle.isFullBeforeLastCalls(START)).isTrue();
        assertThat(throttle.isFull()).isFalse();
    }

    @Test
    void shorterWishOfTheServerDoesNotCutALongerOne() {
        throttle.overloaded(throttle.grant(), Duration.ofSeconds(3), START);
        throttle.overloaded(throttle.grant(), Duration.ofSeconds(1), START);
        throttle.free();
        throttle.free();

        assertThat(throttle.isFullBeforeLastCalls(START.plusMillis(2_999))).isTrue();
        assertThat(throttle.isFullBeforeLastCalls(START.plusSeconds(3))).isFalse();
    }

    @Test
    void fewPassWhileMoreUrgentWorkIsDone() {
        throttle.yieldTo(() -> true);
        grant(3);
        assertThat(throttle.isYielding()).isFalse();

        grant(1);

        assertThat(throttle.isYielding()).isTrue();
        assertThat(throttle.isFullBeforeLastCalls(START)).isTrue();
    }

    private void grant(int times) {
        for (int i = 0; i < times; i++) {
            throttle.grant();
        }
    }
}
