package dev.glidepath.departure;

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
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.Scheduling;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A dry run's world: what only reads is carried out, all else is imagined to have been done, and is seen as done. What it takes a
 * pod to go, or a budget to have room again, it cannot know: pods are gone as soon as they are asked.
 */
final class Rehearsal implements World {
    private final Acts acts;
    private final Imagined imagined;
    private final Runnable onChange;

    /**
     * What is imagined of one node's journal.
     *
     * @param over the journal that really stands there: as soon as it is another one, somebody else is at work
     */
    private record Journaled(String over, Journal journal) {}

    /** Of one instance, across its departures. */
    private static final class Imagined {
        private final Set<PodRef> gone = ConcurrentHashMap.newKeySet();
        private final Map<NodeName, Journaled> journaled = new ConcurrentHashMap<>();
    }

    /** What is imagined of all instances; of the last ten thousand, that is. */
    static final class Memory {
        private static final int MOST = 10_000;

        private final Lock lock = new ReentrantLock();
        private final Map<InstanceId, Imagined> byInstance = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<InstanceId, Imagined> eldest) {
                return size() > MOST;
            }
        };

        private Imagined of(InstanceId instance) {
            lock.lock();
            try {
                return byInstance.computeIfAbsent(instance, _ -> new Imagined());
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * @param acts of the same instance
     * @param onChange called when what is seen has changed
     */
    Rehearsal(InstanceId instance, Acts acts, Memory memory, Runnable onChange) {
        this.acts = acts;
        this.imagined = memory.of(instance);
        this.onChange = onChange;
    }

    @Override
    public List<KubeNode> nodes() {
        return acts.nodes().stream().map(this::imagined).toList();
    }

    @Override
    public void follow(NodeName name) {
        acts.follow(name);
    }

    @Override
    public NodeSight node() {
        NodeSight seen = acts.node();
        return seen instanceof Present(KubeNode node) ? new Present(imagined(node)) : seen;
    }

    private KubeNode imagined(KubeNode node) {
        return Optional.ofNullable(imagined.journaled.get(node.name()))
                .filter(journaled -> journaled.over().equals(node.journalText()))
                .map(journaled -> node.withJournal(journaled.journal()))
                .orElse(node);
    }

    @Override
    public Optional<NodeName> nodeName() {
        return acts.nodeName();
    }

    /** Without a Lease nothing is taken over; with nothing written there is no need of one. */
    @Override
    public Claim claim(NodeSight node) {
        Claim claim = acts.claim(node);
        return new Claim(
                claim.us(),
                Instant.MAX,
                claim.holding() instanceof Holding.Other(String holder, var _, boolean ofOtherRelease)
                        ? new Holding.Other(holder, Instant.MAX, ofOtherRelease)
                        : claim.holding());
    }

    @Override
    public PodSight pods() {
        Predicate<Pod> isGone = pod -> imagined.gone.contains(pod.ref());
        return switch (acts.pods()) {
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
        return acts.budgets(pods);
    }

    /** They go with their pods. */
    @Override
    public Set<String> attached() {
        return Set.of();
    }

    @Override
    public Set<ActionNotice> announced(Set<LifecycleAction> actions) {
        return acts.announced(actions);
    }

    @Override
    public Begun begin(Action action) {
        return switch (action) {
            case ListPods _, FindVolume _, DescribeHook _, AskForNode _, AskKubelet _ -> acts.begin(action);
            case DeleteMessages _, HandBack _ -> acts.begin(action); // by a queue that deletes and releases none either
            case OnJournal write -> imagine(() -> written(write));
            case MarkDisrupted _, Heartbeat _, CompleteHook _ -> imagine(Succeeded::new);
            case OnPod onPod -> imagine(() -> gone(onPod.pod()));
        };
    }

    /** Nothing speaks against what is only imagined. */
    private static Begun imagine(Begun.Request request) {
        return Begun.atOnce(Optional::empty, request);
    }

    @Override
    public Outcome carryOut(Action action, Begun begun) {
        return acts.carryOut(action, begun);
    }

    @Override
    public void rest() {
        acts.rest();
    }

    @Override
    public void close() {
        acts.close();
    }

    private Outcome gone(PodRef pod) {
        imagined.gone.add(pod);
        onChange.run();
        return new Succeeded();
    }

    private Outcome written(OnJournal write) {
        if (acts.node() instanceof Present(KubeNode node)) {
            imagined.journaled.put(node.name(), new Journaled(node.journalText(), withChanges(write)));
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
