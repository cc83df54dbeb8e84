package dev.glidepath.drain.eviction;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
 * What is granted is bounded: by a number of requests in flight that is never exceeded, by the share of it that one namespace may take,
 * by what the API server bears (halved on overload, regained answer by answer), by the room of each budget, and to a few while a node
 * waits for its cordon. A last call has no time to wait for any but the first two; and for the second only as long as it is not known that
 * it would wait for an answer in vain.
 *
 * <p>Bookkeeping under one lock; nobody blocks here, and one thread looks after what time alone changes, for all who wait. Safe for
 * use by many threads.
 */
public final class Gate implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Gate.class);

    /** So long after its answer an eviction may be missing in the budget's status, as we see it. */
    private static final Duration UNTIL_COUNTED = Duration.ofSeconds(2);

    /** So many requests do not keep anybody from the API server, and keep the drain going. */
    private static final int WHILE_YIELDING = 4;

    /** What time alone changes is noticed this late at most. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private static final Comparator<Place> BY_LAST_CALL = Comparator.<Place, Instant>comparing(
                    place -> place.entry.lastCall())
            .thenComparingLong(place -> place.number);

    private static final Comparator<Place> ORDER = Comparator.<Place, Instant>comparing(place -> place.entry.urgency())
            .thenComparingLong(place -> place.number);

    private final int mostInFlight;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** Who waits, in order; those in one line are held up by the same things, so only its first needs a look. */
    private final Map<Line, NavigableSet<Place>> lines = new HashMap<>();

    private final NavigableSet<Place> firsts = new TreeSet<>(ORDER);

    /** Who waits and is not at its last call yet. */
    private final NavigableSet<Place> untilLastCall = new TreeSet<>(BY_LAST_CALL);

    /** Who is to be told, once the lock is free. */
    private final List<Place> decided = new ArrayList<>();

    private final Condition someWait = lock.newCondition();
    private final LastingThread looking = new LastingThread("gate", this::lookInAWhile);
    private final Deque<Place> answered = new ArrayDeque<>();
    private final Map<Budget.Id, BudgetLedger> budgets = new HashMap<>();
    private final Map<Share.Key, Share> shares = new HashMap<>();
    private final InFlightLimit limit;
    private final AnswerRate rate;
    private int inFlight;
    private int lastCallsWaiting;

    /** Until when the API server, being busy, wants nothing that can wait. */
    private Instant leftAloneUntil = Instant.MIN;

    private long entered;
    private long granted;
    private boolean closed;
    private BooleanSupplier othersAtWork = () -> false;

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
        this.rate = new AnswerRate(clock.instant());
    }

    /**
     * What is more urgent than any eviction before its last call: a pod is to get its SIGTERM while its node takes no others.
     *
     * @param others whether they are at work; asked often, under the lock, so it must be brief and must not ask the gate
     */
    public void yieldTo(BooleanSupplier others) {
        change(() -> othersAtWork = others);
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
     * Who wants to pass.
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

    /** What decides, besides the order, whether an entry may pass. */
    private record Line(boolean lastCall, Share.Key share, Set<Budget.Id> budgets) {
        static Line of(Place place) {
            return new Line(place.lastCall, place.share, place.entry.budgets());
        }
    }

    /** Takes a place in the queue; in vain once the gate is closed. */
    public Place enter(Entry entry) {
        return change(() -> {
            Place place = new Place(entry, ++entered);
            if (closed) {
                place.decide(State.LEFT);
                return place;
            }
            enqueue(place);
            entry.budgets().forEach(id -> ledger(id).waits(place));
            grant();
            someWait.signal();
            return place;
        });
    }

    /** Grants nothing more: whoever waits leaves. What was granted goes on. */
    @Override
    public void close() {
        looking.interrupt();
        change(() -> {
            closed = true;
            List<Place> waiting = lines.values().stream()
                    .<Place>mapMulti(NavigableSet::forEach)
                    .toList();
            waiting.forEach(Place::stopWaiting);
        });
    }

    /** Notices what time alone has changed: whose last call has come, and what is in the budgets' status by now. */
    void look() {
        change(() -> {
            Instant now = clock.instant();
            while (!untilLastCall.isEmpty()
                    && !now.isBefore(untilLastCall.getFirst().entry.lastCall())) {
                Place called = untilLastCall.getFirst();
                dequeue(called);
                called.lastCall = true;
                enqueue(called);
            }
            shares.values().removeIf(share -> share.isForgettable(now));
            grant();
        });
    }

    /** A budget as it is now. */
    public void seen(Budget budget) {
        change(() -> {
            ledger(budget.id()).seen(budget);
            grant();
        });
    }

    /** A budget that is no more. */
    public void forgotten(Budget.Id budget) {
        change(() -> {
            ledger(budget).forgotten();
            grant();
            strikeIfIdle(budget, clock.instant());
        });
    }

    /**
     * Evictions under way that the budget's status, as last seen, does not count yet: waiting here, in flight, or answered
     * just now.
     */
    public int reserved(Budget.Id budget) {
        return ask(() -> {
            strikeOutOld(clock.instant());
            BudgetLedger ledger = budgets.get(budget);
            return ledger == null ? 0 : ledger.reserved();
        });
    }

    /** Answers a second while requests wait for nothing but their turn; 100 until measured, never less than 1. */
    public double perSecond() {
        return ask(() -> rate.perSecond(clock.instant()));
    }

    /**
     * One entry's place: in the queue first, then in flight, until it is left. Whoever has it must close it; any thread may have it
     * given up.
     */
    public final class Place implements AutoCloseable {
        private final Entry entry;
        private final Share.Key share;
        private final long number;
        private State state = State.WAITING;
        private Runnable whenDecided = () -> {};
        private long grantNumber;
        private Instant grantedAt = Instant.MIN;
        private Instant answeredAt = Instant.MIN;
        private boolean lastCall;
        private boolean inVain;

        private Place(Entry entry, long number) {
            this.entry = entry;
            this.share = new Share.Key(entry.pod().namespace(), entry.request());
            this.number = number;
            this.lastCall = !clock.instant().isBefore(entry.lastCall());
        }

        Entry entry() {
            return entry;
        }

        /** Whether it was its turn, be it in flight or left by now. */
        boolean isGranted() {
            return ask(() -> grantNumber > 0);
        }

        /** Whether it is its turn, and it has not been left. */
        public boolean isItsTurn() {
            return ask(() -> state == State.GRANTED);
        }

        /**
         * Whether it need not be sent, now that it is its turn: it is a last call, others like it in its namespace were not answered just
         * now, and one is trying it again. It is to be closed then.
         */
        public boolean isInVain() {
            return ask(() -> inVain);
        }

        /**
         * Once only.
         *
         * @param then called once, when it is its turn or never will be, for it was given up or the gate is closed: here, if that is
         *     known, else on the thread that decides it, so be brief
         */
        public void onDecided(Runnable then) {
            boolean known = ask(() -> {
                whenDecided = then;
                return state != State.WAITING;
            });
            if (known) {
                then.run();
            }
        }

        /** It waits no more; where it was granted before, that stands. */
        public void giveUp() {
            change(this::giveUpIfWaiting);
        }

        private void giveUpIfWaiting() {
            if (state == State.WAITING) {
                stopWaiting();
                grant();
            }
        }

        private void stopWaiting() {
            dequeue(this);
            decide(State.LEFT);
            strikeOut(this, clock.instant());
        }

        private void decide(State known) {
            state = known;
            decided.add(this);
        }

        /** What came of the eviction; frees the place. */
        public void leave(EvictionOutcome outcome) {
            leave(
                    switch (outcome) {
                        case EvictionOutcome.Evicted _ -> Answer.TAKES_ROOM;
                        case EvictionOutcome.Overloaded(var _, Duration retryAfter) -> overloaded(retryAfter);
                        case EvictionOutcome.TimedOut _ -> Answer.TIMED_OUT;
                        case EvictionOutcome.Gone _,
                                EvictionOutcome.OtherPod _,
                                EvictionOutcome.BlockedByBudget _,
                                EvictionOutcome.BudgetStale _,
                                EvictionOutcome.BudgetBroken _,
                                EvictionOutcome.SeveralBudgets _,
                                EvictionOutcome.RefusedByPolicy _,
                                EvictionOutcome.NamespaceTerminating _,
                                EvictionOutcome.Forbidden _ -> Answer.OTHER;
                        case EvictionOutcome.Failed _ -> Answer.FAILED;
                    });
        }

        /** What came of the deletion; frees the place. */
        public void leave(DeletionOutcome outcome) {
            leave(
                    switch (outcome) {
                        case DeletionOutcome.Deleted _ -> Answer.TAKES_ROOM;
                        case DeletionOutcome.Overloaded(var _, Duration retryAfter) -> overloaded(retryAfter);
                        case DeletionOutcome.TimedOut _ -> Answer.TIMED_OUT;
                        case DeletionOutcome.Gone _, DeletionOutcome.Forbidden _, DeletionOutcome.RefusedByPolicy _ ->
                            Answer.OTHER;
                        case DeletionOutcome.Failed _ -> Answer.FAILED;
                    });
        }

        /** Frees the place if it was not left, with nothing learnt. Calling it twice is safe. */
        @Override
        public void close() {
            change(() -> {
                if (state == State.GRANTED) {
                    free(this);
                    state = State.LEFT;
                    strikeOut(this, clock.instant());
                    grant();
                } else {
                    giveUpIfWaiting();
                }
            });
        }

        private Answer overloaded(Duration retryAfter) {
            change(() -> {
                Instant wanted = clock.instant().plus(retryAfter);
                leftAloneUntil = wanted.isAfter(leftAloneUntil) ? wanted : leftAloneUntil;
            });
            return Answer.OVERLOADED;
        }

        private void leave(Answer answer) {
            change(() -> {
                if (state != State.GRANTED) {
                    throw new IllegalStateException("only who was granted and has not left can tell an answer");
                }
                state = State.LEFT;
                answeredAt = clock.instant();
                rate.answered();
                reckon(this, answer);
                grant();
            });
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
        FAILED,
        OTHER
    }

    private void reckon(Place place, Answer answer) {
        Share share = share(place);
        Duration took = Duration.between(place.grantedAt, place.answeredAt);
        switch (answer) {
            case TAKES_ROOM, OTHER -> {
                limit.answered();
                share.answered(took, othersWaitBeside(place));
            }
            case FAILED -> {
                limit.answered();
                share.failed(took, othersWaitBeside(place), place.answeredAt);
            }
            case OVERLOADED -> limit.overloaded(place.grantNumber, granted);
            case TIMED_OUT -> { // which says something of its namespace and its budgets, and nothing of the API server
                share.unanswered(place.answeredAt);
                place.entry.budgets().forEach(id -> ledger(id).foughtOver(place.answeredAt));
            }
        }
        free(place);
        if (answer == Answer.TAKES_ROOM) {
            answered.add(place);
        } else {
            strikeOut(place, place.answeredAt);
        }
    }

    private boolean othersWaitBeside(Place place) {
        return firsts.stream().anyMatch(first -> !first.share.equals(place.share));
    }

    /** Grants whatever may pass now. */
    private void grant() {
        Instant now = clock.instant();
        strikeOutOld(now);
        Set<Budget.Id> awaited = new HashSet<>();
        boolean someWaitForTheirTurn = false;
        boolean lastCallsWaitForTheirShare = false;
        // Who follows in a line is behind its first, and so still ahead of this walk.
        for (Place first = firsts.isEmpty() ? null : firsts.first(); first != null; first = firsts.higher(first)) {
            boolean mayPass = first.lastCall || hasRoom(first, awaited, now);
            if (mayPass && isFullFor(first)) {
                someWaitForTheirTurn = true;
            } else if (mayPass && (isInVain(first, now) || share(first).hasPlace(inFlight))) {
                dequeue(first);
                pass(first, now);
            } else if (mayPass && first.lastCall) {
                lastCallsWaitForTheirShare = true;
            }
            if (someWaitForTheirTurn && (lastCallsWaiting == 0 || inFlight >= mostInFlight)) {
                break; // nobody behind can pass
            }
        }
        rate.waiting((someWaitForTheirTurn && !isYielding()) || lastCallsWaitForTheirShare, now);
    }

    private boolean isFullFor(Place place) {
        return inFlight >= mostInFlight
                || (!place.lastCall && (!limit.allows(inFlight) || isYielding() || isLeftAlone(clock.instant())));
    }

    private boolean isLeftAlone(Instant now) {
        return now.isBefore(leftAloneUntil);
    }

    private boolean isYielding() {
        return inFlight >= WHILE_YIELDING && othersAtWork.getAsBoolean();
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

    /** A last eviction that nobody would answer, and that a deletion follows; one at a time tries it all the same. */
    private boolean isInVain(Place place, Instant now) {
        Share share = share(place);
        return place.lastCall && place.share.request() == Request.EVICTION && share.hangs(now) && !share.isIdle();
    }

    private void pass(Place place, Instant now) {
        place.inVain = isInVain(place, now);
        place.decide(State.GRANTED);
        place.grantNumber = ++granted;
        place.grantedAt = now;
        inFlight++;
        if (!place.inVain) {
            share(place).granted();
        }
        place.entry.budgets().forEach(id -> ledger(id).granted(place));
    }

    private void free(Place place) {
        inFlight--;
        Share share = share(place);
        if (!place.inVain) {
            share.freed();
        }
        if (share.isForgettable(clock.instant())) {
            shares.remove(place.share);
        }
    }

    private Share share(Place place) {
        return shares.computeIfAbsent(place.share, _ -> new Share(mostInFlight));
    }

    private void enqueue(Place place) {
        if (place.lastCall) {
            lastCallsWaiting++;
        } else {
            untilLastCall.add(place);
        }
        NavigableSet<Place> line = lines.computeIfAbsent(Line.of(place), _ -> new TreeSet<>(ORDER));
        if (!line.isEmpty()) {
            firsts.remove(line.first());
        }
        line.add(place);
        firsts.add(line.first());
    }

    private void dequeue(Place place) {
        lastCallsWaiting -= place.lastCall ? 1 : 0;
        untilLastCall.remove(place);
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

    /** Under the lock; whoever is decided by it is told afterwards. */
    private <T> T change(Supplier<T> change) {
        List<Runnable> told = List.of();
        lock.lock();
        try {
            return change.get();
        } finally {
            if (!decided.isEmpty()) {
                // As they are now: who says later whom to tell is told at once.
                told = decided.stream().map(place -> place.whenDecided).toList();
                decided.clear();
            }
            lock.unlock();
            told.forEach(Gate::tell);
        }
    }

    /** Who cannot take it in must not keep it from the others, whose places would never be free again. */
    private static void tell(Runnable whenDecided) {
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
            while (lines.isEmpty()) {
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
