package dev.glidepath.departure.sharing;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * How long the calls take that are due, in all departures together, by the time a departure makes its last: at the rate at which the API
 * server answers. May be used by any thread.
 */
public final class EvictionBacklog {
    /** So that a storm calls pods early, but never all of them at once. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final DoubleSupplier perSecond;
    private final Map<InstanceId, Calls> calls = new ConcurrentHashMap<>();

    /** The last calls of one departure, as seconds since the epoch, the earliest first; at least one. */
    private static final class Calls {
        private final long[] due;

        Calls(long[] due) {
            this.due = due;
        }

        long latest() {
            return due[due.length - 1];
        }

        int dueBy(long moment) {
            if (latest() <= moment) {
                return due.length;
            }
            int low = 0;
            int high = due.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (due[middle] <= moment) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }

    /**
     * @param perSecond how many calls are answered a second, more than none
     */
    public EvictionBacklog(DoubleSupplier perSecond) {
        this.perSecond = perSecond;
    }

    /**
     * These calls of this departure are pending.
     *
     * @param lastCalls of each of its pods that has one: those that have none can wait for those that have
     */
    public void pending(InstanceId departure, Collection<Instant> lastCalls) {
        if (lastCalls.isEmpty()) {
            calls.remove(departure);
        } else {
            calls.put(
                    departure,
                    new Calls(lastCalls.stream()
                            .mapToLong(Instant::getEpochSecond)
                            .sorted()
                            .toArray()));
        }
    }

    /** Before its latest last call; where that is not known yet, before the latest of all. A minute at most. */
    public Duration before(InstanceId departure) {
        Calls own = calls.get(departure);
        long moment = own == null ? Long.MAX_VALUE : own.latest();
        long due = calls.values().stream().mapToLong(each -> each.dueBy(moment)).sum();
        Duration takes = Duration.ofMillis((long) (due * 1000 / perSecond.getAsDouble()));
        return takes.compareTo(LONGEST) < 0 ? takes : LONGEST;
    }
}
