package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.apiserver.encoding.Projection;
import dev.glidepath.apiserver.watch.ReducedInformer;
import dev.glidepath.apiserver.watch.ReducedInformer.Watching;
import dev.glidepath.apiserver.watch.Watch;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.event.InstanceId;
import dev.glidepath.memory.Recent;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The cluster's nodes on EC2, kept by a watch and found by the instance behind them. Finding one costs no request; only an
 * answer of the API server proves that there is none. A node that the API server answered, to a write of ours or after a
 * conflict, counts until the watch shows it or a later version: nothing is decided on a node as it was before our own last write.
 */
public final class Nodes implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Nodes.class);
    private static final Projection READS = Projection.of(KubeNode.READS);

    /** Nodes remembered after their deletion: enough for every node of a large cluster to be replaced within hours. */
    private static final int MOST_GONE = 10_000;

    /** Nodes whose last write by us is not seen yet. More than departures are under way at once. */
    private static final int MOST_WRITTEN = 4_000;

    /**
     * An instance and its node.
     *
     * @param version the object's resource version
     */
    public record Known(InstanceId instance, KubeNode node, String version) {

        /**
         * Whether this is later. Versions of one kind of object are numbers that grow.
         *
         * @see <a href="https://github.com/kubernetes/enhancements/issues/5504">Comparable resource versions</a>
         */
        boolean isNewerThan(Known other) {
            return isNumber(version)
                    && isNumber(other.version)
                    && new BigInteger(version).compareTo(new BigInteger(other.version)) > 0;
        }

        private static boolean isNumber(String version) {
            return !version.isEmpty() && version.chars().allMatch(digit -> digit >= '0' && digit <= '9');
        }
    }

    /**
     * What was last told of a node, and when.
     *
     * @param isSure whether its provider id named the instance
     */
    private record Seen(NodeName name, boolean isSure, Instant at) {}

    /**
     * What is kept of a Node object.
     *
     * @param instance empty where it names none
     * @param isElsewhere whether its provider id says that it is on no instance
     */
    private record Kept(Optional<InstanceName> instance, boolean isElsewhere, KubeNode node, String version) {
        Optional<Known> known() {
            return instance.map(named -> new Known(named.instance(), node, version));
        }

        boolean isSure() {
            return instance.filter(InstanceName::isProviderId).isPresent();
        }

        /** What it is found by. */
        String group() {
            return instance.map(named -> named.instance().value()).orElse("");
        }
    }

    private final ReducedInformer<Kept> nodes;
    private final NodeSelector ours;
    private final InstantSource clock;

    /**
     * Nodes that are there or have been, the latest news last. Those there are remembered as well, so that at the
     * moment of its deletion none seems never to have been.
     */
    private final Recent<InstanceId, Seen> seen = new Recent<>(MOST_GONE);

    /**
     * As the API server answered last, where the informer does not show that yet. By their names: what is late about a node says
     * nothing about another with the same instance.
     */
    private final Recent<NodeName, Known> answered = new Recent<>(MOST_WRITTEN);

    /**
     * Nothing is asked of the API server before {@link #start}.
     *
     * @param ours which nodes may be touched: of the others none is remembered once it is gone, and neither is its hook touched
     */
    public Nodes(Watcher watcher, NodeSelector ours) {
        this.ours = ours;
        this.clock = watcher.clock();
        nodes = new ReducedInformer<>(
                watcher,
                Watch.Kind.all("/api/v1/nodes", "nodes", KubeNode.READS, node -> Optional.of(kept(node))),
                Kept::group);
        nodes.onChange(this::remember);
        nodes.onRemoval(this::remember);
        nodes.onChange(kept -> kept.known().ifPresent(this::forgetWhatIsSeen));
        nodes.onRemoval(kept -> kept.known().ifPresent(this::forgetWhatIsGone));
    }

    /**
     * Begins to list and watch, and goes on trying for as long as it takes.
     *
     * @param onSynced called once, when all nodes are known; be brief
     */
    public void start(Runnable onSynced) {
        nodes.start(onSynced);
    }

    /** Whether the list has been read once: before that, a node that is not found may yet exist. */
    public boolean isSynced() {
        return nodes.isSynced();
    }

    /** How well they are watched. */
    public Watching watching() {
        return nodes.watching();
    }

    /** When the server was last asked for all nodes; long past where it never was. One that has joined since may not be seen yet. */
    public Instant askedAt() {
        return nodes.listedAt();
    }

    /**
     * Waits until the server has been asked for all nodes at this moment or later. All who wait share one question, and there
     * is a while between two of them.
     *
     * @return whether it has answered in time
     */
    public boolean awaitAskedSince(Instant moment, Duration atMost) throws InterruptedException {
        return nodes.awaitListSince(moment, atMost);
    }

    /** The nodes of this instance that there are, by name: mostly one, but more than one Node object may name it. */
    public List<KubeNode> of(InstanceId instance) {
        return nodes.in(instance.value()).stream()
                .filter(this::counts)
                .flatMap(kept -> kept.known().stream())
                .map(this::latest)
                .map(Known::node)
                .toList();
    }

    /**
     * Whether it is a node of the instance that it names. A kubelet may write its own labels and annotations: what names an instance
     * that way counts only if no other node has that instance by its provider id, or had it.
     */
    private boolean counts(Kept kept) {
        return kept.isSure()
                || kept.instance()
                        .filter(named -> nodes.in(kept.group()).stream().noneMatch(Kept::isSure))
                        .filter(named -> seen.get(named.instance())
                                .filter(last -> last.isSure()
                                        && !last.name().equals(kept.node().name()))
                                .isEmpty())
                        .isPresent();
    }

    /** How many Ready nodes that we may touch name no instance, though they may be on one: no interruption finds them. */
    public int nameless() {
        return (int) nodes.in("").stream()
                .filter(kept -> kept.node().ready() && !kept.isElsewhere())
                .filter(kept -> ours.selects(kept.node().labels()))
                .count();
    }

    /** What can be seen now of this instance's node; of the first by name where there are several. */
    public NodeSight sight(InstanceId instance) {
        Instant askedAt = askedAt(); // before the look: what was listed until then is seen
        List<KubeNode> there = of(instance);
        if (!there.isEmpty()) {
            return new Present(there.getFirst());
        }
        return seen.get(instance)
                .<NodeSight>map(last -> new Gone(last.name(), last.at(), askedAt))
                .orElseGet(() -> new NeverSeen(askedAt));
    }

    /**
     * What can be seen now of the node of this name, if one is named; with another instance behind it, it is another node. Others
     * of the same instance do not stand for it.
     */
    public NodeSight sight(InstanceId instance, Optional<NodeName> name) {
        Instant askedAt = askedAt(); // before the look
        List<KubeNode> there = of(instance);
        if (name.isEmpty() || there.isEmpty()) {
            return sight(instance);
        }
        return there.stream()
                .filter(node -> node.name().equals(name.get()))
                .findFirst()
                .<NodeSight>map(Present::new)
                .orElseGet(() -> new Gone(name.get(), clock.instant(), askedAt));
    }

    /** Whether this instance's node that we may touch is there, or was. */
    public boolean hasSeen(InstanceId instance) {
        return seen.contains(instance);
    }

    /** The instances of the nodes with this label, each once. */
    public List<InstanceId> labelled(String key, String value) {
        return all().stream()
                .filter(known -> value.equals(known.node().labels().get(key)))
                .map(Known::instance)
                .distinct()
                .toList();
    }

    /** All nodes there are. */
    public List<Known> all() {
        return nodes.all().stream()
                .filter(this::counts)
                .flatMap(kept -> kept.known().stream())
                .map(this::latest)
                .toList();
    }

    /**
     * The API server has answered what a node is like, to a write of ours or when it was asked.
     *
     * @param object the node
     */
    public void answered(String object) {
        try {
            kept(READS.read(object))
                    .known()
                    .ifPresent(now -> answered.merge(
                            now.node().name(), now, (before, _) -> before.isNewerThan(now) ? before : now));
        } catch (JsonProcessingException garbled) {
            LOG.debugf("what a node is like is not known before it is seen: %s", garbled.getOriginalMessage());
        }
    }

    /** Tells of each change to an instance's node, on the informer's thread: be brief. */
    public void onChange(Consumer<InstanceId> listener) {
        Consumer<Kept> news = kept -> kept.known().ifPresent(known -> listener.accept(known.instance()));
        nodes.onChange(news);
        nodes.onRemoval(news);
    }

    @Override
    public void close() {
        nodes.close();
    }

    private Known latest(Known watched) {
        return answered.get(watched.node().name())
                .filter(ours -> ours.instance().equals(watched.instance()) && ours.isNewerThan(watched))
                .orElse(watched);
    }

    private void forgetWhatIsSeen(Known watched) {
        answered.removeIf(watched.node().name(), ours -> !ours.isNewerThan(watched));
    }

    private void forgetWhatIsGone(Known last) {
        answered.removeIf(last.node().name(), ours -> ours.instance().equals(last.instance()));
    }

    private void remember(Kept kept) {
        if (!counts(kept)) {
            return;
        }
        kept.known().ifPresent(known -> {
            NodeName name = known.node().name();
            if (ours.selects(known.node().labels())) {
                seen.put(known.instance(), new Seen(name, kept.isSure(), clock.instant()));
            } else {
                seen.removeIf(known.instance(), last -> last.name().equals(name));
            }
        });
    }

    private static Kept kept(JsonNode node) {
        return new Kept(
                InstanceName.of(node),
                new ProviderId(node.path("spec").path("providerID").asText()).isElsewhere(),
                KubeNode.of(node),
                node.path("metadata").path("resourceVersion").asText());
    }
}
