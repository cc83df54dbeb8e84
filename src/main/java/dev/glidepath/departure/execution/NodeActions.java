package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.KubeletLease;
import dev.glidepath.node.KubeletLeases;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.node.Scheduling;
import dev.glidepath.node.WriteOutcome;
import java.time.Duration;
import java.time.Instant;

/** What is written to a node, and what is asked about it. */
final class NodeActions {
    /** The informer shows that in a moment, and then it is decided again. */
    static final Outcome NOT_THERE = new Retry("the node is not there");

    private static final Duration ASKED_WITHIN = Duration.ofSeconds(30);

    private final ClusterView view;
    private final Nodes nodes;
    private final NodeWriter writer;
    private final KubeletLeases kubelets;

    NodeActions(ClusterView view, Nodes nodes, ClusterRequests requests) {
        this.view = view;
        this.nodes = nodes;
        this.writer = requests.nodeWriter();
        this.kubelets = requests.kubelets();
    }

    /** Only if the journal is still the one that was decided on. */
    Outcome write(OnJournal action) throws InterruptedException {
        if (!(view.node() instanceof Present(KubeNode node))) {
            return NOT_THERE;
        }
        if (!node.journalText().equals(action.basedOn())) {
            return new Retry("the journal has changed since");
        }
        return outcome(
                switch (action) {
                    case Cordon(Journal journal, var _, Kind kind, Scheduling scheduling) ->
                        writer.depart(node, journal, kind.label(), scheduling);
                    case UpdateJournal(Journal journal, var _) -> writer.journal(node, journal);
                    case SettleJournal(Journal journal, var _, var _, var _) -> writer.journal(node, journal);
                    case Undo(Journal journal, var _, var _) -> writer.undo(node, journal);
                    case TakeOutOfService(Journal journal, var _) -> writer.outOfService(node, journal);
                    case PutBackInService(Journal journal, var _) -> writer.backInService(node, journal);
                });
    }

    /**
     * Asks the API server which nodes there are.
     *
     * @param since an answer to an earlier question is none
     */
    Outcome askForNode(Instant since) throws InterruptedException {
        return nodes.awaitAskedSince(since, ASKED_WITHIN)
                ? new Succeeded()
                : new Retry("the API server has not told yet which nodes there are");
    }

    /** Asks when the node's kubelet was last alive. */
    Outcome askKubelet() throws InterruptedException {
        if (!(view.node() instanceof Present(KubeNode node))) {
            return NOT_THERE;
        }
        return switch (kubelets.renewedAt(node.name())) {
            case KubeletLease.Renewed(Instant at) -> new Renewed(at);
            case KubeletLease.NoLease _ -> new NotNeeded("its kubelet has no Lease");
            case KubeletLease.Denied(String why) -> new Forbidden(why);
            case KubeletLease.Failed(String why) -> new Retry(why);
        };
    }

    private static Outcome outcome(WriteOutcome written) {
        return switch (written) {
            case WriteOutcome.Written _ -> new Succeeded();
            case WriteOutcome.Conflict _ -> new Retry("somebody wrote to the node in between");
            case WriteOutcome.NodeGone _ -> NOT_THERE;
            case WriteOutcome.RefusedByPolicy(String why) -> new Refused(why);
            case WriteOutcome.Invalid(String why) -> new Refused(why);
            case WriteOutcome.Denied(String why) -> new Forbidden(why);
            case WriteOutcome.Overloaded(String why, Duration retryAfter) -> new Overloaded(why, retryAfter);
            case WriteOutcome.Failed(String why) -> new Retry(why);
        };
    }
}
