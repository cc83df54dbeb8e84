package dev.glidepath.event;

import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Reads what Auto Scaling says: by EventBridge, or straight from a lifecycle hook whose target is our queue or a topic before
 * it. The fields are the same; only the envelope differs.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html">Events</a>
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html">Notification
 *     targets</a>
 */
final class AutoScalingDecoder {
    private static final String TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";
    private static final String LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING";
    private static final String TEST = "autoscaling:TEST_NOTIFICATION";

    private static final String DIRECT = "notification of Auto Scaling";

    private AutoScalingDecoder() {}

    /**
     * An event of EventBridge. What it says besides lifecycle actions is how something went.
     *
     * @throws Malformed when it is a lifecycle action, and does not say whose
     */
    static Decoded event(String type, Fields root) throws Malformed {
        Fields detail = root.in("detail");
        return switch (detail.word("LifecycleTransition")) {
            case TERMINATING -> termination(detail, root.time("time"), Route.EVENT_BRIDGE);
            case LAUNCHING -> launch(detail, root.time("time"), Route.EVENT_BRIDGE);
            case TEST -> new Ignored(Reason.TEST_NOTIFICATION, type);
            case "" -> eventWithoutTransition(type);
            default -> new Ignored(Reason.UNKNOWN_KIND, type);
        };
    }

    private static Decoded eventWithoutTransition(String type) throws Malformed {
        if (type.endsWith("Lifecycle Action")) {
            throw new Malformed("LifecycleTransition is missing");
        }
        return new Ignored(Reason.INFORMATIONAL, type);
    }

    /**
     * What came without EventBridge. A group can tell a topic of each launch and termination as well, after the fact: such a
     * notification has an {@code Event} and no transition.
     *
     * @throws Malformed when it is none of Auto Scaling's, or a lifecycle action that does not say whose
     */
    static Decoded notification(Fields root) throws Malformed {
        return switch (root.word("LifecycleTransition")) {
            case TERMINATING -> termination(root, root.time("Time"), Route.DIRECT);
            case LAUNCHING -> launch(root, root.time("Time"), Route.DIRECT);
            case TEST -> new Ignored(Reason.TEST_NOTIFICATION, DIRECT);
            case "" -> notificationWithoutTransition(root.word("Event"));
            default -> new Ignored(Reason.UNKNOWN_KIND, DIRECT);
        };
    }

    private static Decoded notificationWithoutTransition(String event) throws Malformed {
        if (event.equals(TEST)) {
            return new Ignored(Reason.TEST_NOTIFICATION, DIRECT);
        }
        if (event.startsWith("autoscaling:")) {
            return new Ignored(Reason.INFORMATIONAL, DIRECT);
        }
        throw new Malformed("neither an EventBridge event nor a notification of Auto Scaling");
    }

    private static Decoded termination(Fields told, Instant noticedAt, Route route) throws Malformed {
        LifecycleToken token = token(told);
        return announced(
                new AsgTermination(action(told, token), noticedAt, route, isWarmPool(told, "Destination")), token);
    }

    private static Decoded launch(Fields told, Instant noticedAt, Route route) throws Malformed {
        LifecycleToken token = token(told);
        return announced(
                new AsgLaunch(
                        action(told, token),
                        noticedAt,
                        route,
                        isWarmPool(told, "Origin"),
                        isWarmPool(told, "Destination")),
                token);
    }

    private static Announced announced(Interruption interruption, LifecycleToken token) {
        return new Announced(List.of(interruption), Optional.of(token));
    }

    private static LifecycleToken token(Fields told) throws Malformed {
        return new LifecycleToken(told.id("LifecycleActionToken"));
    }

    private static LifecycleAction action(Fields told, LifecycleToken token) throws Malformed {
        return LifecycleAction.of(
                told.text("AutoScalingGroupName"),
                told.text("LifecycleHookName"),
                token,
                told.instance("EC2InstanceId"));
    }

    private static boolean isWarmPool(Fields told, String end) {
        return told.word(end).equals("WarmPool");
    }
}
