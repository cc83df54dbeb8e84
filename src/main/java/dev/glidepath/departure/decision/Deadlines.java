package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Until when the instance can be counted on.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html">Spot instance
 *     interruption notices</a>
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html">How lifecycle hooks
 *     work</a>
 */
final class Deadlines {
    private static final Duration SPOT_NOTICE = Duration.ofMinutes(2);

    /** How long the pods of a machine that is already going are waited for. */
    private static final Duration GOING_WAIT = Duration.ofMinutes(2);

    private static final Duration STALE_AFTER = Duration.ofMinutes(10);

    private final Sight sight;
    private final DrainPlan plan;
    private final Optional<Journal> journal;
    private final Policy policy;

    Deadlines(Sight sight, DrainPlan plan, Optional<Journal> journal, Policy policy) {
        this.sight = sight;
        this.plan = plan;
        this.journal = journal;
        this.policy = policy;
    }

    /** The earliest instant at which one of the causes may take the machine. */
    Instant earliest() {
        return sight.notices().stream()
                .map(this::of)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /** Until when a node for this instance may yet appear; a state change is not worth a wait. */
    Instant nodeMayAppearUntil() {
        return sight.notices().stream()
                .map(notice -> switch (notice.interruption()) {
                    case StateChange _ -> notice.receivedAt();
                    case SpotInterruption spot ->
                        earlier(goneAt(spot, notice), notice.receivedAt().plus(policy.nodeWait()));
                    case AsgTermination _ -> notice.receivedAt().plus(policy.nodeWait());
                })
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    /** Whether all that was announced should have happened long ago. A lifecycle action is never stale by time. */
    boolean allStale(Instant now) {
        return sight.notices().stream().allMatch(notice -> switch (notice.interruption()) {
            case AsgTermination _ -> false;
            case SpotInterruption spot -> goneAt(spot, notice).plus(STALE_AFTER).isBefore(now);
            case StateChange _ -> notice.noticedAt().plus(STALE_AFTER).isBefore(now);
        });
    }

    /** How long a hook holds its instance, once it is known. */
    static Optional<Described> timesOf(LifecycleAction action, Attempts attempts) {
        return attempts.done(new DescribeHook(action))
                .map(Attempt.State.Done::outcome)
                .filter(Described.class::isInstance)
                .map(Described.class::cast);
    }

    private Instant of(Notice notice) {
        Interruption interruption = notice.interruption();
        Instant goneAt = switch (interruption) {
            case SpotInterruption spot -> goneAt(spot, notice);
            case StateChange _ -> notice.noticedAt();
            case AsgTermination asg -> hookDeadline(asg, notice);
        };
        boolean alreadyGoing = !goneAt.isAfter(notice.receivedAt());
        return alreadyGoing ? notice.receivedAt().plus(GOING_WAIT) : goneAt;
    }

    private static Instant goneAt(SpotInterruption spot, Notice notice) {
        return spot.action() == SpotAction.HIBERNATE
                ? notice.noticedAt()
                : notice.noticedAt().plus(SPOT_NOTICE);
    }

    private Instant hookDeadline(AsgTermination asg, Notice notice) {
        Duration allowance = longer(
                policy.hookAllowance().least(),
                plan.longestGrace().plus(policy.hookAllowance().beyondGrace()));
        Instant allowed = firstReceived(asg.action(), notice.receivedAt()).plus(allowance);
        return timesOf(asg.action(), sight.attempts())
                .map(times -> earlier(allowed, notice.noticedAt().plus(times.globalTimeout())))
                .orElse(allowed);
    }

    /** A restart does not begin the hook's time anew. */
    private Instant firstReceived(LifecycleAction action, Instant otherwise) {
        return journal.map(Journal::hooks).orElse(List.of()).stream()
                .filter(hook -> hook.action().equals(action))
                .map(Journal.Hook::firstReceivedAt)
                .findFirst()
                .orElse(otherwise);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
