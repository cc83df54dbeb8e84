package dev.glidepath.lifecycle;

/** What becomes of a hook when the deadline comes before the drain is done. */
public enum AtDeadline {
    /** It is completed with CONTINUE: the instance ends now. */
    CONTINUE,
    /** It is completed with ABANDON: the instance ends now, without the hooks that are left. */
    ABANDON,
    /** Nothing: no more heartbeats, and the hook's own default result holds when its time is over. */
    EXPIRE
}
