package dev.glidepath.departure.decision;

import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import java.util.List;

/**
 * The other nodes of an instance, beside one of them: those that we may touch. Each has a journal of its own. The lifecycle actions
 * belong to the instance: the first node by name completes them, once the others are done.
 */
final class Siblings {
    private final DecisionContext context;
    private final KubeNode node;
    private final List<KubeNode> others;

    private Siblings(DecisionContext context, KubeNode node, List<KubeNode> others) {
        this.context = context;
        this.node = node;
        this.others = others;
    }

    static Siblings of(DecisionContext context, KubeNode node) {
        return new Siblings(
                context,
                node,
                context.snapshot().siblings().stream().filter(context::selects).toList());
    }

    List<KubeNode> others() {
        return others;
    }

    /** Whether it is this node that completes what is pending for all of them. */
    boolean isFirst() {
        return others.stream()
                .noneMatch(other -> other.name().value().compareTo(node.name().value()) < 0);
    }

    /**
     * Whether this, for which something is pending on this node, is still to be done for one of the others. One whose journal does not have it
     * yet will have it from its message, which is not deleted before; after a crash that may be away for a while.
     */
    boolean arePending(InterruptionId cause) {
        return others.stream().anyMatch(other -> !journalOf(other).isSettled(cause));
    }

    /** Whether one of the others has completed the lifecycle action of this. */
    boolean haveCompletedHook(InterruptionId cause) {
        return others.stream().anyMatch(other -> journalOf(other).isHookCompleted(cause));
    }

    private Journal journalOf(KubeNode other) {
        return other.journal()
                .map(journal -> journal.about(context.snapshot().instance()))
                .orElseGet(() -> Journal.empty(context.now()));
    }
}
