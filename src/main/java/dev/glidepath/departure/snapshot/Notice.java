package dev.glidepath.departure.snapshot;

import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Instant;

/**
 * One message about a departure, and what it announces. The message is pending until it is deleted.
 *
 * @param receivedAt when we first received it
 * @param delivery the newest one
 */
public record Notice(Interruption interruption, MessageId message, Instant receivedAt, Delivery delivery) {

    /**
     * One of the times that the queue delivers a message.
     *
     * @param count how often it has delivered it, this time included
     * @param isLast whether it moves the message to the dead-letter queue rather than deliver it once more
     * @param isSeldom whether it was asked for by a replica that receives seldom, because it cannot act
     */
    public record Delivery(int count, boolean isLast, boolean isSeldom) {
        /** The first one, of a queue that allows more, to a replica that can act. */
        public static final Delivery FIRST = new Delivery(1, false, false);
    }

    /** Whether the other announces the same by the same message. */
    public boolean isSameAs(Notice other) {
        return message.equals(other.message())
                && interruption.id().equals(other.interruption().id());
    }

    /** The same, first received when the other was. It stands for the later of both deliveries, which may not have come last. */
    public Notice after(Notice before) {
        Delivery later = before.delivery().count() > delivery.count() ? before.delivery() : delivery;
        return new Notice(interruption, message, before.receivedAt(), later);
    }

    /** Names the newest delivery of its message. */
    public DeliveryId deliveryId() {
        return new DeliveryId(message, delivery.count());
    }

    /** The hook that holds the instance, of a notice about this lifecycle action. */
    public Hook hookOf(AsgTermination asg) {
        return new Hook(asg.id(), asg.action(), noticedAt(), receivedAt);
    }

    /** When AWS sent it, by our clock: no later than it was received. */
    public Instant noticedAt() {
        return interruption.noticedAt().isBefore(receivedAt) ? interruption.noticedAt() : receivedAt;
    }
}
