package dev.glidepath.drain.pod;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A pod, reduced to what is decided on.
 *
 * @param seenAt when we first saw it on its node, by our own clock
 * @param termination how it is on its way out; empty while nobody has deleted or evicted it
 * @param grace how long its containers may take to end, as it wishes; at most two days
 * @param priority its priority's value; higher is more important
 * @param tolerated the keys of the taints it tolerates by name; a blanket toleration names none
 * @param claims the names of the PersistentVolumeClaims it mounts
 * @param labels what budgets select it by
 * @param version its resourceVersion, as it was seen last
 * @see <a href="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/">Pod lifecycle</a>
 */
public record Pod(
        PodRef ref,
        Instant seenAt,
        Phase phase,
        Set<Trait> traits,
        Optional<Termination> termination,
        Duration grace,
        int priority,
        Owner owner,
        Set<String> tolerated,
        Set<String> claims,
        Map<String, String> labels,
        String version) {

    public Pod {
        traits = Set.copyOf(traits);
        tolerated = Set.copyOf(tolerated);
        claims = Set.copyOf(claims);
        labels = Map.copyOf(labels);
    }

    /** Where a pod stands in its life. */
    public enum Phase {
        PENDING,
        RUNNING,
        SUCCEEDED,
        FAILED,
        UNKNOWN
    }

    /** What is true of a pod, or not. */
    public enum Trait {
        /** Its condition Ready is True. */
        READY,
        /** All its containers have ended; what is left of it is the object. */
        CONTAINERS_ENDED,
        /** The kubelet's own, from a file or a URL on the node. */
        MIRROR,
        /** It has data in an emptyDir. */
        EMPTY_DIR,
        /** It attaches and mounts others' volumes: a CSI driver's node pod, told by its path under the kubelet's plugins. */
        VOLUME_PLUMBING,
        /** Its toleration {@code operator: Exists} without a key lets it onto any node. */
        TOLERATES_ALL,
        /** Asks to be evicted though a DaemonSet owns it. */
        DAEMON_SET_EVICTION,
        /** Asks to be left alone by whoever could as well take another node; see {@link PodReader}. */
        DO_NOT_DISRUPT,
        /** {@code glidepath.dev/drain: skip}, its own or its namespace's. */
        SKIP,
        /** {@code glidepath.dev/drain: wait}, its own or its namespace's: let it finish until its last call. */
        WAIT
    }

    /**
     * A deletion under way.
     *
     * @param endsBy its deletionTimestamp: when its grace is over
     * @param grace what it was given
     * @param evicted whether the eviction API began it
     */
    public record Termination(Instant endsBy, Duration grace, boolean evicted) {}

    /** Who makes another pod when this one goes. */
    public sealed interface Owner {
        /** A controller, such as a ReplicaSet. */
        record Controller(String kind, String name, String uid) implements Owner {}

        /** Nobody: a bare pod. */
        record Nobody() implements Owner {}
    }

    /** The same, of which this is true as well. */
    Pod with(Trait trait) {
        Set<Trait> more = new HashSet<>(traits);
        more.add(trait);
        return new Pod(
                ref, seenAt, phase, more, termination, grace, priority, owner, tolerated, claims, labels, version);
    }

    /**
     * The same, remembering what only its past knows: when it was first seen, and the grace it was given. The kubelet's last
     * deletion, when its containers have ended, has a grace of zero. What has not changed is in memory once.
     */
    Pod after(Pod before) {
        boolean ended = termination.filter(now -> now.grace().isZero()).isPresent();
        Optional<Termination> given = ended ? before.termination.or(() -> termination) : termination;
        return new Pod(
                sameAs(before.ref, ref),
                before.seenAt,
                phase,
                sameAs(before.traits, traits),
                sameAs(before.termination, given),
                sameAs(before.grace, grace),
                priority,
                sameAs(before.owner, owner),
                sameAs(before.tolerated, tolerated),
                sameAs(before.claims, claims),
                sameAs(before.labels, labels),
                version);
    }

    /** Whether nothing else is told of it than before, though its version may be another. */
    boolean tellsTheSameAs(Pod before) {
        return equals(new Pod(
                before.ref,
                before.seenAt,
                before.phase,
                before.traits,
                before.termination,
                before.grace,
                before.priority,
                before.owner,
                before.tolerated,
                before.claims,
                before.labels,
                version));
    }

    private static <T> T sameAs(T before, T now) {
        return now.equals(before) ? before : now;
    }

    public boolean is(Trait trait) {
        return traits.contains(trait);
    }

    /** Whether its containers ended for good. */
    public boolean finished() {
        return phase == Phase.SUCCEEDED || phase == Phase.FAILED;
    }

    /** Whether it has been deleted or evicted already. */
    public boolean terminating() {
        return termination.isPresent();
    }

    /** Whether a controller of this kind owns it. */
    public boolean ownedBy(String kind) {
        return owner instanceof Owner.Controller controller && controller.kind().equals(kind);
    }
}
