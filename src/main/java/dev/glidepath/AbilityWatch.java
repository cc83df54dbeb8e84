package dev.glidepath;

import dev.glidepath.departure.Ability;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Notices when this replica can no longer act, and when it can again: logs it, and lets others know. */
final class AbilityWatch implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(250);

    /** A first Lease and a first list take their time. */
    private static final Duration START_TAKES = Duration.ofSeconds(10);

    private final Ability ability;
    private final Runnable onChange;
    private final DecisionLog log;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);

    /** Touched by the watching thread alone, as is {@link #couldAct}. */
    private Optional<Instant> startedAt = Optional.empty();

    /** Empty until it can act for the first time, or has had enough time for that. */
    private Optional<Boolean> couldAct = Optional.empty();

    /**
     * @param onChange called on the watching thread: be brief
     */
    AbilityWatch(Ability ability, Runnable onChange, DecisionLog log, InstantSource clock) {
        this.ability = ability;
        this.onChange = onChange;
        this.log = log;
        this.clock = clock;
    }

    /** Begins to watch; once only. */
    void start() {
        var _ = new LastingThread("ability-watch", () -> {
                    lookOnce();
                    return !closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS);
                })
                .start();
    }

    /** Compares what can be done now with what could be done before. */
    void lookOnce() {
        List<String> missing = ability.missing();
        boolean canAct = missing.isEmpty();
        if (couldAct.equals(Optional.of(canAct)) || (couldAct.isEmpty() && !canAct && isStarting())) {
            return;
        }
        if (!canAct) {
            String why = String.join("; ", missing);
            log.tell(
                    LogEvent.RECEIVING_PAUSED,
                    "this replica cannot act, and leaves messages to others: " + why,
                    Map.of(Field.REASON, why));
        } else if (couldAct.isPresent()) {
            log.tell(LogEvent.RECEIVING_RESUMED, "this replica can act again, and receives", Map.of());
        }
        couldAct = Optional.of(canAct);
        onChange.run();
    }

    @Override
    public void close() {
        closing.countDown();
    }

    private boolean isStarting() {
        Instant now = clock.instant();
        startedAt = startedAt.or(() -> Optional.of(now));
        return now.isBefore(startedAt.orElse(now).plus(START_TAKES));
    }
}
