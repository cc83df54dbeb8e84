package dev.glidepath.departure.decision;

import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.node.NodeSight.NeverSeen;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the Leases of the replicas in a {@link Play} tell of its instance: who has seen its node and owes its hooks. Read back by all
 * of them, their authors included.
 */
final class PlayedLeases {
    /** By the process that says so, since when. */
    private final Map<String, Instant> witnesses = new HashMap<>();

    private boolean tellsWhatItHears;

    /** A bug: whoever has heard of an instance says that he has seen its node, and believes himself. */
    void tellWhatIsHeard() {
        tellsWhatItHears = true;
    }

    /** A replica has looked, and writes its Lease. */
    void looked(String holder, List<Snapshot> snapshots, Instant now) {
        boolean owes = snapshots.stream().anyMatch(Snapshot::hasPendingHooks)
                && (tellsWhatItHears
                        || snapshots.stream().anyMatch(snapshot -> !(snapshot.node() instanceof NeverSeen)));
        if (owes) {
            witnesses.putIfAbsent(holder, now);
        }
    }

    /** Its departure has ended: what it owed, and what it had copied from others. */
    void settled() {
        witnesses.clear();
    }

    /** When another told this one that it had seen the node; empty where only it itself did. */
    Optional<Instant> toldBeside(String holder) {
        return witnesses.entrySet().stream()
                .filter(witness -> tellsWhatItHears || !witness.getKey().equals(holder))
                .map(Map.Entry::getValue)
                .min(Instant::compareTo);
    }
}
