package dev.glidepath.queue;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * How long to wait after one failure more: twice as long as before up to a cap, of which half is left to chance, so that
 * replicas that failed together do not come back together.
 */
final class Backoff {
    private final Duration first;
    private final Duration cap;
    private final RandomGenerator random;
    private Duration most;

    /** @param random is asked once, here: most generators are for one thread, and back-offs are for several */
    Backoff(Duration first, Duration cap, RandomGenerator random) {
        this.first = first;
        this.cap = cap;
        this.random = new SplittableRandom(random.nextLong());
        this.most = first;
    }

    /** Between half and the whole of the present most. */
    Duration next() {
        long half = most.toMillis() / 2;
        Duration wait = Duration.ofMillis(half + random.nextLong(half + 1));
        Duration twice = most.multipliedBy(2);
        most = twice.compareTo(cap) < 0 ? twice : cap;
        return wait;
    }

    void reset() {
        most = first;
    }
}
