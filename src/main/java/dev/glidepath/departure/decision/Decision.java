package dev.glidepath.departure.decision;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What is owed now.
 *
 * @param stage how far the departure is
 * @param acts what to start now, in this order
 * @param held evictions that would be due if their budgets had room
 * @param givenUp acts under way that are wanted no more: each is not sent if it still waits for its turn
 * @param leftHooks lifecycle hooks that we do not complete
 * @param lookAgainAt when to look again if nothing changes before
 */
public record Decision(
        Stage stage,
        List<Act> acts,
        List<Held> held,
        Set<Act.Key> givenUp,
        Set<LeftHook> leftHooks,
        Instant lookAgainAt) {

    public Decision {
        acts = List.copyOf(acts);
        held = List.copyOf(held);
        givenUp = Set.copyOf(givenUp);
        leftHooks = Set.copyOf(leftHooks);
    }

    /** The same with these acts. */
    Decision with(List<Act> others) {
        return new Decision(stage, others, held, givenUp, leftHooks, lookAgainAt);
    }

    /** A lifecycle hook that we do not complete, and why: in a word, and in detail. */
    public record LeftHook(LifecycleAction action, Why why, String detail) {
        /** Why a hook is not completed. */
        public enum Why {
            /** It is somebody else's. */
            NOT_OURS,
            /** Nobody can tell whose it is. */
            UNDECIDED,
            /** The deadline came first, and the setting for that is to leave it to its own time-out. */
            EXPIRES,
            /** Auto Scaling knows no such action any more. */
            OVER,
            /** It failed until the action could not be alive any more. */
            GIVEN_UP
        }
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
        /** Why it ends; empty while that is open. */
        default Optional<Ending> knownEnding() {
            return switch (this) {
                case Settled(Ending ending, var _) -> Optional.of(ending);
                case Settling(Ending ending, var _) -> Optional.of(ending);
                case AwaitingHook(Ending ending, var _, var _) -> Optional.of(ending);
                case AwaitingNode _, Examining _, Planned _, Elsewhere _, Cordoning _, Draining _, OutOfService _ ->
                    Optional.empty();
            };
        }

        /** Whether work is being done, rather than waiting for its time, a node, a hook, or another replica. */
        default boolean isUnderWay() {
            return switch (this) {
                case Examining _, Cordoning _, Draining _, OutOfService _, Settling _, Settled _ -> true;
                case AwaitingNode _, Planned _, Elsewhere _, AwaitingHook _ -> false;
            };
        }

        /** Whether it may wait for the end of a burst. */
        default boolean mayAwaitBurst() {
            return switch (this) {
                case Examining _, Cordoning _, Draining _ -> true;
                case AwaitingNode _, Planned _, Elsewhere _, OutOfService _, AwaitingHook _, Settling _, Settled _ ->
                    false;
            };
        }

        /** Whether a replica's Lease may change it: its holder is gone, or its instance had a node. */
        default boolean mayAwaitReplica() {
            return switch (this) {
                case Examining _, AwaitingNode _, Elsewhere _ -> true;
                case Planned _, Cordoning _, Draining _, OutOfService _, AwaitingHook _, Settling _, Settled _ -> false;
            };
        }

        /**
         * Whether nothing is done about pods for a while, or ever again: what was tried so far is of no use then.
         */
        default boolean isResting() {
            return this instanceof Planned
                    || this instanceof Elsewhere
                    || (this instanceof AwaitingHook hook && !hook.concluded().isEmpty());
        }

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

        /**
         * All is done but a lifecycle hook, which waits for its node, or whose completion failed and is tried again.
         *
         * @param concluded the causes whose pods have been seen off and are looked at no more; none where there was nothing to see off
         */
        record AwaitingHook(Ending ending, Report report, Set<InterruptionId> concluded) implements Stage {
            public AwaitingHook {
                concluded = Set.copyOf(concluded);
            }
        }

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
        /** What was announced did not come true, and the machine is well: what was done to its node is undone. */
        SURVIVED,
        /** The machine is back: what was done to its node is undone. */
        BACK,
        /** This replica cannot act: the messages are for another. */
        HANDED_BACK,
        /** The node's journal is of a later version, and a replica lives that can read it: its messages are left to that one. */
        LEFT_TO_NEWER,
        /** The node's journal cannot be read, and nothing that was announced takes the machine: the node is left alone. */
        JOURNAL_UNREADABLE;

        /** The word for it in logs and metrics. */
        public String reason() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Whether nothing is pending any more. */
    public boolean isSettled() {
        return stage instanceof Stage.Settled;
    }

    /** Whether nothing is done about pods for a while, or ever again. */
    public boolean isResting() {
        return stage.isResting();
    }
}
