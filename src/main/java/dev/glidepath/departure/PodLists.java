package dev.glidepath.departure;

import dev.glidepath.departure.Admission.Rank;
import java.time.Duration;

/**
 * Lets lists of a node's pods be read: a few at once, for they are long, and after the cordons, for in a burst nobody is evicted before
 * those are done. May be used by any thread.
 */
final class PodLists {
    private static final int AT_ONCE = 4;

    /** All cordons of a burst take about as long; a machine that goes at once loses no more by it. */
    private static final Duration CORDONS_WITHIN = Duration.ofMillis(300);

    private final Burst burst;
    private final Admission admission = new Admission(AT_ONCE);

    PodLists(Burst burst) {
        this.burst = burst;
    }

    /**
     * Waits for its turn; {@link #end} is to be called then. An interrupt ends the wait.
     *
     * @param round which list of this node's pods it is: the first, before which none of them is asked, or a later one
     */
    void begin(int round) throws InterruptedException {
        boolean isFirst = round == 1;
        if (isFirst) {
            burst.awaitCordons(CORDONS_WITHIN);
        }
        admission.begin(isFirst ? Rank.UNDER_WAY : Rank.WAITING);
    }

    /** It is read: the next one may be. */
    void end() {
        admission.end();
    }
}
