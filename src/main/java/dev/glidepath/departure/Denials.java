package dev.glidepath.departure;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.story.Permission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which sorts of action are denied for the lack of a permission in the cluster: one for all departures, since a permission that is
 * missing is missing for each pod of each node. Safe for use by many threads.
 */
final class Denials {
    /** The departures that met it may have ended before the permission was granted. */
    private static final Duration REPORTED_AGAIN_AFTER = Duration.ofHours(1);

    /** In more it is not remembered. */
    private static final int NAMESPACES_AT_MOST = 100;

    private final InstantSource clock;
    private final Map<String, Forbidden> bySort = new HashMap<>();

    private record Forbidden(Instant reportedAt, Set<String> namespaces) {}

    Denials(InstantSource clock) {
        this.clock = clock;
    }

    /** Remembers what came of an action. Returns what that changes. */
    Permission remember(Action action, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Forbidden _ -> !isAtAws(action) && begin(action) ? Permission.MISSING : Permission.UNCHANGED;
            case Succeeded _, NotNeeded _, NotFound _, Described _, Bound _, Renewed _, Blocked _, Refused _ ->
                end(action) ? Permission.GRANTED : Permission.UNCHANGED;
            case Overloaded _, Retry _, NotSent _ -> Permission.UNCHANGED;
        };
    }

    /** What AWS denies is reported by the request itself: see {@link dev.glidepath.permission.Permissions}. */
    private static boolean isAtAws(Action action) {
        return action instanceof DescribeHook
                || action instanceof Heartbeat
                || action instanceof CompleteHook
                || action instanceof DeleteMessages;
    }

    /** Returns whether it is to be reported that an action was denied. */
    private synchronized boolean begin(Action action) {
        Instant now = clock.instant();
        Forbidden known = bySort.get(action.label());
        if (known != null && now.isBefore(known.reportedAt().plus(REPORTED_AGAIN_AFTER))) {
            if (known.namespaces().size() < NAMESPACES_AT_MOST) {
                known.namespaces().add(namespaceOf(action));
            }
            return false;
        }
        bySort.put(action.label(), new Forbidden(now, new HashSet<>(Set.of(namespaceOf(action)))));
        return true;
    }

    /** Returns whether actions of its sort were denied before, and none is any more. */
    private synchronized boolean end(Action action) {
        Forbidden known = bySort.get(action.label());
        boolean ended = known != null
                && known.namespaces().remove(namespaceOf(action))
                && known.namespaces().isEmpty();
        if (ended) {
            bySort.remove(action.label());
        }
        return ended;
    }

    /** A permission may be granted in some namespaces only. */
    private static String namespaceOf(Action action) {
        return action instanceof OnPod onPod ? onPod.pod().namespace() : "";
    }
}
