package dev.glidepath.observe;

/** The object that a Kubernetes event is about. */
public sealed interface Subject {
    /** A node, which has no namespace: its events are kept in {@code default}, and found by its name. */
    record Node(String name) implements Subject {}

    /** A pod. */
    record Pod(String namespace, String name, String uid) implements Subject {}
}
