package dev.glidepath.drain.eviction;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Grants evictions and deletions: one gate per process, whatever the number of departures. The most urgent goes first, among
 * equals the one that came first; an entry that its budget holds back lets others pass.
 *
 * <pre>{@code
 *   try (Gate.Place place = gate.enter(entry)) {
 *       place.await();
 *       EvictionOutcome outcome = evictor.evict(entry.pod(), grace);
 *       place.leave(outcome);
 *   }
 * }</pre>
 *
 * What is granted is bounded three times over: by a number of requests in flight that is never exceeded, by what the API
 * server bears (halved on overload, regained answer by answer), and by the room of each budget. A last call has no time to
 * wait for the latter two.
 *
 * <p>Bookkeeping under one lock, with no thread of its own; safe for use by many threads.
 */
public final class Gate {
    /** So long after its answer an eviction may be missing in the budget's status, as we see it. */
    private static final Duration UNTIL_COUNTED = Duration.ofSeconds(2);

    /** What time alone changes is noticed this late at most. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private static final Comparator<Place> ORDER = Comparator.<Place, Instant>comparing(place -> place.entry.urgency())
            .thenComparingLong(place -> place.number);

    private final int mostInFlight;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** Who waits, in order; those in one line are held up by the same things, so only its first needs a look. */
    private final Map<Line, NavigableSet<Place>> lines = new HashMap<>();

    private final NavigableSet<Place> firsts = new TreeSet<>(ORDER);

    private final Deque<Place> answered = new ArrayDeque<>();
    private final Map<Budget.Id, BudgetLedger> budgets = new HashMap<>();
    private final InFlightLimit limit;
    private final AnswerRate rate;
    private int inFlight;
    private int lastCallsWaiting;
    private long entered;
    private long granted;
    private Instant lookedAt;

    /**
     * @param mostInFlight never more requests than these at once
     */
    public Gate(int mostInFlight, InstantSource clock) {
        if (mostInFlight < 1) {
            throw new IllegalArgumentException("nothing would ever pass: " + mostInFlight);
        }
        this.mostInFlight = mostInFlight;
        this.clock = clock;
        this.limit = new InFlightLimit(mostInFlight);
        this.lookedAt = clock.instant();
        this.rate = new AnswerRate(lookedAt);
    }

    /**
     * Who wants to pass.
     *
     * @param urgency its last call, or whatever else it is measured by: the earlier, the sooner it passes
     * @param lastCall from when on it must go, whatever its budgets and the pressure on the API server
     * @param budgets over the pod
     */
    public record Entry(PodRef pod, Instant urgency, Instant lastCall, Set<Budget.Id> budgets) {
        public Entry {
            budgets = Set.copyOf(budgets);
        }
    }

    /** What decides, besides the order, whether an entry may pass. */
    private record Line(boolean lastCall, Set<Budget.Id> budgets) {
        static Line of(Place place) {
            return new Line(place.lastCall, place.entry.budgets());
        }
    }

    /** Takes a place in the queue. Never blocks. */
    public Place enter(Entry entry) {
        lock.lock();
        try {
            Place place = new Place(entry, ++entered);
            enqueue(place);
            entry.budgets().forEach(id -> ledger(id).waits(place));
            grant();
            return place;
        } finally {
            lock.unlock();
        }
    }

    /** A budget as it is now. */
    public void seen(Budget budget) {
        lock.lock();
        try {
            ledger(budget.id()).seen(budget);
            grant();
        } finally {
            lock.unlock();
        }
    }

    /** A budget that is no more. */
    public void forgotten(Budget.Id budget) {
        lock.lock();
        try {
            ledger(budget).forgotten();
            grant();
            strikeIfIdle(budget, clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Evictions under way that the budget's status, as last seen, does not count yet: waiting here, in flight, or answered
     * just now.
     */
    public int reserved(Budget.Id budget) {
        lock.lock();
        try {
            strikeOutOld(clock.instant());
            BudgetLedger ledger = budgets.get(budget);
            return ledger == null ? 0 : ledger.reserved();
        } finally {
            lock.unlock();
        }
    }

    /** Answers a second while requests wait for nothing but their turn; 100 until measured, never less than 1. */
    public double perSecond() {
        lock.lock();
        try {
            return rate.perSecond(clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /** One entry's place: in the queue first, then in flight, until it is left. For one thread, which must close it. */
    public final class Place implements AutoCloseable {
        private final Entry entry;
        private final long number;
        private final Condition grantGiven = lock.newCondition();
        private State state = State.WAITING;
        private long grantNumber;
        private Instant answeredAt = Instant.MIN;
        private boolean lastCall;

        private Place(Entry entry, long number) {
            this.entry = entry;
            this.number = number;
            this.lastCall = !clock.instant().isBefore(entry.lastCall());
        }

        Entry entry() {
            return entry;
        }

        /** Whether it is its turn, or was. */
        boolean isGranted() {
            lock.lock();
            try {
                return state != State.WAITING;
            } finally {
                lock.unlock();
            }
        }

        /**
         * Blocks until it is its turn.
         *
         * @throws InterruptedException when the program ends meanwhile; the place is free then
         */
        public void await() throws InterruptedException {
            try {
                awaitGrant();
            } catch (InterruptedException ending) {
                close();
                throw ending;
            }
        }

        private void awaitGrant() throws InterruptedException {
            lock.lockInterruptibly();
            try {
                while (state == State.WAITING) {
                    hurryAtLastCall();
                    if (!clock.instant().isBefore(lookedAt.plus(LOOK))) {
                        grant();
                    } else {
                        grantGiven.await(LOOK.toMillis(), MILLISECONDS);
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        private void hurryAtLastCall() {
            if (!lastCall && !clock.instant().isBefore(entry.lastCall())) {
                dequeue(this);
                lastCall = true;
                enqueue(this);
                grant();
            }
        }

        /** What came of the eviction; frees the place. */
        public void leave(EvictionOutcome outcome) {
            leave(
                    switch (outcome) {
                        case EvictionOutcome.Evicted _ -> Answer.TAKES_ROOM;
                        case EvictionOutcome.Overloaded _ -> Answer.OVERLOADED;
                        case EvictionOutcome.TimedOut _ -> Answer.TIMED_OUT;
                        case EvictionOutcome.Gone _,
                                EvictionOutcome.OtherPod _,
                                EvictionOutcome.BlockedByBudget _,
                                EvictionOutcome.BudgetStale _,
                                EvictionOutcome.BudgetBroken _,
                                EvictionOutcome.SeveralBudgets _,
                                EvictionOutcome.RefusedByPolicy _,
                                EvictionOutcome.NamespaceTerminating _,
                                EvictionOutcome.Forbidden _,
                                EvictionOutcome.Failed _ -> Answer.OTHER;
                    });
        }

        /** What came of the deletion; frees the place. */
        public void leave(DeletionOutcome outcome) {
            leave(
                    switch (outcome) {
                        case DeletionOutcome.Deleted _ -> Answer.TAKES_ROOM;
                        case DeletionOutcome.Overloaded _ -> Answer.OVERLOADED;
                        case DeletionOutcome.TimedOut _ -> Answer.TIMED_OUT;
                        case DeletionOutcome.Gone _,
                                DeletionOutcome.Forbidden _,
                                DeletionOutcome.RefusedByPolicy _,
                                DeletionOutcome.Failed _ -> Answer.OTHER;
                    });
        }

        /** Frees the place if it was not left, with nothing learnt. Calling it twice is safe. */
        @Override
        public void close() {
            lock.lock();
            try {
                if (state == State.LEFT) {
                    return;
                }
                if (state == State.WAITING) {
                    dequeue(this);
                } else {
                    inFlight--;
                }
                state = State.LEFT;
                strikeOut(this, clock.instant());
                grant();
            } finally {
                lock.unlock();
            }
        }

        private void leave(Answer answer) {
            lock.lock();
            try {
                if (state != State.GRANTED) {
                    throw new IllegalStateException("only who was granted and has not left can tell an answer");
                }
                state = State.LEFT;
                answeredAt = clock.instant();
                inFlight--;
                rate.answered();
                reckon(this, answer);
                grant();
            } finally {
                lock.unlock();
            }
        }
    }

    private enum State {
        WAITING,
        GRANTED,
        LEFT
    }

    /** What an answer means here. */
    private enum Answer {
        TAKES_ROOM,
        OVERLOADED,
        TIMED_OUT,
        OTHER
    }

    private void reckon(Place place, Answer answer) {
        switch (answer) {
            case TAKES_ROOM, OTHER -> limit.answered();
            case OVERLOADED -> limit.overloaded(place.grantNumber, granted);
            case TIMED_OUT -> {
                limit.overloaded(place.grantNumber, granted);
                place.entry.budgets().forEach(id -> ledger(id).foughtOver(place.answeredAt));
            }
        }
        if (answer == Answer.TAKES_ROOM) {
            answered.add(place);
        } else {
            strikeOut(place, place.answeredAt);
        }
    }

    /** Grants whatever may pass now. */
    private void grant() {
        Instant now = clock.instant();
        lookedAt = now;
        strikeOutOld(now);
        Set<Budget.Id> awaited = new HashSet<>();
        boolean someWaitForTheirTurn = false;
        // Who follows in a line is behind its first, and so still ahead of this walk.
        for (Place first = firsts.isEmpty() ? null : firsts.first(); first != null; first = firsts.higher(first)) {
            boolean mayPass = first.lastCall || hasRoom(first, awaited, now);
            if (mayPass && isFullFor(first)) {
                someWaitForTheirTurn = true;
            } else if (mayPass) {
                dequeue(first);
                pass(first);
            }
            if (someWaitForTheirTurn && (lastCallsWaiting == 0 || inFlight >= mostInFlight)) {
                break; // nobody behind can pass
            }
        }
        rate.waiting(someWaitForTheirTurn, now);
    }

    private boolean isFullFor(Place place) {
        return inFlight >= mostInFlight || (!place.lastCall && !limit.allows(inFlight));
    }

    /**
     * Whether all its budgets have room.
     *
     * @param awaited budgets on which somebody with several of them waits, who would never meet them all free at once if those
     *     behind took each as it comes
     */
    private boolean hasRoom(Place place, Set<Budget.Id> awaited, Instant now) {
        Set<Budget.Id> needed = place.entry.budgets();
        boolean all = needed.stream()
                .allMatch(id -> !awaited.contains(id) && ledger(id).hasRoom(now));
        if (!all && needed.size() > 1) {
            awaited.addAll(needed);
        }
        return all;
    }

    private void pass(Place place) {
        place.state = State.GRANTED;
        place.grantNumber = ++granted;
        inFlight++;
        place.entry.budgets().forEach(id -> ledger(id).granted(place));
        place.grantGiven.signal();
    }

    private void enqueue(Place place) {
        lastCallsWaiting += place.lastCall ? 1 : 0;
        NavigableSet<Place> line = lines.computeIfAbsent(Line.of(place), _ -> new TreeSet<>(ORDER));
        if (!line.isEmpty()) {
            firsts.remove(line.first());
        }
        line.add(place);
        firsts.add(line.first());
    }

    private void dequeue(Place place) {
        lastCallsWaiting -= place.lastCall ? 1 : 0;
        firsts.remove(place);
        lines.computeIfPresent(Line.of(place), (_, line) -> {
            line.remove(place);
            if (line.isEmpty()) {
                return null;
            }
            firsts.add(line.first());
            return line;
        });
    }

    /** What was answered long ago is in the status by now, or will never be. */
    private void strikeOutOld(Instant now) {
        while (!answered.isEmpty()
                && !now.isBefore(answered.getFirst().answeredAt.plus(UNTIL_COUNTED))) {
            strikeOut(answered.removeFirst(), now);
        }
    }

    private void strikeOut(Place place, Instant now) {
        for (Budget.Id id : place.entry.budgets()) {
            ledger(id).left(place);
            strikeIfIdle(id, now);
        }
    }

    private void strikeIfIdle(Budget.Id id, Instant now) {
        if (ledger(id).isIdle(now)) {
            budgets.remove(id);
        }
    }

    private BudgetLedger ledger(Budget.Id id) {
        return budgets.computeIfAbsent(id, _ -> new BudgetLedger());
    }
}
