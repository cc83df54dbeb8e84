package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.node.KubeNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What one decision is made from, and where its actions are collected.
 *
 * @param pending the actions and timers of this decision
 */
record DecisionContext(Snapshot snapshot, Policy policy, Instant now, PendingActions pending) {

    /** Whether this replica can act now. */
    boolean canAct() {
        return snapshot.canAct(now);
    }

    /** Whether this node may be touched. */
    boolean selects(KubeNode node) {
        return policy.nodes().selects(node.labels());
    }

    Attempts attempts() {
        return snapshot.attempts();
    }

    /** The notices, in the same order in every replica. */
    List<Notice> notices() {
        return snapshot.notices().stream()
                .sorted(Comparator.comparing(Notice::receivedAt)
                        .thenComparing(notice -> notice.interruption().id().value()))
                .toList();
    }

    /** That a departure is settled: as it was when its journal was settled, or else with this ending. */
    Stage settled(Ending otherwise) {
        return attempts()
                .last(SettleJournal.class)
                .map(settle -> new Stage.Settled(settle.ending(), settle.report()))
                .orElseGet(() -> new Stage.Settled(earlierEnding().orElse(otherwise), DrainReport.nothing()));
    }

    /** The ending that was reported when its changes were undone, or its messages deleted. */
    Optional<Ending> earlierEnding() {
        return attempts()
                .last(Undo.class)
                .map(Undo::ending)
                .or(() -> attempts().last(DeleteMessages.class).map(DeleteMessages::ending))
                .or(() -> attempts().last(HandBack.class).map(_ -> Ending.HANDED_BACK));
    }
}
