package dev.glidepath.departure.story;

import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Reading;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.util.Map;
import java.util.Optional;

/** A node's journal that cannot be read: reported once, when it is known what becomes of the node. */
final class UnreadableJournal {
    private boolean isReported;

    Optional<Reported> report(Identity identity, NodeSight node, Decision decision) {
        if (isReported || !(node instanceof NodeSight.Present(KubeNode present)) || !present.isUnread()) {
            return Optional.empty();
        }
        boolean isWrittenOver = decision.actions().stream().anyMatch(OnJournal.class::isInstance);
        boolean isLeftAlone = endingOf(decision.stage())
                .filter(Ending.JOURNAL_UNREADABLE::equals)
                .isPresent();
        if (!isWrittenOver && !isLeftAlone) {
            return Optional.empty();
        }
        isReported = true;
        return Optional.of(entry(identity, present.reading(), isWrittenOver));
    }

    private static Reported entry(Identity identity, Reading reading, boolean isWrittenOver) {
        String reason = reading instanceof Reading.Newer ? "newer" : "broken";
        String what = reading instanceof Reading.Newer(int version, var _)
                ? "The journal on this node is of version " + version
                        + ", and no replica lives that reads more than version " + Journal.VERSION
                : "The annotation glidepath.dev/departure of this node is no journal";
        String note = what
                + (isWrittenOver
                        ? ": the node departs, and nothing that was changed before will be undone. The text is kept in"
                                + " glidepath.dev/departure-unread."
                        : ": the node is left alone, as nothing that was announced takes its instance. Remove the annotation"
                                + " when nobody needs it.");
        return identity.entryOnNode(LogEvent.JOURNAL_UNREADABLE, note, Map.of(Field.REASON, reason), note)
                .counting(Metric.JOURNALS_UNREADABLE, reason);
    }

    private static Optional<Ending> endingOf(Stage stage) {
        return switch (stage) {
            case Stage.Settling(Ending ending, var _) -> Optional.of(ending);
            case Stage.Settled(Ending ending, var _) -> Optional.of(ending);
            default -> Optional.empty();
        };
    }
}
