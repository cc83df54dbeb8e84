package dev.glidepath.departure.decision;

import java.time.Duration;

/**
 * What is decided by those who run the cluster, or is a rule of ours.
 *
 * @param nodeWait how long an instance nobody knows may take to become a node
 * @param hookAllowance how long a lifecycle action may take at least, and how much longer than the longest grace period
 */
public record Policy(Duration nodeWait, HookAllowance hookAllowance) {

    /**
     * How long a drain under a lifecycle hook may take.
     *
     * @param least however short the grace periods are
     * @param beyondGrace on top of the longest grace period
     */
    public record HookAllowance(Duration least, Duration beyondGrace) {}

    /** What the design promises. */
    public static Policy standard() {
        return new Policy(Duration.ofMinutes(5), new HookAllowance(Duration.ofMinutes(15), Duration.ofMinutes(2)));
    }
}
