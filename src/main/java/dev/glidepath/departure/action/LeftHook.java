package dev.glidepath.departure.action;

import dev.glidepath.event.LifecycleAction;

/** A lifecycle hook that we do not complete, and why: in a word, and in detail. */
public record LeftHook(LifecycleAction action, Why why, String detail) {
    /** Why a hook is not completed. */
    public enum Why {
        /** It is somebody else's. */
        NOT_OURS,
        /** There is no telling whose it is. */
        UNDECIDED,
        /** The deadline came first, and the setting for that is to leave it to its own timeout. */
        EXPIRES,
        /** Auto Scaling knows no such action any more. */
        OVER,
        /** It failed until the action could not be alive any more. */
        GIVEN_UP
    }
}
