package dev.glidepath.departure.decision;

/**
 * What may befall a process at one of its requests: it dies before it hears of a change that it made; what it sees is how things
 * were; or it never sees what was so for a moment.
 *
 * @see <a href="https://www.usenix.org/conference/osdi22/presentation/sun">Automatic Reliability Testing for Cluster Management
 *     Controllers</a>
 */
enum Disturbance {
    // Nobody hears of what was done.

    /** It is killed, and starts anew; what else was under way reaches its server. */
    KILLED,
    /** The same, but nothing else that was under way reaches its server. */
    KILLED_WITH_ALL_UNDER_WAY,
    /** The same, and its messages come again half a minute later. */
    KILLED_AND_MESSAGES_COME_LATE,
    /** It is killed for good, and another replica is there. */
    KILLED_AND_ANOTHER_GOES_ON,
    /** It lives, and hears that there was no answer. */
    ANSWER_LOST,

    // What is seen is how things were.

    /** What is watched shows nothing new for a while. */
    VIEW_STANDS_STILL,
    /** It is killed, and what it watches anew is for a while as it was before the request. */
    KILLED_AND_VIEW_IS_OLD,
    /** It is killed, and what it watches anew is for a while as it was before the request before. */
    KILLED_AND_VIEW_IS_OLDER,

    // What was so for a moment is never seen.

    /** The node is NotReady, and Ready again. */
    NODE_BLINKS,
    /** The budget has no room while the request arrives, and has it again. */
    ROOM_BLINKS,
    /** Another writes over the annotation while the request arrives, and puts it back. */
    JOURNAL_BLINKS,
    /** A pod is replaced by another of the same name. */
    POD_REPLACED
}
