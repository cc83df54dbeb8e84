package dev.glidepath.departure;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many pods may be in memory at once. Where more depart than there is memory for, those whose machines go first are drained first;
 * the nodes of the others are cordoned, and wait. May be used by any thread.
 */
final class PodRoom {
    /** As many as a kubelet takes by default: a node whose pods have yet to be listed may have so many. */
    static final int PODS_A_NODE = 110;

    /** What a pod takes with all that is remembered and decided about it, twice: the collector copies what lives. */
    private static final long BYTES_A_POD = 2 * 4_000;

    private static final Comparator<Waiting> ORDER =
            Comparator.comparing(Waiting::goneAt).thenComparingLong(Waiting::number);

    private final int most;
    private final Lock lock = new ReentrantLock();

    /** Guarded by the lock, as are those below. */
    private final Queue<Waiting> waiting = new PriorityQueue<>(ORDER);

    private int pods;
    private int shares;
    private long came;

    private record Waiting(Instant goneAt, long number, Condition turn) {}

    /** @param most pods; that many or fewer are let in, but for a single node that has more */
    PodRoom(int most) {
        this.most = most;
    }

    /** As many as fit into half of a heap that may become so large, in bytes. */
    static PodRoom inHeapOf(long bytes) {
        return new PodRoom((int) Math.min(bytes / 2 / BYTES_A_POD, Integer.MAX_VALUE));
    }

    /** The room that the pods of one node take, until it is closed. */
    final class Share implements AutoCloseable {
        private int held = PODS_A_NODE;
        private boolean closed;

        /** They are so many. */
        void holds(int pods) {
            change(() -> {
                if (!closed) {
                    resize(pods);
                }
            });
        }

        /** They are in memory no more; twice is as good as once. */
        @Override
        public void close() {
            change(() -> {
                if (!closed) {
                    resize(0);
                    shares--;
                    closed = true;
                }
            });
        }

        private void resize(int size) {
            pods += size - held;
            held = size;
        }
    }

    /**
     * Waits until there is room for one more node. An interrupt ends the wait.
     *
     * @param goneAt when its machine goes: who has less time comes first
     * @return nothing, if there was none in time
     */
    Optional<Share> take(Instant goneAt, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        Waiting own = new Waiting(goneAt, came++, lock.newCondition());
        waiting.add(own);
        try {
            while (!isNext(own)) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = own.turn().awaitNanos(left);
            }
            shares++;
            pods += PODS_A_NODE;
            return Optional.of(new Share());
        } finally {
            waiting.remove(own);
            callNext();
            lock.unlock();
        }
    }

    /** How many wait for room. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private boolean isNext(Waiting one) {
        return one.equals(waiting.peek()) && (shares == 0 || pods + PODS_A_NODE <= most);
    }

    private void callNext() {
        Waiting next = waiting.peek();
        if (next != null && isNext(next)) {
            next.turn().signal();
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            callNext();
        } finally {
            lock.unlock();
        }
    }
}
