package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The whole story of a departure, as one question: given what can be seen, what is owed now? Here stands what becomes of an
 * instance without a node, and of messages; what becomes of a node is told by {@link NodeCourse}.
 */
public final class Decider {
    private final Question question;
    private final Launches launches;

    private Decider(Question question) {
        this.question = question;
        this.launches = new Launches(question);
    }

    /** What is owed now. Pure: the same sight at the same moment gives the same decision. */
    public static Decision decide(Sight sight, Policy policy, Instant now) {
        Agenda agenda = new Agenda(sight.attempts(), now, sight.claim().mayAct(now));
        Decider decider = new Decider(new Question(sight, policy, now, agenda));
        return agenda.decide(decider.stage());
    }

    /**
     * Whether anything may be owed to this node though nobody tells of it: its departure is under way or to come, or it may be
     * back.
     */
    public static boolean concerns(KubeNode node) {
        return node.journal()
                .filter(journal -> switch (journal.state()) {
                    case PLANNED, OPEN -> true;
                    case SETTLED -> NodeCourse.mayBeBack(node, journal);
                })
                .isPresent();
    }

    private Stage stage() {
        Set<MessageId> payable = new HashSet<>();
        Stage stage = switch (question.sight().node()) {
            case NeverSeen _ -> awaitNode(payable);
            case Gone _ -> nodeGone(payable);
            case Present(KubeNode node) -> {
                NodeCourse course = new NodeCourse(question, node);
                Stage taken = course.stage();
                payable.addAll(course.payable());
                yield taken;
            }
        };
        for (Notice notice : question.notices()) {
            if (notice.interruption() instanceof AsgLaunch launch && launches.isPaid(notice, launch)) {
                payable.add(notice.message());
            }
        }
        if (!payable.isEmpty()) {
            agenda().repeatAt(question.now(), new DeleteMessages(payable, endingOf(stage)));
        }
        boolean owesMessages = !question.sight().notices().isEmpty();
        boolean isWriting = question.attempts().isUnderWay(OnJournal.class); // seen, perhaps, before it is answered
        return stage instanceof Stage.Settled(Ending ending, Report report) && (owesMessages || isWriting)
                ? new Stage.Settling(ending, report)
                : stage;
    }

    /** Spot instances are reclaimed while they boot: the node may appear yet. */
    private Stage awaitNode(Set<MessageId> payable) {
        Instant until = departing()
                .map(this::nodeMayAppearUntil)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
        List<Hook> hooks = merged().hooks().stream()
                .filter(hook -> question.policy()
                        .hooks()
                        .ownership()
                        .isOfOurGroups(hook.action().group()))
                .toList();
        Hooks ofOurGroups = new Hooks(question, hooks);
        if (question.now().isBefore(until)) {
            agenda().lookAgainBy(until);
            ofOurGroups.keepWaiting();
            return new Stage.AwaitingNode(until);
        }
        if (ofOurGroups.paid(Ending.NOT_OUR_NODE)) {
            departing().map(Notice::message).forEach(payable::add);
            return settled(Ending.NOT_OUR_NODE, ofOurGroups);
        }
        return new Stage.Settling(Ending.NOT_OUR_NODE, report(ofOurGroups));
    }

    /** Nothing is left to be drained, and hooks have nothing to wait for. */
    private Stage nodeGone(Set<MessageId> payable) {
        Hooks hooks = new Hooks(question, merged().hooks());
        if (hooks.paid(Ending.NODE_GONE)) {
            departing().map(Notice::message).forEach(payable::add);
            return settled(Ending.NODE_GONE, hooks);
        }
        return new Stage.Settling(Ending.NODE_GONE, report(hooks));
    }

    /** A state change is not worth a wait. */
    private Instant nodeMayAppearUntil(Notice notice) {
        Instant waited = notice.receivedAt().plus(question.policy().nodeWait());
        return switch (notice.interruption()) {
            case StateChange _ -> notice.receivedAt();
            case AsgTermination _ -> waited;
            default ->
                Causes.of(notice)
                        .flatMap(Journal.Cause::goneAt)
                        .map(goneAt -> Deadlines.earlier(goneAt, waited))
                        .orElse(waited);
        };
    }

    private Stream<Notice> departing() {
        return question.notices().stream().filter(notice -> !(notice.interruption() instanceof AsgLaunch));
    }

    /** What a node without a journal would be told. */
    private Journal merged() {
        return Causes.merge(Journal.empty(question.now()), question.notices());
    }

    private Stage settled(Ending ending, Hooks hooks) {
        return new Stage.Settled(ending, report(hooks));
    }

    private Report report(Hooks hooks) {
        DrainPlan.Given given = DrainPlan.Given.calm(question.policy().drain());
        return Report.of(
                question.sight(), given, new Presence(question.sight(), question.now()), hooks, question.now());
    }

    private Ending endingOf(Stage stage) {
        return switch (stage) {
            case Stage.Settled(Ending ending, var _) -> ending;
            case Stage.Settling(Ending ending, var _) -> ending;
            case Stage.AwaitingNode _,
                    Stage.Examining _,
                    Stage.Planned _,
                    Stage.Elsewhere _,
                    Stage.Cordoning _,
                    Stage.Draining _,
                    Stage.OutOfService _ -> Ending.ALREADY_SETTLED;
        };
    }

    private Agenda agenda() {
        return question.agenda();
    }
}
