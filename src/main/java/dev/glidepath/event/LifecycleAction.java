package dev.glidepath.event;

/**
 * An instance held by a lifecycle hook of its Auto Scaling group, until the action is completed or times out.
 *
 * @param group the Auto Scaling group's name
 * @param hook the lifecycle hook's name, unique within its group
 * @param tokenHash identifies this one action: the hash of its token, for the token itself is not written down
 * @param instance the instance that waits
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
public record LifecycleAction(String group, String hook, String tokenHash, InstanceId instance) {

    /** The action that this token is of. */
    public static LifecycleAction of(String group, String hook, LifecycleToken token, InstanceId instance) {
        return new LifecycleAction(group, hook, token.hash(), instance);
    }

    /** In words. */
    @Override
    public String toString() {
        return hook + " of " + group + " for " + instance;
    }
}
