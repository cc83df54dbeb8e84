package dev.glidepath.departure;

import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.action.Stage.Rank;
import dev.glidepath.event.LifecycleAction;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** How far a departure is, for what asks from outside. Written by the departure's loop alone, but for {@link #noticed}; read by any
 * thread. */
final class DepartureStatus {
    /** How far each of its nodes is. */
    private volatile List<Stage> stages = List.of(new Stage.Examining());
    /** Whether a message has come that it has not looked at. */
    private volatile boolean isNoticed;

    private volatile boolean hasPendingHooks;
    private volatile Set<LifecycleAction> actions = Set.of();
    private volatile boolean hadHooks;

    /** A message has come. */
    void noticed() {
        isNoticed = true;
    }

    /** It looks now, at all that has come. */
    void looking() {
        isNoticed = false;
    }

    /**
     * This is decided.
     *
     * @param pending whether a hook waits for this replica to complete it
     * @param known the lifecycle actions of its hooks
     */
    void decided(List<Stage> latest, boolean pending, Set<LifecycleAction> known) {
        stages = List.copyOf(latest);
        hasPendingHooks = pending;
        actions = Set.copyOf(known);
        if (!known.isEmpty()) {
            hadHooks = true;
        }
    }

    /** Whether it works, rather than waits for its time, for a node, for a hook, or for another replica. */
    boolean isUnderWay() {
        return stages.stream().anyMatch(Stage::isUnderWay);
    }

    /** Whether it may wait for the end of a burst. */
    boolean mayAwaitBurst() {
        return stages.stream().anyMatch(Stage::mayAwaitBurst);
    }

    /** Whether a replica's Lease may show more: that its holder is gone, or that its instance had a node. */
    boolean mayAwaitReplica() {
        return stages.stream().anyMatch(Stage::mayAwaitReplica);
    }

    /** Whether a hook waits for this replica to complete it. */
    boolean hasPendingHooks() {
        return hasPendingHooks;
    }

    /** The lifecycle actions of those hooks, and of those that another replica is to complete. */
    Set<LifecycleAction> actions() {
        return actions;
    }

    /** Whether it ever had such a hook. */
    boolean hadHooks() {
        return hadHooks;
    }

    /** Whether all it waits for are its nodes. */
    boolean awaitsNodesAlone() {
        return stages.stream().allMatch(Stage.AwaitingNode.class::isInstance);
    }

    /** Whether all it waits for are hooks. */
    boolean awaitsHooksAlone() {
        return stages.stream().anyMatch(Stage.AwaitingHook.class::isInstance)
                && stages.stream()
                        .allMatch(stage -> stage instanceof Stage.AwaitingHook || stage instanceof Stage.Settled);
    }

    /** Whether it may yet want a cordon: by what is decided, or by a message that it has not looked at. */
    boolean mayYetCordon() {
        return isNoticed
                || stages.stream()
                        .anyMatch(stage -> stage instanceof Stage.Examining || stage instanceof Stage.Cordoning);
    }

    /** When its next look comes, among all that want one. */
    Rank rank() {
        if (isNoticed) {
            return Rank.CORDONING;
        }
        return stages.stream().map(Stage::rank).min(Comparator.naturalOrder()).orElseThrow();
    }
}
