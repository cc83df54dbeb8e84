package dev.glidepath.departure.execution;

import dev.glidepath.departure.sharing.PodLists;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Reading;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The cluster as its watches show it. */
final class LiveCluster implements ClusterView {
    private final InstanceId instance;
    private final ClusterSources sources;
    private final Gate gate;
    private final ActionTokens tokens;
    private final InstantSource clock;
    private final NodePods pods;
    private final AtomicReference<Optional<Instant>> seenByAnotherAt = new AtomicReference<>(Optional.empty());
    /** Which of the instance's nodes it is about; empty before there is one. */
    private volatile Optional<NodeName> followed = Optional.empty();

    /**
     * @param lists lets lists of pods be read
     * @param onChange called when the pods on the node have changed
     */
    LiveCluster(
            InstanceId instance,
            Tools tools,
            Authority authority,
            PodLists lists,
            InstantSource clock,
            Runnable onChange) {
        this.instance = instance;
        this.sources = tools.sources();
        this.gate = tools.requests().gate();
        this.tokens = tools.aws().tokens();
        this.clock = clock;
        this.pods = new NodePods(this::node, sources.watcher(), authority, lists, onChange);
    }

    @Override
    public List<KubeNode> nodes() {
        return sources.nodes().of(instance);
    }

    @Override
    public void follow(NodeName name) {
        followed = Optional.of(name);
    }

    @Override
    public NodeSight node() {
        NodeSight seen = sources.nodes().sight(instance, followed);
        return seen instanceof NeverSeen(Instant askedAt, var _) ? new NeverSeen(askedAt, seenByAnotherAt()) : seen;
    }

    private Optional<Instant> seenByAnotherAt() {
        return sources.replicas().owes(instance)
                ? seenByAnotherAt.updateAndGet(before -> before.or(() -> Optional.of(clock.instant())))
                : Optional.empty();
    }

    @Override
    public Claim claim(NodeSight node) {
        String us = sources.replica().id().holder();
        Holding holding =
                node instanceof Present(KubeNode present) ? holding(present.reading(), us) : new Holding.Nobody();
        return new Claim(us, sources.replica().mayActUntil(), holding);
    }

    /** The holder of a journal of a later version is left alone only if it is of our release: another may never hear what we hear. */
    private Holding holding(Reading reading, String us) {
        return switch (reading) {
            case Reading.None _, Reading.Broken _ -> new Holding.Nobody();
            case Reading.Read(Journal journal) ->
                journal.holder().map(holder -> holding(holder, us)).orElseGet(Holding.Nobody::new);
            case Reading.Newer(int version, Optional<String> holder) -> {
                Instant readersGone = sources.replicas().freeOfReadersAt(version);
                yield holder.map(named -> holding(named, us))
                        .filter(Holding.Other.class::isInstance)
                        .map(Holding.Other.class::cast)
                        .map(other -> new Holding.Other(
                                other.holder(),
                                other.ofOtherRelease() ? readersGone : later(other.freeAt(), readersGone),
                                other.ofOtherRelease()))
                        .orElseGet(() -> new Holding.Other("a replica of a later version", readersGone));
            }
        };
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private Holding holding(String holder, String us) {
        return holder.equals(us)
                ? new Holding.Us()
                : new Holding.Other(
                        holder,
                        sources.replicas().freeAt(holder),
                        sources.replicas().isOfOtherRelease(holder));
    }

    @Override
    public PodSight pods() {
        return switch (pods.sight()) {
            case PodSight.NotListed none -> none;
            case Listed(List<Pod> there, List<Pod> gone, var listedAt) ->
                new Listed(there.stream().map(sources.namespaces()::wished).toList(), gone, listedAt);
        };
    }

    /** The pods on the node, to be listed. */
    NodePods nodePods() {
        return pods;
    }

    @Override
    public List<Budget> budgets(PodSight pods) {
        return pods instanceof Listed(List<Pod> there, var _, var _)
                ? there.stream()
                        .map(pod -> pod.ref().namespace())
                        .distinct()
                        .flatMap(namespace -> sources.budgets().in(namespace).stream())
                        .map(budget -> budget.reserving(gate.reserved(budget.id())))
                        .toList()
                : List.of();
    }

    @Override
    public Set<String> attached() {
        return nodeName()
                .map(name -> sources.attachments().attachedTo(name.value()))
                .orElse(Set.of());
    }

    @Override
    public Optional<NodeName> nodeName() {
        return switch (node()) {
            case Present(KubeNode present) -> Optional.of(present.name());
            case Gone(NodeName name, var _, var _) -> Optional.of(name);
            case NeverSeen _ -> Optional.empty();
        };
    }

    @Override
    public Set<ActionNotice> announced(Set<LifecycleAction> actions) {
        return actions.stream()
                .flatMap(action ->
                        Stream.concat(tokens.noticeOf(action).stream(), tokens.directOf(action.group()).stream()))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void rest() {
        pods.rest();
    }

    @Override
    public void close() {
        pods.close();
    }
}
