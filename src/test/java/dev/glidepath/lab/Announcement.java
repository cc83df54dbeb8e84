package dev.glidepath.lab;

import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.stream.Stream;

/** What EventBridge puts into a queue, as AWS documents it. */
public final class Announcement {
    static final String ACCOUNT = "123456789012";

    private Announcement() {}

    /** EC2 takes a spot instance two minutes from then. */
    public static String spotInterruption(InstanceId instance, Instant at) {
        ObjectNode event = aboutInstance("EC2 Spot Instance Interruption Warning", instance, at);
        detail(event).put("instance-action", "terminate");
        return event.toString();
    }

    /** A spot instance may be taken soon. */
    public static String rebalanceRecommendation(InstanceId instance, Instant at) {
        return aboutInstance("EC2 Instance Rebalance Recommendation", instance, at)
                .toString();
    }

    /** An instance has come to a state, such as {@code shutting-down}; {@code running} is noise. */
    public static String stateChange(InstanceId instance, Instant at, String state) {
        ObjectNode event = aboutInstance("EC2 Instance State-change Notification", instance, at);
        detail(event).put("state", state);
        return event.toString();
    }

    /**
     * EC2 will retire these instances.
     *
     * @param eventArn the same for all updates of one event
     * @param communicationId tells one update from another
     * @param status {@code upcoming}, {@code open} or {@code closed}
     * @param at when AWS Health speaks
     */
    public static String scheduledChange(
            String eventArn,
            String communicationId,
            String status,
            Instant startsAt,
            Instant at,
            InstanceId... instances) {
        ObjectNode event = envelope("aws.health", "AWS Health Event", at);
        ArrayNode resources = event.putArray("resources");
        Stream.of(instances).forEach(instance -> resources.add(instance.value()));
        ObjectNode detail = event.putObject("detail")
                .put("eventArn", eventArn)
                .put("service", "EC2")
                .put("eventTypeCode", "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED")
                .put("eventTypeCategory", "scheduledChange")
                .put("eventScopeCode", "ACCOUNT_SPECIFIC")
                .put("communicationId", communicationId)
                .put("startTime", rfc1123(startsAt))
                .put("endTime", rfc1123(status.equals("closed") ? at : startsAt.plus(2, ChronoUnit.HOURS)))
                .put("lastUpdatedTime", rfc1123(at))
                .put("statusCode", status)
                .put("eventRegion", TestQueue.REGION)
                .put("affectedAccount", ACCOUNT)
                .put("page", "1")
                .put("totalPages", "1");
        detail.putArray("eventDescription")
                .addObject()
                .put("language", "en_US")
                .put("latestDescription", "EC2 has detected degradation of the underlying hardware.");
        ArrayNode entities = detail.putArray("affectedEntities");
        Stream.of(instances)
                .forEach(instance -> entities.addObject()
                        .put("entityValue", instance.value())
                        .put("status", status.equals("closed") ? "RESOLVED" : "IMPAIRED")
                        .put("lastUpdatedTime", rfc1123(at)));
        return event.toString();
    }

    /** The interruptible capacity an instance runs on is taken back. */
    public static String capacityInterruption(InstanceId instance, Instant at, Instant terminatesAt) {
        ObjectNode event = aboutInstance("EC2 Capacity Reservation Instance Interruption Warning", instance, at);
        event.put("resources", arn("instance/" + instance));
        detail(event)
                .put("instance-action", "terminate")
                .put("instance-termination-time", seconds(terminatesAt))
                .put("azId", "euw1-az2");
        return event.toString();
    }

    /** A Capacity Block ends; EC2 begins to terminate its instances, which the message does not name, 30 minutes before. */
    public static String capacityBlockExpiration(String reservation, Instant at, Instant endsAt) {
        ObjectNode event = envelope("aws.ec2", "Capacity Block Expiration Warning", at);
        event.putArray("resources").add(arn("capacity-reservation/" + reservation));
        event.putObject("detail").put("capacity-reservation-id", reservation).put("end-date", seconds(endsAt));
        return event.toString();
    }

    /** What Auto Scaling sends once to the target of a new hook. */
    public static String testNotification() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("AccountId", ACCOUNT)
                .put("RequestId", UUID.randomUUID().toString())
                .put(
                        "AutoScalingGroupARN",
                        "arn:aws:autoscaling:%s:%s:autoScalingGroup:%s:autoScalingGroupName/workers-a"
                                .formatted(TestQueue.REGION, ACCOUNT, UUID.randomUUID()))
                .put("AutoScalingGroupName", "workers-a")
                .put("Service", "AWS Auto Scaling")
                .put("Event", "autoscaling:TEST_NOTIFICATION")
                .put("Time", "2026-08-24T10:00:00.789Z")
                .toString();
    }

    private static ObjectNode aboutInstance(String type, InstanceId instance, Instant at) {
        ObjectNode event = envelope("aws.ec2", type, at);
        event.putArray("resources").add("arn:aws:ec2:" + LabNode.ZONE + ":instance/" + instance);
        event.putObject("detail").put("instance-id", instance.value());
        return event;
    }

    private static ObjectNode envelope(String source, String type, Instant at) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", "0")
                .put("id", UUID.randomUUID().toString())
                .put("detail-type", type)
                .put("source", source)
                .put("account", ACCOUNT)
                .put("time", seconds(at))
                .put("region", TestQueue.REGION);
    }

    private static ObjectNode detail(ObjectNode event) {
        return event.withObject("/detail");
    }

    private static String arn(String resource) {
        return "arn:aws:ec2:" + TestQueue.REGION + ":" + ACCOUNT + ":" + resource;
    }

    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String rfc1123(Instant at) {
        return RFC_1123_DATE_TIME.format(at.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
    }
}
