package dev.glidepath.replica;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Trouble with one thing we do: told when it begins, when it comes to need a person, and when it ends, not at each attempt. */
final class Trouble {
    private record Present(Instant since, boolean needsPerson, String why) {}

    private final Logger log;
    private final String doing;
    private final InstantSource clock;
    private final AtomicReference<@Nullable Present> now = new AtomicReference<>();

    /**
     * @param log of the class that does it
     * @param doing what may go wrong, for the log
     */
    Trouble(Logger log, String doing, InstantSource clock) {
        this.log = log;
        this.doing = doing;
        this.clock = clock;
    }

    /**
     * It failed, perhaps again.
     *
     * @param needsPerson whether nothing will mend it by itself
     */
    void began(boolean needsPerson, String why) {
        Present before = now.get();
        now.set(new Present(before == null ? clock.instant() : before.since(), needsPerson, why));
        if (before == null || before.needsPerson() != needsPerson) {
            log.logf(needsPerson ? Logger.Level.ERROR : Logger.Level.WARN, "trouble %s: %s", doing, why);
        }
    }

    /** It succeeded. */
    void ended() {
        Present before = now.getAndSet(null);
        if (before != null) {
            log.infof("no more trouble %s, after %s", doing, Duration.between(before.since(), clock.instant()));
        }
    }

    /** Why it does not go well; empty while it does. */
    Optional<String> why() {
        return Optional.ofNullable(now.get()).map(Present::why);
    }
}
