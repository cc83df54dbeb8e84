package dev.glidepath.lifecycle;

/** What came of one heartbeat or completion. */
public sealed interface HookOutcome permits HookOutcome.Done, HookOutcome.NoActiveAction, HookTrouble {
    /** Accepted. */
    record Done() implements HookOutcome {}

    /**
     * Auto Scaling finds no such action, or no such group. It is completed, or expired; or it has just begun, and is not found
     * yet.
     */
    record NoActiveAction() implements HookOutcome {}
}
