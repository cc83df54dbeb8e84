package dev.glidepath.doctor;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The daemon's queue, and the one behind it. */
final class Queue {
    private final SqsClient sqs;
    private final URI url;
    private Optional<String> arn = Optional.empty();

    Queue(SqsClient sqs, URI url) {
        this.sqs = sqs;
        this.url = url;
    }

    URI url() {
        return url;
    }

    /** What it is called, once its attributes were asked for and told. */
    Optional<String> arn() {
        return arn;
    }

    Map<QueueAttributeName, String> attributes() {
        Map<QueueAttributeName, String> attributes = attributes(url.toString());
        arn = Optional.ofNullable(attributes.get(QueueAttributeName.QUEUE_ARN));
        return attributes;
    }

    /** Those of another queue of the same account. */
    Map<QueueAttributeName, String> attributesOf(String otherArn) {
        String name = otherArn.substring(otherArn.lastIndexOf(':') + 1);
        return attributes(sqs.getQueueUrl(ask -> ask.queueName(name)).queueUrl());
    }

    private Map<QueueAttributeName, String> attributes(String queueUrl) {
        return sqs.getQueueAttributes(ask -> ask.queueUrl(queueUrl).attributeNames(QueueAttributeName.ALL))
                .attributes();
    }
}
