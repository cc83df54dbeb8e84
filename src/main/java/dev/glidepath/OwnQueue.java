package dev.glidepath;

import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.QueueException;
import dev.glidepath.queue.QueueTraits;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** What is known of our queue: asked for at start, before anything is received. */
final class OwnQueue {
    private static final Logger LOG = Logger.getLogger(OwnQueue.class);

    /** Whoever may not know leaves what cannot be read where it is. */
    private static final QueueTraits UNKNOWN =
            new QueueTraits(Optional.empty(), OptionalInt.of(QueueTraits.FEW_RECEIVES));

    private final MessageQueue queue;
    private final AtomicReference<QueueTraits> traits = new AtomicReference<>(UNKNOWN);
    private final AtomicReference<String> trouble = new AtomicReference<>("the queue's attributes are not known yet");

    OwnQueue(MessageQueue queue) {
        this.queue = queue;
    }

    /**
     * Asks SQS what the queue is like.
     *
     * @return whether there is a queue to receive from: it was described, or we lack the permission to know
     */
    boolean ask() {
        try {
            traits.set(queue.describe());
            trouble.set("");
        } catch (QueueException failed) {
            String why = failed.missing().isPresent() ? "" : String.valueOf(failed.getMessage());
            if (!why.equals(trouble.getAndSet(why)) && !why.isEmpty()) {
                LOG.log(failed.category().needsPerson() ? Logger.Level.ERROR : Logger.Level.WARN, why);
            }
        }
        return trouble().isEmpty();
    }

    /** Its Amazon resource name, if we could learn it. */
    Optional<String> arn() {
        return traits.get().arn();
    }

    /** What it is like, as far as we could learn. */
    QueueTraits traits() {
        return traits.get();
    }

    /** Why nothing can be received from it; empty when it can. */
    Optional<String> trouble() {
        return Optional.of(trouble.get()).filter(why -> !why.isEmpty());
    }
}
