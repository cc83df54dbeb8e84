package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.LeftHook;
import dev.glidepath.departure.decision.Decision.LeftHook.Why;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.NotFound;
import dev.glidepath.departure.decision.Outcome.Overloaded;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.departure.decision.Policy.AtDeadline;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal.Hook;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is owed for lifecycle hooks: heartbeats while the instance is needed, then one completion. Only for those that are ours.
 *
 * <p>Auto Scaling is eventually consistent: what it does not find in the first two minutes of an action it may find yet, and is
 * asked for again; what it does not find later is over. A completion that fails is tried again for as long as the action may be
 * alive, and no longer.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
final class Hooks {
    /** How often a hook is heartbeated while it is not known how long it waits. */
    private static final Duration BLIND_HEARTBEAT = Duration.ofSeconds(15);

    /** A hook that nobody lets us look at is left alone then: its own time-out is an hour, if nobody set another. */
    private static final Duration UNKNOWN_FOR = Duration.ofHours(1);

    /** How long after a start it may take to learn which queue is ours. */
    private static final Duration QUEUE_KNOWN_WITHIN = Duration.ofMinutes(1);

    /** In this time its message comes again, or the Lease of the replica that received it. */
    private static final Duration ANNOUNCED_WITHIN = Duration.ofMinutes(1);

    /** In this time a hook that notifies a topic before our queue has told us of its action. */
    private static final Duration TOLD_BY_TOPIC_WITHIN = Duration.ofMinutes(1);

    /** The part of a hook's time that may pass before it is known whose it is: half of it is past when the first heartbeat is due. */
    private static final int PART_WITHOUT_HEARTBEAT = 4;

    private static final Duration LEASES_ARE_RENEWED_EVERY = Duration.ofSeconds(5);

    /** So often its description is denied in that time. */
    private static final int DESCRIPTIONS_WHILE_UNANNOUNCED = 2;

    /** How long after an action began Auto Scaling may not find it, though it is there. */
    private static final Duration FOUND_WITHIN = Duration.ofMinutes(2);

    private final Question question;
    private final List<Hook> hooks;

    /** Whether they hold instances that are launched: for those no heartbeats are sent. */
    private final boolean launching;

    /** Those that hold an instance which is terminated. */
    Hooks(Question question, Collection<Hook> hooks) {
        this(question, hooks, false);
    }

    private Hooks(Question question, Collection<Hook> hooks, boolean launching) {
        this.question = question;
        this.hooks = List.copyOf(hooks);
        this.launching = launching;
    }

    /** One that holds an instance which is launched. */
    static Hooks ofLaunch(Question question, Hook hook) {
        return new Hooks(question, List.of(hook), true);
    }

    /** Heartbeats those that are ours, each in its time. */
    void keepWaiting() {
        hooks.forEach(this::keepWaiting);
    }

    /** Completes those that are ours, now that the departure ends so. Returns whether nothing is pending for any of them. */
    boolean complete(Ending ending) {
        AtDeadline atDeadline = question.policy().hooks().atDeadline();
        boolean late = ending == Ending.DEADLINE_PASSED;
        if (late && atDeadline == AtDeadline.EXPIRE) {
            hooks.forEach(this::leaveToExpire);
            return true;
        }
        HookResult result = late && atDeadline == AtDeadline.ABANDON ? HookResult.ABANDON : HookResult.CONTINUE;
        return complete(result);
    }

    /** The same where the instance goes on. */
    boolean complete() {
        return complete(HookResult.CONTINUE);
    }

    private boolean complete(HookResult result) {
        boolean allComplete = true;
        for (Hook hook : hooks) {
            allComplete &= completeIfOurs(hook, result);
        }
        return allComplete;
    }

    /** Whether all of them have been tried: what is left of them is tried again later, or is done. */
    boolean areTried() {
        return hooks.stream().allMatch(hook -> switch (ownershipOf(hook)) {
            case NOT_OURS, UNDECIDED -> true;
            case UNKNOWN -> wasAnswered(new DescribeHook(hook.action()));
            case OURS -> wasAnswered(completion(hook, HookResult.CONTINUE));
        });
    }

    /** The interruptions whose hooks are ours. */
    Set<InterruptionId> ofOurs() {
        return hooks.stream()
                .filter(hook -> ownershipOf(hook) == Verdict.OURS)
                .map(Hook::cause)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Completes those that are ours of a departure that ended so, whoever carried it out. Nothing is told of others: whoever carried it
     * out told that they are left. Returns whether nothing is pending for any of them.
     */
    boolean completeAfter(Ending ending) {
        return hooks.stream().allMatch(hook -> switch (ownershipOf(hook)) {
            case NOT_OURS, UNDECIDED -> true;
            case UNKNOWN -> !waitToKnow(hook);
            case OURS -> complete(ending);
        });
    }

    /** Whose hook it is, as far as that is known. One that only the journal tells of may yet turn out to have announced itself. */
    Verdict ownershipOf(Hook hook) {
        Verdict byItself = ownershipOf(hook, Optional.empty());
        Verdict verdict = ownershipOf(
                hook, Deadlines.timesOf(hook.action(), question.attempts()).map(Described::group));
        boolean mayChange = byItself == Verdict.UNKNOWN && verdict != Verdict.OURS;
        return mayChange && mayYetBeAnnounced(hook) ? Verdict.UNKNOWN : verdict;
    }

    /** Whether no message about it is known yet, and one may come. The wait begins when we asked for the hook, not when the journal says. */
    private boolean mayYetBeAnnounced(Hook hook) {
        boolean isBeingAskedFor = question.attempts()
                .of(new DescribeHook(hook.action()))
                .filter(attempt ->
                        !(attempt.state() instanceof Done) && attempt.tries() <= DESCRIPTIONS_WHILE_UNANNOUNCED)
                .isPresent();
        boolean isRecent = describedAt(hook)
                .filter(at -> question.now().isBefore(at.plus(ANNOUNCED_WITHIN)))
                .isPresent();
        return !question.sight().isAnnounced(hook.action()) && (isBeingAskedFor || isRecent);
    }

    private Optional<Instant> describedAt(Hook hook) {
        return question.attempts().done(new DescribeHook(hook.action())).map(Done::at);
    }

    private Verdict ownershipOf(Hook hook, Optional<List<GroupHook>> group) {
        return question.policy()
                .hooks()
                .ownership()
                .of(hook.action().hook(), question.sight().toldBeside(hook.action(), mayYetBeTold(hook)), group);
    }

    /** Whether hooks of its group may yet tell us themselves. */
    private boolean mayYetBeTold(Hook hook) {
        return toldBy(hook).filter(question.now()::isBefore).isPresent();
    }

    private Optional<Instant> toldBy(Hook hook) {
        return Deadlines.timesOf(hook.action(), question.attempts())
                .map(times -> times.heartbeatTimeout().dividedBy(PART_WITHOUT_HEARTBEAT))
                .map(part -> part.compareTo(TOLD_BY_TOPIC_WITHIN) < 0 ? part : TOLD_BY_TOPIC_WITHIN)
                .flatMap(within -> describedAt(hook).map(at -> at.plus(within)));
    }

    /** Whether Auto Scaling has said that there is no such action any more. */
    boolean isOver(Hook hook) {
        return isNoLongerFound(hook, new Heartbeat(hook.action()))
                || isNoLongerFound(hook, new DescribeHook(hook.action()));
    }

    /** Sends a heartbeat at once. Tells whether it was answered, whatever the answer. */
    boolean heartbeatAtOnce(Hook hook) {
        return question.agenda().owe(new Heartbeat(hook.action())) || isAnswered(hook);
    }

    /** Whether a heartbeat was answered, whatever the answer. */
    boolean isAnswered(Hook hook) {
        Heartbeat heartbeat = new Heartbeat(hook.action());
        return question.attempts().isDone(heartbeat) || wasAnswered(heartbeat);
    }

    /** Asks whose it is and how long it waits. Returns whether that is known, or will not be known in time. */
    boolean describe(Hook hook) {
        DescribeHook describe = new DescribeHook(hook.action());
        boolean tooLate = wasAnswered(describe)
                && !question.now().isBefore(hook.firstReceivedAt().plus(UNKNOWN_FOR));
        return question.agenda().owe(describe) || isDenied(describe) || tooLate;
    }

    /** Completes it if it is ours. Returns whether nothing is pending for it any more. */
    private boolean completeIfOurs(Hook hook, HookResult result) {
        return switch (ownershipOf(hook)) {
            case NOT_OURS, UNDECIDED -> {
                tellThatItIsLeft(hook);
                yield true;
            }
            case UNKNOWN -> {
                boolean isLeft = !waitToKnow(hook);
                if (isLeft) {
                    tellThatItIsLeft(hook);
                }
                yield isLeft;
            }
            case OURS -> complete(hook, result);
        };
    }

    /** Asks whose it is, and looks again when that may be known. Tells whether that is to be waited for. */
    private boolean waitToKnow(Hook hook) {
        return !isOver(hook)
                && (!describe(hook) || waitForItsMessage(hook) || waitForTopics(hook) || waitForOurQueue(hook));
    }

    /** Looks again when the hooks that notify topics have told us, if they do. Tells whether that is to be waited for. */
    private boolean waitForTopics(Hook hook) {
        toldBy(hook).ifPresent(question.agenda()::lookAgainAfter);
        return mayYetBeTold(hook);
    }

    /** Looks again while its message may yet come. Tells whether that is to be waited for. */
    private boolean waitForItsMessage(Hook hook) {
        boolean waits = mayYetBeAnnounced(hook);
        if (waits) {
            question.agenda().lookAgainBy(question.now().plus(LEASES_ARE_RENEWED_EVERY));
        }
        return waits;
    }

    /** Looks again when which queue is ours must be known. Tells whether that is to be waited for. */
    private boolean waitForOurQueue(Hook hook) {
        Instant knownBy = hook.firstReceivedAt().plus(QUEUE_KNOWN_WITHIN);
        question.agenda().lookAgainAfter(knownBy);
        return question.now().isBefore(knownBy) && question.attempts().isDone(new DescribeHook(hook.action()));
    }

    /** Completes it, as often as it takes. Tells whether nothing is owed for it any more. */
    private boolean complete(Hook hook, HookResult result) {
        CompleteHook complete = completion(hook, result);
        if (isNoLongerFound(hook, complete)) {
            tell(hook, Why.OVER, whyOf(complete));
            return true;
        }
        Optional<Attempt> tried = question.attempts().of(complete);
        if (tried.map(Attempt::state).orElse(null) instanceof Waiting) {
            Instant end = heldUntil(hook);
            boolean denied = tried.filter(Attempt::denied).isPresent();
            if (!question.now().isBefore(end)
                    || (denied && question.sight().surroundings().tooManyWait())) {
                tell(hook, Why.GIVEN_UP, whyOf(complete));
                return true;
            }
            question.agenda().lookAgainAfter(end);
            if (!denied && !launching) { // for nothing but a permission, they would hold a drained instance for days
                keepWaiting(hook);
            }
        }
        return question.agenda().owe(complete);
    }

    private Instant heldUntil(Hook hook) {
        return launching
                ? Deadlines.heldWithoutHeartbeatUntil(hook, question.attempts())
                : Deadlines.heldUntil(hook, question.attempts());
    }

    /** The first heartbeat comes at half the hook's time, each further one as long after the last; jitter only shortens. */
    private void keepWaiting(Hook hook) {
        LifecycleAction action = hook.action();
        Verdict ownership = ownershipOf(hook);
        if (ownership == Verdict.NOT_OURS || ownership == Verdict.UNDECIDED) {
            tellThatItIsLeft(hook);
            return;
        }
        if (isOver(hook)) {
            return;
        }
        var _ = describe(hook);
        if (ownership == Verdict.UNKNOWN) {
            var _ = waitForTopics(hook);
            return;
        }
        Optional<Described> times = Deadlines.timesOf(action, question.attempts());
        Duration every =
                times.map(known -> known.heartbeatTimeout().dividedBy(2)).orElse(BLIND_HEARTBEAT);
        Duration jitter = every.dividedBy(10)
                .multipliedBy(Math.floorMod(action.hashCode(), 100))
                .dividedBy(100);
        Heartbeat heartbeat = new Heartbeat(action);
        Optional<Done> last = question.attempts().done(heartbeat);
        Instant due = last.map(Done::at).orElse(hook.noticedAt()).plus(every).minus(jitter);
        boolean pastTheLimit = times.map(known -> due.isAfter(hook.noticedAt().plus(known.globalTimeout())))
                .orElse(false);
        if (!pastTheLimit) {
            question.agenda().repeatAt(due, heartbeat);
        }
    }

    private void leaveToExpire(Hook hook) {
        switch (ownershipOf(hook)) {
            case NOT_OURS, UNDECIDED -> tellThatItIsLeft(hook);
            case OURS, UNKNOWN -> {
                if (question.attempts()
                        .of(completion(hook, HookResult.CONTINUE))
                        .isEmpty()) {
                    tell(hook, Why.EXPIRES, "the deadline came first");
                }
            }
        }
    }

    /** That it is not ours, or that nobody can tell whose it is. */
    private void tellThatItIsLeft(Hook hook) {
        switch (ownershipOf(hook)) {
            case OURS -> {}
            case NOT_OURS -> tell(hook, Why.NOT_OURS, "it is not ours");
            case UNDECIDED ->
                tell(
                        hook,
                        Why.UNDECIDED,
                        "neither its name nor its metadata begins with glidepath, it notifies nobody, and it is not the only"
                                + " terminating hook of its group that does so");
            case UNKNOWN -> {
                String described = whyOf(new DescribeHook(hook.action()));
                tell(hook, Why.UNDECIDED, described.isEmpty() ? "which queue is ours is not known" : described);
            }
        }
    }

    private void tell(Hook hook, Why why, String detail) {
        question.agenda().leave(new LeftHook(hook.action(), why, detail));
    }

    private String whyOf(Act act) {
        return question.attempts()
                .of(act)
                .map(Attempt::state)
                .map(state -> state instanceof Waiting(var _, var _, Outcome outcome)
                        ? switch (outcome) {
                            case Denied(String why) -> why;
                            case TryAgain(String why) -> why;
                            case NotFound(String why) -> why;
                            case Overloaded(String why, var _) -> why;
                            default -> "";
                        }
                        : "")
                .orElse("");
    }

    private boolean isNoLongerFound(Hook hook, Act asked) {
        return question.attempts()
                .of(asked)
                .filter(attempt -> attempt.state() instanceof Waiting(Instant since, var _, NotFound _)
                        && !since.isBefore(hook.noticedAt().plus(FOUND_WITHIN)))
                .isPresent();
    }

    private boolean isDenied(Act act) {
        return question.attempts().of(act).filter(Attempt::denied).isPresent();
    }

    private boolean wasAnswered(Act act) {
        return question.attempts().of(act).filter(Attempt::wasAnswered).isPresent();
    }

    private static CompleteHook completion(Hook hook, HookResult result) {
        return new CompleteHook(hook.action(), result);
    }
}
