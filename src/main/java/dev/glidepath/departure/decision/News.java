package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Wellness.Answer;
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
    private final Siblings siblings;

    private final List<Notice> notices = new ArrayList<>();
    private final Set<MessageId> payable = new HashSet<>();
    private Optional<Instant> selectedUntil = Optional.empty();
    private boolean hookWaits;
    private boolean stale;
    private boolean examining;

    private News(Question question, KubeNode node, Journal known, Wellness wellness, Siblings siblings) {
        this.question = question;
        this.node = node;
        this.known = known;
        this.wellness = wellness;
        this.siblings = siblings;
    }

    /**
     * Screens the notices, and asks the kubelet and Auto Scaling where one comes late.
     *
     * @param known the node's journal
     */
    static News screen(Question question, KubeNode node, Journal known, Wellness wellness, Siblings siblings) {
        News news = new News(question, node, known, wellness, siblings);
        question.notices().forEach(news::screen);
        return news;
    }

    /** Whether the node may be touched at all; if not, nothing about it is news. */
    boolean isOfOurNode() {
        return question.selects(node);
    }

    /** How long some notice waits for the node to be selected, which it is not; empty where none does. */
    Optional<Instant> selectedUntil() {
        return selectedUntil;
    }

    /** Those to be merged into the journal. */
    List<Notice> notices() {
        return notices;
    }

    /** The messages for which nothing is owed any more. */
    Set<MessageId> payable() {
        return payable;
    }

    /** Whether a hook of a settled interruption is ours and not completed, or may be ours. */
    boolean hookWaits() {
        return hookWaits;
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
            screenForLabels(notice);
        } else if (notice.interruption() instanceof AsgLaunch) {
            notices.add(notice);
        } else if (!Causes.isNoNews(known, notice)) {
            screenForStale(notice);
        } else if (known.isLive(id) && Causes.isUnderWay(known)) {
            notices.add(notice); // the journal may lack its hook
        } else if (completeSettled(notice)) {
            payable.add(notice.message());
        } else {
            hookWaits = true;
        }
    }

    /** A node that has just joined may yet be selected. Launches see to that for themselves. */
    private void screenForLabels(Notice notice) {
        if (notice.interruption() instanceof AsgLaunch) {
            return;
        }
        Instant until = new Joining(question.policy()).selectedUntil(node, notice);
        if (question.now().isBefore(until)) {
            question.agenda().lookAgainBy(until);
            selectedUntil = selectedUntil.filter(other -> other.isAfter(until)).or(() -> Optional.of(until));
        } else {
            payable.add(notice.message());
        }
    }

    /**
     * Completes the hook of an interruption that is settled, if whoever settled it left it to others: the hook told us itself only
     * afterwards, or another release, whose hooks are others, carried the departure out. Of several nodes of an instance the first does
     * so, once the others are done. Returns whether nothing is pending for it.
     */
    private boolean completeSettled(Notice notice) {
        InterruptionId id = notice.interruption().id();
        if (!(notice.interruption() instanceof AsgTermination asg)
                || !known.isSettled(id)
                || !siblings.isFirst()
                || known.isHookCompleted(id)
                || siblings.haveCompletedHook(id)) {
            return true;
        }
        Hook hook = Causes.hook(asg, notice);
        Hooks hooks = new Hooks(question, List.of(hook));
        return !waitForSiblings(hook, hooks) && hooks.completeAfter(endingBefore());
    }

    private boolean waitForSiblings(Hook hook, Hooks hooks) {
        Instant until = Deadlines.heldUntil(hook, question.attempts());
        boolean waits = siblings.arePending(hook.cause()) && question.now().isBefore(until);
        if (waits) {
            hooks.keepWaiting();
            question.agenda().lookAgainAfter(until);
        }
        return waits;
    }

    private Ending endingBefore() {
        return question.attempts()
                .last(SettleJournal.class)
                .map(SettleJournal::ending)
                .orElse(Ending.ALREADY_SETTLED);
    }

    private void screenForStale(Notice notice) {
        switch (examine(notice)) {
            case WELL -> {
                payable.add(notice.message());
                stale = true;
            }
            case NOT_WELL -> notices.add(notice);
            case NOT_KNOWN -> examining = true;
        }
    }

    private Answer examine(Notice notice) {
        if (notice.interruption() instanceof AsgTermination asg) {
            return examine(asg, notice);
        }
        Optional<Cause> cause = Causes.of(notice);
        if (node.ready() && cause.filter(News::saysThatItIsOff).isPresent()) {
            return wellness.examine(node, notice.noticedAt()); // it may have started again since
        }
        if (cause.filter(each -> Deadlines.isLapsed(each, notice.receivedAt())).isPresent()) {
            return Answer.WELL;
        }
        return cause.filter(each -> isLate(each, notice.receivedAt()))
                .flatMap(Cause::goneAt)
                .map(goneAt -> wellness.examine(node, goneAt))
                .orElse(Answer.NOT_WELL);
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

    /** A lifecycle action is never stale by time; but one told late is asked for, by a heartbeat, before anything is done. */
    private Answer examine(AsgTermination asg, Notice notice) {
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
            case NOT_OURS, UNDECIDED -> Answer.NOT_WELL;
            case UNKNOWN -> hooks.describe(hook) ? Answer.NOT_WELL : Answer.NOT_KNOWN;
            case OURS -> hooks.heartbeatAtOnce(hook) ? Answer.NOT_WELL : Answer.NOT_KNOWN;
        };
    }
}
