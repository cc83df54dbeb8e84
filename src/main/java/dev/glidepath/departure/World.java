package dev.glidepath.departure;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Outcome;
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

/** What one departure sees, and where its acts are carried out. */
sealed interface World extends AutoCloseable permits Acts, Rehearsal {

    /** The nodes of the instance that there are, by name. */
    List<KubeNode> nodes();

    /** From now on this is the node, though its instance may have others. To be called by the departure's loop, before it looks. */
    void follow(NodeName name);

    /** What can be seen of the node; one that a replica's Lease tells of was there, though its deletion was not seen here. */
    NodeSight node();

    /** The node's name, once it was seen. */
    Optional<NodeName> nodeName();

    /** Whose departure it is. */
    Claim claim(NodeSight node);

    /** The pods on the node, with what their namespaces wish for them. */
    PodSight pods();

    /** The budgets over these pods, less the evictions under way that they do not count yet. */
    List<Budget> budgets(PodSight pods);

    /** The volumes attached to the node. */
    Set<String> attached();

    /**
     * What messages said of these actions, and what the hooks of their groups sent that told us themselves, as far as we or other
     * replicas received it.
     */
    Set<ActionNotice> announced(Set<LifecycleAction> actions);

    /**
     * Begins an act: acts that are begun first have the first claim to what all departures share. To be carried out on a thread of
     * its own. Never blocks.
     */
    Begun begin(Action action);

    /**
     * Carries an act out, on the calling thread. Always comes back with an outcome, whatever is thrown: within the act's own
     * time-out, once its turn has come.
     */
    Outcome carryOut(Action action, Begun begun);

    /** Looks at no pods any more, until they are listed again. */
    void rest();

    @Override
    void close();
}
