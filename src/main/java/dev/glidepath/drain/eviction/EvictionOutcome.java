package dev.glidepath.drain.eviction;

import java.time.Duration;

/**
 * What the API server made of one eviction: a record for each thing it may mean.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works">How
 *     API-initiated eviction works</a>
 */
public sealed interface EvictionOutcome {
    /** The word for it in logs and metrics. */
    default String label() {
        return switch (this) {
            case Evicted _ -> "evicted";
            case Gone _ -> "gone";
            case OtherPod _ -> "other-pod";
            case BlockedByBudget _ -> "blocked-by-budget";
            case BudgetStale _ -> "budget-stale";
            case BudgetBroken _ -> "budget-broken";
            case Overloaded _ -> "overloaded";
            case SeveralBudgets _ -> "several-budgets";
            case RefusedByPolicy _ -> "refused-by-policy";
            case NamespaceTerminating _ -> "namespace-terminating";
            case Forbidden _ -> "forbidden";
            case TimedOut _ -> "timed-out";
            case Failed _ -> "failed";
        };
    }

    /** The pod is on its way out. */
    record Evicted() implements EvictionOutcome {}

    /** 404: there is no such pod any more. */
    record Gone() implements EvictionOutcome {}

    /** 409: the name is another pod's by now, so ours is gone. */
    record OtherPod() implements EvictionOutcome {}

    /**
     * 429 with cause DisruptionBudget: the budget has no room for now.
     *
     * @param budget the budget's name where the answer tells it, else empty
     */
    record BlockedByBudget(String budget, String why) implements EvictionOutcome {}

    /**
     * 429 with cause DisruptionBudget and a time to come again: the budget's status lags behind its spec, or the pod, which
     * was not Ready, changed while it was asked for.
     *
     * @param budget the budget's name where the answer tells it, else empty
     */
    record BudgetStale(String budget, String why) implements EvictionOutcome {}

    /** 403: the budget's status cannot be used (more than 2,000 evictions pending, or a negative room). */
    record BudgetBroken(String why) implements EvictionOutcome {}

    /**
     * Any other 429: the API server is busy, which says nothing of budgets.
     *
     * @param retryAfter how long the server wants to be left alone; zero where it does not say
     */
    record Overloaded(String why, Duration retryAfter) implements EvictionOutcome {}

    /** 500: more than one budget selects the pod. Never heals by itself. */
    record SeveralBudgets(String why) implements EvictionOutcome {}

    /** Somebody's webhook or admission policy refuses this pod. */
    record RefusedByPolicy(int status, String why) implements EvictionOutcome {}

    /** 403: the namespace is being deleted, and the pod with it. */
    record NamespaceTerminating() implements EvictionOutcome {}

    /** RBAC, or our credentials, do not let us evict: a person must act. */
    record Forbidden(String why) implements EvictionOutcome {}

    /** No answer in time, or too many conflicts over one budget. The pod may have been evicted all the same. */
    record TimedOut(String why) implements EvictionOutcome {}

    /** No answer, or none that says anything of the pod. */
    record Failed(String why) implements EvictionOutcome {}
}
