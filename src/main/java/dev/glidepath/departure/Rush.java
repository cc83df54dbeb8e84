package dev.glidepath.departure;

import dev.glidepath.drain.eviction.Gate;
import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many pods all departures together have yet to ask, and how long that takes at the rate the API server answers. */
final class Rush {
    /** So that a storm calls pods early, but never all of them at once. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final Gate gate;
    private final Map<InstanceId, Integer> owedBy = new ConcurrentHashMap<>();
    private final AtomicInteger owed = new AtomicInteger();

    Rush(Gate gate) {
        this.gate = gate;
    }

    /** This departure has yet to ask so many. */
    void owes(InstanceId departure, int pods) {
        Integer before = pods == 0 ? owedBy.remove(departure) : owedBy.put(departure, pods);
        owed.addAndGet(pods - (before == null ? 0 : before));
    }

    Duration duration() {
        Duration rush = Duration.ofMillis((long) (owed.get() * 1000 / gate.perSecond()));
        return rush.compareTo(LONGEST) < 0 ? rush : LONGEST;
    }
}
