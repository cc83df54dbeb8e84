package dev.glidepath;

import dev.glidepath.departure.Ability;
import dev.glidepath.departure.Ability.Standing;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Notices when this replica can no longer act, and when it can again, and logs it. Others are told of each change of what it takes
 * to act: they ask for it seldom themselves.
 */
final class AbilityWatch implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(250);

    /** A first Lease and a first list take their time. */
    private static final Duration START_TAKES = Duration.ofSeconds(10);

    private final Ability ability;
    private final Runnable onChange;
    private final DecisionLog log;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);

    /** Touched by the watching thread alone, as is {@link #before}. */
    private Optional<Instant> startedAt = Optional.empty();

    /** Empty until it can act for the first time, or has had enough time for that. */
    private Optional<Standing> before = Optional.empty();

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
        var _ = LastingThread.ofSystem("ability-watch", () -> {
                    lookOnce();
                    return !closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS);
                })
                .start();
    }

    /** Compares what can be done now with what could be done before. */
    void lookOnce() {
        boolean isBack = ability.takeWhatIsBack();
        Standing now = ability.standing();
        boolean canAct = now.canAct();
        boolean isSame = before.equals(Optional.of(now)) && !isBack;
        if (isSame || (before.isEmpty() && !canAct && isStarting())) {
            return;
        }
        Optional<Boolean> couldAct = before.map(Standing::canAct);
        if (canAct && couldAct.equals(Optional.of(false))) {
            log.tell(LogEvent.RECEIVING_RESUMED, "this replica can act again, and receives", Map.of());
        } else if (!canAct && !couldAct.equals(Optional.of(false))) {
            String why = String.join("; ", ability.missing());
            log.tell(
                    LogEvent.RECEIVING_PAUSED,
                    "this replica cannot act, and leaves messages to others: " + why,
                    Map.of(Field.REASON, why));
        }
        onChange.run();
        before = Optional.of(now); // who could not be told is told by the next look
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
