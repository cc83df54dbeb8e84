package dev.glidepath.lifecycle;

/** What came of one heartbeat or completion. */
public sealed interface HookOutcome permits HookOutcome.Done, HookOutcome.NoActiveAction, HookTrouble {
    /** Accepted. */
    record Done() implements HookOutcome {}

    /** Completed or expired before, or its group is gone: for a completion as good as done, for heartbeats the end of them. */
    record NoActiveAction() implements HookOutcome {}
}
