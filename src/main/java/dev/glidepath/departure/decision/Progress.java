package dev.glidepath.departure.decision;

/** How far something that was requested has come. */
enum Progress {
    /** Nothing is left to be done for it. */
    DONE,
    /** It is under way, due, or retried later. */
    PENDING;

    static Progress doneIf(boolean isDone) {
        return isDone ? DONE : PENDING;
    }

    boolean isDone() {
        return this == DONE;
    }
}
