package dev.glidepath.drain.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The grace to be sent with a pod's eviction or deletion: its own, or what is left, fitted at the moment it is sent.
 *
 * @param own what the pod wishes
 * @param endsBy when it must be over; empty where nothing is shortened
 * @param least however little is left
 */
public record Grace(Duration own, Optional<Instant> endsBy, Duration least) {
    /** Zero would take the object away while its containers still run. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /** Of a pod that nobody has asked before. */
    public Grace(Duration own, Optional<Instant> endsBy) {
        this(own, endsBy, SHORTEST);
    }

    /**
     * Never less than that: a pod that was asked before may be on its way out without our seeing it, and a second request would
     * shorten the grace that it was given.
     */
    public Grace atLeast(Duration before) {
        return before.compareTo(least) > 0 ? new Grace(own, endsBy, before) : this;
    }

    /**
     * What to send at this moment, in whole seconds and never less than one. Empty where the pod's own grace holds.
     */
    public Optional<Duration> sentAt(Instant now) {
        return endsBy.map(end -> roundedUp(Duration.between(now, end)))
                .map(left -> left.compareTo(least) < 0 ? least : left)
                .filter(left -> left.compareTo(own) < 0);
    }

    private static Duration roundedUp(Duration left) {
        return left.getNano() == 0 ? left : Duration.ofSeconds(left.getSeconds() + 1);
    }
}
