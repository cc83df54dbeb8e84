package dev.glidepath.drain.eviction;

import dev.glidepath.drain.budget.Budget;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** One budget's room as last seen, and who takes of it, or is about to, without its status knowing. */
final class BudgetLedger {
    /** So long a budget that evictions have fought over is left to one at a time. */
    private static final Duration ALONE = Duration.ofSeconds(10);

    private final Set<Gate.Place> waiting = new HashSet<>();
    private final Set<Gate.Place> uncounted = new HashSet<>();
    private Optional<Budget> seen = Optional.empty();
    private Instant aloneUntil = Instant.MIN;

    void waits(Gate.Place place) {
        waiting.add(place);
    }

    void granted(Gate.Place place) {
        waiting.remove(place);
        uncounted.add(place);
    }

    void left(Gate.Place place) {
        waiting.remove(place);
        uncounted.remove(place);
    }

    void foughtOver(Instant now) {
        aloneUntil = now.plus(ALONE);
    }

    /** Who is counted once is counted for good: the controller strikes a pod off again as soon as it terminates. */
    void seen(Budget budget) {
        seen = Optional.of(budget);
        uncounted.removeIf(this::isCounted);
    }

    void forgotten() {
        seen = Optional.empty();
    }

    boolean hasRoom(Instant now) {
        return uncounted.size() < (now.isBefore(aloneUntil) ? 1 : room());
    }

    /** One more than none: the server's answer may know better than what we saw last. */
    private int room() {
        return seen.filter(Budget::current)
                .map(budget -> Math.max(1, budget.allowed()))
                .orElse(1);
    }

    int reserved() {
        return uncounted.size()
                + (int) waiting.stream().filter(place -> !isCounted(place)).count();
    }

    boolean isIdle(Instant now) {
        return waiting.isEmpty() && uncounted.isEmpty() && seen.isEmpty() && !now.isBefore(aloneUntil);
    }

    private boolean isCounted(Gate.Place place) {
        return seen.isPresent()
                && seen.get().disrupted().contains(place.entry().pod().name());
    }
}
