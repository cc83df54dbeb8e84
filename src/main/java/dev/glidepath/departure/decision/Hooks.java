package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.action.LeftHook.Why;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.lifecycle.AtDeadline;
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
 * The lifecycle hooks of an instance: heartbeats while the instance is needed, then one completion. Only for hooks that are ours. A
 * completion that fails is retried for as long as the action may be alive, and no longer.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
final class Hooks {
    /** The interval of heartbeats while it is not known how long a hook waits. */
    private static final Duration BLIND_HEARTBEAT = Duration.ofSeconds(15);

    private static final Duration LEASES_ARE_RENEWED_EVERY = Duration.ofSeconds(5);

    private final DecisionContext context;
    private final PendingActions pending;
    private final List<KnownHook> hooks;

    /** Whether they hold an instance that is launched: for those no heartbeats are sent. */
    private final boolean launching;

    /** Those that hold an instance which is terminated. */
    Hooks(DecisionContext context, Collection<Hook> hooks) {
        this(context, hooks, false);
    }

    private Hooks(DecisionContext context, Collection<Hook> hooks, boolean launching) {
        this.context = context;
        this.pending = context.pending();
        this.hooks = hooks.stream().map(hook -> new KnownHook(context, hook)).toList();
        this.launching = launching;
    }

    /** One that holds an instance which is launched. */
    static Hooks ofLaunch(DecisionContext context, Hook hook) {
        return new Hooks(context, List.of(hook), true);
    }

    /** Sends the heartbeats of those that are ours, each in its time. */
    void heartbeat() {
        hooks.forEach(this::heartbeat);
    }

    /** Completes those that are ours, now that the departure ends so. */
    Progress complete(Ending ending) {
        AtDeadline atDeadline = context.policy().hooks().atDeadline();
        boolean late = ending == Ending.DEADLINE_PASSED;
        if (late && atDeadline == AtDeadline.EXPIRE) {
            hooks.forEach(this::leaveToExpire);
            return Progress.DONE;
        }
        HookResult result = late && atDeadline == AtDeadline.ABANDON ? HookResult.ABANDON : HookResult.CONTINUE;
        return complete(result);
    }

    /** Completes those that are ours, where the instance goes on. */
    Progress complete() {
        return complete(HookResult.CONTINUE);
    }

    private Progress complete(HookResult result) {
        boolean allComplete = true;
        for (KnownHook hook : hooks) {
            allComplete &= completeIfOurs(hook, result).isDone();
        }
        return Progress.doneIf(allComplete);
    }

    /**
     * Completes those that are ours of a departure that ended so, by whichever replica. Other hooks are not reported: the replica that
     * carried the departure out reported them.
     */
    Progress completeAfter(Ending ending) {
        return Progress.doneIf(hooks.stream().allMatch(hook -> switch (hook.ownership()) {
            case NOT_OURS, UNDECIDED -> true;
            case UNKNOWN -> requestOwnership(hook).isDone();
            case OURS -> complete(ending).isDone();
        }));
    }

    /** Sends a heartbeat to each at once. Done when each was answered, whatever the answer. */
    Progress requestHeartbeat() {
        return Progress.doneIf(hooks.stream()
                .allMatch(hook -> pending.request(hook.heartbeat()).isDone() || hook.isHeartbeatAnswered()));
    }

    /** Asks whose they are and how long they wait. Done when that is known, or will not be known in time. */
    Progress requestDescription() {
        return Progress.doneIf(
                hooks.stream().allMatch(hook -> requestDescription(hook).isDone()));
    }

    /** Whether completing all of them has been tried: what is left is retried later, or is done. */
    boolean areTried() {
        return hooks.stream().allMatch(hook -> switch (hook.ownership()) {
            case NOT_OURS, UNDECIDED -> true;
            case UNKNOWN -> hook.wasAnswered(hook.description());
            case OURS -> hook.wasAnswered(hook.completion(HookResult.CONTINUE));
        });
    }

    /** The interruptions whose hooks are ours. */
    Set<InterruptionId> ofOurs() {
        return hooks.stream()
                .filter(KnownHook::isOurs)
                .map(hook -> hook.hook().cause())
                .collect(Collectors.toUnmodifiableSet());
    }

    private Progress completeIfOurs(KnownHook hook, HookResult result) {
        return switch (hook.ownership()) {
            case NOT_OURS, UNDECIDED -> {
                reportLeft(hook);
                yield Progress.DONE;
            }
            case UNKNOWN -> {
                Progress ownership = requestOwnership(hook);
                if (ownership.isDone()) {
                    reportLeft(hook);
                }
                yield ownership;
            }
            case OURS -> complete(hook, result);
        };
    }

    private Progress requestDescription(KnownHook hook) {
        return Progress.doneIf(pending.request(hook.description()).isDone() || hook.isDescriptionGivenUp());
    }

    /** Asks whose it is, and sets a timer for when that may be known. Done when there is nothing more to wait for. */
    private Progress requestOwnership(KnownHook hook) {
        return Progress.doneIf(hook.isOver()
                || (requestDescription(hook).isDone()
                        && awaitMessage(hook).isDone()
                        && awaitTopics(hook).isDone()
                        && awaitOwnQueue(hook).isDone()));
    }

    private Progress awaitMessage(KnownHook hook) {
        boolean waits = hook.mayYetBeAnnounced();
        if (waits) {
            pending.lookAgainBy(context.now().plus(LEASES_ARE_RENEWED_EVERY));
        }
        return Progress.doneIf(!waits);
    }

    private Progress awaitTopics(KnownHook hook) {
        hook.topicsHeardBy().ifPresent(pending::lookAgainAfter);
        return Progress.doneIf(!hook.mayHearFromTopics());
    }

    private Progress awaitOwnQueue(KnownHook hook) {
        pending.lookAgainAfter(hook.ownQueueKnownBy());
        boolean waits = context.now().isBefore(hook.ownQueueKnownBy())
                && context.attempts().isDone(hook.description());
        return Progress.doneIf(!waits);
    }

    /** Completes it, as often as it takes. */
    private Progress complete(KnownHook hook, HookResult result) {
        CompleteHook complete = hook.completion(result);
        if (hook.isNoLongerFound(complete)) {
            report(hook, Why.OVER, hook.failureOf(complete));
            return Progress.DONE;
        }
        Optional<Attempt> tried = context.attempts().of(complete);
        if (tried.map(Attempt::state).orElse(null) instanceof Waiting) {
            Instant end = heldUntil(hook);
            boolean denied = tried.filter(Attempt::denied).isPresent();
            if (!context.now().isBefore(end)
                    || (denied && context.snapshot().conditions().tooManyWait())) {
                report(hook, Why.GIVEN_UP, hook.failureOf(complete));
                return Progress.DONE;
            }
            pending.lookAgainAfter(end);
            if (!denied && !launching) { // without the permission they would hold a drained instance for days
                heartbeat(hook);
            }
        }
        return pending.request(complete);
    }

    private Instant heldUntil(KnownHook hook) {
        return launching
                ? Deadlines.heldWithoutHeartbeatUntil(hook.hook(), context.attempts())
                : Deadlines.heldUntil(hook.hook(), context.attempts());
    }

    /** The first heartbeat comes at half the hook's time, each further one as long after the last; jitter only shortens. */
    private void heartbeat(KnownHook hook) {
        if (hook.isLeftAlone()) {
            reportLeft(hook);
            return;
        }
        if (hook.isOver()) {
            return;
        }
        boolean isUnknown = hook.ownership() == Verdict.UNKNOWN;
        var _ = requestDescription(hook);
        if (isUnknown) {
            var _ = awaitTopics(hook);
            return;
        }
        Optional<Described> times = hook.times();
        Duration every =
                times.map(known -> known.heartbeatTimeout().dividedBy(2)).orElse(BLIND_HEARTBEAT);
        Duration jitter = every.dividedBy(10)
                .multipliedBy(Math.floorMod(hook.hook().action().hashCode(), 100))
                .dividedBy(100);
        Heartbeat heartbeat = hook.heartbeat();
        Instant noticedAt = hook.hook().noticedAt();
        Optional<Done> last = context.attempts().done(heartbeat);
        Instant due = last.map(Done::at).orElse(noticedAt).plus(every).minus(jitter);
        boolean pastTheLimit = times.map(known -> due.isAfter(noticedAt.plus(known.globalTimeout())))
                .orElse(false);
        if (!pastTheLimit) {
            pending.repeatAt(due, heartbeat);
        }
    }

    private void leaveToExpire(KnownHook hook) {
        switch (hook.ownership()) {
            case NOT_OURS, UNDECIDED -> reportLeft(hook);
            case OURS, UNKNOWN -> {
                if (context.attempts().of(hook.completion(HookResult.CONTINUE)).isEmpty()) {
                    report(hook, Why.EXPIRES, "the deadline came first");
                }
            }
        }
    }

    /** Reports that it is not ours, or that there is no telling whose it is. */
    private void reportLeft(KnownHook hook) {
        switch (hook.ownership()) {
            case OURS -> {}
            case NOT_OURS -> report(hook, Why.NOT_OURS, "it is not ours");
            case UNDECIDED ->
                report(
                        hook,
                        Why.UNDECIDED,
                        "neither its name nor its metadata begins with glidepath, it notifies nobody, and it is not the only"
                                + " terminating hook of its group that does so");
            case UNKNOWN -> {
                String described = hook.failureOf(hook.description());
                report(hook, Why.UNDECIDED, described.isEmpty() ? "which queue is ours is not known" : described);
            }
        }
    }

    private void report(KnownHook hook, Why why, String detail) {
        pending.leave(new LeftHook(hook.hook().action(), why, detail));
    }
}
