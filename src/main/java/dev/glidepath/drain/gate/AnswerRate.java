package dev.glidepath.drain.gate;

import java.time.Duration;
import java.time.Instant;

/**
 * How many answers a second come in while requests wait for their turn: what the API server and the gate can do at most.
 * The time in which no request waits says nothing about that; but the longer it is, the less is left of what was measured before.
 * Guarded by the gate's lock.
 */
final class AnswerRate {
    private static final double UNTIL_MEASURED = 100;
    private static final double LEAST = 1;
    private static final Duration WINDOW = Duration.ofSeconds(1);

    /** Older windows weigh less and less over about this time. */
    private static final Duration MEMORY = Duration.ofSeconds(5);

    /** What one answer takes comes back to what is taken for granted over about this time, while no request waits. */
    private static final Duration RECOVERY = Duration.ofSeconds(10);

    private Instant seenAt;
    private boolean waiting;
    private Duration waited = Duration.ZERO;
    private int answers;
    private boolean measured;
    private double perSecond = UNTIL_MEASURED;

    AnswerRate(Instant now) {
        this.seenAt = now;
    }

    void answered() {
        if (waiting) {
            answers++;
        }
    }

    /** From now on requests wait for their turn, or none does. */
    void waiting(boolean someWait, Instant now) {
        look(now);
        waiting = someWait;
    }

    double perSecond(Instant now) {
        look(now);
        return Math.max(LEAST, perSecond);
    }

    private void look(Instant now) {
        if (now.isAfter(seenAt)) {
            Duration passed = Duration.between(seenAt, now);
            if (waiting) {
                waited = waited.plus(passed);
            } else {
                recover(passed);
            }
        }
        seenAt = now;
        if (waited.compareTo(WINDOW) >= 0) {
            double seconds = waited.toNanos() / 1e9;
            double weight = measured ? 1 - Math.exp(-seconds * 1e9 / MEMORY.toNanos()) : 1;
            perSecond += (answers / seconds - perSecond) * weight;
            measured = true;
            waited = Duration.ZERO;
            answers = 0;
        }
    }

    /** By time an answer, not by answers a second: or a rate of one in a second would be one of twenty after two. */
    private void recover(Duration passed) {
        double known = 1 / Math.max(LEAST, perSecond);
        double left = Math.exp(-(double) passed.toNanos() / RECOVERY.toNanos());
        perSecond = 1 / (1 / UNTIL_MEASURED + (known - 1 / UNTIL_MEASURED) * left);
    }
}
