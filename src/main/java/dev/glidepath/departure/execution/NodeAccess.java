package dev.glidepath.departure.execution;

/** What a departure sees of one of its nodes, and what acts for it. */
public record NodeAccess(ClusterView view, ActionExecutor executor) {}
