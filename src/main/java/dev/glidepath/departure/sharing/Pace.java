package dev.glidepath.departure.sharing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * How long a departure lets what leaves time gather before it looks: so long that the looks of all departures take a tenth of one
 * processor at most. What presses is looked at at once. Safe for use by many threads.
 */
public final class Pace {
    private static final int ONE_IN = 10;
    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    /** What takes longer was kept from its processor meanwhile. */
    private static final Duration LONGEST_LOOK = Duration.ofMillis(5);

    /** How much one look counts beside all before it. */
    private static final double WEIGHT = 0.05;

    private final IntSupplier departures;
    private final AtomicLong nanosPerLook = new AtomicLong();

    /**
     * @param departures how many there are
     */
    public Pace(IntSupplier departures) {
        this.departures = departures;
    }

    /** A look has taken so long. */
    public void looked(Duration took) {
        long nanos = Math.min(took.toNanos(), LONGEST_LOOK.toNanos());
        nanosPerLook.updateAndGet(before -> before + Math.round((nanos - before) * WEIGHT));
    }

    /** From one look to the next. */
    public Duration pause() {
        long nanos = nanosPerLook.get() * departures.getAsInt() * ONE_IN;
        return Duration.ofNanos(Math.clamp(nanos, SHORTEST.toNanos(), LONGEST.toNanos()));
    }
}
