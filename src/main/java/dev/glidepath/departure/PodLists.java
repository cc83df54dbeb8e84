package dev.glidepath.departure;

import dev.glidepath.departure.Admission.Rank;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Lets lists of a node's pods be read: as far as there is {@linkplain PodRoom room} for them, a few at once, for they are long, and after
 * the cordons, for in a burst nobody is evicted before those are done. May be used by any thread.
 */
final class PodLists implements AutoCloseable {
    private static final int AT_ONCE = 4;

    /** All cordons of a burst take about as long; a machine that goes at once loses no more by it. */
    private static final Duration CORDONS_WITHIN = Duration.ofMillis(300);

    /** Who waits longer asks anew: by then its machine may go earlier than it was said before. */
    private static final Duration ROOM_WITHIN = Duration.ofSeconds(2);

    private final Burst burst;
    private final PodRoom room;
    private final Admission admission = new Admission(AT_ONCE);

    PodLists(Burst burst, PodRoom room) {
        this.burst = burst;
        this.room = room;
    }

    /**
     * Waits for room for the pods of one more node, before they are listed for the first time, and before that for the cordons. An
     * interrupt ends the wait.
     *
     * @param goneAt when its machine goes: who has less time comes first
     * @return nothing, if there was none for a while, or the program stops
     */
    Optional<PodRoom.Share> room(Instant goneAt) throws InterruptedException {
        burst.awaitCordons(CORDONS_WITHIN);
        return room.take(goneAt, ROOM_WITHIN);
    }

    /**
     * Waits for its turn; {@link #end} is to be called then. An interrupt ends the wait.
     *
     * @param round which list of this node's pods it is: the first, before which none of them is asked, or a later one
     */
    void begin(int round) throws InterruptedException {
        admission.begin(round == 1 ? Rank.UNDER_WAY : Rank.WAITING);
    }

    /** It is read: the next one may be. */
    void end() {
        admission.end();
    }

    /** Nobody gets room any more. */
    @Override
    public void close() {
        room.close();
    }
}
