package dev.glidepath.queue;

import java.util.Optional;

/**
 * What a queue is like.
 *
 * @param arn its Amazon resource name, such as {@code arn:aws:sqs:eu-west-1:123456789012:glidepath}; empty if SQS tells none
 * @param redrives whether it moves a message to a dead-letter queue once it has been received too often
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html">Dead-letter queues</a>
 */
public record QueueTraits(Optional<String> arn, boolean redrives) {}
