package dev.glidepath.departure.snapshot;

import java.time.Duration;
import java.time.Instant;

/**
 * What all departures share.
 *
 * @param evictionBacklog how long the last calls may take that are due, in all departures together, by the last one of this departure
 * @param drainsFrom no eviction before, while a burst of notices is being cordoned; long past where there is none
 * @param tooManyDepart whether so many other nodes depart, or are not Ready, that no other should go without need
 * @param tooManyWait whether more departures wait for nothing but a hook than are kept
 * @param viewIsFresh whether the watches of the cluster show it as it is now
 * @param isInformed whether the requests of namespaces and volumes' attachments have been read once: before that, one that is not seen
 *     may yet be there
 */
public record ClusterConditions(
        Duration evictionBacklog,
        Instant drainsFrom,
        boolean tooManyDepart,
        boolean tooManyWait,
        boolean viewIsFresh,
        boolean isInformed) {
    /** Nothing else happens. */
    public static final ClusterConditions QUIET =
            new ClusterConditions(Duration.ZERO, Instant.MIN, false, false, true, true);
}
