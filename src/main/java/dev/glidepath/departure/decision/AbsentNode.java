package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An instance without a node: one that may yet join, or whose node is gone. */
final class AbsentNode {
    private final DecisionContext context;
    private final PendingActions pending;
    private final Instant now;

    AbsentNode(DecisionContext context) {
        this.context = context;
        this.pending = context.pending();
        this.now = context.now();
    }

    /**
     * Waits for the node, which may appear yet: spot instances are reclaimed while they boot. That there is none is concluded only
     * when the API server was asked after the wait; it is asked at each receipt as well, as watches may be behind. A node that another
     * replica saw is gone if the server does not know it any more.
     */
    Course await(NeverSeen unseen) {
        Instant until = joinsUntil();
        List<Hook> hooks = merged().hooks().stream()
                .filter(hook -> context.policy()
                        .hooks()
                        .ownership()
                        .isOfOurGroups(hook.action().group()))
                .toList();
        boolean mayBeThereUnseen = !context.canAct() && departing().findAny().isPresent();
        Instant announced = now.isBefore(until) ? lastReceipt() : until;
        Instant since = unseen.seenByAnotherAt()
                .filter(seenAt -> seenAt.isAfter(announced))
                .orElse(announced);
        boolean isAnswered = !unseen.askedAt().isBefore(since);
        if (isAnswered && unseen.seenByAnotherAt().isPresent() && !mayBeThereUnseen) {
            return conclude(merged().hooks(), Ending.NODE_GONE);
        }
        if (!isAnswered) {
            pending.repeatAt(now, new AskForNode(since)); // though it was answered: the clock may have been set
        }
        if (now.isBefore(until) || mayBeThereUnseen || !isAnswered) {
            pending.lookAgainAfter(until);
            new Hooks(context, hooks).heartbeat();
            return Course.of(new Stage.AwaitingNode(until));
        }
        return conclude(hooks, Ending.NOT_OUR_NODE);
    }

    /** The node may have joined again while watches were behind: that it is gone is concluded only when the server said so since. */
    Course conclude(Gone gone) {
        Instant until = isBooting(gone) ? joinsUntil() : Instant.MIN;
        if (now.isBefore(until)) {
            pending.lookAgainBy(until);
            return awaitNode(until);
        }
        Instant since = Deadlines.later(until, lastReceipt());
        if (gone.isKnownSince(since)) {
            return conclude(merged().hooks(), Ending.NODE_GONE);
        }
        pending.repeatAt(now, new AskForNode(since));
        return awaitNode(since);
    }

    private Course awaitNode(Instant until) {
        new Hooks(context, merged().hooks()).heartbeat();
        return Course.of(new Stage.AwaitingNode(until));
    }

    /** Nothing is left to be drained, and hooks have nothing to wait for. */
    private Course conclude(Collection<Hook> held, Ending ending) {
        Hooks hooks = new Hooks(context, held);
        if (hooks.complete(ending).isDone()) {
            Ending reported = wasHandedBack() ? Ending.HANDED_BACK : ending;
            Set<MessageId> acknowledged = departing().map(Notice::message).collect(Collectors.toSet());
            return new Course(new Stage.Settled(reported, report()), acknowledged, false, Set.of());
        }
        return Course.of(
                hooks.areTried()
                        ? new Stage.AwaitingHook(ending, report(), Set.of())
                        : new Stage.Settling(ending, report()));
    }

    /** Whether it was launched since its node went, as out of a warm pool: it is about to join again, with another node. */
    private boolean isBooting(Gone gone) {
        return context.notices().stream()
                .anyMatch(notice -> notice.interruption() instanceof AsgLaunch launch
                        && !launch.toWarmPool()
                        && gone.wentAt().isBefore(notice.receivedAt()));
    }

    private Instant joinsUntil() {
        return departing()
                .map(new Joining(context.policy())::joinsUntil)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    /** Whether there is nothing left to report, as another replica has the messages. */
    private boolean wasHandedBack() {
        return context.notices().isEmpty()
                && context.attempts().last(Action.HandBack.class).isPresent();
    }

    private Instant lastReceipt() {
        return departing()
                .map(Notice::receivedAt)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    private Stream<Notice> departing() {
        return context.notices().stream().filter(notice -> !(notice.interruption() instanceof AsgLaunch));
    }

    /** The journal that a node would have. */
    private Journal merged() {
        return Causes.merge(Journal.empty(now), context.notices());
    }

    private DrainReport report() {
        DrainPlan.Given given = DrainPlan.Given.calm(context.policy().drain());
        return DrainReporter.report(context.snapshot(), given, new PodsRemaining(context.snapshot(), now), now);
    }
}
