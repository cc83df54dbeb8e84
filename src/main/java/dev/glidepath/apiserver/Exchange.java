package dev.glidepath.apiserver;

import java.time.Duration;

/**
 * One request on a {@link Connection}, until its answer is read or given up. A caller that waits for the server says so here: by
 * that a connection is noticed that has fallen silent.
 */
final class Exchange {
    /** A server that owes an answer, or the rest of one, sends something within this time unless it is busy. */
    static final Duration SOON = Duration.ofSeconds(3);

    /** A watch may be quiet for longer. */
    static final Duration NOW_AND_THEN = Duration.ofSeconds(30);

    private static final long NOBODY_WAITS = Long.MIN_VALUE;

    private volatile long patienceNanos = SOON.toNanos();
    private volatile long waitingSince = System.nanoTime();

    /** A caller waits from now on, and a byte usually comes within that time. */
    void await(Duration patience) {
        patienceNanos = patience.toNanos();
        waitingSince = System.nanoTime();
    }

    /** No caller waits any more. */
    void received() {
        waitingSince = NOBODY_WAITS;
    }

    /** Whether a caller has been waiting for longer than that. */
    boolean waitsLongerThan(Duration time, long nowNanos) {
        long since = waitingSince;
        return since != NOBODY_WAITS && nowNanos - since > time.toNanos();
    }

    /** Whether a caller waits, and nothing has come on the connection since it began to. */
    boolean isUnheardSince(long heardAtNanos) {
        long since = waitingSince;
        return since != NOBODY_WAITS && since - heardAtNanos > 0;
    }

    /** Whether a caller has been waiting for longer than is usual, and nothing has come on the connection for as long. */
    boolean isOverdue(long nowNanos, long heardAtNanos) {
        long since = waitingSince;
        return since != NOBODY_WAITS && nowNanos - Math.max(since, heardAtNanos) > patienceNanos;
    }
}
