package dev.glidepath.drain;

import java.time.Duration;
import java.util.Set;

/**
 * A pod, reduced to what is decided on.
 *
 * @param terminating whether it has been deleted or evicted already and is on its way out
 * @param grace how long its containers may take to end, as it wishes; at most two days
 * @param priority its priority's value; higher is more important
 * @param tolerated the keys of the taints it tolerates by name; a blanket toleration names none
 * @see <a href="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/">Pod lifecycle</a>
 */
public record Pod(
        PodRef ref,
        Phase phase,
        boolean terminating,
        boolean mirror,
        boolean emptyDir,
        Duration grace,
        int priority,
        Owner owner,
        Set<String> tolerated) {

    public Pod {
        tolerated = Set.copyOf(tolerated);
    }

    /** Where a pod stands in its life. */
    public enum Phase {
        PENDING,
        RUNNING,
        SUCCEEDED,
        FAILED,
        UNKNOWN
    }

    /** Who makes another pod when this one goes. */
    public sealed interface Owner {
        /** A controller, such as a ReplicaSet. */
        record Controller(String kind, String name) implements Owner {}

        /** Nobody: a bare pod. */
        record Nobody() implements Owner {}
    }

    boolean finished() {
        return phase == Phase.SUCCEEDED || phase == Phase.FAILED;
    }
}
