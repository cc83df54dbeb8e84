package dev.glidepath.queue;

/**
 * Names one of the times that the queue delivers a message. An owner that lets go of one delivery does not let go of a later one,
 * which may have another owner.
 *
 * @param count how often the message was delivered, this time included, approximately
 */
public record DeliveryId(MessageId message, int count) {

    /** Whether this is a later delivery than the other one of the same message. */
    boolean isLaterThan(DeliveryId other) {
        return count > other.count;
    }
}
