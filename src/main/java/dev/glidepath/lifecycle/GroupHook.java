package dev.glidepath.lifecycle;

import static java.util.Objects.requireNonNullElse;

import software.amazon.awssdk.services.autoscaling.model.LifecycleHook;

/**
 * One of the lifecycle hooks of an Auto Scaling group, as far as it tells whose it is.
 *
 * @param terminating whether it holds instances that are terminated, rather than launched
 * @param notificationTarget the ARN of the queue or topic the hook itself notifies; empty if it has none and only EventBridge
 *     tells of its actions
 * @param metadata what whoever made it wants told with each action; empty if he wants nothing told
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html">LifecycleHook</a>
 */
public record GroupHook(String name, boolean terminating, String notificationTarget, String metadata) {
    private static final String TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";

    /** As Auto Scaling describes it. */
    public static GroupHook of(LifecycleHook hook) {
        return new GroupHook(
                hook.lifecycleHookName(),
                TERMINATING.equals(hook.lifecycleTransition()),
                requireNonNullElse(hook.notificationTargetARN(), ""),
                requireNonNullElse(hook.notificationMetadata(), ""));
    }
}
