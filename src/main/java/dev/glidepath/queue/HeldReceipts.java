package dev.glidepath.queue;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Messages that are held, each with the receipt of its newest delivery: only that one is sure to work. Safe for use by many threads.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html">Receipt handles</a>
 */
final class HeldReceipts {
    private final Map<MessageId, Receipt> byMessage = new ConcurrentHashMap<>();

    /** What SQS gave with one delivery of a message. */
    record Receipt(MessageId id, String handle, int receiveCount) {
        DeliveryId delivery() {
            return new DeliveryId(id, receiveCount);
        }
    }

    /** Keeps it, unless a newer one is held: of two receives under way at once, the one answered last need not be the later one. */
    void hold(Receipt receipt) {
        byMessage.merge(
                receipt.id(), receipt, (before, now) -> now.receiveCount() < before.receiveCount() ? before : now);
    }

    /** Forgets only this receipt: meanwhile the message may have been delivered again, with a newer one. */
    void forget(Receipt receipt) {
        byMessage.remove(receipt.id(), receipt);
    }

    /** Whether it is still the newest of its message. */
    boolean isHeld(Receipt receipt) {
        return receipt.equals(byMessage.get(receipt.id()));
    }

    /** The receipts of those messages that are held. */
    List<Receipt> of(Collection<MessageId> ids) {
        return Set.copyOf(ids).stream()
                .flatMap(id -> Optional.ofNullable(byMessage.get(id)).stream())
                .toList();
    }

    /** The receipts of those messages that are held and were not delivered again since. */
    List<Receipt> ofNewest(Collection<DeliveryId> deliveries) {
        return deliveries.stream()
                .flatMap(delivery -> Optional.ofNullable(byMessage.get(delivery.message())).stream()
                        .filter(receipt -> !receipt.delivery().isLaterThan(delivery)))
                .distinct()
                .toList();
    }

    /** All receipts, as they are now. */
    List<Receipt> all() {
        return List.copyOf(byMessage.values());
    }

    /** How many messages are held. */
    int size() {
        return byMessage.size();
    }
}
