package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Wellness.Answer;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
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
 * Which of the notices about a node are news. What its journal knows as well is not; neither is what should have happened long
 * ago to a node that is well.
 */
final class News {
    private static final Duration STALE_AFTER = Duration.ofMinutes(10);

    /** How long Auto Scaling may take to say whether a lifecycle action that was told late still waits. */
    private static final Duration ASKED_FOR = Duration.ofMinutes(1);

    private final Question question;
    private final KubeNode node;
    private final Journal known;
    private final Wellness wellness;

    private final List<Notice> notices = new ArrayList<>();
    private final Set<MessageId> payable = new HashSet<>();
    private boolean stale;
    private boolean examining;

    /**
     * Asks the kubelet and Auto Scaling where a notice comes late.
     *
     * @param known the node's journal
     */
    News(Question question, KubeNode node, Journal known, Wellness wellness) {
        this.question = question;
        this.node = node;
        this.known = known;
        this.wellness = wellness;
        question.notices().forEach(this::screen);
    }

    /** Whether the node may be touched at all; if not, nothing about it is news. */
    boolean isOfOurNode() {
        return question.policy().nodes().selects(node.labels());
    }

    /** Those to be merged into the journal. */
    List<Notice> notices() {
        return notices;
    }

    /** The messages for which nothing is owed any more. */
    Set<MessageId> payable() {
        return payable;
    }

    /** Whether some notice was stale. */
    boolean wasStale() {
        return stale;
    }

    /** Whether it is not known of some notice yet if it is stale; what is known is gone on with. */
    boolean isExamining() {
        return examining;
    }

    private void screen(Notice notice) {
        InterruptionId id = notice.interruption().id();
        if (!isOfOurNode()) {
            payable.add(notice.message());
        } else if (notice.interruption() instanceof AsgLaunch) {
            notices.add(notice);
        } else if (!Causes.isNoNews(known, notice)) {
            screenForStale(notice);
        } else if (known.isLive(id) && Causes.isUnderWay(known)) {
            notices.add(notice); // it may tell by which way it came
        } else {
            payable.add(notice.message());
        }
    }

    private void screenForStale(Notice notice) {
        switch (isStale(notice)) {
            case WELL -> {
                payable.add(notice.message());
                stale = true;
            }
            case NOT_WELL -> notices.add(notice);
            case NOT_KNOWN -> examining = true;
        }
    }

    private Answer isStale(Notice notice) {
        if (notice.interruption() instanceof AsgTermination asg) {
            return isOver(asg, notice);
        }
        Optional<Cause> cause = Causes.of(notice);
        if (cause.filter(each -> Deadlines.isLapsed(each, notice.receivedAt())).isPresent()) {
            return Answer.WELL;
        }
        return cause.flatMap(Cause::goneAt)
                .filter(goneAt -> goneAt.plus(STALE_AFTER).isBefore(notice.receivedAt()))
                .map(goneAt -> wellness.since(node, goneAt))
                .orElse(Answer.NOT_WELL);
    }

    /** A lifecycle action is never stale by time; but one told late is asked for, by a heartbeat, before anything is done. */
    private Answer isOver(AsgTermination asg, Notice notice) {
        if (!notice.noticedAt().plus(STALE_AFTER).isBefore(notice.receivedAt())) {
            return Answer.NOT_WELL;
        }
        Hook hook = Causes.hook(asg, notice);
        Hooks hooks = new Hooks(question, List.of(hook));
        if (hooks.isOver(hook)) {
            return Answer.WELL;
        }
        Instant askedUntil = notice.receivedAt().plus(ASKED_FOR);
        if (!question.now().isBefore(askedUntil)) {
            return Answer.NOT_WELL;
        }
        question.agenda().lookAgainBy(askedUntil);
        return switch (hooks.ownershipOf(hook)) {
            case NOT_OURS -> Answer.NOT_WELL;
            case UNKNOWN -> hooks.isDescribed(hook) ? Answer.NOT_WELL : Answer.NOT_KNOWN;
            case OURS -> hooks.isAnswered(hook) ? Answer.NOT_WELL : Answer.NOT_KNOWN;
        };
    }
}
