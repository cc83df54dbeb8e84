package dev.glidepath.drain.gate;

import java.time.Duration;
import java.time.Instant;

/**
 * The places at the gate that requests of one sort in one namespace may take together. Admission webhooks are chosen by these two: one
 * that does not answer keeps all such requests waiting, and no other request is to wait for the places they hold.
 *
 * <p>It begins with a quarter of all places. Each answer adds one, up to all of them; one that comes late takes one away where others
 * wait; where none comes, one request at a time is left, until one is answered. Guarded by the gate's lock.
 */
final class Share {
    /** What takes longer waits for something besides the API server. */
    private static final Duration PROMPT = Duration.ofSeconds(1);

    /** One may be alone in its trouble; so many in a row, and no answer between them, are not. */
    private static final int MANY = 3;

    /** So long no answer is expected where many requests got none. */
    private static final Duration HANGS_FOR = Duration.ofSeconds(30);

    private final int most;
    private final int atFirst;
    private int places;
    private int inFlight;
    private int unansweredInARow;
    private Instant unansweredAt = Instant.MIN;

    /** Which requests it is about. */
    record Key(String namespace, Gate.Request request) {}

    /**
     * @param most as many places as there are
     */
    Share(int most) {
        this.most = most;
        this.atFirst = Math.max(1, most / 4);
        this.places = atFirst;
    }

    /**
     * @param allInFlight requests in flight of all shares together
     */
    boolean hasPlace(int allInFlight) {
        if (inFlight == 0) {
            return true; // or it could never show that it is answered
        }
        boolean isProven = places > atFirst;
        return inFlight < places && (isProven || allInFlight < most - most / 4);
    }

    boolean isIdle() {
        return inFlight == 0;
    }

    /** Whether nothing in it matters any more. */
    boolean isForgettable(Instant now) {
        return isIdle() && !wasUnansweredLately(now);
    }

    /** Whether its requests are not answered, as far as was tried lately. */
    boolean hangs(Instant now) {
        return unansweredInARow >= MANY && wasUnansweredLately(now);
    }

    private boolean wasUnansweredLately(Instant now) {
        return unansweredInARow > 0 && now.isBefore(unansweredAt.plus(HANGS_FOR));
    }

    void granted() {
        inFlight++;
    }

    void freed() {
        inFlight--;
    }

    /**
     * @param othersWait whether requests of another sort or namespace wait for a place
     */
    void answered(Duration took, boolean othersWait) {
        unansweredInARow = 0;
        boolean grows = !othersWait || took.compareTo(PROMPT) < 0;
        places =
                grows ? Math.min(most, Math.max(places + 1, atFirst)) : Math.max(Math.min(places, atFirst), places - 1);
    }

    /** A request failed for a reason that says nothing about the pod. */
    void failed(Duration took, boolean othersWait, Instant now) {
        if (took.compareTo(PROMPT) < 0) {
            answered(took, othersWait);
        } else {
            unanswered(now);
        }
    }

    /** No answer came in time. */
    void unanswered(Instant now) {
        unansweredInARow++;
        unansweredAt = now;
        places = 1;
    }
}
