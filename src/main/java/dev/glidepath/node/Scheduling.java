package dev.glidepath.node;

/**
 * What a departing node is to new pods.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/">Taints and tolerations</a>
 */
public enum Scheduling {
    /** It is cordoned, and tainted with {@code NoSchedule}: none come, but those that tolerate our taint by name. */
    FORBIDDEN,
    /** It is tainted with {@code PreferNoSchedule}, and not cordoned: they come where there is no other room. */
    DISCOURAGED
}
