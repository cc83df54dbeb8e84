package dev.glidepath.lifecycle;

import java.time.Duration;

/** What came of asking for a hook. */
public sealed interface HookLookup permits HookLookup.Found, HookLookup.NoSuchHook, HookTrouble {
    /**
     * The hook.
     *
     * @param notificationTarget the ARN of the queue or topic the hook itself notifies; empty if it has none and only
     *     EventBridge tells of its actions
     */
    record Found(HookTimes times, String notificationTarget) implements HookLookup {}

    /** The group has no hook of this name, or is gone itself. */
    record NoSuchHook() implements HookLookup {}

    /**
     * How long a hook holds an instance.
     *
     * @param heartbeatTimeout from the action's beginning, and from each heartbeat anew
     * @param globalTimeout from the action's beginning; heartbeats do not extend it
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html">LifecycleHook</a>
     */
    record HookTimes(Duration heartbeatTimeout, Duration globalTimeout) {}
}
