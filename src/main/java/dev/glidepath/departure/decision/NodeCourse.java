package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.KubeNode;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The course of one node: whose departure it is, and whether it is time for it. What happens while it is under way is in
 * {@link UnderWay}, what happens before and after in {@link AtRest}.
 */
final class NodeCourse {
    private final DecisionContext context;
    private final PendingActions pending;
    private final Instant now;
    private final JournaledNode node;
    private final Siblings siblings;
    private final NodeHealth health;

    NodeCourse(DecisionContext context, KubeNode node) {
        this.context = context;
        this.pending = context.pending();
        this.now = context.now();
        this.node = JournaledNode.of(context, node);
        this.siblings = Siblings.of(context, node);
        this.health = new NodeHealth(context, node);
    }

    /** Takes the course that the notices and the journal ask for. */
    Course take() {
        NewNotices screened = new NoticeScreening(context, node.node(), node.known(), health, siblings).screen();
        if (!context.selects(node.node())) {
            return course(leaveUnselected(screened), screened, Set.of());
        }
        Journal merged = Causes.merge(node.known(), screened.notices());
        return node.isUnread()
                ? answerUnread(merged, screened)
                : course(takeTurn(merged, screened), screened, Set.of());
    }

    private Course course(Stage stage, NewNotices screened, Set<MessageId> leftAlone) {
        Set<MessageId> acknowledged = new HashSet<>(leftAlone);
        acknowledged.addAll(screened.acknowledged());
        return new Course(
                screened.isExamined() && stage instanceof Stage.Settled ? new Stage.Examining() : stage,
                acknowledged,
                screened.isHookPending(),
                remembered());
    }

    private Set<Notice> remembered() {
        return node.isUnderWayHere()
                ? context.notices().stream()
                        .filter(notice ->
                                node.known().isLive(notice.interruption().id()))
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /** Not touched; it may be ours yet. */
    private Stage leaveUnselected(NewNotices screened) {
        if (node.known().state() != State.SETTLED) {
            return new Stage.Planned(Optional.empty());
        }
        return screened.selectedUntil()
                .<Stage>map(Stage.AwaitingNode::new)
                .orElseGet(() -> context.settled(Ending.NOT_SELECTED));
    }

    /**
     * A journal that cannot be read is left to a replica that can read it, while one lives. After that the node departs for what takes
     * its instance, and nothing is undone.
     */
    private Course answerUnread(Journal merged, NewNotices screened) {
        if (context.snapshot().claim().holding() instanceof Holding.Other(var _, Instant freeAt, var _)
                && now.isBefore(freeAt)) {
            pending.lookAgainAfter(freeAt);
            Stage left = new Stage.Settled(
                    Ending.LEFT_TO_NEWER, DrainReport.nothing()); // though some were handed back before
            return course(left, screened, Set.of());
        }
        if (merged.causes().stream().anyMatch(this::takesTheInstance)) {
            return course(takeTurn(merged, screened), screened, Set.of());
        }
        Set<MessageId> leftAlone = screened.notices().stream()
                .filter(notice -> !(notice.interruption() instanceof AsgLaunch))
                .map(Notice::message)
                .collect(Collectors.toSet());
        return course(context.settled(Ending.JOURNAL_UNREADABLE), screened, leftAlone);
    }

    private boolean takesTheInstance(Cause cause) {
        return !cause.kind().isVoluntary()
                || cause.goneAt()
                        .filter(goneAt -> !now.isBefore(goneAt.minus(Due.LIMIT_ENDS)))
                        .isPresent();
    }

    private Stage takeTurn(Journal merged, NewNotices screened) {
        Due due = Due.of(context, node, merged);
        if (isElsewhere()) {
            return leaveToItsHolder(due);
        }
        // Ours, or free: if it is under way at another replica, we take it over by writing our name.
        boolean begins = !due.isEmpty() && (node.isUnderWay() || !due.isLimited());
        return begins
                ? new UnderWay(context, node, siblings, health, due).carryOn()
                : new AtRest(context, node, health, screened).rest(due.merged());
    }

    private boolean isElsewhere() {
        return node.isUnderWay() && now.isBefore(freeAt()) && !node.isOurs();
    }

    /** Writes what is new to the journal, for its holder to act on. */
    private Stage leaveToItsHolder(Due due) {
        if (!due.merged().equals(node.written())) {
            List<Cause> fresh = due.newTo(node.known());
            pending.request(
                    fresh.isEmpty()
                            ? node.updateJournal(due.merged())
                            : node.cordon(due.merged(), fresh, context.policy()));
        }
        if (context.snapshot().claim().holding() instanceof Holding.Other(String holder, var _, var _)) {
            pending.lookAgainBy(freeAt());
            return new Stage.Elsewhere(holder, freeAt());
        }
        return new Stage.Examining();
    }

    private Instant freeAt() {
        return context.snapshot()
                .claim()
                .freeAt(node.known(), context.attempts().journalSince(), now);
    }
}
