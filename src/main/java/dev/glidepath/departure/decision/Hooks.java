package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Policy.AtDeadline;
import dev.glidepath.event.LifecycleAction;
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
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
final class Hooks {
    /** How often a hook is heartbeated while it is not known how long it waits. */
    private static final Duration BLIND_HEARTBEAT = Duration.ofSeconds(15);

    /** A hook that nobody lets us look at is left alone then: its own time-out is an hour, if nobody set another. */
    private static final Duration UNKNOWN_FOR = Duration.ofHours(1);

    private final Question question;
    private final List<Hook> hooks;

    Hooks(Question question, Collection<Hook> hooks) {
        this.question = question;
        this.hooks = List.copyOf(hooks);
    }

    /** Heartbeats those that are ours, each in its time. */
    void keepWaiting() {
        hooks.forEach(this::keepWaiting);
    }

    /** Whether nothing is owed for any of them now that the departure ends so; what is owed is begun. */
    boolean paid(Ending ending) {
        AtDeadline atDeadline = question.policy().hooks().atDeadline();
        boolean late = ending == Ending.DEADLINE_PASSED;
        if (late && atDeadline == AtDeadline.EXPIRE) {
            return true;
        }
        HookResult result = late && atDeadline == AtDeadline.ABANDON ? HookResult.ABANDON : HookResult.CONTINUE;
        boolean allPaid = true;
        for (Hook hook : hooks) {
            allPaid &= isPaid(hook, result);
        }
        return allPaid;
    }

    /** Those that are left to their own time-out. */
    Set<LifecycleAction> left() {
        return hooks.stream()
                .filter(hook -> ownershipOf(hook) != Verdict.NOT_OURS)
                .map(Hook::action)
                .filter(action -> question.attempts()
                        .of(new CompleteHook(action, HookResult.CONTINUE))
                        .isEmpty())
                .collect(Collectors.toSet());
    }

    /** Those that are somebody else's to complete. */
    Set<LifecycleAction> notOurs() {
        return hooks.stream()
                .filter(hook -> ownershipOf(hook) == Verdict.NOT_OURS)
                .map(Hook::action)
                .collect(Collectors.toSet());
    }

    /** Whose hook it is, as far as that is known; it is asked for where it must be. */
    Verdict ownershipOf(Hook hook) {
        Optional<String> target =
                Deadlines.timesOf(hook.action(), question.attempts()).map(Described::target);
        return question.policy().hooks().ownership().of(hook.action(), hook.direct(), target);
    }

    /** Whether Auto Scaling has said that there is no such action any more. */
    boolean isOver(Hook hook) {
        return isMoot(question.attempts().done(new Heartbeat(hook.action())))
                || isMoot(question.attempts().done(new DescribeHook(hook.action())));
    }

    /** Sends a heartbeat at once. Tells whether it was answered, whatever the answer. */
    boolean isAnswered(Hook hook) {
        Heartbeat heartbeat = new Heartbeat(hook.action());
        return question.agenda().owe(heartbeat)
                || question.attempts()
                        .of(heartbeat)
                        .filter(Attempt::wasAnswered)
                        .isPresent();
    }

    /** Asks whose it is and how long it waits. Tells whether that is known, or as good as nobody will tell. */
    boolean isDescribed(Hook hook) {
        DescribeHook describe = new DescribeHook(hook.action());
        boolean denied = question.attempts()
                .of(describe)
                .filter(attempt -> attempt.state() instanceof Waiting(var _, var _, Denied _))
                .isPresent();
        boolean tooLate = !question.now().isBefore(hook.firstReceivedAt().plus(UNKNOWN_FOR));
        return question.agenda().owe(describe) || denied || tooLate;
    }

    private boolean isPaid(Hook hook, HookResult result) {
        return switch (ownershipOf(hook)) {
            case NOT_OURS -> true;
            case UNKNOWN -> isDescribed(hook);
            case OURS -> {
                CompleteHook complete = new CompleteHook(hook.action(), result);
                boolean failedBefore =
                        question.attempts().of(complete).map(Attempt::state).orElse(null) instanceof Waiting;
                if (failedBefore) {
                    keepWaiting(hook);
                }
                yield question.agenda().owe(complete);
            }
        };
    }

    /** The first heartbeat comes at half the hook's time, each further one as long after the last; jitter only shortens. */
    private void keepWaiting(Hook hook) {
        LifecycleAction action = hook.action();
        Verdict ownership = ownershipOf(hook);
        if (ownership == Verdict.NOT_OURS) {
            return;
        }
        var _ = isDescribed(hook);
        if (ownership == Verdict.UNKNOWN || isOver(hook)) {
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

    private static boolean isMoot(Optional<Done> done) {
        return done.map(Done::outcome).filter(Moot.class::isInstance).isPresent();
    }
}
