package dev.glidepath.departure.decision;

import java.time.Duration;
import java.time.Instant;

/** What came of an act. */
public sealed interface Outcome {

    /** The word for it in logs and metrics. */
    default String label() {
        return switch (this) {
            case Landed _ -> "landed";
            case Moot _ -> "moot";
            case Described _ -> "described";
            case Bound _ -> "bound";
            case Renewed _ -> "renewed";
            case Blocked _ -> "blocked";
            case Overloaded _ -> "overloaded";
            case Refused _ -> "refused";
            case TryAgain _ -> "try-again";
            case Denied _ -> "denied";
        };
    }

    /** It is done. */
    record Landed() implements Outcome {}

    /** There is nothing left to do it to: the pod or the lifecycle action is gone. As good as done. */
    record Moot(String why) implements Outcome {}

    /**
     * A hook was described.
     *
     * @param target the ARN of the queue or topic it notifies itself; empty where it has none
     */
    record Described(Duration heartbeatTimeout, Duration globalTimeout, String target) implements Outcome {}

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

    /** The server is busy, which says nothing of the pod. */
    record Overloaded(String why) implements Outcome {}

    /** Somebody refuses this pod and may change his mind: a policy, a webhook, a second budget. */
    record Refused(String why) implements Outcome {}

    /** It did not work, and may the next time. */
    record TryAgain(String why) implements Outcome {}

    /** It is refused until a person acts; tried again all the same, seldom. */
    record Denied(String why) implements Outcome {}
}
