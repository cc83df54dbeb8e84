package dev.glidepath;

import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.QueueException;
import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.queue.QueueTraits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** What is known of our queue: asked for at start, before anything is received. */
final class OwnQueue {
    private static final Logger LOG = Logger.getLogger(OwnQueue.class);
    private static final Duration ASK_AGAIN_AFTER = Duration.ofSeconds(5);

    private static final Duration ASK_AGAIN_WHEN_DENIED = Duration.ofMinutes(1);

    /** Whoever may not know leaves what cannot be read where it is. */
    private static final QueueTraits UNKNOWN = new QueueTraits(Optional.empty(), true);

    private final MessageQueue queue;
    private final AtomicReference<QueueTraits> traits = new AtomicReference<>(UNKNOWN);
    private final AtomicReference<String> trouble = new AtomicReference<>("the queue's attributes are not known yet");

    private final AtomicReference<String> told = new AtomicReference<>("");

    OwnQueue(MessageQueue queue) {
        this.queue = queue;
    }

    /**
     * Asks until it is answered. Returns when it is.
     *
     * @param mayReceive called once, as soon as receiving makes sense: when it is known, or when we may not know
     */
    void learn(Runnable mayReceive) throws InterruptedException {
        boolean told = false;
        while (true) {
            Optional<QueueException> failure = ask();
            boolean denied = failure.filter(failed -> failed.category() == Category.DENIED)
                    .isPresent();
            if (!told && (failure.isEmpty() || denied)) {
                told = true;
                trouble.set("");
                mayReceive.run();
            }
            if (failure.isEmpty()) {
                return;
            }
            Thread.sleep(denied ? ASK_AGAIN_WHEN_DENIED : ASK_AGAIN_AFTER); // on a thread of its own
        }
    }

    private Optional<QueueException> ask() {
        try {
            traits.set(queue.describe());
            return Optional.empty();
        } catch (QueueException failed) {
            String why = String.valueOf(failed.getMessage());
            if (!why.equals(told.getAndSet(why))) {
                LOG.log(failed.category().needsPerson() ? Logger.Level.ERROR : Logger.Level.WARN, why);
            }
            trouble.set(why);
            return Optional.of(failed);
        }
    }

    /** Its Amazon resource name, if we could learn it. */
    Optional<String> arn() {
        return traits.get().arn();
    }

    /** Whether it moves away what was delivered too often. */
    boolean redrives() {
        return traits.get().redrives();
    }

    /** Why it is not known; empty when all is. */
    Optional<String> trouble() {
        return Optional.of(trouble.get()).filter(why -> !why.isEmpty());
    }
}
