package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.decision.NodeHealth.Health;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.KubeNode;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Screens the notices about a node: which of them are new. A notice that its journal knows is not; neither is one about something
 * that should have happened long ago to a node that is healthy.
 */
final class NoticeScreening {
    private static final Duration STALE_AFTER = Duration.ofMinutes(10);

    /** How long Auto Scaling may take to answer whether a lifecycle action that was announced late still waits. */
    private static final Duration ASKED_FOR = Duration.ofMinutes(1);

    private final DecisionContext context;
    private final KubeNode node;
    private final Journal known;
    private final NodeHealth health;
    private final Siblings siblings;

    private final List<Notice> notices = new ArrayList<>();
    private final Set<MessageId> acknowledged = new HashSet<>();
    private Optional<Instant> selectedUntil = Optional.empty();
    private boolean isHookPending;
    private boolean wasStale;
    private boolean isExamined;

    /**
     * @param known the node's journal
     */
    NoticeScreening(DecisionContext context, KubeNode node, Journal known, NodeHealth health, Siblings siblings) {
        this.context = context;
        this.node = node;
        this.known = known;
        this.health = health;
        this.siblings = siblings;
    }

    /** Screens all notices, and asks the kubelet and Auto Scaling where one comes late; once only. */
    NewNotices screen() {
        context.notices().forEach(this::screen);
        return new NewNotices(notices, acknowledged, selectedUntil, isHookPending, wasStale, isExamined);
    }

    private void screen(Notice notice) {
        InterruptionId id = notice.interruption().id();
        if (!context.selects(node)) {
            awaitLabels(notice);
        } else if (notice.interruption() instanceof AsgLaunch) {
            notices.add(notice);
        } else if (!Causes.isKnown(known, notice)) {
            screenForStale(notice);
        } else if (known.isLive(id) && Causes.isUnderWay(known)) {
            notices.add(notice); // the journal may lack its hook
        } else if (completeSettled(notice).isDone()) {
            acknowledged.add(notice.message()); // settled: it may be deleted, once its hook, if any, is completed
        } else {
            isHookPending = true;
        }
    }

    /** A node that has just joined may yet be selected. Launches wait for themselves. */
    private void awaitLabels(Notice notice) {
        if (notice.interruption() instanceof AsgLaunch) {
            return;
        }
        Instant until = new Joining(context.policy()).selectedUntil(node, notice);
        if (context.now().isBefore(until)) {
            context.pending().lookAgainBy(until);
            selectedUntil = selectedUntil.filter(other -> other.isAfter(until)).or(() -> Optional.of(until));
        } else {
            acknowledged.add(notice.message());
        }
    }

    /**
     * Completes the hook of an interruption that is settled, where its completion was left to others: the hook sent its own message
     * only afterwards, or another release, whose hooks are others, carried the departure out. Of several nodes of an instance the first
     * does so, once the others are done.
     */
    private Progress completeSettled(Notice notice) {
        InterruptionId id = notice.interruption().id();
        if (!(notice.interruption() instanceof AsgTermination asg)
                || !known.isSettled(id)
                || !siblings.isFirst()
                || known.isHookCompleted(id)
                || siblings.haveCompletedHook(id)) {
            return Progress.DONE;
        }
        Hook hook = notice.hookOf(asg);
        Hooks hooks = new Hooks(context, List.of(hook));
        return awaitSiblings(hook, hooks).isDone() ? hooks.completeAfter(endingBefore()) : Progress.PENDING;
    }

    private Progress awaitSiblings(Hook hook, Hooks hooks) {
        Instant until = Deadlines.heldUntil(hook, context.attempts());
        boolean waits = siblings.arePending(hook.cause()) && context.now().isBefore(until);
        if (waits) {
            hooks.heartbeat();
            context.pending().lookAgainAfter(until);
        }
        return Progress.doneIf(!waits);
    }

    private Ending endingBefore() {
        return context.attempts()
                .last(SettleJournal.class)
                .map(SettleJournal::ending)
                .orElse(Ending.ALREADY_SETTLED);
    }

    private void screenForStale(Notice notice) {
        switch (establishHealth(notice)) {
            case HEALTHY -> {
                acknowledged.add(notice.message());
                wasStale = true;
            }
            case UNHEALTHY -> notices.add(notice);
            case UNKNOWN -> isExamined = true;
        }
    }

    /** The health of the node after what this notice announces; unhealthy as well where that is yet to come. */
    private Health establishHealth(Notice notice) {
        if (notice.interruption() instanceof AsgTermination asg) {
            return establishHealth(asg, notice);
        }
        Optional<Cause> cause = Causes.of(notice);
        if (node.ready() && cause.filter(NoticeScreening::saysThatItIsOff).isPresent()) {
            return health.establishSince(notice.noticedAt()); // it may have started again since
        }
        if (cause.filter(each -> Deadlines.isLapsed(each, notice.receivedAt())).isPresent()) {
            return Health.HEALTHY;
        }
        return cause.filter(each -> isLate(each, notice.receivedAt()))
                .flatMap(Cause::goneAt)
                .map(health::establishSince)
                .orElse(Health.UNHEALTHY);
    }

    /** What is done within a window may be done until its end; what is done at a moment, a while later. */
    private static boolean isLate(Cause cause, Instant receivedAt) {
        Duration after = cause.window().isPresent() ? Duration.ZERO : STALE_AFTER;
        return cause.goneAt()
                .filter(goneAt -> goneAt.plus(after).isBefore(receivedAt))
                .isPresent();
    }

    private static boolean saysThatItIsOff(Cause cause) {
        return cause.effect() == Effect.STOPPED || cause.effect() == Effect.ENDED;
    }

    /** A lifecycle action is never stale by time; but one announced late is asked for, by a heartbeat, before anything is done. */
    private Health establishHealth(AsgTermination asg, Notice notice) {
        if (!notice.noticedAt().plus(STALE_AFTER).isBefore(notice.receivedAt())) {
            return Health.UNHEALTHY;
        }
        KnownHook hook = new KnownHook(context, notice.hookOf(asg));
        if (hook.isOver()) {
            return Health.HEALTHY;
        }
        Instant askedUntil = notice.receivedAt().plus(ASKED_FOR);
        if (!context.now().isBefore(askedUntil)) {
            return Health.UNHEALTHY;
        }
        context.pending().lookAgainBy(askedUntil);
        Hooks hooks = new Hooks(context, List.of(hook.hook()));
        Progress answer = switch (hook.ownership()) {
            case NOT_OURS, UNDECIDED -> Progress.DONE;
            case UNKNOWN -> hooks.requestDescription();
            case OURS -> hooks.requestHeartbeat();
        };
        return answer.isDone() ? Health.UNHEALTHY : Health.UNKNOWN;
    }
}
