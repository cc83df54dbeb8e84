package dev.glidepath.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.apiserver.ServerStatus;
import dev.glidepath.node.WriteOutcome.Conflict;
import dev.glidepath.node.WriteOutcome.Denied;
import dev.glidepath.node.WriteOutcome.Failed;
import dev.glidepath.node.WriteOutcome.Invalid;
import dev.glidepath.node.WriteOutcome.NodeGone;
import dev.glidepath.node.WriteOutcome.RefusedByPolicy;
import dev.glidepath.node.WriteOutcome.Written;
import java.io.IOException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Writes to nodes: one request a call, no retries of its own. After a conflict the node is read: somebody has written to it,
 * perhaps we ourselves by a request whose answer was lost, and a watch that is silent does not show it.
 */
public final class NodeWriter {
    private static final Logger LOG = Logger.getLogger(NodeWriter.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final ApiServer apiServer;
    private final Consumer<String> known;
    private final boolean excludeFromLoadBalancers;

    /**
     * @param known given each node that the API server answers, as it is since our write, or since a conflict
     * @param excludeFromLoadBalancers whether a node that takes no new pods is taken out of external load balancers as well
     */
    public NodeWriter(ApiServer apiServer, Consumer<String> known, boolean excludeFromLoadBalancers) {
        this.apiServer = apiServer;
        this.known = known;
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
            Answer answer = apiServer.jsonPatch("/api/v1/nodes/" + name, patch);
            ServerStatus status = ServerStatus.of(answer);
            if (status.isRefusedByPolicy()) {
                return refusedByPolicy(status);
            }
            return switch (answer.code()) {
                case 200 -> {
                    known.accept(answer.body());
                    yield new Written();
                }
                case 404 -> new NodeGone();
                case 409 -> conflict(name);
                case 422 -> status.isOverPatch() ? conflict(name) : new Invalid(status.inWords());
                case 401 -> new Denied("the API server does not accept our credentials");
                case 403 ->
                    status.lacksRight("patch", "nodes")
                            ? new Denied("may not patch nodes: the ClusterRole needs nodes: patch")
                            : refusedByPolicy(status);
                case 429 -> new WriteOutcome.Overloaded(status.inWords(), status.retryAfter());
                default -> new Failed(status.inWords());
            };
        } catch (IOException noAnswer) {
            return new Failed(String.valueOf(noAnswer.getMessage()));
        }
    }

    private WriteOutcome conflict(NodeName name) throws InterruptedException {
        read(name);
        return new Conflict();
    }

    private static WriteOutcome refusedByPolicy(ServerStatus status) {
        return new RefusedByPolicy(
                "a webhook or an admission policy of the cluster refuses our change to the node, and is to"
                        + " let it through: " + status.inWords());
    }

    /** By a list of one, which the right to list allows. A failure is no matter: the watch shows the node in the end. */
    private void read(NodeName name) throws InterruptedException {
        try {
            Answer answer = apiServer.get("/api/v1/nodes?fieldSelector=metadata.name%3D" + name);
            if (answer.code() == 200) {
                JSON.readTree(answer.body()).path("items").forEach(node -> known.accept(node.toString()));
            }
        } catch (IOException unread) {
            LOG.debugf("the node %s was not read after a conflict: %s", name, unread.getMessage());
        }
    }
}
