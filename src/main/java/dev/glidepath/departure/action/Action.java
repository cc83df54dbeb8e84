package dev.glidepath.departure.action;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Scheduling;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Something to be done. */
public sealed interface Action {

    /** What was tried is remembered under this key: two actions of one key are the same action, though its terms may have changed. */
    default Key key() {
        return new Key(getClass(), this);
    }

    /** A sort of action, and its subject. */
    record Key(Class<? extends Action> sort, Object subject) {}

    /** The word for it in logs and metrics. */
    default String label() {
        return switch (this) {
            case Cordon _ -> "cordon";
            case UpdateJournal _ -> "rejournal";
            case Undo _ -> "undo";
            case AskKubelet _ -> "ask-kubelet";
            case AskForNode _ -> "ask-for-node";
            case ListPods _ -> "list-pods";
            case FindVolume _ -> "find-volume";
            case Evict _ -> "evict";
            case LastCall _ -> "last-call";
            case MarkDisrupted _ -> "mark-disrupted";
            case Delete _ -> "delete";
            case DescribeHook _ -> "describe-hook";
            case Heartbeat _ -> "heartbeat";
            case CompleteHook _ -> "complete-hook";
            case TakeOutOfService _ -> "take-out-of-service";
            case PutBackInService _ -> "put-back-in-service";
            case SettleJournal _ -> "settle-journal";
            case DeleteMessages _ -> "delete-messages";
            case HandBack _ -> "hand-back";
        };
    }

    /**
     * Whether only a replica with a valid Lease may do it, so that no two do it against each other. Heartbeats and messages need
     * none: done twice, they do no harm.
     */
    default boolean needsLease() {
        return switch (this) {
            case OnJournal _, OnPod _, CompleteHook _ -> true;
            case AskForNode _,
                    AskKubelet _,
                    ListPods _,
                    FindVolume _,
                    DescribeHook _,
                    Heartbeat _,
                    DeleteMessages _,
                    HandBack _ -> false;
        };
    }

    /** Whether it is done for the instance, rather than for one of its nodes: whichever began it, all of them remember it. */
    default boolean isOfInstance() {
        return switch (this) {
            case DescribeHook _, Heartbeat _, CompleteHook _, DeleteMessages _, HandBack _ -> true;
            case OnJournal _, OnPod _, AskForNode _, AskKubelet _, ListPods _, FindVolume _ -> false;
        };
    }

    /**
     * Something written to the node, its journal with it. Two of them made from one journal are one action: they are not written
     * one over the other.
     */
    sealed interface OnJournal extends Action {
        /** The journal to be written. */
        Journal journal();

        /** The journal's text this one was made from: where another is found, it is not written over. */
        String basedOn();

        /** The journal of the departure under way that this goes on with; empty where it begins one, or ends it. */
        default Optional<Journal> goesOnWith() {
            return Journal.parse(basedOn())
                    .filter(before ->
                            before.state() == Journal.State.OPEN && journal().state() == Journal.State.OPEN);
        }

        /** Whether the departure is another's before and ours after it. */
        default boolean takesOver() {
            return goesOnWith()
                    .filter(before -> !before.holder().equals(journal().holder()))
                    .isPresent();
        }

        /** The deadline it sets, if that is another than before. */
        default Optional<Instant> movesDeadlineTo() {
            return goesOnWith()
                    .flatMap(before -> journal()
                            .term()
                            .map(Journal.Term::deadline)
                            .filter(deadline ->
                                    !before.term().map(Journal.Term::deadline).equals(Optional.of(deadline))));
        }

        @Override
        default Key key() {
            return keyOf(basedOn());
        }

        /** The key of whatever is made from this text. */
        static Key keyOf(String basedOn) {
            return new Key(OnJournal.class, basedOn);
        }
    }

    /**
     * Cordon, taint and journal the node in one patch.
     *
     * @param kind the kind of the interruption that leads, for the taint
     */
    record Cordon(Journal journal, String basedOn, Kind kind, Scheduling scheduling) implements OnJournal {}

    /** Journal what was learned since, or that the departure is ours now. */
    record UpdateJournal(Journal journal, String basedOn) implements OnJournal {}

    /** Take back all that we changed on the node. */
    record Undo(Journal journal, String basedOn, Ending ending) implements OnJournal {}

    /**
     * Taint a node that is off as out of service, so that its pods' objects and volumes are freed at once.
     */
    record TakeOutOfService(Journal journal, String basedOn) implements OnJournal {}

    /** Take that taint away again. */
    record PutBackInService(Journal journal, String basedOn) implements OnJournal {}

    /**
     * Journal that nothing is pending any more for what led to this departure.
     *
     * @param ending why it ends
     * @param report what it has come to
     */
    record SettleJournal(Journal journal, String basedOn, Ending ending, DrainReport report) implements OnJournal {}

    /**
     * Asks the API server which nodes there are: what we watch may be behind.
     *
     * @param since an answer to a question that was asked before is none
     */
    record AskForNode(Instant since) implements Action {}

    /** Ask when the node's kubelet has renewed its Lease. */
    record AskKubelet() implements Action {}

    /**
     * List the node's pods.
     *
     * @param round the first list begins the watch; the second catches those bound while the cordon travelled
     */
    record ListPods(int round) implements Action {}

    /** Ask which volume a claim is bound to. */
    record FindVolume(String namespace, String claim) implements Action {}

    /** What is done about one pod. Evictions and deletions wait for their turn at the gate, and their grace is fitted when they are sent. */
    sealed interface OnPod extends Action {
        PodRef pod();

        Terms terms();

        @Override
        default Key key() {
            return new Key(getClass(), pod());
        }
    }

    /**
     * On which terms a pod is asked.
     *
     * @param urgency the earlier one goes first
     * @param lastCall from when on overload does not slow it; the far end of time where there is none
     * @param grace what its containers are given
     * @param budgets those that speak for it
     * @param version the resourceVersion that it must still have, where a yes before had no effect that could be seen; empty where
     *     any will do
     */
    record Terms(Instant urgency, Instant lastCall, Grace grace, Set<Budget.Id> budgets, Optional<String> version) {
        public Terms {
            budgets = Set.copyOf(budgets);
        }

        /** Whatever version the pod has by now. */
        public Terms(Instant urgency, Instant lastCall, Grace grace, Set<Budget.Id> budgets) {
            this(urgency, lastCall, grace, budgets, Optional.empty());
        }
    }

    /** Evict a pod in its turn. */
    record Evict(PodRef pod, Terms terms) implements OnPod {}

    /** Evict a pod at its last call: once more, whatever its wave, whatever was answered before. */
    record LastCall(PodRef pod, Terms terms) implements OnPod {}

    /** Mark a pod as disrupted, so that its Job does not count its deletion as a failure of its own. */
    record MarkDisrupted(PodRef pod, Terms terms) implements OnPod {}

    /** Delete a pod past its budgets: only after its last eviction was refused, or was accepted and had no effect. */
    record Delete(PodRef pod, Terms terms) implements OnPod {}

    /** Ask how long a hook holds its instance, and which hooks its group has: they show whose it is. */
    record DescribeHook(LifecycleAction action) implements Action {}

    /** Restart a hook's timer; repeated while the instance is needed. */
    record Heartbeat(LifecycleAction action) implements Action {}

    /** Complete a lifecycle action: once, though the drain may end while the result of its deadline is being sent. */
    record CompleteHook(LifecycleAction action, HookResult result) implements Action {
        @Override
        public Key key() {
            return new Key(CompleteHook.class, action);
        }
    }

    /**
     * Delete messages for which nothing is pending any more. Done again when there are more of them.
     *
     * @param ending why
     */
    record DeleteMessages(Set<MessageId> messages, Ending ending) implements Action {
        public DeleteMessages {
            messages = Set.copyOf(messages);
        }

        @Override
        public Key key() {
            return new Key(DeleteMessages.class, "messages");
        }
    }

    /**
     * Let other replicas have messages. They are no longer ours then.
     *
     * @param deliveries those that are handed back: of a message that has come again since, the newer one is not
     * @param atOnce whether they are visible in the queue at once, or when their time is over: a replica that receives as often as
     *     the others would get them straight back
     */
    record HandBack(Set<DeliveryId> deliveries, boolean atOnce) implements Action {
        public HandBack {
            deliveries = Set.copyOf(deliveries);
        }

        @Override
        public Key key() {
            return new Key(HandBack.class, "messages");
        }
    }
}
