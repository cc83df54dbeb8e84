package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The whole story of a departure, as one question: given what can be seen, what is to be done now? The node's part of the answer
 * is in {@link NodeCourse}, that of an instance without a node in {@link AbsentNode}; what becomes of messages is here.
 */
public final class Decider {
    private final DecisionContext context;
    private final PendingActions pending;

    private Decider(DecisionContext context) {
        this.context = context;
        this.pending = context.pending();
    }

    /** What is to be done now. Pure: the same snapshot at the same moment gives the same decision. */
    public static Decision decide(Snapshot snapshot, Policy policy, Instant now) {
        PendingActions pending = new PendingActions(snapshot.attempts(), now, snapshot.mayWrite(now));
        Decider decider = new Decider(new DecisionContext(snapshot, policy, now, pending));
        return pending.decision(decider.carryOn());
    }

    /**
     * Whether something may have to be done for this node though no notice is at hand: its departure is under way or to come, or it
     * may be back.
     *
     * @param touchable whether we may touch a node: departures that are settled on others are no concern of ours
     */
    public static boolean concerns(KubeNode node, Predicate<KubeNode> touchable) {
        return node.journal()
                .filter(journal -> switch (journal.state()) {
                    case OPEN -> true;
                    case PLANNED ->
                        !journal.causes().isEmpty() || journal.hasUnknownCauses() || AtRest.mayBeBack(node, journal);
                    case SETTLED ->
                        touchable.test(node) && (AtRest.mayBeBack(node, journal) || AtRest.maySurvive(node, journal));
                })
                .isPresent();
    }

    private Stage carryOn() {
        Course course = completeLaunches(takeCourse());
        deleteMessages(course);
        handBackMessages(course);
        return withMessagesPending(course);
    }

    private Course takeCourse() {
        return switch (context.snapshot().node()) {
            case NeverSeen unseen -> new AbsentNode(context).await(unseen);
            case Gone gone -> new AbsentNode(context).conclude(gone);
            case Present(KubeNode node) -> new NodeCourse(context, node).take();
        };
    }

    private Course completeLaunches(Course course) {
        Course withLaunches = course;
        Launches launches = new Launches(context);
        for (Notice notice : context.notices()) {
            if (notice.interruption() instanceof AsgLaunch launch) {
                withLaunches = launches.complete(notice, launch).isDone()
                        ? withLaunches.acknowledging(notice.message())
                        : withLaunches.awaitingHook();
            }
        }
        return withLaunches;
    }

    private void deleteMessages(Course course) {
        if (!course.acknowledged().isEmpty()) {
            Ending ending = course.stage().knownEnding().orElse(Ending.ALREADY_SETTLED);
            pending.repeatAt(context.now(), new DeleteMessages(course.acknowledged(), ending));
        }
    }

    private void handBackMessages(Course course) {
        boolean isForNewer =
                course.stage() instanceof Stage.Settled(Ending ending, var _) && ending == Ending.LEFT_TO_NEWER;
        if (isForNewer || !context.canAct()) {
            new Keeping(context, course.remembered()).handBackAllBut(course.acknowledged());
        }
    }

    /** Settled only when no message is held any more, and no write is in flight, which may be seen before it is answered. */
    private Stage withMessagesPending(Course course) {
        boolean holdsMessages = !context.snapshot().notices().isEmpty();
        boolean isWriting = context.attempts().isUnderWay(OnJournal.class);
        if (!(course.stage() instanceof Stage.Settled(Ending ending, DrainReport report))
                || !(holdsMessages || isWriting)) {
            return course.stage();
        }
        boolean awaitsHook = course.isHookPending() && course.acknowledged().isEmpty() && !isWriting;
        return awaitsHook ? new Stage.AwaitingHook(ending, report, Set.of()) : new Stage.Settling(ending, report);
    }
}
