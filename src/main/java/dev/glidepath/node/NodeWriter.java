package dev.glidepath.node;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.node.WriteOutcome.Conflict;
import dev.glidepath.node.WriteOutcome.Denied;
import dev.glidepath.node.WriteOutcome.Failed;
import dev.glidepath.node.WriteOutcome.NodeGone;
import dev.glidepath.node.WriteOutcome.Written;
import java.io.IOException;

/** Writes to nodes: one request a call, no retries of its own. */
public final class NodeWriter {
    private final ApiServer apiServer;
    private final boolean excludeFromLoadBalancers;

    /**
     * @param excludeFromLoadBalancers whether a node that takes no new pods is taken out of external load balancers as well
     */
    public NodeWriter(ApiServer apiServer, boolean excludeFromLoadBalancers) {
        this.apiServer = apiServer;
        this.excludeFromLoadBalancers = excludeFromLoadBalancers;
    }

    /**
     * Keeps new pods off a node, and journals it, in one patch. What is so already is not journaled as ours.
     *
     * @param kind the interruption's kind, which becomes the taint's value
     * @throws InterruptedException when the program ends meanwhile
     */
    public WriteOutcome depart(KubeNode node, Journal journal, String kind, Scheduling scheduling)
            throws InterruptedException {
        return write(node.name(), NodePatch.depart(node, journal, kind, scheduling, excludeFromLoadBalancers));
    }

    /**
     * Reverts everything that the node's journal, as it was seen, calls ours and nothing else, and writes this journal in its
     * place, in one patch. What a person has reverted already, or changed since, is left to them.
     *
     * @throws InterruptedException when the program ends meanwhile
     */
    public WriteOutcome undo(KubeNode node, Journal journal) throws InterruptedException {
        return write(node.name(), NodePatch.undo(node, journal));
    }

    /**
     * Writes the journal of a node and nothing else.
     *
     * @throws InterruptedException when the program ends meanwhile
     */
    public WriteOutcome journal(KubeNode node, Journal journal) throws InterruptedException {
        return write(node.name(), NodePatch.journal(node, journal));
    }

    /**
     * Says that the machine is off for good, and journals that we said so. Only for a node that is not Ready, whose machine EC2
     * has stopped: on a live one every pod that does not tolerate the taint is deleted at once, without asking a budget.
     *
     * @throws InterruptedException when the program ends meanwhile
     */
    public WriteOutcome outOfService(KubeNode node, Journal journal) throws InterruptedException {
        return write(node.name(), NodePatch.outOfService(node, journal));
    }

    /**
     * Takes that back when the node is Ready again, if it was ours.
     *
     * @throws InterruptedException when the program ends meanwhile
     */
    public WriteOutcome backInService(KubeNode node, Journal journal) throws InterruptedException {
        return write(node.name(), NodePatch.backInService(node, journal));
    }

    private WriteOutcome write(NodeName name, String patch) throws InterruptedException {
        try {
            int code = apiServer.jsonPatch("/api/v1/nodes/" + name, patch).code();
            return switch (code) {
                case 200 -> new Written();
                case 404 -> new NodeGone();
                // A failed test is 422, in general words.
                case 409, 422 -> new Conflict();
                case 401, 403 -> new Denied("may not patch nodes: the ClusterRole needs nodes: patch");
                default -> new Failed("the API server answered " + code);
            };
        } catch (IOException noAnswer) {
            return new Failed(String.valueOf(noAnswer.getMessage()));
        }
    }
}
