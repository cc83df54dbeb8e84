package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.HandBack;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
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
 *       heartbeat, and for a minute once it comes back, since then nobody who can act has taken it;
 *   <li>a message that its queue would not deliver once more, until we can act again.
 * </ul>
 */
final class Keeping {
    /** For one heartbeat, and for the question whose hook it is. */
    private static final Duration UNTIL_ITS_HEARTBEAT = Duration.ofSeconds(3);

    private static final Duration ONCE_IT_IS_BACK = Duration.ofMinutes(1);

    /** That we can is a signal; this is for one that was lost, and no more often, for thousands may wait for it. */
    private static final Duration UNTIL_WE_CAN_ACT = Duration.ofSeconds(30);

    private final Question question;
    private final Set<Notice> claimed = new HashSet<>();

    Keeping(Question question) {
        this.question = question;
    }

    /** These are remembered for us on the node. */
    void claimed(Set<Notice> notices) {
        claimed.addAll(notices);
    }

    /** Hands back what is not to be kept, now or in time; what is done with is deleted by others. */
    void handBackAllBut(Set<MessageId> done) {
        Set<Notice> others = new HashSet<>();
        for (Notice notice : question.notices()) {
            if (!done.contains(notice.message())) {
                question.agenda().lookAgainBy(question.now().plus(UNTIL_WE_CAN_ACT));
                actionToBeHeartbeated(notice).ifPresent(hook -> heartbeat(hook, notice));
                if (isKept(notice)) {
                    question.agenda().lookAgainAfter(heartbeatedUntil(notice));
                    question.agenda().lookAgainAfter(question.sight().claim().mayBeTakenAt());
                } else {
                    others.add(notice);
                }
            }
        }
        if (!others.isEmpty()) {
            question.agenda().repeatAt(question.now(), new HandBack(others, !question.canAct()));
        }
    }

    /** A lifecycle action of a node that we know, which was received since we cannot act, unless it is none of ours or over. */
    private Optional<Hook> actionToBeHeartbeated(Notice notice) {
        if (!notice.delivery().isSeldom()
                || !(notice.interruption() instanceof AsgTermination asg)
                || !(question.sight().node() instanceof Present(KubeNode node) && question.selects(node))) {
            return Optional.empty();
        }
        Hook hook = Causes.hook(asg, notice);
        Hooks hooks = of(hook);
        Verdict ownership = hooks.ownershipOf(hook);
        boolean isNone = ownership == Verdict.NOT_OURS || ownership == Verdict.UNDECIDED || hooks.isOver(hook);
        return isNone ? Optional.empty() : Optional.of(hook);
    }

    private void heartbeat(Hook hook, Notice notice) {
        of(hook).keepWaiting();
        if (isEnoughOnce(hook, notice)) {
            var _ = of(hook).heartbeatAtOnce(hook);
        }
    }

    private boolean isKept(Notice notice) {
        boolean isHeartbeated = actionToBeHeartbeated(notice)
                .filter(hook -> isKeptForItsHeartbeat(hook, notice))
                .isPresent();
        boolean isOurs = claimed.contains(notice)
                && question.now().isBefore(question.sight().claim().mayBeTakenAt());
        return isHeartbeated || isOurs || notice.delivery().isLast();
    }

    private boolean isKeptForItsHeartbeat(Hook hook, Notice notice) {
        boolean isDone = isEnoughOnce(hook, notice) && of(hook).isAnswered(hook);
        return !isDone && question.now().isBefore(heartbeatedUntil(notice));
    }

    private static Instant heartbeatedUntil(Notice notice) {
        return notice.receivedAt().plus(isFirst(notice) ? UNTIL_ITS_HEARTBEAT : ONCE_IT_IS_BACK);
    }

    /** Whether one heartbeat is enough for us: somebody who can act may take it next. */
    private boolean isEnoughOnce(Hook hook, Notice notice) {
        return isFirst(notice) && of(hook).ownershipOf(hook) == Verdict.OURS;
    }

    private static boolean isFirst(Notice notice) {
        return notice.delivery().count() <= 1;
    }

    private Hooks of(Hook hook) {
        return new Hooks(question, List.of(hook));
    }
}
