package dev.glidepath.departure;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Instances whose departures broke off, which is a bug. What broke off will break off again, as a rule: the next departure begins
 * by itself after a pause, which grows. A message begins one at once. Safe for use by many threads.
 */
final class BreakOffs {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final int DOUBLED_AT_MOST = 6;

    private final Map<InstanceId, Pause> latest = new ConcurrentHashMap<>();

    /**
     * How long nothing begins by itself.
     *
     * @param breakOffs how many there were in a row
     */
    record Pause(int breakOffs, boolean isOver) {
        /** Before another look at an instance whose departure ended well. */
        private static final Pause USUAL = new Pause(0, true);

        Duration length() {
            Duration grown = FIRST.multipliedBy(1L << Math.clamp(breakOffs - 1L, 0, DOUBLED_AT_MOST));
            return grown.compareTo(LONGEST) < 0 ? grown : LONGEST;
        }
    }

    /** One more departure of this instance broke off: its pause begins. */
    void add(InstanceId instance) {
        latest.merge(instance, new Pause(1, false), (before, _) -> new Pause(before.breakOffs() + 1, false));
    }

    /** The latest pause of this instance. */
    Pause of(InstanceId instance) {
        return latest.getOrDefault(instance, Pause.USUAL);
    }

    /** This pause is over, if no other has begun since. */
    void end(InstanceId instance, Pause pause) {
        latest.computeIfPresent(
                instance, (_, known) -> known.equals(pause) ? new Pause(pause.breakOffs(), true) : known);
    }

    /** A departure of this instance has ended well, or there is none to begin. */
    void forget(InstanceId instance) {
        latest.remove(instance);
    }
}
