package dev.glidepath.time;

import dev.glidepath.time.Evidence.Bounds;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What time it is: the machine's clock, as long as nothing else is beyond doubt. From five seconds on, which is as much as every
 * decision leaves for slow clocks, the machine's clock is corrected for; what is in force stays so until it is contradicted, or the
 * machine's clock is right again. May be used by any thread.
 *
 * <p>While it is corrected for, time goes on with steady time, so that a clock that is set right meanwhile changes nothing.
 */
public final class CorrectedClock implements InstantSource {
    /** From so much on it is corrected for. */
    static final Duration CORRECTED_FROM = Duration.ofSeconds(5);

    /** From so much on a person is to know of it. */
    static final Duration WARNED_FROM = Duration.ofSeconds(10);

    /** Up to so much a clock that was wrong is right again: less than what it is corrected from, so that it does not flap. */
    private static final Duration RIGHT_WITHIN = Duration.ofSeconds(2);

    /** A correction that is contradicted by less stays. */
    private static final Duration HELD_WITHIN = Duration.ofSeconds(1);

    private final SteadyClock machine;
    private final Evidence evidence = new Evidence();
    private final Lock lock = new ReentrantLock();

    /** By how much the true time is later than steady time; empty while the machine's clock is believed. */
    private volatile Optional<Duration> correction = Optional.empty();

    private volatile Consumer<Change> listener = _ -> {};
    private boolean warned;

    /** What a person is to know of the machine's clock. */
    public sealed interface Change {
        /**
         * It is wrong, beyond doubt, by ten seconds or more.
         *
         * @param ahead by how much it is ahead of the true time; negative where it is behind
         */
        record Wrong(Duration ahead) implements Change {}

        /** It is right again. */
        record Right() implements Change {}
    }

    /** @param machine the machine's clock, and beside it the one that nobody sets */
    public CorrectedClock(SteadyClock machine) {
        this.machine = machine;
    }

    /** Tells this listener of what comes, on the threads that observe. */
    public void onChange(Consumer<Change> told) {
        listener = told;
    }

    /** What time it is. */
    @Override
    public Instant instant() {
        return correction.map(machine.steady()::plus).orElseGet(machine::instant);
    }

    /** By how much the machine's clock is ahead of the time that counts; negative where it is behind, zero where it is believed. */
    public Duration skew() {
        return correction
                .map(known -> Duration.between(machine.steady().plus(known), machine.instant()))
                .orElse(Duration.ZERO);
    }

    /** A message came that bears this stamp of SQS. */
    public void sent(Instant sentAt) {
        observe(() -> evidence.sent(sentAt, machine.steady()));
    }

    /**
     * An answer of the API server came just now.
     *
     * @param date its header, in whole seconds
     * @param took since when it was asked for
     */
    public void answered(Instant date, Duration took) {
        Instant answeredAt = machine.steady();
        observe(() -> evidence.answered(date, answeredAt.minus(took), answeredAt));
    }

    private void observe(Runnable observation) {
        Optional<Change> change;
        lock.lock();
        try {
            observation.run();
            change = judge();
        } finally {
            lock.unlock();
        }
        change.ifPresent(listener);
    }

    private Optional<Change> judge() {
        Instant steady = machine.steady();
        Duration machineAhead = Duration.between(steady, machine.instant());
        Optional<Bounds> known = evidence.beyondDoubt(steady);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Bounds bounds = known.get();
        correction = correction
                .map(held -> judge(held, machineAhead, bounds))
                .orElseGet(() -> bounds.allow(machineAhead, CORRECTED_FROM)
                        ? Optional.empty()
                        : Optional.of(bounds.likeliest()));
        return change(bounds, machineAhead);
    }

    /** Held until it is contradicted, or the machine's clock says the same. */
    private static Optional<Duration> judge(Duration held, Duration machineAhead, Bounds bounds) {
        boolean isMachinePossible = bounds.allow(machineAhead, RIGHT_WITHIN);
        if (bounds.allow(held, HELD_WITHIN)) {
            boolean agree = machineAhead.minus(held).abs().compareTo(RIGHT_WITHIN) <= 0;
            return agree && isMachinePossible ? Optional.empty() : Optional.of(held);
        }
        return isMachinePossible ? Optional.empty() : Optional.of(bounds.likeliest());
    }

    private Optional<Change> change(Bounds bounds, Duration machineAhead) {
        if (!warned && !bounds.allow(machineAhead, WARNED_FROM)) {
            warned = true;
            return correction.map(known -> new Change.Wrong(machineAhead.minus(known)));
        }
        if (warned && correction.isEmpty()) {
            warned = false;
            return Optional.of(new Change.Right());
        }
        return Optional.empty();
    }
}
