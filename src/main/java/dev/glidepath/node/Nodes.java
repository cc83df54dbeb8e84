package dev.glidepath.node;

import dev.glidepath.apiserver.ReducedInformer;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The cluster's nodes on EC2, kept by an informer and found by the instance behind them. No call is made to find one. */
public final class Nodes implements AutoCloseable {
    /** Nodes remembered after their deletion: enough for every node of a large cluster to be replaced within hours. */
    private static final int MOST_GONE = 10_000;

    /** An instance and its node. */
    public record Known(InstanceId instance, KubeNode node) {}

    private final ReducedInformer<Node, Known> nodes;

    /**
     * The names of nodes that are there or have been, the latest news last. Those there are remembered as well, so that at the
     * moment of its deletion none seems never to have been.
     */
    private final Map<InstanceId, NodeName> seen = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InstanceId, NodeName> eldest) {
            return size() > MOST_GONE;
        }
    });

    /** Nothing is asked of the API server before {@link #start}. */
    public Nodes(KubernetesClient kubernetes) {
        nodes = new ReducedInformer<>(
                kubernetes,
                Node.class,
                "nodes",
                Nodes::known,
                known -> known.instance().value());
        onNews(this::remember);
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

    /** What can be seen now of this instance's node. */
    public NodeSight sight(InstanceId instance) {
        Optional<Known> present = nodes.in(instance.value()).stream().findFirst();
        if (present.isPresent()) {
            return new Present(present.get().node());
        }
        NodeName before = seen.get(instance);
        return before == null ? new NeverSeen() : new Gone(before);
    }

    /** The instances of the nodes with this label. */
    public List<InstanceId> labelled(String key, String value) {
        return all().stream()
                .filter(known -> value.equals(known.node().labels().get(key)))
                .map(Known::instance)
                .toList();
    }

    /** All nodes there are. */
    public List<Known> all() {
        return nodes.all();
    }

    /** Tells of each change to an instance's node, on the informer's thread: be brief. */
    public void onChange(Consumer<InstanceId> listener) {
        onNews(known -> listener.accept(known.instance()));
    }

    @Override
    public void close() {
        nodes.close();
    }

    private void onNews(Consumer<Known> listener) {
        nodes.onChange(listener);
        nodes.onRemoval(listener);
    }

    private void remember(Known known) {
        seen.remove(known.instance());
        seen.put(known.instance(), known.node().name());
    }

    /** Nothing for a node that is not on EC2, or whose instance the cloud's controller has not found yet. */
    private static Optional<Known> known(Node node) {
        return Optional.ofNullable(node.getSpec())
                .map(NodeSpec::getProviderID)
                .flatMap(providerId -> new ProviderId(providerId).instance())
                .map(instance -> new Known(instance, KubeNode.of(node)));
    }
}
