package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether this process may still do what it has decided to do. Asked in the moment before each action is executed, however long
 * ago that was decided. May be used by any thread.
 */
public final class Authority {
    private final Supplier<Instant> mayActUntil;
    private final InstantSource clock;
    private volatile boolean ended;

    /**
     * @param mayActUntil until when our Lease lets us write
     */
    public Authority(Supplier<Instant> mayActUntil, InstantSource clock) {
        this.mayActUntil = mayActUntil;
        this.clock = clock;
    }

    /** The program stops: nothing more is begun. */
    public void end() {
        ended = true;
    }

    /** Whether the program stops. */
    public boolean hasEnded() {
        return ended;
    }

    /** Why this may not be done now; empty when it may. What changes nothing in the cluster goes on without a Lease. */
    Optional<String> objectionTo(Action action) {
        if (ended) {
            return Optional.of("the program stops");
        }
        return action.needsLease() && !clock.instant().isBefore(mayActUntil.get())
                ? Optional.of("the Lease is not renewed")
                : Optional.empty();
    }
}
