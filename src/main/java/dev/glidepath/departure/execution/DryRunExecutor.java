package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.Scheduling;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Executes what only reads, and simulates everything else: it is seen as done. */
final class DryRunExecutor implements ActionExecutor {
    private final InstanceId instance;
    private final LiveCluster view;
    private final LiveExecutor live;
    private final Simulations.OfInstance simulated;
    private final Runnable onChange;

    /**
     * @param view of the same departure
     * @param live of the same departure
     * @param onChange called when what is seen has changed
     */
    DryRunExecutor(
            InstanceId instance,
            LiveCluster view,
            LiveExecutor live,
            Simulations.OfInstance simulated,
            Runnable onChange) {
        this.instance = instance;
        this.view = view;
        this.live = live;
        this.simulated = simulated;
        this.onChange = onChange;
    }

    @Override
    public BegunAction begin(Action action) {
        return switch (action) {
            case ListPods _, FindVolume _, DescribeHook _, AskForNode _, AskKubelet _ -> live.begin(action);
            case DeleteMessages _, HandBack _ -> live.begin(action); // by a queue that deletes and releases none either
            case OnJournal write -> simulate(action, () -> write(write));
            case MarkDisrupted _, Heartbeat _, CompleteHook _ -> simulate(action, Succeeded::new);
            case OnPod onPod -> simulate(action, () -> remove(onPod.pod()));
        };
    }

    /** Nothing speaks against what is only simulated. */
    private BegunAction simulate(Action action, BegunAction.Request request) {
        return BegunAction.atOnce(action, instance, Optional::empty, request);
    }

    private Outcome remove(PodRef pod) {
        simulated.remove(pod);
        onChange.run();
        return new Succeeded();
    }

    private Outcome write(OnJournal write) {
        if (view.node() instanceof Present(KubeNode node)) {
            simulated.write(node, withChanges(write));
            onChange.run();
        }
        return new Succeeded();
    }

    private static Journal withChanges(OnJournal write) {
        Journal journal = write.journal();
        return switch (write) {
            case Cordon cordon ->
                journal.withChanged(
                        cordon.scheduling() == Scheduling.FORBIDDEN
                                ? Set.of(Change.UNSCHEDULABLE, Change.TAINT)
                                : Set.of(Change.SOFT_TAINT));
            case Undo _ -> journal.withoutChanged(EnumSet.allOf(Change.class));
            case TakeOutOfService _ -> journal.withChanged(Set.of(Change.OUT_OF_SERVICE));
            case PutBackInService _ -> journal.withoutChanged(Set.of(Change.OUT_OF_SERVICE));
            case UpdateJournal _, SettleJournal _ -> journal;
        };
    }
}
