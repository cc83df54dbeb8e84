package dev.glidepath.event;

import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;

/**
 * Reads a message body. Fields nobody needs are not looked at, so that AWS may add to its events.
 *
 * <p>A body is an event of EventBridge, or a notification that a lifecycle hook sent without it; either may be wrapped by SNS.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html">EventBridge events</a>
 * @see <a href="https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html">What SNS sends to a queue</a>
 */
public final class Decoder {
    private Decoder() {}

    /** What the body says. Never throws: every text has an outcome. */
    public static Decoded decode(String body) {
        try {
            Fields root = Fields.parse(body);
            return switch (root.word("Type")) {
                case "Notification" -> decode(Fields.parse(root.present("Message")));
                case "SubscriptionConfirmation" -> throw new Malformed("SNS asks for its subscription to be confirmed");
                default -> decode(root);
            };
        } catch (Malformed malformed) {
            return new Undecodable(malformed.what());
        }
    }

    private static Decoded decode(Fields root) throws Malformed {
        if (root.has("detail-type")) {
            return eventBridge(root.text("detail-type"), root);
        }
        // As the page on Capacity Blocks spells it: see Ec2Decoder.
        if (root.has("detail_type")) {
            return eventBridge(root.text("detail_type"), root);
        }
        return AutoScalingDecoder.notification(root);
    }

    private static Decoded eventBridge(String type, Fields root) throws Malformed {
        return switch (root.text("source")) {
            case "aws.ec2" -> Ec2Decoder.event(type, root);
            case "aws.autoscaling" -> AutoScalingDecoder.event(type, root);
            case "aws.health" -> HealthDecoder.event(type, root);
            default -> new Ignored(Reason.OTHER_SERVICE, type);
        };
    }
}
