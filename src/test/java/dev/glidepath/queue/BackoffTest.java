package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15), new Random(1));

    @Test
    void doublesUpToTheCapWithHalfLeftToChance() {
        long most = 500;
        for (Duration wait : Stream.generate(backoff::next).limit(20).toList()) {
            assertThat(wait).isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
            most = Math.min(2 * most, 15_000);
        }
    }

    @Test
    void beginsAnewWhenReset() {
        Stream.generate(backoff::next).limit(5).forEach(wait -> {});

        backoff.reset();

        assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(500));
    }
}
