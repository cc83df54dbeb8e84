package dev.glidepath.drain.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * How many requests are in flight, and whether there may be more: never more than configured; before a last call no more than the API
 * server can take, none while it asks to be left alone, and a few while more urgent work is done. Guarded by the gate's lock.
 */
final class Throttle {
    /** So many requests do not keep other work from the API server, and keep the drain going. */
    private static final int WHILE_YIELDING = 4;

    private final int mostInFlight;
    private final InFlightLimit limit;
    private int inFlight;
    private long granted;
    private Instant leftAloneUntil = Instant.MIN;
    private BooleanSupplier othersAtWork = () -> false;

    Throttle(int mostInFlight) {
        this.mostInFlight = mostInFlight;
        this.limit = new InFlightLimit(mostInFlight);
    }

    void yieldTo(BooleanSupplier others) {
        othersAtWork = others;
    }

    int inFlight() {
        return inFlight;
    }

    /** Whether not even a last call may pass. */
    boolean isFull() {
        return inFlight >= mostInFlight;
    }

    /** Whether an entry before its last call may not pass. */
    boolean isFullBeforeLastCalls(Instant now) {
        return isFull() || !limit.allows(inFlight) || isYielding() || now.isBefore(leftAloneUntil);
    }

    /** Whether more urgent work keeps requests waiting. */
    boolean isYielding() {
        return inFlight >= WHILE_YIELDING && othersAtWork.getAsBoolean();
    }

    /**
     * Takes a place.
     *
     * @return the number of the grant
     */
    long grant() {
        inFlight++;
        return ++granted;
    }

    void free() {
        inFlight--;
    }

    void answered() {
        limit.answered();
    }

    /**
     * @param grant the number of the request that met the overload
     */
    void overloaded(long grant, Duration retryAfter, Instant now) {
        Instant wanted = now.plus(retryAfter);
        leftAloneUntil = wanted.isAfter(leftAloneUntil) ? wanted : leftAloneUntil;
        limit.overloaded(grant, granted);
    }
}
