package dev.glidepath.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LastingThreadTest {
    private static final Duration BOUND = Duration.ofMinutes(1);

    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicBoolean broken = new AtomicBoolean(true);
    private final AtomicBoolean succeeded = new AtomicBoolean();

    @Test
    void outlivesAnErrorAndSaysSoUntilARoundSucceeds() throws InterruptedException {
        LastingThread thread = new LastingThread("keeper", this::goRound).start();

        await().atMost(BOUND).until(() -> rounds.get() >= 2);
        assertThat(thread.trouble())
                .contains("keeper fails and is tried again: java.lang.StackOverflowError: on purpose");
        broken.set(false);
        await().atMost(BOUND).until(() -> thread.trouble().isEmpty());

        thread.interrupt();
        assertThat(thread.join(BOUND)).isTrue();
        assertThat(thread.trouble()).isEmpty();
    }

    @Test
    void isOfTheSystemWhereThatIsAskedFor() throws InterruptedException {
        AtomicBoolean virtual = new AtomicBoolean(true);
        LastingThread thread = LastingThread.ofSystem("punctual", () -> {
                    virtual.set(Thread.currentThread().isVirtual());
                    return false;
                })
                .start();

        assertThat(thread.join(BOUND)).isTrue();
        assertThat(virtual).isFalse();
    }

    @Test
    void endsWithTheRoundThatSaysSo() throws InterruptedException {
        LastingThread thread = new LastingThread("three rounds", () -> rounds.incrementAndGet() < 3).start();

        assertThat(thread.join(BOUND)).isTrue();
        assertThat(rounds).hasValue(3);
        assertThat(thread.trouble()).isEmpty();
    }

    @Test
    void anInterruptEndsThePauseAfterAFailure() throws InterruptedException {
        LastingThread thread = new LastingThread("keeper", this::goRound).start();
        await().atMost(BOUND).until(() -> thread.trouble().isPresent());

        thread.interrupt();

        assertThat(thread.join(BOUND)).isTrue();
    }

    private boolean goRound() throws InterruptedException {
        rounds.incrementAndGet();
        if (broken.get()) {
            throw new StackOverflowError("on purpose");
        }
        if (succeeded.getAndSet(true)) {
            new CountDownLatch(1).await(); // until it is interrupted
        }
        return true;
    }
}
