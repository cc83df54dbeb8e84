package dev.glidepath.node;

import dev.glidepath.node.WriteOutcome.Conflict;
import dev.glidepath.node.WriteOutcome.Denied;
import dev.glidepath.node.WriteOutcome.Failed;
import dev.glidepath.node.WriteOutcome.NodeGone;
import dev.glidepath.node.WriteOutcome.Written;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/** Writes to nodes: one request a call, no retries of its own. */
public final class NodeWriter {
    private static final PatchContext JSON_PATCH = PatchContext.of(PatchType.JSON);

    private final KubernetesClient kubernetes;

    public NodeWriter(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /**
     * Cordons, taints and journals a node in one patch.
     *
     * @param kind the interruption's kind, which becomes the taint's value
     */
    public WriteOutcome depart(KubeNode node, Journal journal, String kind) {
        return write(node.name(), NodePatch.depart(node, journal, Taint.departing(kind)));
    }

    /** Writes the journal of a node and nothing else. */
    public WriteOutcome journal(KubeNode node, Journal journal) {
        return write(node.name(), NodePatch.journal(node, journal));
    }

    private WriteOutcome write(NodeName name, String patch) {
        try {
            kubernetes.nodes().withName(name.value()).patch(JSON_PATCH, patch);
            return new Written();
        } catch (KubernetesClientException refused) {
            return switch (refused.getCode()) {
                case 404 -> new NodeGone();
                // A failed test is 422, in general words.
                case 409, 422 -> new Conflict();
                case 401, 403 -> new Denied("may not patch nodes: the ClusterRole needs nodes: patch");
                default -> new Failed(describe(refused));
            };
        }
    }

    private static String describe(KubernetesClientException refused) {
        return refused.getCode() > 0
                ? "the API server answered " + refused.getCode()
                : "the API server cannot be reached: " + refused.getMessage();
    }
}
