package dev.glidepath.departure;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Attempts;
import dev.glidepath.departure.decision.Decider;
import dev.glidepath.departure.decision.Decision;
import dev.glidepath.departure.decision.Notice;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.departure.decision.Sight;
import dev.glidepath.event.InstanceId;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Everything done for one instance, from its first notice until nothing is owed to anyone. It looks, decides, starts what is
 * due, and sleeps until something changes or the decision says to look again. It never waits for an act: each runs on a
 * thread of its own, and its outcome is one more signal.
 */
final class Departure {
    private final InstanceId instance;
    private final Acts acts;
    private final DepartureLog log;
    private final Policy policy;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor threads;
    private final Signals<Arrival> signals;

    /** Touched by the loop alone, as is {@link #attempts}. */
    private final List<Notice> notices = new ArrayList<>();

    private Attempts attempts = Attempts.none();

    /** What comes in for a departure. */
    private sealed interface Arrival {
        record Noticed(Notice notice) implements Arrival {}

        record Ended(Act act, Outcome outcome) implements Arrival {}
    }

    /**
     * @param threads runs acts, each on a thread of its own
     * @param random spreads what is tried again
     */
    Departure(
            InstanceId instance,
            Tools tools,
            DepartureLog log,
            Policy policy,
            InstantSource clock,
            RandomGenerator random,
            Executor threads) {
        this.instance = instance;
        this.log = log;
        this.policy = policy;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
        this.signals = new Signals<>(clock);
        this.acts = new Acts(instance, tools, clock, signals::changed);
    }

    /** One more message about this instance. Refused when the departure has ended meanwhile. */
    boolean join(Notice notice) {
        return signals.offer(new Arrival.Noticed(notice));
    }

    /** Something about the node has changed. */
    void nodeChanged() {
        signals.changed();
    }

    /** The messages owed; for whoever ran it, once it has ended. */
    Set<MessageId> messages() {
        return notices.stream().map(Notice::message).collect(Collectors.toUnmodifiableSet());
    }

    /** Carries the departure out. Returns when nothing is owed any more. */
    void run() throws InterruptedException {
        try (acts) {
            while (true) {
                signals.take().forEach(this::takeIn);
                Instant now = clock.instant();
                Sight sight = look();
                Decision decision = Decider.decide(sight, policy, now);
                log.decided(sight, decision, now);
                decision.acts().forEach(act -> start(act, now));
                if (decision.isSettled() && signals.closeIfEmpty()) {
                    return;
                }
                signals.awaitUntil(decision.lookAgainAt());
            }
        }
    }

    private Sight look() {
        return new Sight(instance, acts.node(), acts.pods(), notices, attempts);
    }

    private void takeIn(Arrival arrival) {
        switch (arrival) {
            case Arrival.Noticed(Notice notice) -> {
                boolean redelivered =
                        notices.stream().anyMatch(known -> known.message().equals(notice.message()));
                if (!redelivered) {
                    notices.add(notice);
                }
            }
            case Arrival.Ended(Act act, Outcome outcome) -> {
                log.ended(act, outcome, attempts);
                attempts = attempts.ended(act, outcome, clock.instant(), random);
            }
        }
    }

    private void start(Act act, Instant now) {
        attempts = attempts.started(act, now);
        threads.execute(() -> signals.offer(new Arrival.Ended(act, acts.carryOut(act))));
    }
}
