package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which messages a replica keeps though it cannot act. All others are handed back at once, for a replica that can. Kept are:
 *
 * <ul>
 *   <li>what the node's journal remembers for us, until others may take the departure over;
 *   <li>a lifecycle action of a node that we know, if it was received since we cannot act: the first time until it has had a
 *       heartbeat, and for a minute once it comes back, since then no replica that can act has taken it;
 *   <li>a message that its queue would not deliver once more, until we can act again.
 * </ul>
 */
final class Keeping {
    /** For one heartbeat, and for the request that tells whose hook it is. */
    private static final Duration UNTIL_ITS_HEARTBEAT = Duration.ofSeconds(3);

    private static final Duration ONCE_IT_IS_BACK = Duration.ofMinutes(1);

    /** A signal says when we can act again. This interval is for a lost signal: it is long, as thousands may wait. */
    private static final Duration UNTIL_WE_CAN_ACT = Duration.ofSeconds(30);

    private final DecisionContext context;
    private final PendingActions pending;
    private final Set<Notice> remembered;

    /**
     * @param remembered the notices that the node's journal remembers for us
     */
    Keeping(DecisionContext context, Set<Notice> remembered) {
        this.context = context;
        this.pending = context.pending();
        this.remembered = remembered;
    }

    /** Hands back what is not to be kept, now or in time; what is done with is deleted by others. */
    void handBackAllBut(Set<MessageId> done) {
        Set<DeliveryId> others = new HashSet<>();
        for (Notice notice : context.notices()) {
            if (!done.contains(notice.message())) {
                pending.lookAgainBy(context.now().plus(UNTIL_WE_CAN_ACT));
                actionToBeHeartbeated(notice).ifPresent(hook -> heartbeat(hook, notice));
                if (isKept(notice)) {
                    pending.lookAgainAfter(heartbeatedUntil(notice));
                    pending.lookAgainAfter(context.snapshot().claim().mayBeTakenAt());
                } else {
                    others.add(notice.deliveryId());
                }
            }
        }
        if (!others.isEmpty()) {
            pending.repeatAt(context.now(), new HandBack(others, !context.canAct()));
        }
    }

    /** A lifecycle action of a node that we know, which was received since we cannot act, unless it is none of ours or over. */
    private Optional<KnownHook> actionToBeHeartbeated(Notice notice) {
        if (!notice.delivery().isSeldom()
                || !(notice.interruption() instanceof AsgTermination asg)
                || !(context.snapshot().node() instanceof Present(KubeNode node) && context.selects(node))) {
            return Optional.empty();
        }
        KnownHook hook = new KnownHook(context, notice.hookOf(asg));
        return hook.isLeftAlone() || hook.isOver() ? Optional.empty() : Optional.of(hook);
    }

    private void heartbeat(KnownHook hook, Notice notice) {
        Hooks hooks = new Hooks(context, List.of(hook.hook()));
        hooks.heartbeat();
        if (isEnoughOnce(hook, notice)) {
            var _ = hooks.requestHeartbeat();
        }
    }

    private boolean isKept(Notice notice) {
        boolean isHeartbeated = actionToBeHeartbeated(notice)
                .filter(hook -> isKeptForItsHeartbeat(hook, notice))
                .isPresent();
        boolean isOurs = remembered.contains(notice)
                && context.now().isBefore(context.snapshot().claim().mayBeTakenAt());
        return isHeartbeated || isOurs || notice.delivery().isLast();
    }

    private boolean isKeptForItsHeartbeat(KnownHook hook, Notice notice) {
        boolean isDone = isEnoughOnce(hook, notice) && hook.isHeartbeatAnswered();
        return !isDone && context.now().isBefore(heartbeatedUntil(notice));
    }

    private static Instant heartbeatedUntil(Notice notice) {
        return notice.receivedAt().plus(isFirst(notice) ? UNTIL_ITS_HEARTBEAT : ONCE_IT_IS_BACK);
    }

    /** Whether one heartbeat is enough for us: a replica that can act may take it next. */
    private boolean isEnoughOnce(KnownHook hook, Notice notice) {
        return isFirst(notice) && hook.isOurs();
    }

    private static boolean isFirst(Notice notice) {
        return notice.delivery().count() <= 1;
    }
}
