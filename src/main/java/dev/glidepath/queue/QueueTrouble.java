package dev.glidepath.queue;

import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.trouble.Trouble;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Trouble with one sort of request to SQS: each failure is counted, and the trouble logged. A missing permission is not logged here:
 * {@link dev.glidepath.permission.Permissions} reports it.
 */
final class QueueTrouble {
    private final Logger log;
    private final Consumer<QueueException> failures;
    private final Trouble<Category> trouble;

    /** @param failures is given each failure */
    QueueTrouble(String doing, Logger log, InstantSource clock, Consumer<QueueException> failures) {
        this.log = log;
        this.failures = failures;
        this.trouble = new Trouble<>(log, Trouble.Words.of(doing), clock);
    }

    void met(QueueException failure) {
        String why = String.valueOf(failure.getMessage());
        if (failure.missing().isPresent()) {
            trouble.metUnlogged(failure.category(), why);
        } else {
            trouble.met(failure.category(), why);
        }
        try {
            failures.accept(failure);
        } catch (RuntimeException unexpected) {
            log.error("a failure could not be counted", unexpected);
        }
    }

    void ended() {
        trouble.ended();
    }

    /** What it is now; empty when there is none. */
    Optional<Receiver.State> state() {
        return trouble.present().map(now -> new Receiver.State.Troubled(now.since(), now.kind(), now.why()));
    }
}
