package dev.glidepath.drain.gate;

import dev.glidepath.drain.budget.Budget;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The entries that wait, in order: the most urgent first, among equals the one that came first. Entries that the same things hold up
 * stand in one line, and only the first of each line needs a look. Guarded by the gate's lock.
 */
final class WaitingQueue {
    private static final Comparator<Ticket> ORDER =
            Comparator.comparing(Ticket::urgency).thenComparingLong(Ticket::number);

    private static final Comparator<Ticket> BY_LAST_CALL =
            Comparator.comparing(Ticket::lastCallAt).thenComparingLong(Ticket::number);

    private final Map<Line, NavigableSet<Ticket>> lines = new HashMap<>();

    /** The first of each line. */
    private final NavigableSet<Ticket> firsts = new TreeSet<>(ORDER);

    private final NavigableSet<Ticket> untilLastCall = new TreeSet<>(BY_LAST_CALL);
    private int lastCalls;

    /** What decides, besides the order, whether an entry may pass. */
    private record Line(boolean lastCall, Share.Key share, Set<Budget.Id> budgets) {
        static Line of(Ticket ticket) {
            return new Line(ticket.isLastCall(), ticket.share(), ticket.budgets());
        }
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** Whether the last call of any has come. */
    boolean hasLastCalls() {
        return lastCalls > 0;
    }

    /** Whether any waits for a place of another share. */
    boolean hasOthersThan(Share.Key share) {
        return firsts.stream().anyMatch(first -> !first.share().equals(share));
    }

    List<Ticket> all() {
        return lines.values().stream().flatMap(Collection::stream).toList();
    }

    /** The most urgent of those that are first in their line. */
    Optional<Ticket> first() {
        return firsts.isEmpty() ? Optional.empty() : Optional.of(firsts.first());
    }

    /** The next of those that are first in their line; whether this one still waits does not matter. */
    Optional<Ticket> after(Ticket ticket) {
        return Optional.ofNullable(firsts.higher(ticket));
    }

    void add(Ticket ticket) {
        if (ticket.isLastCall()) {
            lastCalls++;
        } else {
            untilLastCall.add(ticket);
        }
        NavigableSet<Ticket> line = lines.computeIfAbsent(Line.of(ticket), _ -> new TreeSet<>(ORDER));
        if (!line.isEmpty()) {
            firsts.remove(line.first());
        }
        line.add(ticket);
        firsts.add(line.first());
    }

    void remove(Ticket ticket) {
        if (ticket.isLastCall()) {
            lastCalls--;
        } else {
            untilLastCall.remove(ticket);
        }
        firsts.remove(ticket);
        lines.computeIfPresent(Line.of(ticket), (_, line) -> {
            line.remove(ticket);
            if (line.isEmpty()) {
                return null;
            }
            firsts.add(line.first());
            return line;
        });
    }

    /** Moves each entry whose last call has come to a line of last calls. */
    void callForTheLastTime(Instant now) {
        while (!untilLastCall.isEmpty()
                && !now.isBefore(untilLastCall.getFirst().lastCallAt())) {
            Ticket called = untilLastCall.getFirst();
            remove(called);
            called.callForTheLastTime();
            add(called);
        }
    }
}
