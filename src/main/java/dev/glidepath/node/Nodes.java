package dev.glidepath.node;

import dev.glidepath.event.InstanceId;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The cluster's nodes, kept by an informer and found by the instance behind them. No call is made to find one.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes">Efficient
 *     detection of changes</a>
 */
public final class Nodes implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Nodes.class);
    private static final String BY_INSTANCE = "instance";

    /** Deleted nodes remembered: enough for every node of a large cluster to be replaced within hours. */
    private static final int MOST_GONE = 10_000;

    private final SharedIndexInformer<Node> informer;
    private final AtomicBoolean inTrouble = new AtomicBoolean();
    private final List<Consumer<InstanceId>> listeners = new CopyOnWriteArrayList<>();
    private final Map<InstanceId, NodeName> gone = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InstanceId, NodeName> eldest) {
            return size() > MOST_GONE;
        }
    });

    /** Nothing is asked of the API server before {@link #start}. */
    public Nodes(KubernetesClient kubernetes) {
        informer = kubernetes.nodes().runnableInformer(0);
        informer.addIndexers(Map.of(
                BY_INSTANCE,
                node -> instanceOf(node).map(InstanceId::value).map(List::of).orElse(List.of())));
        informer.addEventHandler(new Listening());
        informer.exceptionHandler((started, failure) -> goOnAfter(failure));
    }

    /**
     * Begins to list and watch, and goes on trying for as long as it takes.
     *
     * @param onSynced called once, when all nodes are known
     */
    public void start(Runnable onSynced) {
        var _ = informer.start().thenRun(onSynced);
    }

    /** Whether the list has been read once: before that, a node that is not found may yet exist. */
    public boolean isSynced() {
        return informer.hasSynced();
    }

    /** What can be seen now of this instance's node. */
    public NodeSight sight(InstanceId instance) {
        Optional<Node> present = informer.getIndexer().byIndex(BY_INSTANCE, instance.value()).stream()
                .findFirst();
        if (present.isPresent()) {
            return new Present(KubeNode.of(present.get()));
        }
        NodeName before = gone.get(instance);
        return before == null ? new NeverSeen() : new Gone(before);
    }

    /** Tells of each change to an instance's node, on the informer's thread: be brief. */
    public void onChange(Consumer<InstanceId> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        informer.close();
    }

    /** Told once, until a change comes in again. Without this an informer whose first start fails stops for good. */
    private boolean goOnAfter(Throwable failure) {
        if (!inTrouble.getAndSet(true)) {
            LOG.warnf("the cluster's nodes cannot be watched, trying again: %s", failure.getMessage());
        }
        return true;
    }

    private static Optional<InstanceId> instanceOf(Node node) {
        String providerId = node.getSpec() == null ? null : node.getSpec().getProviderID();
        return providerId == null ? Optional.empty() : new ProviderId(providerId).instance();
    }

    private void tell(Node node) {
        if (inTrouble.getAndSet(false)) {
            LOG.info("the cluster's nodes are watched again");
        }
        instanceOf(node).ifPresent(instance -> listeners.forEach(listener -> listener.accept(instance)));
    }

    private final class Listening implements ResourceEventHandler<Node> {
        @Override
        public void onAdd(Node node) {
            instanceOf(node).ifPresent(gone::remove);
            tell(node);
        }

        /** One deleted and made again under its name while nobody watched seems to have changed. */
        @Override
        public void onUpdate(Node before, Node now) {
            if (instanceOf(before).equals(instanceOf(now))) {
                tell(now);
            } else {
                onDelete(before, false);
                onAdd(now);
            }
        }

        @Override
        public void onDelete(Node node, boolean finalStateUnknown) {
            instanceOf(node)
                    .ifPresent(instance ->
                            gone.put(instance, new NodeName(node.getMetadata().getName())));
            tell(node);
        }
    }
}
