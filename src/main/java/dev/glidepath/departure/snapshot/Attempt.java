package dev.glidepath.departure.snapshot;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How far an action has come.
 *
 * @param action as it was started last
 * @param tries how often it was started; 0 while a budget that can be seen to have no room held it back from the first
 * @param state where it stands
 * @param startedAt when it was started last; long past where that never was
 * @param blockedFor how long a budget held it back, up to its latest start
 * @param blockedBy the budgets that did so
 * @param denied whether it was denied and no other answer has come since: neither a try under way nor one that did not get
 *     through changes that
 */
public record Attempt(
        Action action,
        int tries,
        State state,
        Instant startedAt,
        Duration blockedFor,
        Set<String> blockedBy,
        boolean denied) {

    public Attempt {
        blockedBy = Set.copyOf(blockedBy);
    }

    /** Where an action stands. */
    public sealed interface State {
        /** Started, and not answered: each action has a timeout of its own, so its outcome will come. */
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

    /** The first try of an action. */
    static Attempt first(Action action, Instant now) {
        return new Attempt(action, 1, new State.InFlight(now), now, Duration.ZERO, Set.of(), false);
    }

    /** An eviction that its budget holds back though it was never tried. */
    static Attempt heldBack(HeldEviction held, Instant now) {
        return new Attempt(held.evict(), 0, waitingFor(held, now), Instant.MIN, Duration.ZERO, budgetOf(held), false);
    }

    /** The next try; one after a success counts from one. */
    Attempt started(Action again, Instant now) {
        int next = state instanceof State.Done ? 1 : tries + 1;
        return new Attempt(again, next, new State.InFlight(now), now, blockedFor(now), blockedBy, denied);
    }

    /** The same, held back by its budget now. */
    Attempt heldBackBy(HeldEviction held, Instant now) {
        return new Attempt(
                held.evict(),
                tries,
                isBlocked() ? state : waitingFor(held, now),
                startedAt,
                blockedFor,
                also(held.budget().toString()),
                denied);
    }

    private static State waitingFor(HeldEviction held, Instant now) {
        return new State.Waiting(now, now, new Blocked(held.budget().toString(), held.why()));
    }

    private static Set<String> budgetOf(HeldEviction held) {
        String budget = held.budget().toString();
        return budget.isEmpty() ? Set.of() : Set.of(budget);
    }

    /** The same, with its outcome. */
    Attempt ended(Action ended, Outcome outcome, Instant now, RandomGenerator random) {
        boolean isDenied = switch (outcome) {
            case Forbidden _ -> true;
            case Retry _, Overloaded _ -> denied;
            default -> false;
        };
        return new Attempt(
                ended,
                tries,
                stateAfter(ended, outcome, isDenied, now, random),
                startedAt,
                blockedFor,
                outcome instanceof Blocked(String budget, var _) ? also(budget) : blockedBy,
                isDenied);
    }

    /** As if the last try had not been started; empty where nothing is left then. */
    Optional<Attempt> notSent(Action action, Outcome outcome, Instant now) {
        int before = tries - 1;
        return before > 0 || wasBlocked()
                ? Optional.of(new Attempt(
                        action, before, new State.Waiting(now, now, outcome), startedAt, blockedFor, blockedBy, denied))
                : Optional.empty();
    }

    private State stateAfter(Action ended, Outcome outcome, boolean isDenied, Instant now, RandomGenerator random) {
        boolean isDeniedCompletion = isDenied && ended instanceof Action.CompleteHook;
        return switch (outcome) {
            case Succeeded _, NotNeeded _, Described _, Bound _, Renewed _ -> new State.Done(now, outcome);
            case Blocked _ -> waiting(RetryPause.BLOCKED, outcome, now, random);
            case Overloaded(var _, Duration wanted) ->
                waiting(RetryPause.OVERLOADED, outcome, now, random).butNotBefore(now.plus(bounded(wanted, random)));
            case Refused _ -> waiting(RetryPause.REFUSED, outcome, now, random);
            case Retry _, Forbidden _
            when isDeniedCompletion -> waiting(RetryPause.COMPLETION_DENIED, outcome, now, random);
            case Retry _ -> waiting(RetryPause.FAILED, outcome, now, random);
            case NotFound _ -> waiting(RetryPause.NOT_FOUND, outcome, now, random);
            case Forbidden _ -> waiting(RetryPause.DENIED, outcome, now, random);
            case NotSent _ -> throw new IllegalStateException("it was not tried: " + action);
        };
    }

    private State.Waiting waiting(RetryPause usual, Outcome outcome, Instant now, RandomGenerator random) {
        RetryPause pause = isLastCall() && !usual.equals(RetryPause.DENIED) ? RetryPause.LAST_CALL : usual;
        return new State.Waiting(now, now.plus(pause.before(tries, random)), outcome);
    }

    /**
     * How long the server wants to be left alone, within bounds: a pod at its last call has no time to lose, and what is done first of
     * all (the journal, the list of pods) holds up everything else.
     */
    private Duration bounded(Duration wanted, RandomGenerator random) {
        boolean isFirstOfAll = action instanceof Action.OnJournal || action instanceof Action.ListPods;
        Duration usual = isFirstOfAll ? RetryPause.OVERLOADED.longest() : wanted;
        Duration longest = isLastCall() ? RetryPause.LAST_CALL.longest() : usual;
        Duration bounded = wanted.compareTo(longest) < 0 ? wanted : longest;
        return Duration.ofMillis((long) (bounded.toMillis() * (1 + random.nextDouble() / 2)));
    }

    private boolean isLastCall() {
        return action instanceof Action.LastCall || action instanceof Action.Delete;
    }

    /** Whether it was answered at least once, whatever the answer. */
    public boolean wasAnswered() {
        return tries > 1 || (tries == 1 && !(state instanceof State.InFlight));
    }

    /** Whether a budget has held it back before. */
    boolean wasBlocked() {
        return !blockedBy.isEmpty() || blockedFor.isPositive();
    }

    /** Whether a budget holds it back. */
    boolean isBlocked() {
        return state instanceof State.Waiting(var _, var _, Blocked _);
    }

    /** When its state began. */
    public Instant since() {
        return switch (state) {
            case State.InFlight(Instant since) -> since;
            case State.Waiting(Instant since, var _, var _) -> since;
            case State.Done(Instant at, var _) -> at;
        };
    }

    /** How long a budget held it back, up to this moment. */
    public Duration blockedFor(Instant now) {
        return state instanceof State.Waiting(Instant since, var _, Blocked _)
                ? blockedFor.plus(Duration.between(since, now))
                : blockedFor;
    }

    /**
     * Whether it is of use while nothing is done about pods. A failed action is not to be retried at once; and what a hook answered
     * holds as long as the hook.
     */
    boolean isOfUseAtRest() {
        return switch (action) {
            case Action.DescribeHook _, Action.Heartbeat _, Action.CompleteHook _ -> true;
            case Action.OnJournal _,
                    Action.DeleteMessages _,
                    Action.HandBack _,
                    Action.AskForNode _,
                    Action.AskKubelet _ -> !(state instanceof State.Done);
            case OnPod _, Action.ListPods _, Action.FindVolume _ -> state instanceof State.InFlight;
        };
    }

    private Set<String> also(String budget) {
        if (budget.isEmpty() || blockedBy.contains(budget)) {
            return blockedBy;
        }
        Set<String> more = new HashSet<>(blockedBy);
        more.add(budget);
        return more;
    }
}
