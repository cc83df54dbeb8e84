package dev.glidepath.lifecycle;

import java.time.Duration;
import java.util.List;

/** What came of asking for a hook. */
public sealed interface HookLookup permits HookLookup.Found, HookLookup.NoSuchHook, HookTrouble {
    /**
     * The hook.
     *
     * @param group all hooks of its group, this one among them
     */
    record Found(HookTimes times, List<GroupHook> group) implements HookLookup {
        public Found {
            group = List.copyOf(group);
        }
    }

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
