package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.SmallModel.NOTICE;
import static dev.glidepath.departure.decision.SmallModel.START;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.decision.SmallModel.Bounds;
import dev.glidepath.departure.decision.SmallModel.Freedom;
import dev.glidepath.departure.decision.SmallWorld.Message;
import dev.glidepath.departure.decision.SmallWorld.Phase;
import dev.glidepath.departure.decision.SmallWorld.SmallNode;
import dev.glidepath.departure.decision.SmallWorld.SmallPod;
import dev.glidepath.departure.decision.SmallWorld.View;
import dev.glidepath.departure.decision.SmallWorld.Word;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.InFlight;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What must hold of each step of a {@link SmallModel}, and of each end; told without the help of what decides it. */
final class SmallRules {
    /** What a pod's grace and the margin for slow kubelets take. */
    private static final Duration LAST_CALL_BEFORE = Duration.ofSeconds(35);

    /** However short the time, a budget is honoured for a quarter of it; for so long, if that is more. */
    private static final Duration HONOURED_AT_MOST = Duration.ofSeconds(15);

    private static final Duration HOOK_ALLOWANCE = Duration.ofMinutes(15);

    private SmallRules() {}

    /** The promise that a decision breaks, if any. */
    static Optional<String> atLook(
            SmallReplica replica, Snapshot snapshot, Snapshot planted, View view, Decision decision, Instant now) {
        return decision.actions().stream()
                .flatMap(action -> atLook(action, replica, snapshot, planted, view, now).stream())
                .findFirst();
    }

    private static Optional<String> atLook(
            Action action, SmallReplica replica, Snapshot snapshot, Snapshot planted, View view, Instant now) {
        if (planted.attempts().of(action).map(Attempt::state).orElse(null) instanceof InFlight) {
            return Optional.of("begun again before it was answered");
        }
        return switch (action) {
            case OnPod onPod
            when replica.past().agreed().contains(onPod.pod().uid())
                    && onPod.terms().version().isEmpty() -> Optional.of("a pod is asked again after a yes");
            case OnPod onPod when isSeenToEnd(onPod, snapshot) -> Optional.of("a pod is asked that is seen to end");
            case OnJournal write
            when versionOf(write, view) < replica.past().wrote() ->
                Optional.of("decided on a view of the node that is older than its own last write");
            case OnJournal write
            when isOfAnother(write, snapshot, now) -> Optional.of("a departure is taken from a holder that lives");
            case CompleteHook _
            when replica.past().completed() -> Optional.of("a hook is completed again by who completed it");
            default -> Optional.empty();
        };
    }

    private static boolean isSeenToEnd(OnPod action, Snapshot snapshot) {
        return snapshot.pods() instanceof Listed listed
                && listed.pods().stream().anyMatch(pod -> pod.ref().equals(action.pod()) && pod.terminating());
    }

    private static boolean isOfAnother(OnJournal write, Snapshot snapshot, Instant now) {
        return snapshot.claim().holding() instanceof Holding.Other(String other, Instant freeAt, var _)
                && now.isBefore(freeAt)
                && !write.journal().holder().equals(Optional.of(other));
    }

    /** Of what it was made from; the present one where that is what is seen, else an older one. */
    private static int versionOf(OnJournal write, View view) {
        return write.basedOn().equals(view.node().text()) ? view.node().version() : -1;
    }

    /** The promise that an act breaks which takes effect now, if any. */
    static Optional<String> atEffect(Action action, SmallReplica replica, SmallWorld world, Bounds bounds) {
        return switch (action) {
            case OnPod onPod -> atEffect(onPod, replica, world, bounds);
            case CompleteHook _ -> atCompletion(replica, world);
            case DeleteMessages delete -> atDeletion(delete, world);
            default -> Optional.empty();
        };
    }

    private static Optional<String> atEffect(OnPod action, SmallReplica replica, SmallWorld world, Bounds bounds) {
        if (!isHeldBy(replica.holder(), world.truth().node())
                && world.truth().node().exists()) {
            return Optional.of("a pod is asked by who does not hold its node");
        }
        boolean faultless = world.crashes() == bounds.crashes() && world.delays() == bounds.delays();
        boolean ends = world.truth().pod(action.pod().uid()).phase() == Phase.ENDS;
        if (faultless
                && !bounds.may(Freedom.NODE_UNSEEN)
                && ends
                && (action instanceof Evict || action instanceof LastCall)) {
            return Optional.of("a pod is asked that ends");
        }
        if (action instanceof Delete && world.now().isBefore(lastCall(world))) {
            return Optional.of("a pod is deleted before its last call");
        }
        if (action instanceof Delete
                && !replica.past().refused().contains(action.pod().uid())) {
            return Optional.of("a pod is deleted whose last eviction was not refused");
        }
        return Optional.empty();
    }

    /** The earliest that can be. */
    private static Instant lastCall(SmallWorld world) {
        Instant latest = deadline(world).minus(LAST_CALL_BEFORE);
        Instant honoured = START.plus(HONOURED_AT_MOST);
        return latest.isAfter(honoured) ? latest : honoured;
    }

    private static Instant deadline(SmallWorld world) {
        return START.plus(world.message(Word.SPOT).deliveries() > 0 ? NOTICE : HOOK_ALLOWANCE);
    }

    private static Optional<String> atCompletion(SmallReplica replica, SmallWorld world) {
        SmallNode node = world.truth().node();
        if (!node.exists()) {
            return Optional.empty();
        }
        boolean empty = world.truth().pods().stream().allMatch(pod -> pod.phase() == Phase.GONE);
        if (!empty && world.now().isBefore(deadline(world))) {
            return Optional.of("a hook is completed over running pods");
        }
        InterruptionId action = SmallModel.interruption(Word.ASG).id();
        boolean settled =
                node.journal().filter(journal -> journal.isSettled(action)).isPresent();
        boolean paid = node.journal()
                .filter(journal -> journal.isHookCompleted(action))
                .isPresent();
        if (paid) {
            return Optional.of("a hook is completed that the node remembers to be completed");
        }
        if (!settled && !isHeldBy(replica.holder(), node)) {
            return Optional.of("a hook is completed by who does not hold its node");
        }
        return Optional.empty();
    }

    private static boolean isHeldBy(String holder, SmallNode node) {
        return node.journal()
                .filter(journal -> journal.state() == Journal.State.OPEN)
                .flatMap(Journal::holder)
                .filter(holder::equals)
                .isPresent();
    }

    private static Optional<String> atDeletion(DeleteMessages action, SmallWorld world) {
        return Stream.of(Word.values())
                        .filter(word -> action.messages().contains(SmallModel.message(word)))
                        .anyMatch(word -> !isRemembered(word, world))
                ? Optional.of("a message is deleted that nothing remembers")
                : Optional.empty();
    }

    private static boolean isRemembered(Word word, SmallWorld world) {
        if (!world.truth().node().exists()) {
            return word == Word.SPOT || world.hookOver();
        }
        InterruptionId id = SmallModel.interruption(word).id();
        return world.truth()
                .node()
                .journal()
                .filter(journal ->
                        journal.isSettled(id) || (journal.isLive(id) && journal.state() == Journal.State.PLANNED))
                .isPresent();
    }

    /** The promise that is broken where nothing more will ever come, if any. */
    static Optional<String> atEnd(SmallWorld world, List<SmallReplica> replicas) {
        SmallNode node = world.truth().node();
        if (replicas.stream()
                .anyMatch(replica -> !replica.idle() || !replica.notices().isEmpty())) {
            return Optional.of("something is owed, and nothing will ever wake it");
        }
        if (!world.messages().values().stream().allMatch(Message::deleted)) {
            return Optional.of("a message is left");
        }
        if (!world.hookOver()) {
            return Optional.of("the hook was not completed");
        }
        boolean settled = node.journal()
                .filter(journal -> journal.state() == Journal.State.SETTLED
                        && journal.holder().isEmpty()
                        && journal.causes().isEmpty()
                        && journal.hooks().isEmpty())
                .isPresent();
        if (node.exists() && !settled) {
            return Optional.of("the node's journal is not settled: " + node.text());
        }
        boolean runs = world.truth().pods().stream().map(SmallPod::phase).anyMatch(Phase.RUNS::equals);
        return runs ? Optional.of("a pod was never asked to go") : Optional.empty();
    }
}
