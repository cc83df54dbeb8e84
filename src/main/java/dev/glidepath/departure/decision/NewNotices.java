package dev.glidepath.departure.decision;

import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the screening of a node's notices has come to.
 *
 * @param notices those to be merged into the journal
 * @param acknowledged the messages that nothing is pending for any more
 * @param selectedUntil how long some notice waits for the node to be selected, which it is not; empty where none does
 * @param isHookPending whether a hook of a settled interruption is ours and not completed, or may be ours
 * @param wasStale whether some notice was stale
 * @param isExamined whether it is not known yet of some notice if it is stale; the others are gone on with
 */
record NewNotices(
        List<Notice> notices,
        Set<MessageId> acknowledged,
        Optional<Instant> selectedUntil,
        boolean isHookPending,
        boolean wasStale,
        boolean isExamined) {
    NewNotices {
        notices = List.copyOf(notices);
        acknowledged = Set.copyOf(acknowledged);
    }
}
