package dev.glidepath.drain.budget;

import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.drain.pod.Pod;
import java.time.Instant;
import java.util.Set;

/**
 * A PodDisruptionBudget, reduced to what is decided on.
 *
 * @param alwaysAllowsUnhealthy {@code unhealthyPodEvictionPolicy: AlwaysAllow}; else IfHealthyBudget, the default
 * @param allowed how many pods may be disrupted now, as its status has it, never less than 0
 * @param current whether its status speaks of its present spec; else the server refuses until it does
 * @param disrupted the names of pods whose eviction the status counts already
 * @param seenAt when we saw it so, by our own clock
 * @see <a href="https://kubernetes.io/docs/tasks/run-application/configure-pdb/">Specifying a disruption budget</a>
 */
public record Budget(
        Id id,
        LabelSelector selector,
        boolean alwaysAllowsUnhealthy,
        int allowed,
        Health health,
        boolean current,
        Set<String> disrupted,
        Instant seenAt) {

    public Budget {
        disrupted = Set.copyOf(disrupted);
    }

    /** Its namespace and name. */
    public record Id(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /**
     * Its numbers.
     *
     * @param healthy pods that are Ready now
     * @param desired how many of them there must be
     * @param expected how many pods it counts
     */
    public record Health(int healthy, int desired, int expected) {
        @Override
        public String toString() {
            return "it needs %d healthy pods of %d and has %d".formatted(desired, expected, healthy);
        }
    }

    /** Whether it speaks for this pod. */
    public boolean covers(Pod pod) {
        return id.namespace().equals(pod.ref().namespace()) && selector.matches(pod.labels());
    }

    /** The same, with this many of its evictions under way that its status does not count yet. */
    public Budget reserving(int evictions) {
        return evictions == 0
                ? this
                : new Budget(
                        id,
                        selector,
                        alwaysAllowsUnhealthy,
                        Math.max(0, allowed - evictions),
                        health,
                        current,
                        disrupted,
                        seenAt);
    }
}
