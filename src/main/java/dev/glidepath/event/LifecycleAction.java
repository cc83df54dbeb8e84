package dev.glidepath.event;

/**
 * An instance held by a lifecycle hook of its Auto Scaling group, until the action is completed or times out.
 *
 * @param group the Auto Scaling group's name
 * @param hook the lifecycle hook's name, unique within its group
 * @param token identifies this one action; Auto Scaling wants it back with each heartbeat and with the completion
 * @param instance the instance that waits
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
public record LifecycleAction(String group, String hook, String token, InstanceId instance) {

    /** Without the token, which is as good as a permission and stays out of logs. */
    @Override
    public String toString() {
        return hook + " of " + group + " for " + instance;
    }
}
