package dev.glidepath.departure.decision;

import java.time.Instant;

/**
 * Whose departure it is, as far as can be seen.
 *
 * @param us what a journal says when it is ours
 * @param mayActUntil until when our Lease lets us write: after that another replica may believe us dead
 */
public record Claim(String us, Instant mayActUntil, Holding holding) {

    /** Who holds a departure. */
    public sealed interface Holding {
        /** Nobody. */
        record Nobody() implements Holding {}

        /** We do. */
        record Us() implements Holding {}

        /**
         * Another replica.
         *
         * @param freeAt when it counts as dead, if it does not show that it lives before
         */
        record Other(String holder, Instant freeAt) implements Holding {}
    }

    /** Whether we may write. */
    boolean mayAct(Instant now) {
        return now.isBefore(mayActUntil);
    }

    /** Whether it is ours, or to be had. */
    boolean isOursToTake(Instant now) {
        return !(holding instanceof Holding.Other(var _, Instant freeAt)) || !now.isBefore(freeAt);
    }
}
