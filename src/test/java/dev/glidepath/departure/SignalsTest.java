package dev.glidepath.departure;

import static dev.glidepath.departure.Signals.Haste.AT_ONCE;
import static dev.glidepath.departure.Signals.Haste.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SignalsTest {
    private final InstantSource clock = Clock.systemUTC();
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Signals<String> signals = new Signals<>(clock);

    @Test
    void aChangeBeforeTheSleepIsNotMissed() throws InterruptedException {
        signals.changed(AT_ONCE);

        signals.awaitUntil(Instant.MAX, SHORT);
    }

    @Test
    void sleepsNoLongerThanItIsTold() throws InterruptedException {
        signals.awaitUntil(clock.instant().plusMillis(1), SHORT);
        signals.awaitUntil(Instant.MIN, SHORT);
    }

    @Test
    void changesThatComeTogetherWakeOnce() throws InterruptedException {
        signals.changed(AT_ONCE);
        signals.changed(AT_ONCE);
        signals.awaitUntil(Instant.MAX, SHORT);
        CountDownLatch woken = new CountDownLatch(1);
        Thread sleeper = Thread.ofVirtual().start(() -> sleep(woken));

        assertThat(woken.await(50, TimeUnit.MILLISECONDS)).isFalse();
        signals.changed(AT_ONCE);
        assertThat(woken.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(sleeper.join(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void whatLeavesTimeWakesALittleLater() throws InterruptedException {
        signals.changed(SOON);
        long began = System.nanoTime();

        signals.awaitUntil(Instant.MAX, Duration.ofMillis(50));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }

    @Test
    void whatPressesWaitsForNothingThatLeavesTime() throws InterruptedException {
        signals.changed(SOON);
        signals.changed(AT_ONCE);

        signals.awaitUntil(Instant.MAX, Duration.ofDays(1)); // else the test hangs
    }

    /** Closing it does not wait for what is due later: a test that fails is to fail at once. */
    private static ScheduledThreadPoolExecutor alarm() {
        ScheduledThreadPoolExecutor alarm = new ScheduledThreadPoolExecutor(1);
        alarm.setRemoveOnCancelPolicy(true);
        alarm.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return alarm;
    }

    @Test
    void aLoopThatLeftIsCalledBackOnceByTheFirstSignal() {
        try (ScheduledThreadPoolExecutor alarm = alarm()) {
            AtomicInteger calls = new AtomicInteger();

            assertThat(signals.leaveUntil(Instant.MAX, alarm, calls::incrementAndGet))
                    .isTrue();
            assertThat(calls).hasValue(0);
            signals.offer("one", SOON);
            signals.changed(AT_ONCE);

            assertThat(calls).hasValue(1);
            assertThat(signals.take()).containsExactly("one");
            assertThat(alarm.getQueue()).isEmpty();
        }
    }

    @Test
    void aLoopThatLeftIsCalledBackInTime() throws InterruptedException {
        try (ScheduledThreadPoolExecutor alarm = alarm()) {
            CountDownLatch called = new CountDownLatch(1);

            assertThat(signals.leaveUntil(clock.instant().plusMillis(1), alarm, called::countDown))
                    .isTrue();

            assertThat(called.await(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void nobodyLeavesWhileThereIsSomethingToLookAt() {
        try (ScheduledThreadPoolExecutor alarm = alarm()) {
            AtomicInteger calls = new AtomicInteger();
            signals.changed(SOON);

            assertThat(signals.leaveUntil(Instant.MAX, alarm, calls::incrementAndGet))
                    .isFalse();
            signals.take();
            signals.offer("one", AT_ONCE);
            assertThat(signals.leaveUntil(Instant.MAX, alarm, calls::incrementAndGet))
                    .isFalse();
            signals.take();
            alarm.shutdownNow();
            assertThat(signals.leaveUntil(Instant.MAX, alarm, calls::incrementAndGet))
                    .isFalse();

            signals.changed(AT_ONCE);
            assertThat(calls).hasValue(0);
        }
    }

    @Test
    void whatLeavesTimeDoesNotOutlastTheTimeToLookAgain() throws InterruptedException {
        signals.changed(SOON);

        signals.awaitUntil(clock.instant().plusMillis(1), Duration.ofDays(1)); // else the test hangs
    }

    @Test
    void whatComesInWakesAndIsTakenOnceInOrder() throws InterruptedException {
        assertThat(signals.offer("a", AT_ONCE)).isTrue();
        assertThat(signals.offer("b", AT_ONCE)).isTrue();

        signals.awaitUntil(Instant.MAX, SHORT);

        assertThat(signals.take()).containsExactly("a", "b");
        assertThat(signals.take()).isEmpty();
    }

    @Test
    void whatWasSignalledBeforeTheLookWakesNobodyAfterIt() throws InterruptedException {
        signals.offer("a", AT_ONCE);
        signals.changed(SOON);
        assertThat(signals.take()).containsExactly("a");
        CountDownLatch woken = new CountDownLatch(1);
        Thread sleeper = Thread.ofVirtual().start(() -> sleep(woken));

        assertThat(woken.await(50, TimeUnit.MILLISECONDS)).isFalse();
        signals.changed(AT_ONCE);
        assertThat(sleeper.join(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void staysOpenForWhatNobodyTookAndRefusesWhatComesLater() {
        signals.offer("a", AT_ONCE);
        assertThat(signals.closeIfEmpty()).isFalse();
        signals.take();
        assertThat(signals.closeIfEmpty()).isTrue();

        assertThat(signals.offer("late", AT_ONCE)).isFalse();
    }

    private void sleep(CountDownLatch woken) {
        try {
            signals.awaitUntil(Instant.MAX, SHORT);
            woken.countDown();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
