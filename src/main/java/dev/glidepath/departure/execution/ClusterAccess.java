package dev.glidepath.departure.execution;

import dev.glidepath.departure.sharing.PodLists;
import dev.glidepath.event.InstanceId;
import dev.glidepath.observe.Metrics;
import java.time.InstantSource;

/** Gives each departure its view of the cluster and what acts for it; in a dry run those that write nothing. */
public final class ClusterAccess {
    private final Tools tools;
    private final Authority authority;
    private final PodLists lists;
    private final Metrics metrics;
    private final InstantSource clock;
    private final Simulations simulations = new Simulations();

    /**
     * @param lists lets lists of pods be read
     */
    public ClusterAccess(Tools tools, Authority authority, PodLists lists, Metrics metrics, InstantSource clock) {
        this.tools = tools;
        this.authority = authority;
        this.lists = lists;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * For one node of this instance.
     *
     * @param onChange called when what is seen has changed
     */
    public NodeAccess of(InstanceId instance, Runnable onChange) {
        LiveCluster view = new LiveCluster(instance, tools, authority, lists, clock, onChange);
        LiveExecutor executor = new LiveExecutor(instance, view, tools, authority, metrics, clock);
        if (!tools.dryRun()) {
            return new NodeAccess(view, executor);
        }
        Simulations.OfInstance simulated = simulations.of(instance);
        return new NodeAccess(
                new SimulatedCluster(view, simulated),
                new DryRunExecutor(instance, view, executor, simulated, onChange));
    }
}
