package dev.glidepath.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Trouble with one thing we do, on however many threads: logged when it begins, when its kind changes and when it ends, not at
 * each attempt. One success ends it. A missing permission is not logged here: {@link dev.glidepath.permission.Permissions} reports
 * it.
 */
final class Trouble {
    private final String doing;
    private final Logger log;
    private final InstantSource clock;
    private final Consumer<QueueException> failures;
    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock, and logged under it: so the lines tell it in the order it happened. */
    private Receiver.State.@Nullable Troubled now;

    /** Guarded by the lock: whether the log was told of it. */
    private boolean logged;

    /** @param failures is told of each failure */
    Trouble(String doing, Logger log, InstantSource clock, Consumer<QueueException> failures) {
        this.doing = doing;
        this.log = log;
        this.clock = clock;
        this.failures = failures;
    }

    void met(QueueException failure) {
        lock.lock();
        try {
            Receiver.State.Troubled before = now;
            Instant since = before == null ? clock.instant() : before.since();
            now = new Receiver.State.Troubled(since, failure.category(), String.valueOf(failure.getMessage()));
            boolean changed = before == null || before.category() != failure.category();
            if (changed && failure.missing().isEmpty()) {
                logged = true;
                var level = failure.category().needsPerson() ? Logger.Level.ERROR : Logger.Level.WARN;
                log.logf(level, "trouble %s: %s", doing, failure.getMessage());
            }
        } finally {
            lock.unlock();
        }
        try {
            failures.accept(failure);
        } catch (RuntimeException unexpected) {
            log.error("a failure could not be counted", unexpected);
        }
    }

    void ended() {
        lock.lock();
        try {
            Receiver.State.Troubled before = now;
            now = null;
            if (before != null && logged) {
                logged = false;
                log.infof("no more trouble %s, after %s", doing, Duration.between(before.since(), clock.instant()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** What it is now; empty when there is none. */
    Optional<Receiver.State> state() {
        lock.lock();
        try {
            return Optional.ofNullable(now);
        } finally {
            lock.unlock();
        }
    }
}
