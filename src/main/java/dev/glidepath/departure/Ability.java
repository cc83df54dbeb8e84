package dev.glidepath.departure;

import dev.glidepath.replica.Replica;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Whether this replica can act: its Lease is good, and its watches show the cluster as it is now. Who cannot act receives no
 * more than a trickle, hands back what it has not begun, and says so in readiness, log and metrics: all of them ask here. May be
 * asked by any thread.
 */
public final class Ability {
    private final Supplier<List<String>> unseen;
    private final Replica replica;
    private final InstantSource clock;
    private final boolean dryRun;

    /**
     * @param unseen what the watches do not show as it is now, each in words; be brief
     * @param dryRun whether nothing is written, for which no Lease is needed
     */
    public Ability(Supplier<List<String>> unseen, Replica replica, InstantSource clock, boolean dryRun) {
        this.unseen = unseen;
        this.replica = replica;
        this.clock = clock;
        this.dryRun = dryRun;
    }

    /**
     * What it takes to act, each by itself: with a good Lease alone, what was begun goes on.
     *
     * @param holdsItsLease whether our Lease is good
     * @param seesTheCluster whether the watches show the cluster as it is now
     */
    public record Standing(boolean holdsItsLease, boolean seesTheCluster) {
        /** Whether nothing is missing. */
        public boolean canAct() {
            return holdsItsLease && seesTheCluster;
        }
    }

    /** What is there of it now. */
    public Standing standing() {
        return new Standing(holdsItsLease(), seesTheCluster());
    }

    /** Whether nothing is missing. */
    public boolean canAct() {
        return standing().canAct();
    }

    /** What is missing, each in words; empty when this replica can act. */
    public List<String> missing() {
        List<String> missing = new ArrayList<>(unseen.get());
        if (!holdsItsLease()) {
            missing.add("no Lease shows that this replica lives"
                    + replica.trouble().map(why -> ": " + why).orElse(""));
        }
        return missing;
    }

    /** Whether the watches show the cluster as it is now. */
    boolean seesTheCluster() {
        return unseen.get().isEmpty();
    }

    private boolean holdsItsLease() {
        return dryRun || clock.instant().isBefore(replica.mayActUntil());
    }
}
