package dev.glidepath.departure;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.action.Stage.Draining;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.node.NodeName;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What a departure does about one node of its instance: what it sees of it, what was tried, and what is under way. Touched by the
 * departure's loop alone, but for its world. An instance without a node has one of these as well, which is about the first node
 * that comes.
 */
final class NodeWork implements AutoCloseable {
    private final World world;
    private final DepartureLog log;

    /** What has been begun and has no outcome yet. */
    private final Map<Action.Key, Begun> underWay = new HashMap<>();

    private Optional<NodeName> name = Optional.empty();
    private Attempts attempts;
    private Decision decision =
            new Decision(new Stage.Examining(), List.of(), List.of(), Set.of(), Set.of(), Instant.MAX);

    /**
     * @param attempts what was tried already
     */
    NodeWork(World world, DepartureLog log, Attempts attempts) {
        this.world = world;
        this.log = log;
        this.attempts = attempts;
    }

    World world() {
        return world;
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
        world.follow(node);
        return this;
    }

    /** The node's journal is seen to read so. */
    void journalReads(String text, Instant now) {
        attempts = attempts.seen(text, now);
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
            world.rest();
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

    /** Begins an act; to be carried out when its turn comes. */
    Begun begin(Action action) {
        Begun begun = world.begin(action);
        underWay.put(action.key(), begun);
        return begun;
    }

    /** An act that this has begun has come to its end. */
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
        Begun begun = underWay.get(key);
        if (begun != null) {
            begun.giveUp();
        }
    }

    /** Gives up all that waits for its turn, and looks no more. */
    @Override
    public void close() {
        try (world) {
            List.copyOf(underWay.keySet()).forEach(this::giveUp);
        }
    }
}
