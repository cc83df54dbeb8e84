package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.LeftHook.Why;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.decision.Play.Done;
import dev.glidepath.departure.decision.Play.Look;
import dev.glidepath.departure.decision.Play.Place;
import dev.glidepath.departure.decision.Play.Sent;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.RebalanceRecommendation;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must hold of every node's life, told without the help of what decides it. */
final class StoryRules {
    /** At one node, by all replicas: all look whenever anything happens. */
    private static final int MOST_LOOKS = 3_000;

    /** What is denied is asked for again in this time. */
    private static final Duration ASKED_AGAIN_WITHIN = Duration.ofMinutes(3);

    /** From a decision until its act is done, where it is begun late and waits for its turn. */
    private static final Duration ACTS_TAKE_AT_MOST = Duration.ofMinutes(2);

    private static final Duration LEAD_TIME = Duration.ofHours(1);
    private static final Duration LAPSES_AFTER = Duration.ofHours(1);

    private final RandomStory story;
    private final Play play;

    private StoryRules(RandomStory story) {
        this.story = story;
        this.play = story.play();
    }

    static void check(RandomStory story) {
        StoryRules rules = new StoryRules(story);
        for (Look look : rules.play.looks()) {
            for (Action act : look.decision().actions()) {
                rules.nothingIsWrittenWithoutALease(act, look);
                rules.nothingIsTakenFromALiveHolder(act, look);
                rules.podsAreAskedOnlyForWhatIsLive(act, look);
                rules.aTerminatingPodIsNotEvictedAgain(act, look);
                rules.messagesAreDeletedOnlyWhenSettledOrPlanned(act, look);
                rules.hooksAreCompletedOnlyWhenTheNodeIsEmptyOrTimeIsUp(act, look);
                rules.hooksOfOthersAreLeftAlone(act, look);
                rules.onlyAReplicaThatCannotActHandsMessagesBack(act, look);
                rules.nothingIsDecidedOnAViewOlderThanItsOwnWrite(act, look);
            }
            rules.aReplicaThatCannotActKeepsNoMessageForLong(look);
        }
        rules.noMessageIsReceivedTooOften();
        for (Sent sent : rules.play.sent()) {
            rules.nothingIsSentThatIsWantedNoMore(sent);
        }
        rules.eachHookIsCompletedOnce();
        rules.eachCauseIsCordonedForOnce();
        if (!rules.isHeldForDays()) {
            rules.nothingIsLeftBehind();
            rules.nothingHappensInTheCalm();
        }
        rules.nodesOfOtherInstancesAreLeftAlone();
        rules.whatIsUnknownIsKept();
    }

    private void nodesOfOtherInstancesAreLeftAlone() {
        if (play.places().stream().anyMatch(place -> place.node().wasMistaken())) {
            throw new AssertionError("wrote to the node of another instance");
        }
    }

    private void whatIsUnknownIsKept() {
        if (play.places().stream().anyMatch(place -> place.node().hasLostWhatALaterBuildWrote())) {
            throw new AssertionError("lost what a later build wrote");
        }
    }

    /** A journal as it was before our own last write is not written over: the write would come to nothing, or undo it. */
    private void nothingIsDecidedOnAViewOlderThanItsOwnWrite(Action act, Look look) {
        if (!(act instanceof OnJournal write)) {
            return;
        }
        Instant joinedAt = look.node().joinedBefore(look.at());
        play.succeeded(OnJournal.class).stream()
                .filter(done -> done.by().equals(look.snapshot().claim().us())
                        && done.node().equals(look.node())
                        && done.at().isBefore(look.at())
                        && !done.at().isBefore(joinedAt))
                .reduce((_, later) -> later)
                .ifPresent(last -> require(
                        look.node().wasJournaled(write.basedOn(), last.at(), look.at()),
                        "decided on a view older than its own last write",
                        act,
                        look));
    }

    /** Once nothing happens any more, nothing is done: at most a time is waited for. */
    private void nothingHappensInTheCalm() {
        play.done().stream()
                .filter(done -> !done.at().isBefore(RandomStory.CALM))
                .findFirst()
                .ifPresent(done -> {
                    throw new AssertionError("done in the calm: " + done);
                });
    }

    private void nothingIsWrittenWithoutALease(Action act, Look look) {
        boolean writes = act instanceof OnJournal || act instanceof OnPod || act instanceof CompleteHook;
        require(
                !writes || look.at().isBefore(look.snapshot().claim().mayActUntil()),
                "written without a Lease",
                act,
                look);
    }

    /** As its process saw things last. */
    private void nothingIsSentThatIsWantedNoMore(Sent sent) {
        Look last = play.looks().stream()
                .limit(sent.looks())
                .filter(look -> look.snapshot().claim().us().equals(sent.by())
                        && look.node().equals(sent.node()))
                .reduce((_, later) -> later)
                .orElseThrow();
        require(sent.at().isBefore(sent.mayActUntil()), "sent without a Lease", sent.action(), last);
        if (sent.action() instanceof OnPod onPod) {
            podsAreAskedOnlyForWhatIsLive(onPod, last);
            require(
                    podsSeen(last).stream().anyMatch(pod -> pod.ref().equals(onPod.pod())),
                    "sent for a pod that is gone",
                    onPod,
                    last);
            aTerminatingPodIsNotEvictedAgain(onPod, last);
        }
    }

    private void nothingIsTakenFromALiveHolder(Action act, Look look) {
        if (act instanceof OnJournal write
                && look.snapshot().claim().holding() instanceof Holding.Other(String other, Instant freeAt, var _)
                && look.at().isBefore(freeAt)) {
            require(write.journal().holder().equals(Optional.of(other)), "taken from a live holder", act, look);
        }
    }

    private void podsAreAskedOnlyForWhatIsLive(Action act, Look look) {
        if (!(act instanceof OnPod onPod)) {
            return;
        }
        require(
                podsSeen(look).stream().anyMatch(pod -> pod.ref().equals(onPod.pod())),
                "asked a pod that is not seen",
                act,
                look);
        Journal journal = look.snapshot().journal().orElseThrow();
        boolean ours = journal.state() == State.OPEN
                && journal.holder().equals(Optional.of(look.snapshot().claim().us()));
        require(ours, "evicted though it is not ours", act, look);
        require(journal.causes().stream().anyMatch(cause -> drains(cause, look)), "evicted for nothing", act, look);
    }

    private boolean drains(Cause cause, Look look) {
        boolean due = cause.kind() != Kind.SCHEDULED_CHANGE
                || !look.at().isBefore(cause.goneAt().orElse(look.at()).minus(LEAD_TIME));
        boolean lapsed = cause.kind() == Kind.REBALANCE_RECOMMENDATION
                && !look.at().isBefore(cause.noticedAt().plus(LAPSES_AFTER));
        boolean withdrawn = look.snapshot().notices().stream()
                .map(Notice::interruption)
                .filter(ScheduledChangeClosed.class::isInstance)
                .anyMatch(
                        closed -> cause.isOf(closed.id()) && !closed.noticedAt().isBefore(cause.noticedAt()));
        return due
                && !cause.answered()
                && !lapsed
                && !withdrawn
                && story.policy().responseTo(cause.kind()) == Response.DRAIN;
    }

    private void aTerminatingPodIsNotEvictedAgain(Action act, Look look) {
        if (act instanceof Evict || act instanceof LastCall) {
            PodRef asked = ((OnPod) act).pod();
            require(
                    podsSeen(look).stream().noneMatch(pod -> pod.ref().equals(asked) && pod.terminating()),
                    "evicted again while terminating",
                    act,
                    look);
        }
    }

    private void messagesAreDeletedOnlyWhenSettledOrPlanned(Action act, Look look) {
        if (!(act instanceof DeleteMessages deleted) || !(look.snapshot().node() instanceof Present)) {
            return;
        }
        for (Notice notice : look.snapshot().notices()) {
            if (deleted.messages().contains(notice.message())) {
                require(isPaid(notice, look), "deleted a message too early: " + notice.interruption(), act, look);
            }
        }
    }

    private boolean isPaid(Notice notice, Look look) {
        Interruption interruption = notice.interruption();
        InterruptionId id = interruption.id();
        if (interruption instanceof AsgLaunch || isTooLate(notice, look)) {
            return true;
        }
        return look.snapshot()
                .journal()
                .filter(journal -> journal.isSettled(id)
                        || (journal.isLive(id) && journal.state() == State.PLANNED)
                        || knowsLater(journal, interruption))
                .isPresent();
    }

    private boolean knowsLater(Journal journal, Interruption interruption) {
        String cause = interruption.id().cause();
        return Stream.concat(
                        journal.causes().stream().map(Cause::id),
                        journal.settled().stream().map(Journal.Settled::id))
                .filter(id -> id.cause().equals(cause))
                .anyMatch(id -> !noticedAt(id).isBefore(interruption.noticedAt()));
    }

    /** By AWS's clock: what is journaled is no later than its receipt by ours. */
    private Instant noticedAt(InterruptionId id) {
        return story.told().stream()
                .filter(told -> told.id().equals(id))
                .map(Interruption::noticedAt)
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    private boolean isTooLate(Notice notice, Look look) {
        Duration late = Duration.between(notice.interruption().noticedAt(), notice.receivedAt());
        Duration sinceGone = Duration.between(
                Causes.goneAt(notice).equals(Instant.MAX) ? notice.receivedAt() : Causes.goneAt(notice),
                notice.receivedAt());
        return switch (notice.interruption()) {
            case StateChange change when isOff(change) && isWell(look, change.noticedAt()) -> true;
            case RebalanceRecommendation _ -> late.compareTo(LAPSES_AFTER) >= 0;
            case AsgTermination asg ->
                late.compareTo(Duration.ofMinutes(10)) > 0 && completedBefore(asg.action(), look);
            default -> sinceGone.compareTo(Duration.ofMinutes(10)) > 0;
        };
    }

    private static boolean isOff(StateChange change) {
        return change.state() == InstanceState.STOPPED || change.state() == InstanceState.TERMINATED;
    }

    /** What has become of it since is told by something else. */
    private static boolean isWell(Look look, Instant since) {
        return look.snapshot().node() instanceof Present(var node)
                && node.ready()
                && look.node().hasRunBetween(since, look.at());
    }

    private boolean completedBefore(LifecycleAction action, Look look) {
        return completedBefore(action, look.at());
    }

    private boolean completedBefore(LifecycleAction action, Instant moment) {
        return play.succeeded(CompleteHook.class).stream()
                .anyMatch(done -> ((CompleteHook) done.action()).action().equals(action)
                        && !done.at().isAfter(moment));
    }

    private void hooksAreCompletedOnlyWhenTheNodeIsEmptyOrTimeIsUp(Action act, Look look) {
        if (!(act instanceof CompleteHook(LifecycleAction action, var _))
                || !(look.snapshot().node() instanceof Present(var node))
                || action.equals(SampleNotices.LAUNCH)
                || wasTriedBefore(action, look)
                || isSettled(action, look)) {
            return;
        }
        // A machine may stop before anything was journaled; until then, nothing but its end lets a hook go.
        Optional<Journal> open = look.snapshot().journal().filter(journal -> journal.state() == State.OPEN);
        boolean ours = open.map(Journal::holder)
                .map(Optional.of(look.snapshot().claim().us())::equals)
                .orElse(true);
        require(ours, "completed though it is not ours", act, look);
        boolean drains = open.map(journal -> journal.causes().stream().anyMatch(cause -> drains(cause, look)))
                .orElse(true);
        boolean timeIsUp =
                Stream.of(look.at(), story.byAws(look.at())) // whose clock is right is not known to within seconds
                                .anyMatch(now -> story.told().stream()
                                        .anyMatch(told -> mayBeGone(told, now) || letsGo(told, now)))
                        || node.unknownSince()
                                .filter(since -> !look.at().isBefore(since.plusSeconds(60)))
                                .isPresent()
                        || (!node.ready() && look.node().wasSilentFor(Duration.ofSeconds(40), look.at()))
                        || wasUnresponsiveBefore(look);
        require(
                !drains || timeIsUp || isEmpty(look) || wasEmptyBefore(look),
                "completed while pods were there",
                act,
                look);
        require(
                timeIsUp || look.snapshot().siblings().stream().noneMatch(other -> departs(other, action)),
                "completed while another node of the instance departs",
                act,
                look);
    }

    /** What a departure has come to that waits for nothing but a hook stands, whatever becomes of the node. */
    private boolean wasUnresponsiveBefore(Look look) {
        return play.looks().stream()
                .filter(before ->
                        before.node().equals(look.node()) && before.at().isBefore(look.at()))
                .anyMatch(before -> before.decision().stage() instanceof Stage.AwaitingHook(Ending ending, var _, var _)
                        && ending == Ending.UNRESPONSIVE
                        && before.node().wasSilentFor(Duration.ofSeconds(40), before.at()));
    }

    private static boolean departs(KubeNode node, LifecycleAction action) {
        return node.journal()
                .filter(journal -> journal.state() == State.OPEN)
                .filter(journal -> journal.hooks().stream()
                        .anyMatch(hook -> hook.action().equals(action) && journal.isLive(hook.cause())))
                .isPresent();
    }

    private static boolean isEmpty(Look look) {
        return look.snapshot().pods() instanceof Listed
                && podsSeen(look).stream().allMatch(Pod::terminating);
    }

    /**
     * When causes that are live, journaled or about to be, had come to nothing but a hook; since then its pods are looked at no more.
     */
    private boolean wasEmptyBefore(Look look) {
        Set<InterruptionId> causes = Stream.concat(
                        look.snapshot().journal().stream()
                                .flatMap(journal -> journal.causes().stream())
                                .map(Cause::id),
                        look.snapshot().notices().stream()
                                .map(notice -> notice.interruption().id()))
                .collect(Collectors.toSet());
        return play.looks().stream()
                .takeWhile(before -> before.at().isBefore(look.at()))
                .filter(before -> before.snapshot()
                                .claim()
                                .us()
                                .equals(look.snapshot().claim().us())
                        && before.node().equals(look.node()))
                .filter(before -> before.decision().stage() instanceof Stage.AwaitingHook waits
                        && !waits.concluded().isEmpty()
                        && causes.containsAll(waits.concluded()))
                .anyMatch(StoryRules::isEmpty);
    }

    /**
     * The journal says that whoever held it was done with this action: who holds its message, and did not see the hook being
     * completed, for his watch was behind, asks once more, and is answered that it is over.
     */
    private static boolean isSettled(LifecycleAction action, Look look) {
        return look.snapshot().notices().stream()
                .map(Notice::interruption)
                .filter(told ->
                        told instanceof AsgTermination asg && asg.action().equals(action))
                .anyMatch(told -> look.snapshot()
                        .journal()
                        .filter(journal -> journal.isSettled(told.id()))
                        .isPresent());
    }

    /** What it is tried again for was looked at the first time. */
    private boolean wasTriedBefore(LifecycleAction action, Look look) {
        return look.snapshot()
                .attempts()
                .of(new CompleteHook(action, HookResult.CONTINUE))
                .isPresent();
    }

    /** A hook that nobody may heartbeat lets its instance go when its time is over. */
    private boolean letsGo(Interruption told, Instant now) {
        return told instanceof AsgTermination asg
                && play.wasDenied(Heartbeat.class, asg.noticedAt(), now)
                && !now.isBefore(asg.noticedAt().plus(play.heartbeatTimeout()));
    }

    private static boolean mayBeGone(Interruption told, Instant now) {
        Instant at = told.noticedAt();
        return switch (told) {
            case SpotInterruption _ -> !now.isBefore(at.plusSeconds(120));
            case StateChange change ->
                !now.isBefore(
                        change.state() == InstanceState.STOPPED || change.state() == InstanceState.TERMINATED
                                ? at
                                : at.plusSeconds(120));
            case AsgTermination _ -> !now.isBefore(at.plus(Duration.ofMinutes(15)));
            case ScheduledChange change ->
                !now.isBefore(change.window().map(Interruption.Window::startsAt).orElse(Instant.MAX));
            case CapacityInterruption capacity -> !now.isBefore(capacity.goneAt());
            default -> false;
        };
    }

    private void hooksOfOthersAreLeftAlone(Action act, Look look) {
        boolean foreign = switch (act) {
            case Heartbeat(LifecycleAction action) -> isOfOthers(action) || isOfAnInstanceOfOthers(action);
            case CompleteHook(LifecycleAction action, var _) -> isOfOthers(action) || isOfAnInstanceOfOthers(action);
            default -> false;
        };
        require(!foreign, "touched another's hook", act, look);
    }

    /** Of what is no node of this cluster, whose group is not ours either; a launch tells of itself that it is ours. */
    private boolean isOfAnInstanceOfOthers(LifecycleAction action) {
        return play.isForeignInstance()
                && !action.equals(SampleNotices.LAUNCH)
                && !story.policy().hooks().ownership().isOfOurGroups(action.group());
    }

    static boolean isOfOthers(LifecycleAction action) {
        return action.hook().equals("Terminate-LC-Hook") || action.group().equals(RandomStory.CROWDED);
    }

    private void onlyAReplicaThatCannotActHandsMessagesBack(Action act, Look look) {
        require(
                !(act instanceof HandBack) || !canAct(look) || isLeftToALaterVersion(look),
                "handed back by who can act",
                act,
                look);
        if (act instanceof HandBack handBack) {
            require(
                    look.snapshot().notices().stream()
                            .filter(notice -> handBack.deliveries().contains(notice.deliveryId()))
                            .noneMatch(notice -> notice.delivery().isLast()),
                    "handed back to become a dead letter",
                    act,
                    look);
        }
    }

    /** Whoever can read the journal is to have the messages, not who could only act. */
    private static boolean isLeftToALaterVersion(Look look) {
        return look.snapshot().node() instanceof Present(var node) && node.isUnread();
    }

    /** What is not begun, no longer than a minute; what is, until another may go on with it. */
    private void aReplicaThatCannotActKeepsNoMessageForLong(Look look) {
        if (canAct(look)) {
            return;
        }
        Instant mayActUntil = look.snapshot().claim().mayActUntil();
        boolean mayBeOurs = look.at().isBefore(Instant.MAX.minusSeconds(5))
                && look.at().minusSeconds(5).isBefore(mayActUntil);
        for (Notice notice : look.snapshot().notices()) {
            boolean isFresh = look.at().isBefore(notice.receivedAt().plusSeconds(60));
            boolean goes = look.snapshot().attempts().tried(HandBack.class).anyMatch(each -> true)
                    || decidedWith(look)
                            .flatMap(each -> each.decision().actions().stream())
                            .anyMatch(act -> act instanceof HandBack || act instanceof DeleteMessages);
            boolean isGoing =
                    look.snapshot().attempts().tried(DeleteMessages.class).anyMatch(each -> true);
            if (!isFresh
                    && !mayBeOurs
                    && !goes
                    && !isGoing
                    && !notice.delivery().isLast()) {
                throw new AssertionError("kept by who cannot act: " + notice + " at " + look.at());
            }
        }
    }

    /** The look, and those at the other nodes of the instance at the same time. */
    private Stream<Look> decidedWith(Look look) {
        return look.snapshot().siblings().isEmpty()
                ? Stream.of(look)
                : play.looks().stream()
                        .filter(each -> each.at().equals(look.at())
                                && each.snapshot()
                                        .claim()
                                        .us()
                                        .equals(look.snapshot().claim().us()));
    }

    private void noMessageIsReceivedTooOften() {
        if (!play.deadLetters().isEmpty()) {
            throw new AssertionError("dead letters: " + play.deadLetters());
        }
    }

    private static boolean canAct(Look look) {
        return look.at().isBefore(look.snapshot().claim().mayActUntil())
                && look.snapshot().conditions().viewIsFresh();
    }

    private void eachHookIsCompletedOnce() {
        List<Done> completions = play.succeeded(CompleteHook.class);
        Map<LifecycleAction, Long> completed = completions.stream()
                .collect(Collectors.groupingBy(done -> ((CompleteHook) done.action()).action(), Collectors.counting()));
        for (Look look : play.looks()) {
            for (Action act : look.decision().actions()) {
                if (act instanceof CompleteHook complete
                        && look.snapshot().node() instanceof Present
                        && !complete.action().equals(SampleNotices.LAUNCH)) {
                    boolean before = completedBy(look.snapshot().claim().us(), complete.action(), look)
                            && !cameAgainUnremembered(complete.action(), look, completions);
                    require(!before, "completed again", act, look);
                }
            }
        }
        for (Interruption told : story.told()) {
            if (told instanceof AsgTermination asg
                    && !isOfOthers(asg.action())
                    && !isOfAnInstanceOfOthers(asg.action())
                    && !mayExpire()
                    && !wasDenied(asg)
                    && !(asg.toWarmPool() && story.told().stream().anyMatch(AsgLaunch.class::isInstance))
                    && completed.getOrDefault(asg.action(), 0L) != 1) {
                throw new AssertionError(
                        "hook completed %d times: %s".formatted(completed.getOrDefault(asg.action(), 0L), asg));
            }
        }
    }

    /**
     * Its message came again, and the journal does not say that the action was completed: it was settled while the action waited for
     * another node of the instance, or for somebody who may describe the hook, or nobody could write to it. Who has forgotten the
     * completion asks again, and is answered that it is over.
     */
    private static boolean cameAgainUnremembered(LifecycleAction action, Look look, List<Done> completions) {
        return look.snapshot().notices().stream()
                .filter(notice -> notice.interruption() instanceof AsgTermination asg
                        && asg.action().equals(action))
                .filter(notice -> look.snapshot()
                        .journal()
                        .filter(journal ->
                                journal.isHookCompleted(notice.interruption().id()))
                        .isEmpty())
                .anyMatch(notice -> completions.stream()
                        .anyMatch(
                                done -> ((CompleteHook) done.action()).action().equals(action)
                                        && !done.at().isAfter(notice.receivedAt())));
    }

    /** Since the node joined that is there: on a new one nothing is remembered of what was done for the former. */
    private boolean completedBy(String process, LifecycleAction action, Look look) {
        Instant joinedAt =
                look.node().joinedBefore(look.at()).plus(ACTS_TAKE_AT_MOST); // what was decided before is done after
        return play.succeeded(CompleteHook.class).stream()
                .anyMatch(done -> ((CompleteHook) done.action()).action().equals(action)
                        && done.at().isBefore(look.at())
                        && !done.at().isBefore(joinedAt)
                        && !wentSince(done.at(), look)
                        && !wasHandedBackSince(done.at(), look)
                        && done.by().equals(process));
    }

    /** Whether a node of the instance, which may be the one that remembered it, has been deleted since that was decided. */
    private boolean wentSince(Instant then, Look look) {
        return play.places().stream()
                .map(place -> place.node().wentAt())
                .anyMatch(went -> !went.isBefore(then.minus(ACTS_TAKE_AT_MOST)) && !went.isAfter(look.at()));
    }

    /**
     * Nobody may say whose hook it was when it was left; or nobody might complete it, or journal that it is owed, when its time was over,
     * which no heartbeat prolongs for want of a permission. Where the instance has several nodes, the one that would tell that it is left may have been deleted.
     */
    private boolean wasDenied(AsgTermination asg) {
        boolean isUnknown = play.looks().stream()
                .filter(look -> look.decision().leftHooks().stream()
                        .anyMatch(left -> left.action().equals(asg.action()) && left.why() == Why.UNDECIDED))
                .anyMatch(look -> play.wasDenied(DescribeHook.class, look.at().minus(ASKED_AGAIN_WITHIN), look.at()));
        boolean isUntold = play.places().size() > 1 && play.wasDenied(DescribeHook.class, START, Instant.MAX);
        Instant heldUntil = play.succeeded(Heartbeat.class).stream()
                .filter(done -> ((Heartbeat) done.action()).action().equals(asg.action()))
                .map(Done::at)
                .reduce(asg.noticedAt(), (_, later) -> later)
                .plus(play.heartbeatTimeout());
        return isUnknown
                || isUntold
                || play.wasDenied(CompleteHook.class, Instant.MAX.minusSeconds(1), Instant.MAX)
                || Stream.of(CompleteHook.class, OnJournal.class)
                        .anyMatch(sort -> play.wasDenied(sort, heldUntil.minus(ASKED_AGAIN_WITHIN), heldUntil));
    }

    /** Whether a later version had the journal meanwhile: whose departure was left to it, forgot what had been done by then. */
    private static boolean wasHandedBackSince(Instant then, Look look) {
        return !look.node().wasHandedBackAt().isBefore(then);
    }

    private boolean mayExpire() {
        return story.policy().hooks().atDeadline() == AtDeadline.EXPIRE
                && play.looks().stream()
                        .anyMatch(look -> look.decision().stage() instanceof Stage.Settling(Ending ending, var _)
                                && ending == Ending.DEADLINE_PASSED);
    }

    private void eachCauseIsCordonedForOnce() {
        Set<InterruptionId> told = new HashSet<>();
        story.told().forEach(each -> told.add(each.id()));
        int cordons = play.succeeded(Cordon.class).size();
        int joined = play.places().stream()
                .mapToInt(place -> place.node().timesJoined())
                .sum();
        if (cordons > told.size() * joined) {
            throw new AssertionError("cordoned %d times for %d causes".formatted(cordons, told.size()));
        }
    }

    /** A hook that nobody may ever complete, and of which nobody has learnt how long it waits, is asked for for two days. */
    private boolean isHeldForDays() {
        return play.wasDenied(CompleteHook.class, RandomStory.CALM, Instant.MAX)
                && play.done().getLast().action() instanceof CompleteHook;
    }

    private void nothingIsLeftBehind() {
        int often = play.wasDenied(Action.class, Instant.MIN, Instant.MAX)
                ? 2
                : 1; // what is denied is asked for again and again
        if (play.looks().size() > MOST_LOOKS * often * play.places().size()) {
            throw new AssertionError("looked " + play.looks().size() + " times");
        }
        if (!play.messages().isEmpty()) {
            throw new AssertionError("messages left: " + play.messages());
        }
        if (!play.isAtRest()) {
            throw new AssertionError("not at rest: " + play.looks().getLast().decision());
        }
        play.places().stream().map(Place::node).filter(PlayedNode::isThere).forEach(this::nothingIsLeftOn);
    }

    private void nothingIsLeftOn(PlayedNode node) {
        node.journal().ifPresent(journal -> {
            if (journal.state() != State.SETTLED
                    || journal.holder().isPresent()
                    || !journal.causes().isEmpty()) {
                throw new AssertionError("not settled: " + journal.text());
            }
        });
        if (!mayBeHeld() && !node.changed().isEmpty()) {
            throw new AssertionError(
                    "left on the node: " + node.changed() + " " + node.journal().map(Journal::text));
        }
    }

    /** An instance that a hook may hold for two days, and that does not come back, looks as well as any. */
    private boolean mayBeHeld() {
        return story.told().stream().anyMatch(AsgTermination.class::isInstance)
                && story.told().stream().anyMatch(StoryRules::endsForGood);
    }

    private static boolean endsForGood(Interruption told) {
        return switch (told) {
            case SpotInterruption spot -> spot.action() == SpotAction.TERMINATE;
            case StateChange change ->
                change.state() == InstanceState.SHUTTING_DOWN || change.state() == InstanceState.TERMINATED;
            case AsgTermination asg -> !asg.toWarmPool();
            case CapacityInterruption _ -> true;
            default -> false;
        };
    }

    private static List<Pod> podsSeen(Look look) {
        return look.snapshot().pods() instanceof Listed(List<Pod> pods, var _, var _) ? pods : List.of();
    }

    private static void require(boolean holds, String broken, Action act, Look look) {
        if (!holds) {
            throw new AssertionError(broken + ": " + act + " at " + Duration.between(START, look.at()) + " seeing "
                    + look.snapshot().journal().map(Journal::text));
        }
    }
}
