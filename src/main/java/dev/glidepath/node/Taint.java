package dev.glidepath.node;

import dev.glidepath.cluster.DepartingTaint;

/**
 * A node's taint.
 *
 * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
 */
record Taint(String key, String value, String effect) {
    /** The key of the taint by which a cloud provider says that the instance is off. */
    static final String SHUT_DOWN = "node.cloudprovider.kubernetes.io/shutdown";

    /**
     * Says that the instance is off for good, and nothing on it runs: pods that are terminating are deleted, and their volumes
     * detached at once, not after six minutes.
     *
     * @see <a href="https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown">Non-graceful
     *     node shutdown</a>
     */
    static final Taint OUT_OF_SERVICE = new Taint("node.kubernetes.io/out-of-service", "nodeshutdown", "NoExecute");

    /** Whether a node that has one cannot be given the other: a taint is known by key and effect. */
    boolean isSameAs(Taint other) {
        return key.equals(other.key) && effect.equals(other.effect);
    }

    /** NoSchedule, or less: NoExecute would have the pods deleted past their budgets. */
    static Taint departing(String kind, Scheduling scheduling) {
        return new Taint(
                DepartingTaint.KEY,
                kind,
                switch (scheduling) {
                    case FORBIDDEN -> "NoSchedule";
                    case DISCOURAGED -> "PreferNoSchedule";
                });
    }
}
