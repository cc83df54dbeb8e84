package dev.glidepath.departure.action;

import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.InterruptionId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

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
            case AwaitingNode _, Planned _, Elsewhere _, OutOfService _, AwaitingHook _, Settling _, Settled _ -> false;
        };
    }

    /** Whether a replica's Lease may change it: its holder is gone, or its instance had a node. */
    default boolean mayAwaitReplica() {
        return switch (this) {
            case Examining _, AwaitingNode _, Elsewhere _ -> true;
            case Planned _, Cordoning _, Draining _, OutOfService _, AwaitingHook _, Settling _, Settled _ -> false;
        };
    }

    /** What a look at it is for: of many departures that are to look, the first in this order goes first. */
    enum Rank {
        /** Its node may yet have to be cordoned. */
        CORDONING,
        /** Work is under way. */
        UNDER_WAY,
        /** It waits for its time, or for a hook. */
        WAITING
    }

    /** The rank of its next look. */
    default Rank rank() {
        return switch (this) {
            case Examining _, Cordoning _, AwaitingNode _, Elsewhere _ -> Rank.CORDONING;
            case Draining _, OutOfService _, Settling _, Settled _ -> Rank.UNDER_WAY;
            case Planned _, AwaitingHook _ -> Rank.WAITING;
        };
    }

    /**
     * Whether nothing is done about pods for a while, or ever again: most of what was tried is forgotten then.
     */
    default boolean isResting() {
        return this instanceof Planned
                || this instanceof Elsewhere
                || (this instanceof AwaitingHook hook && !hook.concluded().isEmpty());
    }

    /** No node with this instance is known; it may still be booting. */
    record AwaitingNode(Instant until) implements Stage {}

    /** Not decided yet: the node's health is being checked, or a write to its journal has no answer yet. */
    record Examining() implements Stage {}

    /** Nothing is to be done now: it is not time yet, or it is done and will be undone. */
    record Planned(Optional<Instant> next) implements Stage {}

    /** Another replica carries it out; it is looked at when that one may be dead. */
    record Elsewhere(String holder, Instant freeAt) implements Stage {}

    /** The node is being cordoned. */
    record Cordoning(Instant until) implements Stage {}

    /** The pods are leaving; the plan is empty until they are known. */
    record Draining(Instant until, DrainPlan plan) implements Stage {}

    /** The instance is off, and the node tainted as out of service: its pods' objects and volumes are being freed. */
    record OutOfService(Instant until) implements Stage {}

    /** Hooks are completed, then the node's journal is settled, then messages are deleted. */
    record Settling(Ending ending, DrainReport report) implements Stage {}

    /**
     * All is done but a lifecycle hook, which waits for its node, or whose completion failed and is tried again.
     *
     * @param concluded the causes whose pods have been seen off and are looked at no more; none where there was nothing to see off
     */
    record AwaitingHook(Ending ending, DrainReport report, Set<InterruptionId> concluded) implements Stage {
        public AwaitingHook {
            concluded = Set.copyOf(concluded);
        }
    }

    /** Nothing is pending. */
    record Settled(Ending ending, DrainReport report) implements Stage {}
}
