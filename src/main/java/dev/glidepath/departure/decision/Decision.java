package dev.glidepath.departure.decision;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is owed now.
 *
 * @param stage how far the departure is
 * @param acts what to start now, in this order
 * @param held evictions that would be due if their budgets had room
 * @param lookAgainAt when to look again if nothing changes before
 */
public record Decision(Stage stage, List<Act> acts, List<Held> held, Instant lookAgainAt) {

    public Decision {
        acts = List.copyOf(acts);
        held = List.copyOf(held);
    }

    /**
     * An eviction that its budget holds back.
     *
     * @param why the budget's numbers
     */
    public record Held(Act.Evict evict, Budget.Id budget, Reason reason, String why) {
        /** Why a budget holds a pod back. */
        public enum Reason {
            /** Others of its pods are being evicted just now. */
            IN_USE,
            /** It has no room. */
            NO_ROOM,
            /** It has none for a pod that is not Ready: set {@code unhealthyPodEvictionPolicy: AlwaysAllow}. */
            UNHEALTHY_PODS,
            /** Its status lags behind its spec. */
            STALE;

            /** The word for it in logs and metrics. */
            public String label() {
                return name().toLowerCase(Locale.ROOT).replace('_', '-');
            }
        }
    }

    /** How far a departure is. */
    public sealed interface Stage {
        /** No node with this instance is known; it may still be booting. */
        record AwaitingNode(Instant until) implements Stage {}

        /** Whether the node is well is being asked before anything is done to it. */
        record Examining() implements Stage {}

        /** Nothing is to be done now: it is not time yet, or it is done and will be undone. */
        record Planned(Optional<Instant> next) implements Stage {}

        /** Another replica carries it out; it is looked at when that one may be dead. */
        record Elsewhere(String holder, Instant freeAt) implements Stage {}

        /** The node is being cordoned. */
        record Cordoning(Instant until) implements Stage {}

        /** The pods are leaving; the plan is empty until they are known. */
        record Draining(Instant until, DrainPlan plan) implements Stage {}

        /** The machine is off, and the node tainted so: its pods' objects and volumes are being freed. */
        record OutOfService(Instant until) implements Stage {}

        /** Hooks are completed, then the node's journal is settled, then messages are deleted. */
        record Settling(Ending ending, Report report) implements Stage {}

        /** Nothing is owed to anyone. */
        record Settled(Ending ending, Report report) implements Stage {}
    }

    /** Why a departure ends. */
    public enum Ending {
        /** The pods are gone. */
        DRAINED,
        /** The deadline came first. */
        DEADLINE_PASSED,
        /** The node is deleted. */
        NODE_GONE,
        /** EC2 said so. */
        MACHINE_OFF,
        /** The node does not answer: each pod was asked, and nobody on it can do more. */
        UNRESPONSIVE,
        /** The deadline passed long ago, and the node is well. */
        STALE,
        /** The node's journal says that all this was settled before. */
        ALREADY_SETTLED,
        /** No node with this instance appeared in time. */
        NOT_OUR_NODE,
        /** The setting for the nodes we may touch does not select it. */
        NOT_SELECTED,
        /** It is cordoned, and the setting for its kind asks no more. */
        CORDONED,
        /** What was announced was withdrawn, or moved far away: what was done for it is undone. */
        WITHDRAWN,
        /** What was at risk is well after an hour: what was done for it is undone. */
        LAPSED,
        /** The machine is back: what was done to its node is undone. */
        BACK;

        /** The word for it in logs and metrics. */
        public String reason() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Whether nothing is owed any more. */
    public boolean isSettled() {
        return stage instanceof Stage.Settled;
    }

    /** Whether nothing is done here for a while, or another does it: what was tried so far is of no use then. */
    public boolean isResting() {
        return stage instanceof Stage.Planned || stage instanceof Stage.Elsewhere;
    }
}
