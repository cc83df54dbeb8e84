package dev.glidepath.departure.sharing;

import dev.glidepath.departure.action.Stage.Rank;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets a few do something at the same time, and the others take turns: those first whose nodes have yet to be cordoned, then in the
 * order they came. Virtual threads run in the order in which they became ready, whatever they are about: where thousands of them are
 * ready at once, every answer that comes in waits for all of them. May be used by any thread.
 */
public final class Admission {
    private static final Comparator<Waiting> ORDER =
            Comparator.comparing(Waiting::rank).thenComparingLong(Waiting::number);

    private final Lock lock = new ReentrantLock();

    /** Guarded by the lock, as are those below. */
    private final Queue<Waiting> waiting = new PriorityQueue<>(ORDER);

    private int free;
    private long came;

    private record Waiting(Rank rank, long number, CountDownLatch turn) {}

    /**
     * @param atOnce how many may at the same time, 1 or more
     */
    public Admission(int atOnce) {
        this.free = atOnce;
    }

    /** Waits for its turn; {@link #end} is to be called then. An interrupt ends the wait, and the turn is another's. */
    public void begin(Rank rank) throws InterruptedException {
        CountDownLatch turn = new CountDownLatch(1);
        Waiting own;
        lock.lockInterruptibly();
        try {
            if (free > 0) {
                free--;
                return;
            }
            own = new Waiting(rank, came++, turn);
            waiting.add(own);
        } finally {
            lock.unlock();
        }
        boolean itsTurn = false;
        try {
            turn.await();
            itsTurn = true;
        } finally {
            if (!itsTurn) {
                leave(own);
            }
        }
    }

    /** It is done: the next one may. */
    public void end() {
        lock.lock();
        try {
            Waiting next = waiting.poll();
            if (next == null) {
                free++;
            } else {
                next.turn().countDown();
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave(Waiting own) {
        lock.lock();
        try {
            if (!waiting.remove(own)) {
                end(); // its turn came in the moment of the interrupt
            }
        } finally {
            lock.unlock();
        }
    }
}
