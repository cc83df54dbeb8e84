package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action;

/** Executes the actions of one departure: one request an action. When it is retried is decided elsewhere. */
public interface ActionExecutor {

    /**
     * Begins an action: actions that are begun first have the first claim to what all departures share. To be executed on a thread of
     * its own. Never blocks.
     */
    BegunAction begin(Action action);
}
