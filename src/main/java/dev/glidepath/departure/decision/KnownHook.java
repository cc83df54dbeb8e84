package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal.Hook;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one lifecycle hook: whose it is, how long it holds its instance, and what Auto Scaling answered about it.
 *
 * <p>Auto Scaling is eventually consistent: an action that it does not find in its first two minutes may be found yet; one that it
 * does not find later is over.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
final class KnownHook {
    /** A hook that cannot be described is left alone then: its own timeout is an hour, unless it is set. */
    private static final Duration UNKNOWN_FOR = Duration.ofHours(1);

    /** How long after a start it may take to learn which queue is ours. */
    private static final Duration QUEUE_KNOWN_WITHIN = Duration.ofMinutes(1);

    /** In this time its message comes again, or the Lease of the replica that received it. */
    private static final Duration ANNOUNCED_WITHIN = Duration.ofMinutes(1);

    /** In this time a message arrives that a hook sends by way of a topic. */
    private static final Duration TOPIC_DELIVERS_WITHIN = Duration.ofMinutes(1);

    /** The part of a hook's time that may pass before its owner is known: half of it is past when the first heartbeat is due. */
    private static final int PART_WITHOUT_HEARTBEAT = 4;

    /** So often its description is denied in the time in which it may yet be announced. */
    private static final int DESCRIPTIONS_WHILE_UNANNOUNCED = 2;

    /** How long after an action began Auto Scaling may not find it, though it is there. */
    private static final Duration FOUND_WITHIN = Duration.ofMinutes(2);

    private final DecisionContext context;
    private final Hook hook;

    KnownHook(DecisionContext context, Hook hook) {
        this.context = context;
        this.hook = hook;
    }

    Hook hook() {
        return hook;
    }

    DescribeHook description() {
        return new DescribeHook(hook.action());
    }

    Heartbeat heartbeat() {
        return new Heartbeat(hook.action());
    }

    CompleteHook completion(HookResult result) {
        return new CompleteHook(hook.action(), result);
    }

    /** The owner, as far as it is known. An action that only the journal names may yet turn out to have been announced by its hook. */
    Verdict ownership() {
        Verdict byItself = ownershipIn(Optional.empty());
        Verdict verdict = ownershipIn(times().map(Described::group));
        boolean mayChange = byItself == Verdict.UNKNOWN && verdict != Verdict.OURS;
        return mayChange && mayYetBeAnnounced() ? Verdict.UNKNOWN : verdict;
    }

    boolean isOurs() {
        return ownership() == Verdict.OURS;
    }

    /** Whether it is somebody else's, or there is no telling whose it is. */
    boolean isLeftAlone() {
        return switch (ownership()) {
            case NOT_OURS, UNDECIDED -> true;
            case OURS, UNKNOWN -> false;
        };
    }

    /** How long it holds its instance, and the hooks of its group; empty while it is not described. */
    Optional<Described> times() {
        return context.attempts().timesOf(hook.action());
    }

    /**
     * Whether no message about it is known yet, and one may come. The wait begins when the hook was asked for, not when the journal
     * says.
     */
    boolean mayYetBeAnnounced() {
        boolean isBeingDescribed = context.attempts()
                .of(description())
                .filter(attempt ->
                        !(attempt.state() instanceof Done) && attempt.tries() <= DESCRIPTIONS_WHILE_UNANNOUNCED)
                .isPresent();
        boolean isRecent = describedAt()
                .filter(at -> context.now().isBefore(at.plus(ANNOUNCED_WITHIN)))
                .isPresent();
        return !context.snapshot().isAnnounced(hook.action()) && (isBeingDescribed || isRecent);
    }

    /** Whether hooks of its group may yet send messages of their own. */
    boolean mayHearFromTopics() {
        return topicsHeardBy().filter(context.now()::isBefore).isPresent();
    }

    /** When the messages have arrived that hooks of its group send by way of topics. */
    Optional<Instant> topicsHeardBy() {
        return times().map(times -> times.heartbeatTimeout().dividedBy(PART_WITHOUT_HEARTBEAT))
                .map(part -> part.compareTo(TOPIC_DELIVERS_WITHIN) < 0 ? part : TOPIC_DELIVERS_WITHIN)
                .flatMap(within -> describedAt().map(at -> at.plus(within)));
    }

    /** When it must be known which queue is ours. */
    Instant ownQueueKnownBy() {
        return hook.firstReceivedAt().plus(QUEUE_KNOWN_WITHIN);
    }

    /** Whether Auto Scaling has answered that there is no such action any more. */
    boolean isOver() {
        return isNoLongerFound(heartbeat()) || isNoLongerFound(description());
    }

    /** Whether a heartbeat was answered, whatever the answer. */
    boolean isHeartbeatAnswered() {
        return context.attempts().isDone(heartbeat()) || wasAnswered(heartbeat());
    }

    /** Whether it will not be described in time: that is denied, or was tried for as long as the action may live. */
    boolean isDescriptionGivenUp() {
        boolean tooLate = wasAnswered(description())
                && !context.now().isBefore(hook.firstReceivedAt().plus(UNKNOWN_FOR));
        return isDenied(description()) || tooLate;
    }

    boolean isNoLongerFound(Action asked) {
        return context.attempts()
                .of(asked)
                .filter(attempt -> attempt.state() instanceof Waiting(Instant since, var _, NotFound _)
                        && !since.isBefore(hook.noticedAt().plus(FOUND_WITHIN)))
                .isPresent();
    }

    boolean wasAnswered(Action action) {
        return context.attempts().of(action).filter(Attempt::wasAnswered).isPresent();
    }

    /** Why this action failed; empty where it did not. */
    String failureOf(Action action) {
        return context.attempts()
                .of(action)
                .map(Attempt::state)
                .map(state -> state instanceof Waiting(var _, var _, Outcome outcome)
                        ? switch (outcome) {
                            case Forbidden(String why) -> why;
                            case Retry(String why) -> why;
                            case NotFound(String why) -> why;
                            case Overloaded(String why, var _) -> why;
                            default -> "";
                        }
                        : "")
                .orElse("");
    }

    private boolean isDenied(Action action) {
        return context.attempts().of(action).filter(Attempt::denied).isPresent();
    }

    private Optional<Instant> describedAt() {
        return context.attempts().done(description()).map(Done::at);
    }

    private Verdict ownershipIn(Optional<List<GroupHook>> group) {
        return context.policy()
                .hooks()
                .ownership()
                .of(hook.action().hook(), context.snapshot().toldBeside(hook.action(), mayHearFromTopics()), group);
    }
}
