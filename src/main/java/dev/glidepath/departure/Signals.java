package dev.glidepath.departure;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What wakes a departure: something it watches has changed, or something came in for it. Changes that come close together
 * wake it once, and what leaves time may gather for a while.
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
    private boolean pressing;
    private boolean waiting;
    private boolean closed;

    /** A loop that has left, and is called back by the next signal. */
    private Optional<Absent> absent = Optional.empty();

    private record Absent(Runnable callBack, Future<?> alarm) {}

    /** Whether something leaves time to see what else comes. */
    enum Haste {
        /** Somebody waits for what is decided on it. */
        AT_ONCE,
        /** It may be looked at together with what comes a little later. */
        SOON
    }

    Signals(InstantSource clock) {
        this.clock = clock;
    }

    /** Something watched has changed. */
    void changed(Haste haste) {
        lock.lock();
        try {
            switch (haste) {
                case AT_ONCE -> pressing = true;
                case SOON -> waiting = true;
            }
            raised.signalAll();
            callBack();
        } finally {
            lock.unlock();
        }
    }

    /** Something comes in; refused once {@link #closeIfEmpty} said yes, or after {@link #close}. */
    boolean offer(T item, Haste haste) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            inbox.add(item);
            changed(haste);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sleeps until something presses or the time has come.
     *
     * @param soon what leaves time wakes it when so much has passed from now
     */
    void awaitUntil(Instant at, Duration soon) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long end = System.nanoTime() + nanosUntil(at);
            long soonest = System.nanoTime() + soon.toNanos();
            while (!pressing) {
                long until = waiting && soonest - end < 0 ? soonest : end;
                long left = until - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                var _ = raised.awaitNanos(left);
            }
            pressing = false;
            waiting = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The same without a thread: the caller may leave, and is called back, once, by the first signal of either haste, or when the
     * time has come. A thread that waits has a stack, and thousands of them are much.
     *
     * @param alarm runs what it is given in its time, until it is shut down
     * @param back called on the thread that signals: be brief
     * @return whether that will be so; not if something has come already, or the alarm is shut down
     */
    boolean leaveUntil(Instant at, ScheduledExecutorService alarm, Runnable back) {
        lock.lock();
        try {
            if (closed || pressing || waiting || !inbox.isEmpty() || alarm.isShutdown()) {
                return false;
            }
            Future<?> due = alarm.schedule(() -> changed(Haste.AT_ONCE), nanosUntil(at), TimeUnit.NANOSECONDS);
            absent = Optional.of(new Absent(back, due));
            return true;
        } catch (RejectedExecutionException shutDown) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void callBack() {
        Optional<Absent> called = absent;
        absent = Optional.empty();
        called.ifPresent(loop -> {
            var _ = loop.alarm().cancel(false);
            loop.callBack().run();
        });
    }

    /** What came in since it was last asked, for a look that begins now: what was signalled until then wakes it no more. */
    List<T> take() {
        lock.lock();
        try {
            List<T> taken = List.copyOf(inbox);
            inbox.clear();
            pressing = false; // the caller looks after it
            waiting = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more, unless something has come in that was not taken. */
    boolean closeIfEmpty() {
        lock.lock();
        try {
            closed = inbox.isEmpty();
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more, whatever has come in; gives what was not taken. */
    List<T> close() {
        lock.lock();
        try {
            closed = true;
            return take();
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
