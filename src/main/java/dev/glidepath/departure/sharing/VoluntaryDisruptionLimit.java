package dev.glidepath.departure.sharing;

import dev.glidepath.event.InstanceId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.Nodes.Known;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * How many nodes may be lost before departures that nothing forces wait: too many at once, and what looked like good order is an outage.
 *
 * @param percent how many of the nodes may depart, or not be Ready, beside the one that is asked about
 */
public record VoluntaryDisruptionLimit(int percent) {

    /** Whether this instance's node should wait. Of two that could both go, the one that began first does. */
    public boolean holds(InstanceId instance, Collection<Known> nodes) {
        Optional<Instant> began = nodes.stream()
                .filter(known -> known.instance().equals(instance))
                .flatMap(known -> openJournal(known.node()).stream())
                .map(Journal::start)
                .min(Comparator.naturalOrder());
        long others = nodes.stream()
                .filter(known -> !known.instance().equals(instance))
                .filter(known -> isLost(known, began, instance))
                .count();
        return others * 100 > (long) percent * nodes.size();
    }

    private static boolean isLost(Known other, Optional<Instant> began, InstanceId instance) {
        if (!other.node().ready()) {
            return true;
        }
        Optional<Journal> open = openJournal(other.node());
        if (open.isEmpty()) {
            return other.node()
                    .journal()
                    .filter(journal -> !journal.changed().isEmpty())
                    .isPresent();
        }
        boolean voluntary =
                open.get().causes().stream().allMatch(cause -> cause.kind().isVoluntary());
        return !voluntary
                || began.map(ours -> isBefore(open.get().start(), other.instance(), ours, instance))
                        .orElse(true);
    }

    private static boolean isBefore(Instant start, InstanceId other, Instant ours, InstanceId instance) {
        return start.isBefore(ours) || (start.equals(ours) && other.value().compareTo(instance.value()) < 0);
    }

    private static Optional<Journal> openJournal(KubeNode node) {
        return node.journal().filter(journal -> journal.state() == Journal.State.OPEN);
    }
}
