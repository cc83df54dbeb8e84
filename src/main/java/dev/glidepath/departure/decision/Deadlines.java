package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Policy.HookAllowance;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Until when the instance can be counted on, by its journal.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html">How lifecycle hooks
 *     work</a>
 */
final class Deadlines {
    /** How long what is only at risk is kept from new pods. */
    static final Duration LAPSES_AFTER = Duration.ofHours(1);

    /** How long the pods of an instance that is already going are waited for. */
    private static final Duration GOING_WAIT = Duration.ofMinutes(2);

    /** How long an instance may take to go, once its time has come. */
    private static final Duration GOING_TAKES = Duration.ofMinutes(10);

    /** A hook's heartbeat timeout where it is not described: Auto Scaling's default. */
    private static final Duration USUAL_HEARTBEAT_TIMEOUT = Duration.ofHours(1);

    /** No hook holds an instance for longer. */
    private static final Duration LONGEST_GLOBAL_TIMEOUT = Duration.ofDays(2);

    private final Journal journal;
    private final List<Cause> causes;
    private final Snapshot snapshot;
    private final Policy policy;

    /**
     * @param causes those that count
     */
    Deadlines(Journal journal, List<Cause> causes, Snapshot snapshot, Policy policy) {
        this.journal = journal;
        this.causes = causes;
        this.snapshot = snapshot;
        this.policy = policy;
    }

    /** Those of the causes that are neither answered nor lapsed. */
    static Deadlines ofLive(Journal journal, DecisionContext context) {
        List<Cause> live = journal.causes().stream()
                .filter(cause -> !cause.answered() && !isLapsed(cause, context.now()))
                .toList();
        return new Deadlines(journal, live, context.snapshot(), context.policy());
    }

    /** The earliest instant at which one of the causes may take the instance; the far end of time where none does. */
    Instant earliest() {
        return causes.stream()
                .map(cause -> isGoing(cause) ? cause.receivedAt().plus(GOING_WAIT) : goneAt(cause))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /**
     * When the instance is gone for sure if this comes true: what has a time of its own, some minutes after that; a lifecycle action,
     * when its hook can hold the instance no longer. Empty where nothing takes the instance, or it is not known when.
     */
    Optional<Instant> goneBy(Cause cause) {
        boolean isHeld = cause.kind() == Kind.ASG_TERMINATION;
        return switch (cause.effect()) {
            case NONE -> Optional.empty();
            case ENDS, STOPS, ENDED, STOPPED -> isHeld ? Optional.of(heldUntil(cause)) : timeOf(cause);
        };
    }

    private Optional<Instant> timeOf(Cause cause) {
        return cause.window().map(Window::endsAt).or(cause::goneAt).map(latest -> latest.plus(GOING_TAKES));
    }

    private Instant heldUntil(Cause cause) {
        return hookOf(cause)
                .map(hook -> heldWithHeartbeatsUntil(hook, snapshot.attempts()))
                .orElseGet(() -> cause.noticedAt().plus(LONGEST_GLOBAL_TIMEOUT));
    }

    /** What that leaves for the pods, reckoned from when the deadline was journaled. */
    Horizon horizon(Instant now) {
        if (causes.stream().anyMatch(this::isGoing)) {
            return new Horizon.Going();
        }
        return term(now)
                .<Horizon>map(term -> new Horizon.Deadline(term.since(), term.deadline()))
                .orElseGet(Horizon.Calm::new);
    }

    /** The present deadline, since when it is known; empty where there is none, or the instance is going already. */
    Optional<Term> term(Instant now) {
        Instant deadline = earliest();
        if (deadline.equals(Instant.MAX) || causes.stream().anyMatch(this::isGoing)) {
            return Optional.empty();
        }
        return Optional.of(journal.term()
                .filter(term -> term.deadline().equals(deadline))
                .orElseGet(() -> new Term(deadline, now)));
    }

    /** The longest grace among the pods that go, once they are known; a replica that journaled one before us knew it. */
    Optional<Duration> longestGrace() {
        Stream<Duration> seen = snapshot.pods() instanceof Listed(List<Pod> pods, List<Pod> gone, var _)
                ? Stream.concat(pods.stream(), gone.stream())
                        .filter(pod -> DrainPlan.hasToGo(pod, policy.drain()))
                        .map(Pod::grace)
                : Stream.empty();
        return Stream.concat(seen, journal.longestGrace().stream()).max(Comparator.naturalOrder());
    }

    /** Whether the instance was on its way down when this was received. */
    private boolean isGoing(Cause cause) {
        return !goneAt(cause).isAfter(cause.receivedAt());
    }

    /** Whether nothing takes the instance for this, and it no longer counts. */
    static boolean isLapsed(Cause cause, Instant now) {
        return cause.effect() == Effect.NONE && !now.isBefore(lapsesAt(cause));
    }

    static Instant lapsesAt(Cause cause) {
        return cause.noticedAt().plus(LAPSES_AFTER);
    }

    private Instant goneAt(Cause cause) {
        return cause.goneAt().or(() -> hookOf(cause).map(this::hookDeadline)).orElse(Instant.MAX);
    }

    private Optional<Hook> hookOf(Cause cause) {
        return journal.hooks().stream()
                .filter(hook -> hook.cause().equals(cause.id()))
                .findFirst();
    }

    /** A restart does not begin the hook's time again: it counts from when the first replica received it. */
    private Instant hookDeadline(Hook hook) {
        HookAllowance allowance = policy.hooks().allowance();
        Duration beyondGrace = longestGrace().orElse(Duration.ZERO).plus(allowance.beyondGrace());
        Instant allowed = hook.firstReceivedAt().plus(longer(allowance.least(), beyondGrace));
        return earlier(allowed, heldUntil(hook, snapshot.attempts()));
    }

    /** When the hook lets its instance go at the latest. Whoever may not send heartbeats has no more than the heartbeat timeout. */
    static Instant heldUntil(Hook hook, Attempts attempts) {
        boolean denied = attempts.of(new Heartbeat(hook.action()))
                .filter(Attempt::denied)
                .isPresent();
        return denied ? heldWithoutHeartbeatUntil(hook, attempts) : heldWithHeartbeatsUntil(hook, attempts);
    }

    /** The same of one that no heartbeats are sent for. */
    static Instant heldWithoutHeartbeatUntil(Hook hook, Attempts attempts) {
        return hook.noticedAt()
                .plus(attempts.timesOf(hook.action())
                        .map(Described::heartbeatTimeout)
                        .orElse(USUAL_HEARTBEAT_TIMEOUT));
    }

    private static Instant heldWithHeartbeatsUntil(Hook hook, Attempts attempts) {
        return hook.noticedAt()
                .plus(attempts.timesOf(hook.action())
                        .map(Described::globalTimeout)
                        .orElse(LONGEST_GLOBAL_TIMEOUT));
    }

    static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
