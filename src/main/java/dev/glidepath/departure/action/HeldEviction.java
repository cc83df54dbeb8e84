package dev.glidepath.departure.action;

import dev.glidepath.drain.budget.Budget;
import java.util.Locale;

/**
 * An eviction that its budget holds back.
 *
 * @param why the budget's numbers
 */
public record HeldEviction(Action.Evict evict, Budget.Id budget, Reason reason, String why) {
    /** Why a budget holds a pod back. */
    public enum Reason {
        /** Others of its pods are being evicted just now. */
        IN_USE,
        /** It has no room. */
        NO_ROOM,
        /** It has none for a pod that is not Ready: set {@code unhealthyPodEvictionPolicy: AlwaysAllow}. */
        UNHEALTHY_PODS,
        /** Its status lags behind its spec. */
        STALE;

        /** The word for it in logs and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
