package dev.glidepath.queue;

import java.time.Instant;

/**
 * One delivery of a message.
 *
 * @param id the same at every delivery
 * @param body what was sent; not for logs
 * @param receiveCount how often it was delivered, this time included, approximately
 * @param sentAt when it came into the queue, by SQS' clock
 * @param receivedAt when this delivery reached us, by our clock
 */
public record Message(MessageId id, String body, int receiveCount, Instant sentAt, Instant receivedAt) {

    /** Names this delivery. */
    public DeliveryId deliveryId() {
        return new DeliveryId(id, receiveCount);
    }

    /** Without the body, which stays out of logs. */
    @Override
    public String toString() {
        return "message " + id + ", delivery " + receiveCount;
    }
}
