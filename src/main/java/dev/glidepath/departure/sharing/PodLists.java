package dev.glidepath.departure.sharing;

import dev.glidepath.departure.action.Stage.Rank;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Lets lists of a node's pods be read: as far as there is {@linkplain PodRoom room} for them, a few at once, for they are long, and after
 * the cordons, for in a burst no pod is evicted before those are done. May be used by any thread.
 */
public final class PodLists implements AutoCloseable {
    private static final int AT_ONCE = 4;

    /** All cordons of a burst take about as long; an instance that goes at once loses no more by it. */
    private static final Duration CORDONS_WITHIN = Duration.ofMillis(300);

    /** After a longer wait it is asked again: by then the instance may go earlier than it was announced before. */
    private static final Duration ROOM_WITHIN = Duration.ofSeconds(2);

    private final Burst burst;
    private final PodRoom room;
    private final Admission admission = new Admission(AT_ONCE);

    public PodLists(Burst burst, PodRoom room) {
        this.burst = burst;
        this.room = room;
    }

    /**
     * Waits for room for the pods of one more node, before they are listed for the first time, and before that for the cordons. An
     * interrupt ends the wait.
     *
     * @param goneAt when its instance goes: the one with the least time comes first
     * @return nothing, if there was none for a while, or the program stops
     */
    public Optional<PodRoom.Share> room(Instant goneAt) throws InterruptedException {
        burst.awaitCordons(CORDONS_WITHIN);
        return room.take(goneAt, ROOM_WITHIN);
    }

    /**
     * Waits for its turn; {@link #end} is to be called then. An interrupt ends the wait.
     *
     * @param round which list of this node's pods it is: the first, before which none of them is asked, or a later one
     */
    public void begin(int round) throws InterruptedException {
        admission.begin(round == 1 ? Rank.UNDER_WAY : Rank.WAITING);
    }

    /** It is read: the next one may be. */
    public void end() {
        admission.end();
    }

    /** No node gets room any more. */
    @Override
    public void close() {
        room.close();
    }
}
