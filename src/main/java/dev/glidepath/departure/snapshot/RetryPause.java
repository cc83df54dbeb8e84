package dev.glidepath.departure.snapshot;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before an action is retried: at first, and at most after it failed again and again. */
record RetryPause(Duration first, Duration longest) {
    /** For a budget that is not among those we watch. */
    static final RetryPause BLOCKED = new RetryPause(Duration.ofSeconds(2), Duration.ofSeconds(30));

    static final RetryPause OVERLOADED = new RetryPause(Duration.ofMillis(250), Duration.ofSeconds(5));
    static final RetryPause REFUSED = new RetryPause(Duration.ofSeconds(10), Duration.ofMinutes(2));
    static final RetryPause FAILED = new RetryPause(Duration.ofMillis(250), Duration.ofSeconds(10));

    /** From a pod's last call on each second of waiting is one of its grace. */
    static final RetryPause LAST_CALL = new RetryPause(Duration.ofMillis(250), Duration.ofSeconds(2));

    /** What is eventually consistent is consistent soon. */
    static final RetryPause NOT_FOUND = new RetryPause(Duration.ofSeconds(5), Duration.ofSeconds(5));

    static final RetryPause DENIED = new RetryPause(Duration.ofSeconds(30), Duration.ofSeconds(30));

    /** Thousands of them may be retried for days, beside those that are not denied. */
    static final RetryPause COMPLETION_DENIED = new RetryPause(Duration.ofSeconds(30), Duration.ofMinutes(2));

    /** Grows with each try, spread by a quarter to either side. */
    Duration before(int nextTry, RandomGenerator random) {
        Duration grown = first.multipliedBy(1L << Math.clamp(nextTry - 1L, 0, 16));
        Duration bounded = grown.compareTo(longest) < 0 ? grown : longest;
        return Duration.ofMillis((long) (bounded.toMillis() * (0.75 + random.nextDouble() / 2)));
    }
}
