package dev.glidepath.node;

import java.time.Duration;

/** What came of a write to a Node. */
public sealed interface WriteOutcome {
    /** It is written. */
    record Written() implements WriteOutcome {}

    /** Somebody wrote in between; look at the node again. */
    record Conflict() implements WriteOutcome {}

    /** There is no such node any more. */
    record NodeGone() implements WriteOutcome {}

    /** Somebody's webhook or admission policy refuses it. */
    record RefusedByPolicy(String why) implements WriteOutcome {}

    /** The API server does not accept what the Node would become, such as an annotation that has grown too long. */
    record Invalid(String why) implements WriteOutcome {}

    /** RBAC, or our credentials, do not let us: a person must act. */
    record Denied(String why) implements WriteOutcome {}

    /**
     * The API server is busy.
     *
     * @param retryAfter how long it wants to be left alone; zero where it does not say
     */
    record Overloaded(String why, Duration retryAfter) implements WriteOutcome {}

    /** The API server is down or slow; worth another try. */
    record Failed(String why) implements WriteOutcome {}
}
