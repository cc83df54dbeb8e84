package dev.glidepath.departure.story;

import dev.glidepath.observe.Subject;

/** A Kubernetes event about a node or a pod, shown by {@code kubectl describe}. */
public record ClusterEvent(Subject subject, String note) {}
