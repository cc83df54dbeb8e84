package dev.glidepath.queue;

import dev.glidepath.queue.Receiver.Pace;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Decides which poller receives now, at the pace that is asked for: of several pollers, one takes a turn that comes seldom. Logs when
 * receiving pauses and when it goes on. Safe for use by many threads.
 */
final class ReceiveTurns {
    private static final Logger LOG = Logger.getLogger(Receiver.class);

    private final InstantSource clock;
    private final RandomGenerator random;
    private final AtomicBoolean pausing = new AtomicBoolean();

    /** When the next receive is due while the pace is {@link Pace#SELDOM}; empty while it is not. */
    private final AtomicReference<Optional<Instant>> seldomDue = new AtomicReference<>(Optional.empty());

    /** @param random spreads the turns that come seldom */
    ReceiveTurns(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * Takes the turn that is due, if one is.
     *
     * @return whether the caller is to receive now
     */
    boolean take(Pace pace) {
        boolean full = pace == Pace.NOT_NOW;
        if (pausing.compareAndSet(!full, full)) {
            LOG.info(full ? "receiving pauses: nothing more may be received for now" : "receiving goes on");
        }
        if (pace != Pace.SELDOM) {
            seldomDue.set(Optional.empty());
            return !full;
        }
        Instant now = clock.instant();
        Optional<Instant> due = seldomDue.get();
        boolean isDue = due.filter(at -> !now.isBefore(at) || isTooFar(at, now)).isPresent();
        Instant next = now.plus(Receiver.SELDOM).plusMillis(random.nextLong(Receiver.SELDOM.toMillis()));
        return (due.isEmpty() || isDue) && seldomDue.compareAndSet(due, Optional.of(next)) && isDue;
    }

    /** The clock was set back in between. */
    private static boolean isTooFar(Instant due, Instant now) {
        return due.isAfter(now.plus(Receiver.SELDOM.multipliedBy(2)));
    }
}
