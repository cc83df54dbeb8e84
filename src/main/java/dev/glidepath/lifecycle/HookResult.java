package dev.glidepath.lifecycle;

/**
 * What Auto Scaling shall do with the instance next. A terminating one goes either way, unless its group retains abandoned
 * instances.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-lifecycle-policy.html">Instance lifecycle policy</a>
 */
public enum HookResult {
    /** Go on, with the group's other hooks first. */
    CONTINUE,
    /** Go on without the group's remaining hooks. */
    ABANDON
}
