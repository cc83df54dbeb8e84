package dev.glidepath.drain.gate;

import dev.glidepath.drain.budget.Budget;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The room of each budget that evictions take, from their entry until the budget's status counts them. Guarded by the gate's lock.
 */
final class Reservations {
    /** So long after its answer an eviction may be missing in the budget's status, as we see it. */
    private static final Duration UNTIL_COUNTED = Duration.ofSeconds(2);

    private final Map<Budget.Id, BudgetLedger> ledgers = new HashMap<>();

    /** Entries whose answer takes room that the status may not show yet, the oldest answer first. */
    private final Deque<Ticket> answered = new ArrayDeque<>();

    void add(Ticket ticket) {
        ticket.budgets().forEach(id -> ledger(id).waits(ticket));
    }

    void grant(Ticket ticket) {
        ticket.budgets().forEach(id -> ledger(id).granted(ticket));
    }

    /** Keeps what the entry takes until the status must have counted it. */
    void keepUntilCounted(Ticket ticket) {
        answered.add(ticket);
    }

    void remove(Ticket ticket, Instant now) {
        for (Budget.Id id : ticket.budgets()) {
            ledger(id).left(ticket);
            removeIfIdle(id, now);
        }
    }

    /** Removes what was answered long ago: it is in the status by now, or will never be. */
    void removeOld(Instant now) {
        while (!answered.isEmpty()
                && !now.isBefore(answered.getFirst().answeredAt().plus(UNTIL_COUNTED))) {
            remove(answered.removeFirst(), now);
        }
    }

    void seen(Budget budget) {
        ledger(budget.id()).seen(budget);
    }

    void forgotten(Budget.Id budget, Instant now) {
        ledger(budget).forgotten();
        removeIfIdle(budget, now);
    }

    void foughtOver(Ticket ticket, Instant now) {
        ticket.budgets().forEach(id -> ledger(id).foughtOver(now));
    }

    /**
     * Whether all budgets of the entry have room.
     *
     * @param heldBack budgets that count as full for this entry
     */
    boolean haveRoom(Ticket ticket, Set<Budget.Id> heldBack, Instant now) {
        return ticket.budgets().stream()
                .allMatch(id -> !heldBack.contains(id) && ledger(id).hasRoom(now));
    }

    int reserved(Budget.Id budget) {
        BudgetLedger ledger = ledgers.get(budget);
        return ledger == null ? 0 : ledger.reserved();
    }

    private void removeIfIdle(Budget.Id id, Instant now) {
        if (ledger(id).isIdle(now)) {
            ledgers.remove(id);
        }
    }

    private BudgetLedger ledger(Budget.Id id) {
        return ledgers.computeIfAbsent(id, _ -> new BudgetLedger());
    }
}
