package dev.glidepath.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The machine's clock, beside one that nobody sets. The first says what time it is. The second measures: what is safe for a while
 * must not be taken for safe longer because the first was set back. May be used by any thread.
 */
public final class SteadyClock implements InstantSource {
    /** The two clocks drift apart by less before anybody compares them; who sets a clock sets it by more. */
    private static final Duration DRIFT = Duration.ofMillis(100);

    private final InstantSource machine;
    private final LongSupplier nanos;
    private final Instant began;
    private final long beganAtNanos;

    /**
     * One moment by both clocks.
     *
     * @param at by the machine's clock
     * @param steady by the clock that nobody sets
     */
    public record Moment(Instant at, Instant steady) {
        /** Before all others. */
        public static final Moment NEVER = new Moment(Instant.MIN, Instant.MIN);

        /** So much later. */
        public Moment plus(Duration time) {
            return new Moment(at.plus(time), steady.plus(time));
        }
    }

    /**
     * @param machine what time it is
     * @param nanos what nobody sets, as {@link System#nanoTime}
     */
    public SteadyClock(InstantSource machine, LongSupplier nanos) {
        this.machine = machine;
        this.nanos = nanos;
        this.began = machine.instant();
        this.beganAtNanos = nanos.getAsLong();
    }

    /** That of this machine. */
    public static SteadyClock ofThisMachine() {
        return new SteadyClock(InstantSource.system(), System::nanoTime);
    }

    /** What time it is, by the machine's clock. */
    @Override
    public Instant instant() {
        return machine.instant();
    }

    /** Time that goes on evenly. To be compared with itself alone. */
    public Instant steady() {
        return began.plusNanos(nanos.getAsLong() - beganAtNanos);
    }

    /** Now, by both. */
    public Moment moment() {
        return new Moment(instant(), steady());
    }

    /** When a moment of steady time is, or was, by the machine's clock as it is now. */
    public Instant byMachine(Instant steady) {
        return instant().plus(Duration.between(steady(), steady));
    }

    /**
     * When this is, or was, by the machine's clock: as it was then, or as it is now, if it was set back since. The earlier one, so
     * that what ends then does not end later than it should, and what was asked for then was not asked for after what came later.
     */
    public Instant earliest(Moment moment) {
        if (moment.equals(Moment.NEVER)) {
            return Instant.MIN;
        }
        Instant byNow = byMachine(moment.steady());
        return byNow.isBefore(moment.at().minus(DRIFT)) ? byNow : moment.at();
    }
}
