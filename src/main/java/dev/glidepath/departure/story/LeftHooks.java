package dev.glidepath.departure.story;

import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Lifecycle hooks that are not completed: each is reported once for each reason, with what can be done about it. */
final class LeftHooks {
    private final Set<Left> reported = new HashSet<>();

    private record Left(LifecycleAction action, LeftHook.Why why) {}

    Optional<Reported> report(Identity identity, LeftHook left) {
        return reported.add(new Left(left.action(), left.why()))
                ? Optional.of(entry(identity, left))
                : Optional.empty();
    }

    private static Reported entry(Identity identity, LeftHook left) {
        LifecycleAction action = left.action();
        Map<Field, Object> fields = HookFields.of(action, Field.REASON, left.detail());
        String hook = "The lifecycle hook " + action.hook() + " of " + action.group();
        return switch (left.why()) {
            case NOT_OURS ->
                identity.entryOnNode(
                        LogEvent.LIFECYCLE_NOT_OURS,
                        "not ours, and left alone",
                        fields,
                        hook + " is not ours, and left alone");
            case UNDECIDED -> {
                String remedy = "list the hooks that are ours in lifecycle.hooks (GLIDEPATH_LIFECYCLE_HOOKS)";
                yield identity.entryOnNode(
                        LogEvent.LIFECYCLE_UNDECIDED,
                        "left alone, for nobody can tell whose it is; " + remedy + ": " + left.detail(),
                        fields,
                        hook + " is left alone, for nobody can tell whose it is: " + left.detail() + "; " + remedy);
            }
            case EXPIRES -> identity.entry(LogEvent.LIFECYCLE_LEFT, "left to expire: " + left.detail(), fields);
            case OVER -> identity.entry(LogEvent.LIFECYCLE_COMPLETED, "lifecycle action was over before", fields);
            case GIVEN_UP ->
                identity.entryOnNode(
                        LogEvent.LIFECYCLE_GIVEN_UP,
                        "given up, for the action cannot be alive any more: " + left.detail(),
                        fields,
                        hook + " could not be completed in its time: " + left.detail());
        };
    }
}
