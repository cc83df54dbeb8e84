package dev.glidepath.departure.decision;

import dev.glidepath.drain.plan.DrainPolicy;
import java.time.Duration;

/**
 * What is decided by those who run the cluster, or is a rule of ours.
 *
 * @param nodeWait how long an instance nobody knows may take to become a node
 * @param hookAllowance how long a lifecycle action may take at least, and how much longer than the longest grace period
 * @param drain which pods go, and how far one goes with them
 * @param hooks what becomes of a hook whose drain is not done in time
 * @param outOfServiceTaint whether a node that is off is tainted as out of service
 */
public record Policy(
        Duration nodeWait,
        HookAllowance hookAllowance,
        DrainPolicy drain,
        HookPolicy hooks,
        boolean outOfServiceTaint) {

    /**
     * How long a drain under a lifecycle hook may take.
     *
     * @param least however short the grace periods are
     * @param beyondGrace on top of the longest grace period
     */
    public record HookAllowance(Duration least, Duration beyondGrace) {}

    /**
     * What becomes of a hook at the deadline.
     *
     * @param stay whether pods that budgets hold back stay until then, where nothing but the hook ends the instance
     */
    public record HookPolicy(AtDeadline atDeadline, boolean stay) {}

    /** What is told to Auto Scaling when the deadline comes before the drain is done. */
    public enum AtDeadline {
        /** Go on: the instance ends now. */
        CONTINUE,
        /** Go on without the hooks that are left. */
        ABANDON,
        /** Nothing: no more heartbeats, and the hook's own default result holds when its time is over. */
        EXPIRE
    }

    /** What holds when nothing is set. */
    public static Policy standard() {
        return new Policy(
                Duration.ofMinutes(5),
                new HookAllowance(Duration.ofMinutes(15), Duration.ofMinutes(2)),
                DrainPolicy.standard(),
                new HookPolicy(AtDeadline.CONTINUE, false),
                false);
    }
}
