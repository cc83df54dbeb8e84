package dev.glidepath.drain.eviction;

/** Whether a pod bears the word that its end is a disruption. */
public sealed interface MarkOutcome {
    /** It does. */
    record Marked() implements MarkOutcome {}

    /** There is no such pod any more; its name may be another one's by now. */
    record Gone() implements MarkOutcome {}

    /** It does not, so a Job may count the deletion as a failure of its own. */
    record NotMarked(String why) implements MarkOutcome {}
}
