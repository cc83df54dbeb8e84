package dev.glidepath.apiserver.watch;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses of a watch that is tried again: the longer, the more often it failed in a row. Each is spread, so that many watches that
 * broke together are not opened together. For one thread.
 */
final class WatchPauses {
    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofSeconds(10);

    private final RandomGenerator random;
    private int failures;

    WatchPauses(RandomGenerator random) {
        this.random = random;
    }

    /** It failed once more. */
    void failed() {
        failures++;
    }

    /** It went well. */
    void succeeded() {
        failures = 0;
    }

    /** How often it failed in a row. */
    int failures() {
        return failures;
    }

    /** The pause after one failure or several. */
    Duration afterFailure() {
        long grown = FIRST.toMillis() << Math.clamp(failures - 1L, 0, 10);
        return spread(Math.min(grown, LONGEST.toMillis()));
    }

    /** The same where the server wants to be asked no sooner than that. */
    Duration afterFailure(Duration least) {
        Duration usual = afterFailure();
        Duration wanted = Duration.ofMillis((long) (least.toMillis() * (1 + random.nextDouble() / 2)));
        return usual.compareTo(wanted) < 0 ? wanted : usual;
    }

    /** The pause after a watch that ended as soon as it began, though nothing failed. */
    Duration afterBriefWatch() {
        return spread(FIRST.toMillis());
    }

    private Duration spread(long most) {
        return Duration.ofMillis((long) (most * (0.5 + random.nextDouble() / 2)));
    }
}
