package dev.glidepath.drain.eviction;

import java.time.Duration;

/** What the API server made of deleting one pod. */
public sealed interface DeletionOutcome {
    /** The pod is on its way out. */
    record Deleted() implements DeletionOutcome {}

    /** There is no such pod any more; its name may be another one's by now. */
    record Gone() implements DeletionOutcome {}

    /** RBAC, or our credentials, do not let us delete: a person must act. */
    record Forbidden(String why) implements DeletionOutcome {}

    /** Somebody's webhook or admission policy refuses this pod. */
    record RefusedByPolicy(int status, String why) implements DeletionOutcome {}

    /**
     * 429: the API server is busy.
     *
     * @param retryAfter how long the server wants to be left alone; zero where it does not say
     */
    record Overloaded(String why, Duration retryAfter) implements DeletionOutcome {}

    /** 504, or no answer in time: it may have happened all the same. */
    record TimedOut(String why) implements DeletionOutcome {}

    /** No answer, or none that says anything of the pod. */
    record Failed(String why) implements DeletionOutcome {}
}
