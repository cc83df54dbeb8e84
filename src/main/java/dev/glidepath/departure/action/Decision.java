package dev.glidepath.departure.action;

import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What is to be done now.
 *
 * @param stage how far the departure is
 * @param actions what to start now, in this order
 * @param held evictions that would be due if their budgets had room
 * @param givenUp actions under way that are wanted no more: each is not sent if it still waits for its turn
 * @param leftHooks lifecycle hooks that we do not complete
 * @param lookAgainAt when to look again if nothing changes before
 */
public record Decision(
        Stage stage,
        List<Action> actions,
        List<HeldEviction> held,
        Set<Action.Key> givenUp,
        Set<LeftHook> leftHooks,
        Instant lookAgainAt) {

    public Decision {
        actions = List.copyOf(actions);
        held = List.copyOf(held);
        givenUp = Set.copyOf(givenUp);
        leftHooks = Set.copyOf(leftHooks);
    }

    /** The same with these actions. */
    public Decision with(List<Action> others) {
        return new Decision(stage, others, held, givenUp, leftHooks, lookAgainAt);
    }

    /** Whether nothing is done about pods for a while, or ever again. */
    public boolean isResting() {
        return stage.isResting();
    }
}
