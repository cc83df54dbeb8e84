package dev.glidepath.departure;

import dev.glidepath.replica.Replica;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Whether this replica can act: its Lease is good, and its watches show the cluster as it is now. One that cannot act receives no
 * more than a trickle, hands back what it has not begun, and says so in readiness, log and metrics: all of them ask here. May be
 * asked by any thread.
 */
public final class Ability {
    private final Supplier<List<String>> unseen;
    private final Replica replica;
    private final InstantSource clock;
    private final boolean dryRun;

    /** Whether a departure has decided without a good Lease, or on an old view, since that was asked last. */
    private final AtomicBoolean leaseMissed = new AtomicBoolean();

    private final AtomicBoolean viewMissed = new AtomicBoolean();

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

    /** A departure has decided on what could be done at that moment, and is to decide again once more can be done. */
    void decided(Standing then) {
        if (!then.holdsItsLease()) {
            leaseMissed.set(true);
        }
        if (!then.seesTheCluster()) {
            viewMissed.set(true);
        }
    }

    /**
     * Whether something is back without which a departure has decided, once: it may have been missing for so short a time that
     * nothing else noticed.
     */
    public boolean takeWhatIsBack() {
        boolean lease = leaseMissed.getAndSet(false);
        boolean view = viewMissed.getAndSet(false);
        Standing now = standing();
        decided(new Standing(!lease || now.holdsItsLease(), !view || now.seesTheCluster()));
        return (lease && now.holdsItsLease()) || (view && now.seesTheCluster());
    }

    /** Whether the watches show the cluster as it is now. */
    boolean seesTheCluster() {
        return unseen.get().isEmpty();
    }

    private boolean holdsItsLease() {
        return dryRun || clock.instant().isBefore(replica.mayActUntil());
    }
}
