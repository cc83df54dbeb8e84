package dev.glidepath.replica;

import dev.glidepath.memory.Recent;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * What one observer has seen of the replicas' Leases, and when by a clock of its own that nobody sets: by one that was set forward,
 * everybody else would be dead. Nothing a Lease says is compared with that clock: only that it changes counts. May be used by any
 * thread.
 */
final class Liveness {
    /** Half as much again as its holder allows itself. */
    static final Duration SILENCE = Duration.ofSeconds(ReplicaLease.SECONDS);

    /** By how much a watch of nodes may be ahead of one of Leases: a claim may be seen before the Lease it stands on. */
    static final Duration LAG = Duration.ofSeconds(1);

    static final Duration DEAD_AFTER = Duration.ofMinutes(5);

    /** Holders remembered as missing; one that is forgotten and asked about again is missing anew. */
    private static final int MOST_MISSING = 1_000;

    private record Sighting(ReplicaLease lease, Instant movedAt) {
        String holder() {
            return lease.holder();
        }

        Sighting movedAt(Instant earlier) {
            return new Sighting(lease, earlier);
        }
    }

    private final Lock lock = new ReentrantLock();
    private final Map<String, Sighting> byName = new LinkedHashMap<>();

    /** By holder. One that is put in is known from then on, also when it is missed again. */
    private final Recent<String, Instant> missingSince = new Recent<>(MOST_MISSING);

    /**
     * A Lease is new or has changed.
     *
     * @return whether that is more than a renewal
     */
    boolean saw(ReplicaLease lease, Instant at) {
        lock.lock();
        try {
            missingSince.remove(lease.holder());
            Sighting now = new Sighting(lease, at);
            Sighting before = byName.put(lease.name(), now);
            if (before == null) {
                return true;
            }
            if (!before.holder().equals(now.holder())) {
                var _ = missingSince.putIfAbsent(before.holder(), at);
                return true;
            }
            if (before.lease().renewTime().equals(lease.renewTime())) {
                byName.put(lease.name(), now.movedAt(before.movedAt()));
            }
            return !before.lease().pending().equals(lease.pending());
        } finally {
            lock.unlock();
        }
    }

    /** A Lease has been deleted. */
    void gone(String name, Instant now) {
        lock.lock();
        try {
            Sighting last = byName.remove(name);
            if (last != null) {
                var _ = missingSince.putIfAbsent(last.holder(), now);
            }
        } finally {
            lock.unlock();
        }
    }

    /** When what this holder claims is free, as far as can be told now. */
    Instant freeAt(String holder, Instant now) {
        lock.lock();
        try {
            Sighting last = byName.get(ReplicaId.podOf(holder));
            return last != null && last.holder().equals(holder)
                    ? last.movedAt().plus(SILENCE)
                    : missingSince.putIfAbsent(holder, now).orElse(now).plus(LAG);
        } finally {
            lock.unlock();
        }
    }

    /** When the last of these replicas counts as dead that can read journals of this version; empty where there is none. */
    Optional<Instant> freeOfReadersAt(int journalVersion, Predicate<ReplicaLease> which) {
        lock.lock();
        try {
            return byName.values().stream()
                    .filter(sighting -> which.test(sighting.lease()))
                    .filter(sighting -> !sighting.holder().isEmpty())
                    .filter(sighting -> sighting.lease().capabilities().journalVersion() >= journalVersion)
                    .map(sighting -> sighting.movedAt().plus(SILENCE))
                    .max(Comparator.naturalOrder());
        } finally {
            lock.unlock();
        }
    }

    /** Whether this holder was seen to renew its Lease within that time. */
    boolean hasMoved(String holder, Duration within, Instant now) {
        lock.lock();
        try {
            Sighting last = byName.get(ReplicaId.podOf(holder));
            return last != null
                    && last.holder().equals(holder)
                    && last.movedAt().plus(within).isAfter(now);
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody will renew this Lease any more: it has been released, or left alone for very long. */
    boolean isDead(String name, Instant now) {
        lock.lock();
        try {
            Sighting last = byName.get(name);
            return last != null
                    && (last.holder().isEmpty()
                            || !last.movedAt().plus(DEAD_AFTER).isAfter(now));
        } finally {
            lock.unlock();
        }
    }
}
