package dev.glidepath;

import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.node.Nodes;
import dev.glidepath.replica.Replicas;
import java.util.ArrayList;
import java.util.List;

/** What is watched all the time, whether or not a node departs. */
record Watched(Nodes nodes, Replicas replicas, Namespaces namespaces, Budgets budgets, Attachments attachments)
        implements AutoCloseable {

    /**
     * Begins to watch, and goes on trying for as long as it takes.
     *
     * @param onNodesKnown called once, when all nodes are known; the rest follows within the same moment, and what is decided
     *     without it the API server's answers correct
     */
    void start(Runnable onNodesKnown) {
        replicas.start();
        namespaces.start();
        budgets.start();
        attachments.start();
        nodes.start(onNodesKnown);
    }

    /** What is not known yet, each in words. */
    List<String> unknown() {
        List<String> unknown = new ArrayList<>();
        tell(unknown, nodes.isSynced(), "nodes");
        tell(unknown, replicas.isSynced(), "Leases of our replicas");
        tell(unknown, namespaces.isSynced(), "namespaces");
        tell(unknown, budgets.isSynced(), "PodDisruptionBudgets");
        tell(unknown, attachments.isSynced(), "VolumeAttachments");
        return unknown;
    }

    @Override
    public void close() {
        nodes.close();
        replicas.close();
        namespaces.close();
        budgets.close();
        attachments.close();
    }

    private static void tell(List<String> unknown, boolean synced, String what) {
        if (!synced) {
            unknown.add("the cluster's " + what + " are not known yet: is the API server reachable, and may we list "
                    + what + "?");
        }
    }
}
