package dev.glidepath.departure.decision;

import java.time.Duration;
import java.time.Instant;

/**
 * How far an act has come.
 *
 * @param tries how often it was started
 * @param state where it stands
 * @param blockedFor how long a budget held it back, up to its latest start
 * @param blockedBy the budget that did so last; empty if none did
 */
public record Attempt(int tries, State state, Duration blockedFor, String blockedBy) {

    /** Where an act stands. */
    public sealed interface State {
        /** Started, and not answered: each act has a time-out of its own, so its outcome will come. */
        record InFlight(Instant since) implements State {}

        /** To be started again, not before {@code retryAt}. */
        record Waiting(Instant since, Instant retryAt, Outcome outcome) implements State {}

        /** Done, or there is nothing left to do. */
        record Done(Instant at, Outcome outcome) implements State {}
    }
}
