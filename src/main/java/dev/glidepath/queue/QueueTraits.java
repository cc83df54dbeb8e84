package dev.glidepath.queue;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a queue is like.
 *
 * @param arn its Amazon resource name, such as {@code arn:aws:sqs:eu-west-1:123456789012:glidepath}; empty if SQS tells none
 * @param mostReceives how often it delivers a message before it moves it to a dead-letter queue; empty if it moves none
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html">Dead-letter queues</a>
 */
public record QueueTraits(Optional<String> arn, OptionalInt mostReceives) {
    /** As few as somebody may have set, where it is not known how many. */
    public static final int FEW_RECEIVES = 3;

    /** Whether it moves a message to a dead-letter queue once it has been received too often. */
    public boolean redrives() {
        return mostReceives.isPresent();
    }

    /** Whether a message that was delivered so often would be moved rather than delivered once more. */
    public boolean isLastDelivery(int count) {
        return mostReceives.isPresent() && count >= mostReceives.getAsInt();
    }
}
