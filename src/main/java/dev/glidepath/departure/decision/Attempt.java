package dev.glidepath.departure.decision;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * How far an act has come.
 *
 * @param act as it was started last
 * @param tries how often it was started; 0 while a budget that can be seen to have no room held it back from the first
 * @param state where it stands
 * @param blockedFor how long a budget held it back, up to its latest start
 * @param blockedBy the budgets that did so
 * @param startedAt when it was started last; long past where that never was
 * @param denied whether it was denied and nobody has said anything else since: neither a try under way nor one that did not
 *     get through changes that
 */
public record Attempt(
        Act act,
        int tries,
        State state,
        Instant startedAt,
        Duration blockedFor,
        Set<String> blockedBy,
        boolean denied) {

    public Attempt {
        blockedBy = Set.copyOf(blockedBy);
    }

    /** Where an act stands. */
    public sealed interface State {
        /** Started, and not answered: each act has a time-out of its own, so its outcome will come. */
        record InFlight(Instant since) implements State {}

        /** To be started again, not before {@code retryAt} unless what held it back has changed. */
        record Waiting(Instant since, Instant retryAt, Outcome outcome) implements State {
            /** The same, and no earlier than that. */
            Waiting butNotBefore(Instant earliest) {
                return retryAt.isBefore(earliest) ? new Waiting(since, earliest, outcome) : this;
            }
        }

        /** Done, or there is nothing left to do. */
        record Done(Instant at, Outcome outcome) implements State {}
    }

    /** Whether it was answered at least once, whatever the answer. */
    boolean wasAnswered() {
        return tries > 1 || (tries == 1 && !(state instanceof State.InFlight));
    }

    /** Whether a budget has held it back before. */
    boolean wasBlocked() {
        return !blockedBy.isEmpty() || blockedFor.isPositive();
    }

    /** When its state began. */
    Instant since() {
        return switch (state) {
            case State.InFlight(Instant since) -> since;
            case State.Waiting(Instant since, var _, var _) -> since;
            case State.Done(Instant at, var _) -> at;
        };
    }

    /** How long a budget held it back, up to this moment. */
    Duration blockedFor(Instant now) {
        return state instanceof State.Waiting(Instant since, var _, Outcome.Blocked _)
                ? blockedFor.plus(Duration.between(since, now))
                : blockedFor;
    }
}
