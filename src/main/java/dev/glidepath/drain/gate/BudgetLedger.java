package dev.glidepath.drain.gate;

import dev.glidepath.drain.budget.Budget;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One budget's room as last seen, and the entries that take some of it, or are about to, without its status knowing. Guarded by the
 * gate's lock.
 */
final class BudgetLedger {
    /** So long a budget that evictions have fought over is left to one at a time. */
    private static final Duration ALONE = Duration.ofSeconds(10);

    private final Set<Ticket> waiting = new HashSet<>();
    private final Set<Ticket> uncounted = new HashSet<>();
    private Optional<Budget> seen = Optional.empty();
    private Instant aloneUntil = Instant.MIN;

    void waits(Ticket ticket) {
        waiting.add(ticket);
    }

    void granted(Ticket ticket) {
        waiting.remove(ticket);
        uncounted.add(ticket);
    }

    void left(Ticket ticket) {
        waiting.remove(ticket);
        uncounted.remove(ticket);
    }

    void foughtOver(Instant now) {
        aloneUntil = now.plus(ALONE);
    }

    /** An entry that is counted once is counted for good: the controller strikes a pod off again as soon as it terminates. */
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
                + (int) waiting.stream().filter(ticket -> !isCounted(ticket)).count();
    }

    boolean isIdle(Instant now) {
        return waiting.isEmpty() && uncounted.isEmpty() && seen.isEmpty() && !now.isBefore(aloneUntil);
    }

    private boolean isCounted(Ticket ticket) {
        return seen.isPresent() && seen.get().disrupted().contains(ticket.podName());
    }
}
