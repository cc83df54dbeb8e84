package dev.glidepath.points;

import java.util.List;
import java.util.stream.Stream;

/**
 * What may happen to a process at one of its requests. The names are those of the simulation where both have it.
 *
 * @see <a href="https://www.usenix.org/conference/osdi22/presentation/sun">Automatic Reliability Testing for Cluster Management
 *     Controllers</a>
 */
enum Disturbance {
    // An intermediate state: nobody knows what was done.

    /** It is killed when the server has answered and before it hears of that, and is started again under the same name. */
    KILLED,
    /** The same, but the request never reaches its server. */
    KILLED_BEFORE,
    /** It lives, and the connection ends instead of an answer. */
    ANSWER_LOST,

    // A stale state: what is seen is how things were.

    /** What is watched shows nothing new for a while. */
    VIEW_STANDS_STILL,
    /** It is killed, and what it lists and watches anew is for a while as it was before the request. */
    KILLED_AND_VIEW_IS_OLD,

    // An unobserved state: what was so for a moment is never seen.

    /** The node is NotReady, and Ready again. */
    NODE_BLINKS,
    /** A budget has no room while the request arrives, and has it again. */
    ROOM_BLINKS,
    /** Another writes over the annotation while the request arrives, and puts it back. */
    JOURNAL_BLINKS,

    /** It is killed and never started again: no part of a run unless it is asked for, to see that what is wrong is found. */
    KILLED_FOR_GOOD;

    /** Those that the program withstands. */
    static List<Disturbance> all() {
        return Stream.of(values())
                .filter(disturbance -> disturbance != KILLED_FOR_GOOD)
                .toList();
    }
}
