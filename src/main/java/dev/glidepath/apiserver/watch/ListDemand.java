package dev.glidepath.apiserver.watch;

import dev.glidepath.time.SteadyClock;
import dev.glidepath.time.SteadyClock.Moment;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Lists that callers wait for. All callers share one list; the watch is ended for it, once enough time has passed since the last
 * list. Safe for use by many threads.
 *
 * <pre>
 *   WATCHING --a caller waits--> WANTED --the rest is over, the watch ends--> DUE --> LISTING --> WATCHING
 * </pre>
 */
final class ListDemand {
    private static final Logger LOG = Logger.getLogger(ListDemand.class);

    /** A list that a caller waits for is read so much later than the last, and the longer it took the later. */
    static final Duration SHORTEST_REST = Duration.ofSeconds(1);

    static final Duration LONGEST_REST = Duration.ofMinutes(1);

    private static final int TIMES_AS_LONG_AS_IT_TOOK = 20;

    private final String what;
    private final SteadyClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition listed = lock.newCondition();
    private final CountDownLatch closing = new CountDownLatch(1);

    /** Guarded by the lock, as is what follows. */
    private InputStream watched = InputStream.nullInputStream();

    private Progress progress = Progress.WATCHING;
    private Moment listedAt = Moment.NEVER;
    /** Of steady time. */
    private Instant nextListAt = Instant.MIN;

    /** How far a list is that a caller waits for. */
    private enum Progress {
        WATCHING,
        /** Wanted, and not to be read yet. */
        WANTED,
        /** The watch is ended for it. */
        DUE,
        LISTING
    }

    /** @param what the objects in the plural, for thread names */
    ListDemand(String what, SteadyClock clock) {
        this.what = what;
        this.clock = clock;
    }

    /**
     * Waits until a list has been read that was asked for at this moment or later.
     *
     * @return whether that was so in time
     */
    boolean awaitListSince(Instant moment, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (lastAsked().isBefore(moment) && !isClosed() && left > 0) {
                if (progress == Progress.WATCHING) {
                    progress = Progress.WANTED;
                    endWatchAfterRest();
                }
                left = listed.awaitNanos(left);
            }
            return !lastAsked().isBefore(moment);
        } finally {
            lock.unlock();
        }
    }

    /** When the last list was asked for that has been taken in; long past where there was none. */
    Instant listedAt() {
        lock.lock();
        try {
            return lastAsked();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the watch was ended for a list, which has not begun. */
    boolean isDue() {
        lock.lock();
        try {
            return progress == Progress.DUE;
        } finally {
            lock.unlock();
        }
    }

    /** A list begins. */
    void beginList() {
        advance(Progress.LISTING);
    }

    /** The list is over, and what it brought is taken in. */
    void endList() {
        advance(Progress.WATCHING);
    }

    /**
     * What a list brought was taken in.
     *
     * @param took from then until all of it was read
     */
    void taken(Moment askedAt, Duration took) {
        long rest = took.multipliedBy(TIMES_AS_LONG_AS_IT_TOOK).toMillis();
        lock.lock();
        try {
            listedAt = askedAt;
            nextListAt = clock.steady().plusMillis(Math.clamp(rest, SHORTEST_REST.toMillis(), LONGEST_REST.toMillis()));
        } finally {
            lock.unlock();
        }
    }

    /** A watch begins; it is closed when a list is due, and at the end. */
    void beginWatch(InputStream body) {
        lock.lock();
        try {
            watched = body;
            if (isClosed() || progress == Progress.DUE) {
                closeQuietly(body);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the watch; no caller waits any longer. */
    void close() {
        lock.lock();
        try {
            closing.countDown();
            closeQuietly(watched);
            listed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closing.getCount() == 0;
    }

    /**
     * Waits until it is closed.
     *
     * @return whether it was, in time
     */
    boolean awaitClose(Duration atMost) throws InterruptedException {
        return closing.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void advance(Progress next) {
        lock.lock();
        try {
            progress = next;
            listed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** By the clock as it is now: once that was set back, a list of before is not to seem asked for after receipts of now. */
    private Instant lastAsked() {
        return clock.earliest(listedAt);
    }

    /** The place of the watch is then taken by a list, and what happens meanwhile is in that. */
    private void endWatchAfterRest() {
        Duration rest = nextListAt.equals(Instant.MIN) ? Duration.ZERO : Duration.between(clock.steady(), nextListAt);
        Thread.ofVirtual().name("list of " + what).start(() -> {
            try {
                if (!awaitClose(rest)) {
                    endWatch();
                }
            } catch (InterruptedException neverHappens) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void endWatch() {
        lock.lock();
        try {
            if (progress == Progress.WANTED) {
                progress = Progress.DUE;
                closeQuietly(watched);
            }
        } finally {
            lock.unlock();
        }
    }

    private static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException alreadyBroken) {
            LOG.tracef(alreadyBroken, "closing a watch");
        }
    }
}
