package dev.glidepath.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WatchPausesTest {
    /** A generator that always draws zero. */
    private final WatchPauses shortest = new WatchPauses(() -> 0);

    /** A generator that always draws nearly one. */
    private final WatchPauses longest = new WatchPauses(() -> -1);

    @Test
    void growWithEachFailureUpToTenSeconds() {
        assertThat(pauses(shortest, 6)).containsExactly(500L, 1_000L, 2_000L, 4_000L, 5_000L, 5_000L);
        assertThat(pauses(longest, 5)).containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 10_000L);
    }

    @Test
    void aSuccessBeginsThemAgain() {
        pauses(shortest, 4);
        assertThat(shortest.failures()).isEqualTo(4);

        shortest.succeeded();

        assertThat(shortest.failures()).isZero();
        assertThat(pauses(shortest, 1)).containsExactly(500L);
    }

    @Test
    void areAtLeastAsLongAsTheServerWants() {
        shortest.failed();

        assertThat(shortest.afterFailure(Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(30));
        assertThat(shortest.afterFailure(Duration.ZERO)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void areShortAfterABriefWatchHoweverManyFailed() {
        pauses(shortest, 5);

        assertThat(shortest.afterBriefWatch()).isEqualTo(Duration.ofMillis(500));
    }

    private static List<Long> pauses(WatchPauses pauses, int failures) {
        return IntStream.range(0, failures)
                .mapToObj(_ -> {
                    pauses.failed();
                    return pauses.afterFailure().toMillis();
                })
                .toList();
    }
}
