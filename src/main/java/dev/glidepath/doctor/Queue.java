package dev.glidepath.doctor;

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

    /** The permissions for its messages that we lack; tried by a handle of no message. */
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
