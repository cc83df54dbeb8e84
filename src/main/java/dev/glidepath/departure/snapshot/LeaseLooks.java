package dev.glidepath.departure.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What was seen of a kubelet's Lease, by our own clock: the kubelet's may be wrong.
 *
 * @param renewedAt the time in the Lease
 * @param seenFrom when it was first seen with that time
 * @param seenLast when it was last seen with that time
 * @param times how often it was seen with that time
 * @param aliveAfter when it was last seen with another time; empty where it never was
 */
record LeaseLooks(Instant renewedAt, Instant seenFrom, Instant seenLast, int times, Optional<Instant> aliveAfter) {
    /** So many looks show that a kubelet is silent. */
    private static final int SILENT_LOOKS = 4;

    /** Between two looks that are further apart the Lease may have been renewed, and renewals have stopped again. */
    private static final Duration SEEN_AGAIN_WITHIN = Duration.ofSeconds(30);

    static LeaseLooks first(Instant renewedAt, Instant now) {
        return new LeaseLooks(renewedAt, now, now, 1, Optional.empty());
    }

    /** The same, with one more look. */
    LeaseLooks then(Instant renewed, Instant now) {
        if (!renewed.equals(renewedAt)) {
            return new LeaseLooks(renewed, now, now, 1, Optional.of(seenLast));
        }
        return isRecent(now)
                ? new LeaseLooks(renewed, seenFrom, now, times + 1, aliveAfter)
                : new LeaseLooks(renewed, now, now, 1, aliveAfter);
    }

    /**
     * For how long since that moment the Lease has been seen not to be renewed, look by look until now.
     *
     * @return zero where it was seen too seldom: a clock may have been set forward
     */
    Duration silentSince(Instant moment, Instant now) {
        if (times < SILENT_LOOKS || !isRecent(now)) {
            return Duration.ZERO;
        }
        Duration silent = Duration.between(seenFrom.isBefore(moment) ? moment : seenFrom, seenLast);
        return silent.isPositive() ? silent : Duration.ZERO;
    }

    /** Whether the Lease was seen to be renewed since that moment. */
    boolean isAliveSince(Instant moment, Instant now) {
        return aliveAfter
                .filter(after -> !after.isBefore(moment) && !after.isAfter(now))
                .isPresent();
    }

    /** Whether it was seen so lately that nothing has happened in between. */
    private boolean isRecent(Instant now) {
        return now.isBefore(seenLast.plus(SEEN_AGAIN_WITHIN));
    }
}
