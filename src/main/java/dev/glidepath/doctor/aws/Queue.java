package dev.glidepath.doctor.aws;

import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.MessageQueue;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The daemon's queue and its dead-letter queue. */
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

    /** The ARN, once the attributes of the queue were read. */
    Optional<String> arn() {
        return arn;
    }

    Map<QueueAttributeName, String> attributes() {
        Map<QueueAttributeName, String> attributes = attributes(url.toString());
        arn = Optional.ofNullable(attributes.get(QueueAttributeName.QUEUE_ARN));
        return attributes;
    }

    /** The attributes of another queue of the same account. */
    Map<QueueAttributeName, String> attributesOf(String otherArn) {
        String name = otherArn.substring(otherArn.lastIndexOf(':') + 1);
        return attributes(sqs.getQueueUrl(ask -> ask.queueName(name)).queueUrl());
    }

    /** The missing permissions for messages; tried with a receipt handle of no message. */
    List<Permission> missing() {
        Permissions permissions = new Permissions(_ -> {});
        new MessageQueue(sqs, url, InstantSource.system(), permissions).checkPermissions();
        return Stream.of(Permission.values()).filter(permissions::isMissing).toList();
    }

    private Map<QueueAttributeName, String> attributes(String queueUrl) {
        return sqs.getQueueAttributes(ask -> ask.queueUrl(queueUrl).attributeNames(QueueAttributeName.ALL))
                .attributes();
    }
}
