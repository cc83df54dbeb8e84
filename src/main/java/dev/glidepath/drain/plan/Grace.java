package dev.glidepath.drain.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The grace to be sent with a pod's eviction or deletion: its own, or what is left, fitted at the moment it is sent.
 *
 * @param own what the pod wishes
 * @param endsBy when it must be over; empty where nothing is shortened
 */
public record Grace(Duration own, Optional<Instant> endsBy) {
    private static final Duration LEAST = Duration.ofSeconds(1);

    /**
     * What to send at this moment, in whole seconds and never less than one: zero would take the object away while its
     * containers still run. Empty where the pod's own grace holds.
     */
    public Optional<Duration> sentAt(Instant now) {
        return endsBy.map(end -> roundedUp(Duration.between(now, end)))
                .map(left -> left.compareTo(LEAST) < 0 ? LEAST : left)
                .filter(left -> left.compareTo(own) < 0);
    }

    private static Duration roundedUp(Duration left) {
        return left.getNano() == 0 ? left : Duration.ofSeconds(left.getSeconds() + 1);
    }
}
