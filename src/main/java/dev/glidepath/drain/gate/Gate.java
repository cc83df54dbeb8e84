package dev.glidepath.drain.gate;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.eviction.DeletionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Grants evictions and deletions: one gate per process, whatever the number of departures. The most urgent goes first, among
 * equals the one that came first; an entry that its budget holds back lets others pass.
 *
 * <pre>{@code
 *   Gate.Place place = gate.enter(entry);
 *   place.onDecided(() -> threads.execute(() -> {
 *       try (place) {
 *           if (place.isItsTurn()) {
 *               place.leave(evictor.evict(entry.pod(), grace));
 *           }
 *       }
 *   }));
 * }</pre>
 *
 * What is granted is bounded, each bound in a class of its own: by a number of requests in flight that is never exceeded, by what the
 * API server can take (halved on overload, regained answer by answer), and to a few while a node waits for its cordon
 * ({@link Throttle}); by the share of the places that one namespace may take ({@link Shares}); by the room of each budget
 * ({@link Reservations}). A last call has no time to wait for more than the number in flight and its share; and for its share only as
 * long as it is not known that it would wait for an answer in vain. {@link Grants} brings them together.
 *
 * <p>The state has one lock, taken here and nowhere else; nothing blocks under it, and one thread looks after what time alone changes,
 * for all that wait. Safe for use by many threads.
 */
public final class Gate implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Gate.class);

    /** What time alone changes is noticed this late at most. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition someWait = lock.newCondition();
    private final Grants grants;
    private final LastingThread looking = new LastingThread("gate", this::lookInAWhile);

    /**
     * @param mostInFlight never more requests than these at once
     */
    public Gate(int mostInFlight, InstantSource clock) {
        if (mostInFlight < 1) {
            throw new IllegalArgumentException("nothing would ever pass: " + mostInFlight);
        }
        this.clock = clock;
        this.grants = new Grants(mostInFlight, clock.instant());
    }

    /**
     * What is more urgent than any eviction before its last call: a pod is to get its SIGTERM while its node takes no others.
     *
     * @param others whether they are at work; asked often, under the lock, so it must be brief and must not ask the gate
     */
    public void yieldTo(BooleanSupplier others) {
        change(() -> grants.yieldTo(others));
    }

    /** From now on it notices what time alone changes; once only. */
    public void start() {
        looking.start();
    }

    /** Why it does not notice that; empty while it does. */
    public Optional<String> trouble() {
        return looking.trouble();
    }

    /** What is asked for a pod. */
    public enum Request {
        EVICTION,
        DELETION
    }

    /**
     * A request that is to pass.
     *
     * @param urgency its last call, or whatever else it is measured by: the earlier, the sooner it passes
     * @param lastCall from when on it must go, whatever its budgets and the pressure on the API server
     * @param budgets over the pod
     */
    public record Entry(Request request, PodRef pod, Instant urgency, Instant lastCall, Set<Budget.Id> budgets) {
        public Entry {
            budgets = Set.copyOf(budgets);
        }
    }

    /** Takes a place in the queue; in vain once the gate is closed. */
    public Place enter(Entry entry) {
        return change(() -> {
            Ticket ticket = grants.enter(entry, clock.instant());
            someWait.signal();
            return new Place(ticket);
        });
    }

    /** Grants nothing more: whatever waits leaves. What was granted goes on. */
    @Override
    public void close() {
        looking.interrupt();
        change(() -> grants.close(clock.instant()));
    }

    /** Notices what time alone has changed: last calls that have come, and what is in the budgets' status by now. */
    void look() {
        change(() -> grants.look(clock.instant()));
    }

    /** A budget as it is now. */
    public void seen(Budget budget) {
        change(() -> grants.seen(budget, clock.instant()));
    }

    /** A budget that is no more. */
    public void forgotten(Budget.Id budget) {
        change(() -> grants.forgotten(budget, clock.instant()));
    }

    /**
     * Evictions under way that the budget's status, as last seen, does not count yet: waiting here, in flight, or answered
     * just now.
     */
    public int reserved(Budget.Id budget) {
        return ask(() -> grants.reserved(budget, clock.instant()));
    }

    /** Answers a second while requests wait for nothing but their turn; 100 until measured, never less than 1. */
    public double perSecond() {
        return ask(() -> grants.perSecond(clock.instant()));
    }

    /**
     * One entry's place: in the queue first, then in flight, until it is left. Whatever has it must close it; any thread may have it
     * given up.
     */
    public final class Place implements AutoCloseable {
        private final Ticket ticket;

        private Place(Ticket ticket) {
            this.ticket = ticket;
        }

        /** Whether it is its turn, and it has not been left. */
        public boolean isItsTurn() {
            return ask(ticket::isItsTurn);
        }

        /**
         * Whether it need not be sent, now that it is its turn: it is a last call, others like it in its namespace were not answered just
         * now, and one is trying it again. It is to be closed then.
         */
        public boolean isInVain() {
            return ask(ticket::isInVain);
        }

        /**
         * Once only.
         *
         * @param then called once, when it is its turn or never will be, for it was given up or the gate is closed: here, if that is
         *     known, else on the thread that decides it, so be brief
         */
        public void onDecided(Runnable then) {
            boolean known = ask(() -> {
                ticket.callWhenDecided(then);
                return !ticket.isWaiting();
            });
            if (known) {
                then.run();
            }
        }

        /** It waits no more; where it was granted before, that stands. */
        public void giveUp() {
            change(() -> grants.giveUp(ticket, clock.instant()));
        }

        /** What came of the eviction; frees the place. */
        public void leave(EvictionOutcome outcome) {
            leave(Answer.of(outcome));
        }

        /** What came of the deletion; frees the place. */
        public void leave(DeletionOutcome outcome) {
            leave(Answer.of(outcome));
        }

        private void leave(Answer answer) {
            change(() -> grants.leave(ticket, answer, clock.instant()));
        }

        /** Frees the place if it was not left, with nothing learnt. Calling it twice is safe. */
        @Override
        public void close() {
            change(() -> grants.release(ticket, clock.instant()));
        }
    }

    /** Under the lock; what waits for a decision made by it is called afterwards. */
    private <T> T change(Supplier<T> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            List<Runnable> calls = grants.takeDecided();
            lock.unlock();
            calls.forEach(Gate::call);
        }
    }

    /** A call that fails must not keep the others from theirs: their places would never be free again. */
    private static void call(Runnable whenDecided) {
        try {
            whenDecided.run();
        } catch (RuntimeException | Error unforeseen) {
            LOG.error("who was told of a decision at the gate met something unforeseen", unforeseen);
        }
    }

    private void change(Runnable change) {
        change(() -> {
            change.run();
            return true;
        });
    }

    private <T> T ask(Supplier<T> question) {
        lock.lock();
        try {
            return question.get();
        } finally {
            lock.unlock();
        }
    }

    private boolean lookInAWhile() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!grants.isAnyWaiting()) {
                someWait.await();
            }
        } finally {
            lock.unlock();
        }
        Thread.sleep(LOOK);
        look();
        return true;
    }
}
