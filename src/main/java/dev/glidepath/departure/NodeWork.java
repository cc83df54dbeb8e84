package dev.glidepath.departure;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.action.Stage.Draining;
import dev.glidepath.departure.execution.ActionExecutor;
import dev.glidepath.departure.execution.BegunAction;
import dev.glidepath.departure.execution.ClusterView;
import dev.glidepath.departure.execution.NodeAccess;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a departure does about one node of its instance: what it sees of it, what was tried, and what is under way. Touched by the
 * departure's loop alone, but for its view. An instance without a node has one of these as well, which is about the first node
 * that comes.
 */
final class NodeWork implements AutoCloseable {
    private final ClusterView view;
    private final ActionExecutor executor;
    private final DepartureLog log;

    /** What has been begun and has no outcome yet. */
    private final Map<Action.Key, BegunAction> underWay = new HashMap<>();

    private Optional<NodeName> name = Optional.empty();
    private Attempts attempts;
    private Decision decision =
            new Decision(new Stage.Examining(), List.of(), List.of(), Set.of(), Set.of(), Instant.MAX);

    /**
     * @param attempts what was tried already
     */
    NodeWork(NodeAccess access, DepartureLog log, Attempts attempts) {
        this.view = access.view();
        this.executor = access.executor();
        this.log = log;
        this.attempts = attempts;
    }

    ClusterView view() {
        return view;
    }

    DepartureLog log() {
        return log;
    }

    Attempts attempts() {
        return attempts;
    }

    /** Whether it is about a node yet. */
    boolean isOfNone() {
        return name.isEmpty();
    }

    boolean isOf(NodeName other) {
        return name.filter(other::equals).isPresent();
    }

    /** From now on it is about this node. */
    NodeWork about(NodeName node) {
        name = Optional.of(node);
        view.follow(node);
        return this;
    }

    /**
     * All that can be seen of it now.
     *
     * @param there all nodes of the instance
     * @param conditions asked for what all departures share, given the node
     */
    Snapshot look(
            InstanceId instance,
            List<KubeNode> there,
            Function<NodeSight, ClusterConditions> conditions,
            List<Notice> notices,
            Instant now) {
        PodSight pods = view.pods();
        Optional<KubeNode> present =
                there.stream().filter(node -> isOf(node.name())).findFirst();
        present.ifPresent(node -> attempts = attempts.seen(node.journalText(), now));
        NodeSight node = present.<NodeSight>map(NodeSight.Present::new).orElseGet(view::node);
        List<KubeNode> siblings =
                there.stream().filter(other -> !isOf(other.name())).toList();
        return new Snapshot(
                instance,
                node,
                siblings,
                view.claim(node),
                pods,
                view.budgets(pods),
                view.attached(),
                conditions.apply(node),
                notices,
                view.announced(actionsOf(node, notices)),
                attempts);
    }

    private static Set<LifecycleAction> actionsOf(NodeSight node, List<Notice> notices) {
        Stream<LifecycleAction> journaled = node instanceof NodeSight.Present(KubeNode present)
                ? present.journal().stream()
                        .flatMap(journal -> journal.hooks().stream())
                        .map(Journal.Hook::action)
                : Stream.empty();
        Stream<LifecycleAction> held = notices.stream()
                .flatMap(notice -> ActionNotice.of(notice.interruption()).stream())
                .map(ActionNotice::action);
        return Stream.concat(journaled, held).collect(Collectors.toUnmodifiableSet());
    }

    /** What was decided last. */
    Decision decision() {
        return decision;
    }

    Stage stage() {
        return decision.stage();
    }

    /** This is decided, and what is due is about to be started. */
    void decided(Decision latest, Instant now) {
        decision = latest;
        attempts = attempts.heldBack(latest.held(), now).started(latest.actions(), now);
    }

    /** For another node of the instance these are started, which are done for the instance. */
    void othersStart(Collection<Action> actions, Instant now) {
        attempts = attempts.started(actions, now);
    }

    /** All that is due has been started. */
    void hasStarted() {
        attempts = attempts.after(decision);
        if (decision.isResting()) {
            view.rest();
        }
    }

    /** The pods that have yet to be asked. */
    List<Planned> toBeAsked() {
        return decision.stage() instanceof Draining(var _, DrainPlan plan)
                ? plan.pods().stream()
                        .filter(planned -> planned.verdict().asks())
                        .toList()
                : List.of();
    }

    /** Begins an action; to be executed when its turn comes. */
    BegunAction begin(Action action) {
        BegunAction begun = executor.begin(action);
        underWay.put(action.key(), begun);
        return begun;
    }

    /** An action that this has begun has come to its end. */
    void ended(Action action, Outcome outcome, Instant now, RandomGenerator random) {
        underWay.remove(action.key());
        log.ended(action, outcome, attempts);
        attempts = attempts.ended(action, outcome, now, random);
    }

    /** One that is done for the instance, begun for another of its nodes, has come to its end. */
    void othersEnded(Action action, Outcome outcome, Instant now, RandomGenerator random) {
        attempts = attempts.ended(action, outcome, now, random);
    }

    /** What waits for its turn is not sent any more; what was sent has its outcome. */
    void giveUp(Action.Key key) {
        BegunAction begun = underWay.get(key);
        if (begun != null) {
            begun.giveUp();
        }
    }

    /** Gives up all that waits for its turn, and looks no more. */
    @Override
    public void close() {
        try (view) {
            List.copyOf(underWay.keySet()).forEach(this::giveUp);
        }
    }
}
