package dev.glidepath.departure;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.OnPod;
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

    /** Remembers that an act was denied. Returns whether that is to be reported. */
    synchronized boolean begin(Act act) {
        Instant now = clock.instant();
        Denied known = bySort.get(act.label());
        if (known != null && now.isBefore(known.reportedAt().plus(REPORTED_AGAIN_AFTER))) {
            if (known.namespaces().size() < NAMESPACES_AT_MOST) {
                known.namespaces().add(namespaceOf(act));
            }
            return false;
        }
        bySort.put(act.label(), new Denied(now, new HashSet<>(Set.of(namespaceOf(act)))));
        return true;
    }

    /** Remembers that an act was not denied. Returns whether acts of its sort were before, and none is any more. */
    synchronized boolean end(Act act) {
        Denied known = bySort.get(act.label());
        boolean ended = known != null
                && known.namespaces().remove(namespaceOf(act))
                && known.namespaces().isEmpty();
        if (ended) {
            bySort.remove(act.label());
        }
        return ended;
    }

    /** A permission may be granted in some namespaces only. */
    private static String namespaceOf(Act act) {
        return act instanceof OnPod onPod ? onPod.pod().namespace() : "";
    }
}
