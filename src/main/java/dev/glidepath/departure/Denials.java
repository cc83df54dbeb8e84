package dev.glidepath.departure;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Bound;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.NotFound;
import dev.glidepath.departure.decision.Outcome.NotSent;
import dev.glidepath.departure.decision.Outcome.Overloaded;
import dev.glidepath.departure.decision.Outcome.Refused;
import dev.glidepath.departure.decision.Outcome.Renewed;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.departure.story.Permission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which sorts of act are denied for the lack of a permission in the cluster: one for all departures, since a permission that is
 * missing is missing for each pod of each node. Safe for use by many threads.
 */
final class Denials {
    /** The departures that met it may have ended before the permission was granted. */
    private static final Duration REPORTED_AGAIN_AFTER = Duration.ofHours(1);

    /** In more it is not remembered. */
    private static final int NAMESPACES_AT_MOST = 100;

    private final InstantSource clock;
    private final Map<String, Denied> bySort = new HashMap<>();

    private record Denied(Instant reportedAt, Set<String> namespaces) {}

    Denials(InstantSource clock) {
        this.clock = clock;
    }

    /** Remembers what came of an action. Returns what that changes. */
    Permission remember(Act action, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Denied _ -> !isAtAws(action) && begin(action) ? Permission.MISSING : Permission.UNCHANGED;
            case Landed _, Moot _, NotFound _, Described _, Bound _, Renewed _, Blocked _, Refused _ ->
                end(action) ? Permission.GRANTED : Permission.UNCHANGED;
            case Overloaded _, TryAgain _, NotSent _ -> Permission.UNCHANGED;
        };
    }

    /** What AWS denies is reported by the request itself: see {@link dev.glidepath.permission.Permissions}. */
    private static boolean isAtAws(Act action) {
        return action instanceof DescribeHook
                || action instanceof Heartbeat
                || action instanceof CompleteHook
                || action instanceof DeleteMessages;
    }

    /** Returns whether it is to be reported that an action was denied. */
    private synchronized boolean begin(Act action) {
        Instant now = clock.instant();
        Denied known = bySort.get(action.label());
        if (known != null && now.isBefore(known.reportedAt().plus(REPORTED_AGAIN_AFTER))) {
            if (known.namespaces().size() < NAMESPACES_AT_MOST) {
                known.namespaces().add(namespaceOf(action));
            }
            return false;
        }
        bySort.put(action.label(), new Denied(now, new HashSet<>(Set.of(namespaceOf(action)))));
        return true;
    }

    /** Returns whether actions of its sort were denied before, and none is any more. */
    private synchronized boolean end(Act action) {
        Denied known = bySort.get(action.label());
        boolean ended = known != null
                && known.namespaces().remove(namespaceOf(action))
                && known.namespaces().isEmpty();
        if (ended) {
            bySort.remove(action.label());
        }
        return ended;
    }

    /** A permission may be granted in some namespaces only. */
    private static String namespaceOf(Act action) {
        return action instanceof OnPod onPod ? onPod.pod().namespace() : "";
    }
}
