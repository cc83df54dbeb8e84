package dev.glidepath.departure.action;

import dev.glidepath.lifecycle.GroupHook;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The outcome of an action. */
public sealed interface Outcome {

    /** The word for it in logs and metrics. */
    default String label() {
        return switch (this) {
            case Succeeded _ -> "landed";
            case NotNeeded _ -> "moot";
            case NotFound _ -> "not-found";
            case Described _ -> "described";
            case Bound _ -> "bound";
            case Renewed _ -> "renewed";
            case Blocked _ -> "blocked";
            case Overloaded _ -> "overloaded";
            case Refused _ -> "refused";
            case Retry _ -> "try-again";
            case Forbidden _ -> "denied";
            case NotSent _ -> "not-sent";
        };
    }

    /** It is done. */
    record Succeeded() implements Outcome {}

    /** There is nothing left to do it to: the pod is gone. As good as done. */
    record NotNeeded(String why) implements Outcome {}

    /**
     * Auto Scaling finds no such lifecycle action, or no such hook. Since it is eventually consistent, that means "not yet" soon
     * after the action began and "over" later: the action's own time decides.
     */
    record NotFound(String why) implements Outcome {}

    /**
     * A hook was described.
     *
     * @param group all hooks of its group, which show whose it is
     */
    record Described(Duration heartbeatTimeout, Duration globalTimeout, List<GroupHook> group) implements Outcome {
        public Described {
            group = List.copyOf(group);
        }
    }

    /** The kubelet renewed its Lease last then. */
    record Renewed(Instant at) implements Outcome {}

    /** A claim's volume was found. */
    record Bound(String volume) implements Outcome {}

    /**
     * A budget has no room for the pod now.
     *
     * @param budget its name, as far as it is known
     */
    record Blocked(String budget, String why) implements Outcome {}

    /**
     * The server is busy, which says nothing of the pod or the node.
     *
     * @param retryAfter how long it wants to be left alone; zero where it does not say
     */
    record Overloaded(String why, Duration retryAfter) implements Outcome {}

    /** Somebody refuses this pod or this change to the node, for now: a policy, a webhook, a second budget. */
    record Refused(String why) implements Outcome {}

    /** It did not work, and may the next time. */
    record Retry(String why) implements Outcome {}

    /** It is not allowed, until a person grants it; retried all the same, seldom. */
    record Forbidden(String why) implements Outcome {}

    /** It was begun and, by the time its turn came, was not wanted or not allowed any more. Nothing was asked, so nothing was tried. */
    record NotSent(String why) implements Outcome {}
}
