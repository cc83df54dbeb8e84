package dev.glidepath.queue;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** Holds what SQS says about our queue. The daemon asks at its start, before it receives anything. */
public final class OwnQueue {
    private static final Logger LOG = Logger.getLogger(OwnQueue.class);

    /** Without the permission to ask, a redrive policy is assumed: unreadable messages stay where they are. */
    private static final QueueTraits UNKNOWN =
            new QueueTraits(Optional.empty(), OptionalInt.of(QueueTraits.FEW_RECEIVES));

    private final MessageQueue queue;
    private final AtomicReference<QueueTraits> traits = new AtomicReference<>(UNKNOWN);
    private final AtomicReference<String> trouble = new AtomicReference<>("the queue's attributes are not known yet");

    public OwnQueue(MessageQueue queue) {
        this.queue = queue;
    }

    /**
     * Asks SQS what the queue is like.
     *
     * @return whether there is a queue to receive from: it was described, or we lack the permission to know
     */
    public boolean ask() {
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

    /** The Amazon resource name of the queue, if it is known. */
    public Optional<String> arn() {
        return traits.get().arn();
    }

    /** The attributes of the queue, as far as they are known. */
    public QueueTraits traits() {
        return traits.get();
    }

    /** The reason why nothing can be received from the queue; empty when messages can be received. */
    public Optional<String> trouble() {
        return Optional.of(trouble.get()).filter(why -> !why.isEmpty());
    }
}
