package dev.glidepath.event;

/** The response to a kind of interruption, from the least to the most. */
public enum Response {
    /** Its message is deleted. */
    IGNORE,
    /** It is told in the log and as a Kubernetes event on the node. */
    NOTIFY,
    /** The node takes no new pods; those on it stay. A hook is completed as soon as that is so. */
    CORDON,
    /** The node is cordoned and its pods are evicted. */
    DRAIN
}
