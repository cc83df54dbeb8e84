package dev.glidepath.departure.execution;

import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one departure sees of the cluster, of other replicas and of Auto Scaling. */
public interface ClusterView extends AutoCloseable {

    /** The nodes of the instance that there are, by name. */
    List<KubeNode> nodes();

    /** From now on this is the node, though its instance may have others. To be called by the departure's loop, before it looks. */
    void follow(NodeName name);

    /** What can be seen of the node. Where a replica's Lease names its instance, it was there, though its deletion was not seen here. */
    NodeSight node();

    /** The node's name, once it was seen. */
    Optional<NodeName> nodeName();

    /** Whose departure it is. */
    Claim claim(NodeSight node);

    /** The pods on the node, with what their namespaces request for them. */
    PodSight pods();

    /** The budgets over these pods, less the evictions under way that they do not count yet. */
    List<Budget> budgets(PodSight pods);

    /** The volumes attached to the node. */
    Set<String> attached();

    /**
     * What messages said of these actions, and what the hooks of their groups sent directly, as far as this or another replica received
     * it.
     */
    Set<ActionNotice> announced(Set<LifecycleAction> actions);

    /** Watches no pods any more, until they are listed again. */
    void rest();

    /** Watches no pods any more: the departure is over. */
    @Override
    void close();
}
