package dev.glidepath.drain;

/**
 * What the API server made of one eviction.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works">How
 *     API-initiated eviction works</a>
 */
public sealed interface EvictionOutcome {
    /** The pod is on its way out. */
    record Evicted() implements EvictionOutcome {}

    /** There is no such pod any more: 404, or 409 where the name is another pod's by now. */
    record AlreadyGone() implements EvictionOutcome {}

    /**
     * 429 with cause DisruptionBudget: the budget has no room for now.
     *
     * @param budget the budget's name where the answer tells it, else empty
     */
    record BlockedByBudget(String budget, String why) implements EvictionOutcome {}

    /** Any other 429: the API server is busy, which says nothing of budgets. */
    record Throttled(String why) implements EvictionOutcome {}

    /** The namespace is being deleted, and the pod with it. */
    record NamespaceTerminating() implements EvictionOutcome {}

    /** Somebody's policy or webhook, or a second budget on the pod, refuses this pod; a person may have to act. */
    record Refused(int status, String why) implements EvictionOutcome {}

    /** RBAC does not let us evict: a person must act. */
    record Denied(String why) implements EvictionOutcome {}

    /** No answer, or none that says anything of the pod. */
    record Failed(String why) implements EvictionOutcome {}
}
