package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignalsTest {
    private final InstantSource clock = Clock.systemUTC();
    private final Signals<String> signals = new Signals<>(clock);

    @Test
    void aChangeBeforeTheSleepIsNotMissed() throws InterruptedException {
        signals.changed();

        signals.awaitUntil(Instant.MAX);
    }

    @Test
    void sleepsNoLongerThanItIsTold() throws InterruptedException {
        signals.awaitUntil(clock.instant().plusMillis(1));
        signals.awaitUntil(Instant.MIN);
    }

    @Test
    void changesThatComeTogetherWakeOnce() throws InterruptedException {
        signals.changed();
        signals.changed();
        signals.awaitUntil(Instant.MAX);
        CountDownLatch woken = new CountDownLatch(1);
        Thread sleeper = Thread.ofVirtual().start(() -> sleep(woken));

        assertThat(woken.await(50, TimeUnit.MILLISECONDS)).isFalse();
        signals.changed();
        assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(sleeper.join(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void whatComesInWakesAndIsTakenOnceInOrder() throws InterruptedException {
        assertThat(signals.offer("a")).isTrue();
        assertThat(signals.offer("b")).isTrue();

        signals.awaitUntil(Instant.MAX);

        assertThat(signals.take()).containsExactly("a", "b");
        assertThat(signals.take()).isEmpty();
    }

    @Test
    void staysOpenForWhatNobodyTookAndRefusesWhatComesLater() {
        signals.offer("a");
        assertThat(signals.closeIfEmpty()).isFalse();
        signals.take();
        assertThat(signals.closeIfEmpty()).isTrue();

        assertThat(signals.offer("late")).isFalse();
    }

    private void sleep(CountDownLatch woken) {
        try {
            signals.awaitUntil(Instant.MAX);
            woken.countDown();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
