package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.queue.MessageId;
import java.util.HashSet;
import java.util.Set;

/**
 * The course that a departure takes, and what follows from it for the messages that led to it.
 *
 * @param stage how far the departure is
 * @param acknowledged the messages that nothing is pending for any more
 * @param isHookPending whether a hook is waited for beside what the stage says
 * @param remembered the notices that the node's journal remembers, while the departure is ours
 */
record Course(Stage stage, Set<MessageId> acknowledged, boolean isHookPending, Set<Notice> remembered) {
    Course {
        acknowledged = Set.copyOf(acknowledged);
        remembered = Set.copyOf(remembered);
    }

    /** One that acknowledges nothing. */
    static Course of(Stage stage) {
        return new Course(stage, Set.of(), false, Set.of());
    }

    /** The same, with one more message that nothing is pending for. */
    Course acknowledging(MessageId message) {
        Set<MessageId> more = new HashSet<>(acknowledged);
        more.add(message);
        return new Course(stage, more, isHookPending, remembered);
    }

    /** The same, with a hook that is waited for. */
    Course awaitingHook() {
        return new Course(stage, acknowledged, true, remembered);
    }
}
