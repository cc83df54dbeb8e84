package dev.glidepath.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.lab.AutoScalingStandIn.Action;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.UUID;

/**
 * What tells of a lifecycle action, by each of the ways it may come, in the shape of {@code events/asg-*.json}.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html">Notifications
 *     of lifecycle hooks</a>
 */
final class LifecycleMessage {
    private static final DateTimeFormatter MILLISECONDS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private LifecycleMessage() {}

    /** By a rule of EventBridge. */
    static String ofEventBridge(Action action) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("version", "0")
                .put("id", UUID.randomUUID().toString())
                .put("detail-type", action.hook.transition().detailType())
                .put("source", "aws.autoscaling")
                .put("account", Announcement.ACCOUNT)
                .put("time", action.begunAt.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("region", TestQueue.REGION)
                .putArray("resources")
                .add("arn:aws:autoscaling:%s:%s:autoScalingGroup:%s:autoScalingGroupName/%s"
                        .formatted(
                                TestQueue.REGION,
                                Announcement.ACCOUNT,
                                UUID.nameUUIDFromBytes(action.hook.group().getBytes(UTF_8)),
                                action.hook.group()));
        addTo(event.putObject("detail"), action);
        return event.toString();
    }

    /** By the hook itself, to a queue: no envelope. */
    static String direct(Action action) {
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        message.put("AccountId", Announcement.ACCOUNT)
                .put("RequestId", UUID.randomUUID().toString())
                .put("Service", "AWS Auto Scaling")
                .put("Time", MILLISECONDS.format(action.begunAt));
        addTo(message, action);
        return message.toString();
    }

    /** By the hook itself, to a topic that feeds the queue: the message is a text inside. */
    static String bySns(Action action) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("Type", "Notification")
                .put("MessageId", UUID.randomUUID().toString())
                .put("TopicArn", action.hook.notificationTarget())
                .put(
                        "Subject",
                        "Auto Scaling:  Lifecycle action '%s' for instance %s in progress."
                                .formatted(action.hook.transition(), action.instance))
                .put("Message", direct(action))
                .put("Timestamp", MILLISECONDS.format(action.begunAt))
                .put("SignatureVersion", "1")
                .put("Signature", "EXAMPLE")
                .put("SigningCertURL", "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-example.pem")
                .put("UnsubscribeURL", "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe")
                .toString();
    }

    private static void addTo(ObjectNode detail, Action action) {
        detail.put("LifecycleActionToken", action.token)
                .put("AutoScalingGroupName", action.hook.group())
                .put("LifecycleHookName", action.hook.name())
                .put("EC2InstanceId", action.instance.value())
                .put("LifecycleTransition", action.hook.transition().word())
                .put("Origin", action.origin.word())
                .put("Destination", action.destination.word());
        if (!action.hook.notificationMetadata().isEmpty()) {
            detail.put("NotificationMetadata", action.hook.notificationMetadata());
        }
    }
}
