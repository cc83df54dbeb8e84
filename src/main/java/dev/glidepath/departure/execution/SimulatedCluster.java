package dev.glidepath.departure.execution;

import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The cluster as it would be, had a dry run written what it simulates. How long a pod takes to go, and when a budget has room again, is not
 * simulated: pods are gone as soon as they are asked.
 */
final class SimulatedCluster implements ClusterView {
    private final LiveCluster live;
    private final Simulations.OfInstance simulated;

    /**
     * @param live of the same departure
     */
    SimulatedCluster(LiveCluster live, Simulations.OfInstance simulated) {
        this.live = live;
        this.simulated = simulated;
    }

    @Override
    public List<KubeNode> nodes() {
        return live.nodes().stream().map(simulated::changed).toList();
    }

    @Override
    public void follow(NodeName name) {
        live.follow(name);
    }

    @Override
    public NodeSight node() {
        NodeSight seen = live.node();
        return seen instanceof Present(KubeNode node) ? new Present(simulated.changed(node)) : seen;
    }

    @Override
    public Optional<NodeName> nodeName() {
        return live.nodeName();
    }

    /** Without a Lease nothing is taken over; as nothing is written, none is needed. */
    @Override
    public Claim claim(NodeSight node) {
        Claim claim = live.claim(node);
        return new Claim(
                claim.us(),
                Instant.MAX,
                claim.holding() instanceof Holding.Other(String holder, var _, boolean ofOtherRelease)
                        ? new Holding.Other(holder, Instant.MAX, ofOtherRelease)
                        : claim.holding());
    }

    @Override
    public PodSight pods() {
        Predicate<Pod> isGone = pod -> simulated.isGone(pod.ref());
        return switch (live.pods()) {
            case PodSight.NotListed none -> none;
            case Listed(List<Pod> there, List<Pod> gone, Instant listedAt) ->
                new Listed(
                        there.stream().filter(isGone.negate()).toList(),
                        Stream.concat(gone.stream(), there.stream().filter(isGone))
                                .toList(),
                        listedAt);
        };
    }

    @Override
    public List<Budget> budgets(PodSight pods) {
        return live.budgets(pods);
    }

    /** They go with their pods. */
    @Override
    public Set<String> attached() {
        return Set.of();
    }

    @Override
    public Set<ActionNotice> announced(Set<LifecycleAction> actions) {
        return live.announced(actions);
    }

    @Override
    public void rest() {
        live.rest();
    }

    @Override
    public void close() {
        live.close();
    }
}
