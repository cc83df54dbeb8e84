package dev.glidepath.departure.decision;

/** What is done about a kind of interruption. */
public enum Response {
    /** Nothing. */
    IGNORE,
    /** It is told. */
    NOTIFY,
    /** No new pods come to the node; those that are there stay. */
    CORDON,
    /** The node is cordoned, and its pods are asked to leave. */
    DRAIN
}
