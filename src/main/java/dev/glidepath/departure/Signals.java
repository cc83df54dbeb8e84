package dev.glidepath.departure;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What wakes a departure: something it watches has changed, or something came in for it. Changes that come close together
 * wake it once.
 *
 * @param <T> what comes in
 */
final class Signals<T> {
    /** The longest sleep, so that a wait for the far end of time can be computed. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private final InstantSource clock;
    private final Lock lock = new ReentrantLock();
    private final Condition raised = lock.newCondition();
    private final List<T> inbox = new ArrayList<>();
    private boolean changed;
    private boolean closed;

    Signals(InstantSource clock) {
        this.clock = clock;
    }

    /** Something watched has changed. */
    void changed() {
        lock.lock();
        try {
            changed = true;
            raised.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Something comes in; refused once {@link #closeIfEmpty} said yes. */
    boolean offer(T item) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            inbox.add(item);
            changed();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Sleeps until something is raised or the time has come. */
    void awaitUntil(Instant at) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanosUntil(at);
            while (!changed && left > 0) {
                left = raised.awaitNanos(left);
            }
            changed = false;
        } finally {
            lock.unlock();
        }
    }

    /** What came in since it was last asked. */
    List<T> take() {
        lock.lock();
        try {
            List<T> taken = List.copyOf(inbox);
            inbox.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more, unless something has come in that nobody took. */
    boolean closeIfEmpty() {
        lock.lock();
        try {
            closed = inbox.isEmpty();
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private long nanosUntil(Instant at) {
        Instant now = clock.instant();
        if (at.isBefore(now)) {
            return 0;
        }
        Instant farthest = now.plus(LONGEST);
        return Duration.between(now, at.isBefore(farthest) ? at : farthest).toNanos();
    }
}
