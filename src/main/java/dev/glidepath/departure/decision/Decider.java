package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.AskForNode;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.Interruption.AsgLaunch;
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
import java.util.function.Predicate;
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
        Agenda agenda = new Agenda(sight.attempts(), now, sight.mayWrite(now));
        Decider decider = new Decider(new Question(sight, policy, now, agenda));
        return agenda.decide(decider.decide());
    }

    /**
     * Whether anything may be owed to this node though nobody tells of it: its departure is under way or to come, or it may be
     * back.
     *
     * @param touchable whether we may touch a node: what is settled on others is none of our business
     */
    public static boolean concerns(KubeNode node, Predicate<KubeNode> touchable) {
        return node.journal()
                .filter(journal -> switch (journal.state()) {
                    case OPEN -> true;
                    case PLANNED ->
                        !journal.causes().isEmpty()
                                || journal.hasUnknownCauses()
                                || NodeCourse.mayBeBack(node, journal);
                    case SETTLED ->
                        touchable.test(node)
                                && (NodeCourse.mayBeBack(node, journal) || NodeCourse.maySurvive(node, journal));
                })
                .isPresent();
    }

    private Stage decide() {
        Set<MessageId> payable = new HashSet<>();
        Keeping keeping = new Keeping(question);
        boolean hookWaits = false;
        Stage stage = switch (question.sight().node()) {
            case NeverSeen unseen -> awaitNode(unseen, payable);
            case Gone gone -> concludeOnceGone(gone, payable);
            case Present(KubeNode node) -> {
                NodeCourse course = new NodeCourse(question, node);
                Stage taken = course.take();
                payable.addAll(course.payable());
                hookWaits = course.hookWaits();
                keeping.claimed(course.claimed());
                yield taken;
            }
        };
        for (Notice notice : question.notices()) {
            if (notice.interruption() instanceof AsgLaunch launch) {
                boolean isComplete = launches.complete(notice, launch);
                hookWaits |= !isComplete;
                if (isComplete) {
                    payable.add(notice.message());
                }
            }
        }
        if (!payable.isEmpty()) {
            agenda().repeatAt(question.now(), new DeleteMessages(payable, endingOf(stage)));
        }
        boolean isForNewer = stage instanceof Stage.Settled(Ending ending, var _) && ending == Ending.LEFT_TO_NEWER;
        if (isForNewer || !question.canAct()) {
            keeping.handBackAllBut(payable);
        }
        boolean owesMessages = !question.sight().notices().isEmpty();
        boolean isWriting = question.attempts().isUnderWay(OnJournal.class); // seen, perhaps, before it is answered
        if (stage instanceof Stage.Settled(Ending ending, Report report) && (owesMessages || isWriting)) {
            return hookWaits && payable.isEmpty() && !isWriting
                    ? new Stage.AwaitingHook(ending, report, Set.of())
                    : new Stage.Settling(ending, report);
        }
        return stage;
    }

    /**
     * Spot instances are reclaimed while they boot: the node may appear yet. That there is none is said only when the API server
     * was asked after the wait; it is asked at each receipt as well, for what we watch may be behind. One that another replica saw
     * is gone if the server does not know it any more.
     */
    private Stage awaitNode(NeverSeen unseen, Set<MessageId> payable) {
        Instant until = joinsUntil();
        List<Hook> hooks = merged().hooks().stream()
                .filter(hook -> question.policy()
                        .hooks()
                        .ownership()
                        .isOfOurGroups(hook.action().group()))
                .toList();
        Hooks ofOurGroups = new Hooks(question, hooks);
        boolean mayBeThereUnseen = !question.canAct() && departing().findAny().isPresent();
        Instant told = question.now().isBefore(until) ? lastReceipt() : until;
        Instant since =
                unseen.seenByAnotherAt().filter(seenAt -> seenAt.isAfter(told)).orElse(told);
        boolean answered = !unseen.askedAt().isBefore(since);
        if (answered && unseen.seenByAnotherAt().isPresent() && !mayBeThereUnseen) {
            return concludeWithoutNode(payable);
        }
        if (!answered) {
            agenda().repeatAt(
                            question.now(),
                            new AskForNode(since)); // though it was answered: the clock may have been set
        }
        if (question.now().isBefore(until) || mayBeThereUnseen || !answered) {
            agenda().lookAgainAfter(until);
            ofOurGroups.keepWaiting();
            return new Stage.AwaitingNode(until);
        }
        if (ofOurGroups.complete(Ending.NOT_OUR_NODE)) {
            departing().map(Notice::message).forEach(payable::add);
            return settled(wasHandedBack() ? Ending.HANDED_BACK : Ending.NOT_OUR_NODE);
        }
        return awaiting(ofOurGroups, Ending.NOT_OUR_NODE);
    }

    /** The node may have joined anew while what we watch was behind: that it is gone is said only when the server said so since. */
    private Stage concludeOnceGone(Gone gone, Set<MessageId> payable) {
        Instant until = isBooting(gone) ? joinsUntil() : Instant.MIN;
        if (question.now().isBefore(until)) {
            agenda().lookAgainBy(until);
            new Hooks(question, merged().hooks()).keepWaiting();
            return new Stage.AwaitingNode(until);
        }
        Instant told = until.isAfter(lastReceipt()) ? until : lastReceipt();
        if (gone.isKnownSince(told)) {
            return concludeWithoutNode(payable);
        }
        agenda().repeatAt(question.now(), new AskForNode(told));
        new Hooks(question, merged().hooks()).keepWaiting();
        return new Stage.AwaitingNode(told);
    }

    /** Whether it was launched since its node went, as out of a warm pool: it is about to join anew, with another node. */
    private boolean isBooting(Gone gone) {
        return question.notices().stream()
                .anyMatch(notice -> notice.interruption() instanceof AsgLaunch launch
                        && !launch.toWarmPool()
                        && gone.wentAt().isBefore(notice.receivedAt()));
    }

    private Instant joinsUntil() {
        return departing()
                .map(new Joining(question.policy())::joinsUntil)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    /** Nothing is left to be drained, and hooks have nothing to wait for. */
    private Stage concludeWithoutNode(Set<MessageId> payable) {
        Hooks hooks = new Hooks(question, merged().hooks());
        if (hooks.complete(Ending.NODE_GONE)) {
            departing().map(Notice::message).forEach(payable::add);
            return settled(wasHandedBack() ? Ending.HANDED_BACK : Ending.NODE_GONE);
        }
        return awaiting(hooks, Ending.NODE_GONE);
    }

    private Stage awaiting(Hooks hooks, Ending ending) {
        return hooks.areTried()
                ? new Stage.AwaitingHook(ending, report(), Set.of())
                : new Stage.Settling(ending, report());
    }

    /** Whether nothing is left to tell of it because another replica is to hear of it. */
    private boolean wasHandedBack() {
        return question.notices().isEmpty()
                && question.attempts().last(Act.HandBack.class).isPresent();
    }

    private Instant lastReceipt() {
        return departing()
                .map(Notice::receivedAt)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    private Stream<Notice> departing() {
        return question.notices().stream().filter(notice -> !(notice.interruption() instanceof AsgLaunch));
    }

    /** What a node without a journal would be told. */
    private Journal merged() {
        return Causes.merge(Journal.empty(question.now()), question.notices());
    }

    private Stage settled(Ending ending) {
        return new Stage.Settled(ending, report());
    }

    private Report report() {
        DrainPlan.Given given = DrainPlan.Given.calm(question.policy().drain());
        return Report.of(question.sight(), given, new Presence(question.sight(), question.now()), question.now());
    }

    private Ending endingOf(Stage stage) {
        return switch (stage) {
            case Stage.Settled(Ending ending, var _) -> ending;
            case Stage.Settling(Ending ending, var _) -> ending;
            case Stage.AwaitingHook(Ending ending, var _, var _) -> ending;
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
