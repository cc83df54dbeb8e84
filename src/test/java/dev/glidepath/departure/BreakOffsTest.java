package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BreakOffsTest {
    private static final InstanceId FAILING = new InstanceId("i-0a1b2c3d4e5f60001");

    private final BreakOffs breakOffs = new BreakOffs();

    @Test
    void pausesDoubleUpToAMinute() {
        assertThat(IntStream.range(0, 9).mapToObj(_ -> {
                    breakOffs.add(FAILING);
                    return breakOffs.of(FAILING).length().toSeconds();
                }))
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    }

    @Test
    void aDepartureThatEndedWellPausesASecondAndBeginsAtOnce() {
        assertThat(breakOffs.of(FAILING).length()).isEqualTo(Duration.ofSeconds(1));
        assertThat(breakOffs.of(FAILING).isOver()).isTrue();
    }

    @Test
    void nothingBeginsBeforeThePauseIsOver() {
        breakOffs.add(FAILING);
        assertThat(breakOffs.of(FAILING).isOver()).isFalse();

        breakOffs.end(FAILING, breakOffs.of(FAILING));

        assertThat(breakOffs.of(FAILING).isOver()).isTrue();
    }

    @Test
    void anEarlierPauseEndsNoLaterOne() {
        breakOffs.add(FAILING);
        BreakOffs.Pause first = breakOffs.of(FAILING);
        breakOffs.add(FAILING);

        breakOffs.end(FAILING, first);

        assertThat(breakOffs.of(FAILING).isOver()).isFalse();
    }

    @Test
    void whatIsForgottenBeginsWithTheShortestPause() {
        breakOffs.add(FAILING);
        breakOffs.add(FAILING);

        breakOffs.forget(FAILING);
        breakOffs.add(FAILING);

        assertThat(breakOffs.of(FAILING).length()).isEqualTo(Duration.ofSeconds(1));
    }
}
