package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight.Listed;
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
import java.util.stream.Stream;

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
    private final Optional<Journal> journal;
    private final Policy policy;

    Deadlines(Sight sight, Optional<Journal> journal, Policy policy) {
        this.sight = sight;
        this.journal = journal;
        this.policy = policy;
    }

    /** The earliest instant at which one of the causes may take the machine. */
    Instant earliest() {
        Instant earliest = Instant.MAX;
        for (Notice notice : sight.notices()) {
            Instant goneAt = goneAt(notice);
            Instant until = isGoing(notice) ? notice.receivedAt().plus(GOING_WAIT) : goneAt;
            earliest = earlier(earliest, until);
        }
        return earliest;
    }

    /** What that leaves for the pods, reckoned from when the deadline was journaled. */
    Horizon horizon(Instant now) {
        if (sight.notices().stream().anyMatch(this::isGoing)) {
            return new Horizon.Going();
        }
        Instant deadline = earliest();
        Instant start = journal.flatMap(Journal::term)
                .filter(term -> term.deadline().equals(deadline))
                .map(Journal.Term::since)
                .orElse(now);
        return new Horizon.Deadline(start, deadline);
    }

    /** The longest grace among the pods that go, once they are known; whoever journaled one before us, knew of it. */
    Optional<Duration> longestGrace() {
        Stream<Duration> seen = sight.pods() instanceof Listed(List<Pod> pods, List<Pod> gone, var _)
                ? Stream.concat(pods.stream().filter(Deadlines::mustGo), gone.stream())
                        .map(Pod::grace)
                : Stream.empty();
        return Stream.concat(seen, journal.flatMap(Journal::longestGrace).stream())
                .max(Comparator.naturalOrder());
    }

    /** Until when a node for this instance may yet appear; a state change is not worth a wait. */
    Instant nodeMayAppearUntil() {
        return sight.notices().stream()
                .map(notice -> switch (notice.interruption()) {
                    case StateChange _ -> notice.receivedAt();
                    case SpotInterruption _ ->
                        earlier(goneAt(notice), notice.receivedAt().plus(policy.nodeWait()));
                    case AsgTermination _ -> notice.receivedAt().plus(policy.nodeWait());
                })
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    /** Whether all that was announced should have happened long ago. A lifecycle action is never stale by time. */
    boolean allStale(Instant now) {
        return sight.notices().stream()
                .allMatch(notice -> !(notice.interruption() instanceof AsgTermination)
                        && goneAt(notice).plus(STALE_AFTER).isBefore(now));
    }

    /** How long a hook holds its instance, once it is known. */
    static Optional<Described> timesOf(LifecycleAction action, Attempts attempts) {
        return attempts.done(new DescribeHook(action))
                .map(Attempt.State.Done::outcome)
                .filter(Described.class::isInstance)
                .map(Described.class::cast);
    }

    private boolean isGoing(Notice notice) {
        return !goneAt(notice).isAfter(notice.receivedAt());
    }

    private Instant goneAt(Notice notice) {
        return switch (notice.interruption()) {
            case SpotInterruption spot when spot.action() == SpotAction.HIBERNATE -> noticedAt(notice);
            case SpotInterruption _ -> noticedAt(notice).plus(SPOT_NOTICE);
            case StateChange _ -> noticedAt(notice);
            case AsgTermination asg -> hookDeadline(asg, notice);
        };
    }

    private Instant hookDeadline(AsgTermination asg, Notice notice) {
        Duration beyondGrace =
                longestGrace().orElse(Duration.ZERO).plus(policy.hookAllowance().beyondGrace());
        Duration allowance = longer(policy.hookAllowance().least(), beyondGrace);
        Instant allowed = firstReceived(asg.action(), notice.receivedAt()).plus(allowance);
        return timesOf(asg.action(), sight.attempts())
                .map(times -> earlier(allowed, noticedAt(notice).plus(times.globalTimeout())))
                .orElse(allowed);
    }

    /** As it was journaled: a clock that runs ahead of ours does not begin a notice's time anew with each restart. */
    private Instant noticedAt(Notice notice) {
        return journal.map(Journal::causes).orElse(List.of()).stream()
                .filter(cause -> cause.id().equals(notice.interruption().id()))
                .map(Journal.Cause::noticedAt)
                .findFirst()
                .orElse(notice.noticedAt());
    }

    /** A restart does not begin the hook's time anew. */
    private Instant firstReceived(LifecycleAction action, Instant otherwise) {
        return journal.map(Journal::hooks).orElse(List.of()).stream()
                .filter(hook -> hook.action().equals(action))
                .map(Journal.Hook::firstReceivedAt)
                .findFirst()
                .orElse(otherwise);
    }

    /** A DaemonSet's or the kubelet's own pods wait for the machine itself to go. */
    private static boolean mustGo(Pod pod) {
        return !pod.is(Pod.Trait.MIRROR) && !pod.ownedBy("DaemonSet") && !pod.ownedBy("Node") && !pod.finished();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
