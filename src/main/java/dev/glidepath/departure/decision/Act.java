package dev.glidepath.departure.decision;

import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.queue.MessageId;
import java.util.Set;

/** Something to be done. Two equal acts are the same act: what was tried is remembered by it. */
public sealed interface Act {

    /** The word for it in logs and metrics. */
    default String label() {
        return switch (this) {
            case Cordon _ -> "cordon";
            case ListPods _ -> "list-pods";
            case Evict _ -> "evict";
            case DescribeHook _ -> "describe-hook";
            case Heartbeat _ -> "heartbeat";
            case CompleteHook _ -> "complete-hook";
            case SettleJournal _ -> "settle-journal";
            case DeleteMessages _ -> "delete-messages";
        };
    }

    /**
     * Cordon, taint and journal the node in one patch.
     *
     * @param basedOn the journal's text this one was made from: where another is found, it is not written over
     * @param kind the kind of the interruption that leads, for the taint
     */
    record Cordon(Journal journal, String basedOn, String kind) implements Act {}

    /**
     * List the node's pods.
     *
     * @param round the first list begins the watch; the second catches those bound while the cordon travelled
     */
    record ListPods(int round) implements Act {}

    /** Evict a pod. */
    record Evict(PodRef pod) implements Act {}

    /** Ask how long a hook holds its instance. */
    record DescribeHook(LifecycleAction action) implements Act {}

    /** Restart a hook's timer. The only act that is due again after it landed. */
    record Heartbeat(LifecycleAction action) implements Act {}

    /** Complete a lifecycle action. */
    record CompleteHook(LifecycleAction action) implements Act {}

    /** Journal that nothing is owed any more for these interruptions. */
    record SettleJournal(Set<InterruptionId> interruptions) implements Act {
        public SettleJournal {
            interruptions = Set.copyOf(interruptions);
        }
    }

    /** Delete messages whose interruptions are settled. */
    record DeleteMessages(Set<MessageId> messages) implements Act {
        public DeleteMessages {
            messages = Set.copyOf(messages);
        }
    }
}
