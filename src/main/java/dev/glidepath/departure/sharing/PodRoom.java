package dev.glidepath.departure.sharing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many pods may be in memory at once. Where more depart than there is memory for, those whose instances go first are drained first;
 * the nodes of the others are cordoned, and wait. Instances that do not go soon take no more than half of it: their drains may take hours.
 * May be used by any thread.
 */
public final class PodRoom implements AutoCloseable {
    /** As many as a kubelet takes by default: a node whose pods have yet to be listed may have so many. */
    static final int PODS_A_NODE = 110;

    /** A node may have more of them than that: so few are in doubt at once. */
    static final int NODES_IN_DOUBT = 4;

    static final Duration SOON = Duration.ofMinutes(10);

    /** What a pod takes with all that is remembered and decided about it, twice: the collector copies what lives. */
    private static final long BYTES_A_POD = 2 * 4_000;

    private static final Comparator<Waiting> ORDER =
            Comparator.comparing(Waiting::goneAt).thenComparingLong(Waiting::number);

    private final int most;
    private final InstantSource clock;
    private final Lock lock = new ReentrantLock();

    /** Guarded by the lock, as are those below. */
    private final Queue<Waiting> waiting = new PriorityQueue<>(ORDER);

    private int pods;
    private int nodes;
    private int nodesInDoubt;
    private long came;
    private boolean closed;

    private record Waiting(Instant goneAt, long number, Condition turn) {}

    /** @param most pods; exceeded only by a node that is alone, and by those whose lists turn out longer than a kubelet's default */
    PodRoom(int most, InstantSource clock) {
        this.most = most;
        this.clock = clock;
    }

    /** As many as fit into half of a heap that may become so large, in bytes. */
    public static PodRoom inHeapOf(long bytes, InstantSource clock) {
        return new PodRoom((int) Math.min(bytes / 2 / BYTES_A_POD, Integer.MAX_VALUE), clock);
    }

    /** The room that the pods of one node take, until it is closed. */
    public final class Share implements AutoCloseable {
        private int held = PODS_A_NODE;
        private boolean inDoubt = true;
        private boolean over;

        /** They are so many. */
        public void holds(int pods) {
            change(() -> {
                if (!over) {
                    resize(pods);
                }
            });
        }

        /** They are in memory no more; twice is as good as once. */
        @Override
        public void close() {
            change(() -> {
                if (!over) {
                    resize(0);
                    nodes--;
                    over = true;
                }
            });
        }

        private void resize(int size) {
            pods += size - held;
            held = size;
            if (inDoubt) {
                nodesInDoubt--;
                inDoubt = false;
            }
        }
    }

    /**
     * Waits until there is room for one more node. An interrupt ends the wait.
     *
     * @param goneAt when its instance goes: the one with the least time comes first
     * @return nothing, if there was none in time, or the program stops
     */
    Optional<Share> take(Instant goneAt, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        Waiting own = new Waiting(goneAt, came++, lock.newCondition());
        waiting.add(own);
        try {
            while (!isNext(own)) {
                if (left <= 0 || closed) {
                    return Optional.empty();
                }
                left = own.turn().awaitNanos(left);
            }
            nodes++;
            nodesInDoubt++;
            pods += PODS_A_NODE;
            return Optional.of(new Share());
        } finally {
            waiting.remove(own);
            callNext();
            lock.unlock();
        }
    }

    /** No node is let in any more. */
    @Override
    public void close() {
        change(() -> {
            closed = true;
            waiting.forEach(each -> each.turn().signal());
        });
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
        return !closed && one.equals(waiting.peek()) && (nodes == 0 || isRoomFor(one));
    }

    private boolean isRoomFor(Waiting one) {
        boolean goesSoon = one.goneAt().isBefore(clock.instant().plus(SOON));
        return nodesInDoubt < NODES_IN_DOUBT && pods + PODS_A_NODE <= (goesSoon ? most : most / 2);
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
