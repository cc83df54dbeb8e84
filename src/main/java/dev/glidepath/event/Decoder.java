package dev.glidepath.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;

/**
 * Reads a message body. Fields nobody needs are not looked at, so that AWS may add to its events.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html">EventBridge events</a>
 */
public final class Decoder {
    /** Bounds nesting, numbers and names by Jackson's own constraints; SQS bounds the body. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Decoder() {}

    /** What the body says. Never throws: every text has an outcome. */
    public static Decoded decode(String body) {
        try {
            JsonNode root = JSON.readTree(body);
            return root.has("detail-type") ? eventBridge(root) : notification(root);
        } catch (JsonProcessingException notJson) {
            return new Undecodable("not JSON");
        } catch (Malformed malformed) {
            return new Undecodable(malformed.what);
        }
    }

    private static Decoded eventBridge(JsonNode root) throws Malformed {
        String type = text(root, "detail-type");
        return switch (text(root, "source")) {
            case "aws.ec2" -> ec2(type, root);
            case "aws.autoscaling" -> autoScaling(type, root);
            case "aws.health" -> health(type, root);
            default -> new Ignored(Reason.OTHER_SERVICE, type);
        };
    }

    private static Decoded ec2(String type, JsonNode root) throws Malformed {
        return switch (type) {
            case "EC2 Spot Instance Interruption Warning" -> spotInterruption(root);
            case "EC2 Instance State-change Notification" -> stateChange(root);
            case "EC2 Instance Rebalance Recommendation",
                    "EC2 Capacity Reservation Instance Interruption Warning",
                    "EC2 Interruptible Capacity Reservation Instance Interruption Warning",
                    "Capacity Block Expiration Warning",
                    "Capacity Block Reservation Expiration Warning" -> new Ignored(Reason.NOT_ACTED_ON_YET, type);
            case "EC2 Spot Instance Request Fulfillment",
                    "EC2 Capacity Reservation Interruptible Reclamation Complete",
                    "EC2 Interruptible Capacity Reservation Allocation Reclamation Completed" ->
                new Ignored(Reason.INFORMATIONAL, type);
            default -> new Ignored(Reason.UNKNOWN_KIND, type);
        };
    }

    private static Decoded spotInterruption(JsonNode root) throws Malformed {
        JsonNode detail = root.path("detail");
        SpotAction action = switch (detail.path("instance-action").asText().toLowerCase(Locale.ROOT)) {
            case "hibernate" -> SpotAction.HIBERNATE;
            case "stop" -> SpotAction.STOP;
            default -> SpotAction.TERMINATE;
        };
        return announced(new SpotInterruption(instance(detail, "instance-id"), time(root), action));
    }

    private static Decoded stateChange(JsonNode root) throws Malformed {
        JsonNode detail = root.path("detail");
        InstanceState state = InstanceState.named(text(detail, "state"))
                .orElseThrow(() -> new Malformed("state is none that EC2 documents"));
        return switch (state) {
            case PENDING, RUNNING -> new Ignored(Reason.INSTANCE_IS_UP, state.label());
            case STOPPING, SHUTTING_DOWN, STOPPED, TERMINATED ->
                announced(new StateChange(instance(detail, "instance-id"), time(root), state));
        };
    }

    private static Decoded autoScaling(String type, JsonNode root) throws Malformed {
        JsonNode detail = root.path("detail");
        return switch (detail.path("LifecycleTransition").asText()) {
            case "autoscaling:EC2_INSTANCE_TERMINATING" ->
                announced(new AsgTermination(
                        new LifecycleAction(
                                text(detail, "AutoScalingGroupName"),
                                text(detail, "LifecycleHookName"),
                                text(detail, "LifecycleActionToken"),
                                instance(detail, "EC2InstanceId")),
                        time(root)));
            case "autoscaling:EC2_INSTANCE_LAUNCHING" -> new Ignored(Reason.NOT_ACTED_ON_YET, type);
            case "autoscaling:TEST_NOTIFICATION" -> new Ignored(Reason.TEST_NOTIFICATION, type);
            default -> new Ignored(Reason.INFORMATIONAL, type);
        };
    }

    private static Decoded health(String type, JsonNode root) {
        JsonNode detail = root.path("detail");
        boolean scheduledForInstances = detail.path("service").asText().equals("EC2")
                && detail.path("eventTypeCategory").asText().equals("scheduledChange");
        if (scheduledForInstances) {
            return new Ignored(Reason.NOT_ACTED_ON_YET, type);
        }
        return detail.path("service").asText().equals("EC2")
                ? new Ignored(Reason.INFORMATIONAL, type)
                : new Ignored(Reason.OTHER_SERVICE, type);
    }

    /** What Auto Scaling sends straight to a queue, or SNS wraps: no envelope of EventBridge. */
    private static Decoded notification(JsonNode root) throws Malformed {
        if (root.path("Event").asText().equals("autoscaling:TEST_NOTIFICATION")) {
            return new Ignored(Reason.TEST_NOTIFICATION, "notification of Auto Scaling");
        }
        if (root.has("LifecycleTransition")) {
            return new Ignored(Reason.NOT_ACTED_ON_YET, "lifecycle action sent without EventBridge");
        }
        if (root.path("Type").asText().equals("Notification") && root.has("TopicArn")) {
            return new Ignored(Reason.NOT_ACTED_ON_YET, "notification wrapped by SNS");
        }
        throw new Malformed("neither an EventBridge event nor a notification of Auto Scaling");
    }

    private static Announced announced(Interruption interruption) {
        return new Announced(List.of(interruption));
    }

    private static InstanceId instance(JsonNode from, String field) throws Malformed {
        String id = text(from, field);
        if (!InstanceId.isValid(id)) {
            throw new Malformed(field + " is not an instance id");
        }
        return new InstanceId(id);
    }

    private static Instant time(JsonNode root) throws Malformed {
        try {
            return OffsetDateTime.parse(text(root, "time")).toInstant();
        } catch (DateTimeParseException notATime) {
            throw new Malformed("time is not an RFC 3339 time");
        }
    }

    private static String text(JsonNode from, String field) throws Malformed {
        JsonNode value = from.path(field);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw new Malformed(field + " is missing");
        }
        return value.textValue();
    }

    /** A body that cannot be read; caught above, and so the way out of the depth. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;
        private final String what;

        Malformed(String what) {
            super(what, null, false, false);
            this.what = what;
        }
    }
}
