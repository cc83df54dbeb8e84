package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.lifecycle.HookLookup;
import dev.glidepath.lifecycle.HookLookup.HookTimes;
import dev.glidepath.lifecycle.HookOutcome;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.lifecycle.HookTrouble;
import dev.glidepath.lifecycle.LifecycleHooks;
import java.util.List;

/** What is asked of Auto Scaling. */
final class HookActions {
    private final LifecycleHooks hooks;

    HookActions(LifecycleHooks hooks) {
        this.hooks = hooks;
    }

    Outcome describe(LifecycleAction action) {
        return switch (hooks.describe(action)) {
            case HookLookup.Found(HookTimes times, List<GroupHook> group) ->
                new Described(times.heartbeatTimeout(), times.globalTimeout(), group);
            case HookLookup.NoSuchHook _ -> new NotFound("Auto Scaling knows no such hook");
            case HookTrouble trouble -> outcome(trouble);
        };
    }

    Outcome heartbeat(LifecycleAction action) {
        return outcome(hooks.heartbeat(action));
    }

    Outcome complete(LifecycleAction action, HookResult result) {
        return outcome(hooks.complete(action, result));
    }

    private static Outcome outcome(HookOutcome hook) {
        return switch (hook) {
            case HookOutcome.Done _ -> new Succeeded();
            case HookOutcome.NoActiveAction _ -> new NotFound("Auto Scaling knows no such action");
            case HookTrouble trouble -> outcome(trouble);
        };
    }

    private static Outcome outcome(HookTrouble trouble) {
        return switch (trouble) {
            case HookTrouble.Throttled _ -> new Retry("Auto Scaling throttles");
            case HookTrouble.Denied(String why) -> new Forbidden(why);
            case HookTrouble.Failed(String why) -> new Retry(why);
        };
    }
}
