package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** What was tried in a departure, and what came of it. Empty after a restart, and nothing depends on it being full. */
public record Attempts(Map<Act, Attempt> byAct) {
    private static final Duration BLOCKED_FIRST = Duration.ofSeconds(1);
    private static final Duration BLOCKED_LONGEST = Duration.ofSeconds(5);
    private static final Duration FAILED_FIRST = Duration.ofMillis(250);
    private static final Duration FAILED_LONGEST = Duration.ofSeconds(10);
    private static final Duration DENIED = Duration.ofSeconds(30);

    public Attempts {
        byAct = Map.copyOf(byAct);
    }

    /** Nothing was tried. */
    public static Attempts none() {
        return new Attempts(Map.of());
    }

    /** The same, with this act under way. */
    public Attempts started(Act act, Instant now) {
        Attempt before = byAct.get(act);
        if (before == null) {
            return with(act, new Attempt(1, new InFlight(now), Duration.ZERO, ""));
        }
        Duration blockedFor = before.state() instanceof Waiting(Instant since, var _, Blocked _)
                ? before.blockedFor().plus(Duration.between(since, now))
                : before.blockedFor();
        // A heartbeat that landed begins to count anew.
        int tries = before.state() instanceof Done ? 1 : before.tries() + 1;
        return with(act, new Attempt(tries, new InFlight(now), blockedFor, before.blockedBy()));
    }

    /**
     * The same, with what came of this act.
     *
     * @param random spreads what is tried again, so that what failed together does not come back together
     */
    public Attempts ended(Act act, Outcome outcome, Instant now, RandomGenerator random) {
        Attempt before = byAct.getOrDefault(act, new Attempt(1, new InFlight(now), Duration.ZERO, ""));
        String blockedBy = outcome instanceof Blocked(String budget, var _) ? budget : before.blockedBy();
        Attempt.State state = switch (outcome) {
            case Landed _, Moot _, Described _ -> new Done(now, outcome);
            case Blocked _ ->
                new Waiting(
                        now,
                        now.plus(spread(growing(BLOCKED_FIRST, BLOCKED_LONGEST, before.tries()), random)),
                        outcome);
            case TryAgain _ ->
                new Waiting(
                        now, now.plus(spread(growing(FAILED_FIRST, FAILED_LONGEST, before.tries()), random)), outcome);
            case Denied _ -> new Waiting(now, now.plus(spread(DENIED, random)), outcome);
        };
        return with(act, new Attempt(before.tries(), state, before.blockedFor(), blockedBy));
    }

    /** How far this act has come; empty if it was never started. */
    public Optional<Attempt> of(Act act) {
        return Optional.ofNullable(byAct.get(act));
    }

    /** When this act was done, and with which outcome; empty while it is not. */
    Optional<Done> done(Act act) {
        return of(act).map(Attempt::state).filter(Done.class::isInstance).map(Done.class::cast);
    }

    boolean isDone(Act act) {
        return done(act).isPresent();
    }

    /** The acts of one sort that were done by us: those that turned out moot are not among them. */
    <A extends Act> Stream<A> landed(Class<A> sort) {
        return byAct.entrySet().stream()
                .filter(entry -> entry.getValue().state() instanceof Done(var _, Landed _))
                .map(Map.Entry::getKey)
                .filter(sort::isInstance)
                .map(sort::cast);
    }

    private Attempts with(Act act, Attempt attempt) {
        Map<Act, Attempt> more = new HashMap<>(byAct);
        more.put(act, attempt);
        return new Attempts(more);
    }

    private static Duration growing(Duration first, Duration longest, int tries) {
        Duration grown = first.multipliedBy(1L << Math.min(tries - 1, 16));
        return grown.compareTo(longest) < 0 ? grown : longest;
    }

    private static Duration spread(Duration duration, RandomGenerator random) {
        return Duration.ofMillis((long) (duration.toMillis() * (0.75 + random.nextDouble() / 2)));
    }
}
