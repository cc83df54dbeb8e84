package dev.glidepath.event;

import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import java.time.Instant;
import java.util.List;

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

    /**
     * What a body says.
     *
     * @param notes what of it could not be read, and what was taken instead; quotes nothing of it
     */
    public record Result(Decoded decoded, List<String> notes) {
        public Result {
            notes = List.copyOf(notes);
        }
    }

    /**
     * What the body says. Never throws: every text has an outcome.
     *
     * @param sentAt when the message came into the queue; stands for a time of the event that cannot be read
     */
    public static Result decode(String body, Instant sentAt) {
        Notes notes = new Notes(sentAt);
        try {
            Fields root = Fields.parse(body, notes);
            Decoded decoded = switch (root.word("Type")) {
                case "Notification" -> decode(Fields.parse(root.present("Message"), notes));
                case "SubscriptionConfirmation" -> throw new Malformed("SNS asks for its subscription to be confirmed");
                default -> decode(root);
            };
            return new Result(decoded, notes.all());
        } catch (Malformed malformed) {
            return new Result(new Undecodable(malformed.what()), List.of());
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
