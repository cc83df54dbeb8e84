package dev.glidepath.apiserver;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ReducedStateItemStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * All objects of one kind in the cluster, listed and watched, each reduced at once to a small value, found by its group. The
 * client's models are some kilobytes each and are not kept: its own store holds keys and versions alone.
 *
 * @param <T> the client's model
 * @param <R> what is kept of it
 */
public final class ReducedInformer<T extends HasMetadata, R> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReducedInformer.class);

    private final SharedIndexInformer<T> informer;
    private final String what;
    private final Function<T, Optional<R>> reduce;
    private final Function<R, String> groupOf;

    private final Map<String, R> byKey = new ConcurrentHashMap<>();
    private final Map<String, Map<String, R>> byGroup = new ConcurrentHashMap<>();
    private final List<Consumer<R>> onChange = new CopyOnWriteArrayList<>();
    private final List<Consumer<R>> onRemoval = new CopyOnWriteArrayList<>();
    private final AtomicBoolean inTrouble = new AtomicBoolean();
    private final AtomicBoolean synced = new AtomicBoolean();

    /**
     * Nothing is asked of the API server before {@link #start}.
     *
     * @param what the objects in the plural, for the log
     * @param reduce what is kept of an object; nothing, if it is as good as not there
     * @param groupOf what its value is found by
     */
    public ReducedInformer(
            KubernetesClient kubernetes,
            Class<T> type,
            String what,
            Function<T, Optional<R>> reduce,
            Function<R, String> groupOf) {
        this.what = what;
        this.reduce = reduce;
        this.groupOf = groupOf;
        informer = kubernetes.resources(type).inAnyNamespace().runnableInformer(0);
        informer.itemStore(new ReducedStateItemStore<>(
                ReducedStateItemStore.NAME_KEY_STATE, type, kubernetes.getKubernetesSerialization()));
        informer.addEventHandler(new Listening());
        informer.exceptionHandler((started, failure) -> goOnAfter(failure));
    }

    /** Begins to list and watch, and goes on trying for as long as it takes; not waited for. */
    public void start() {
        var _ = informer.start().thenRun(this::isThere);
    }

    /** Whether the list has been read once: before that, what is not found may yet exist. */
    public boolean isSynced() {
        return synced.get();
    }

    /** What is kept of this group's objects, in the order of their names. */
    public List<R> in(String group) {
        return List.copyOf(byGroup.getOrDefault(group, Map.of()).values());
    }

    /** Tells of each object that is new or has changed, on the informer's thread: be brief. */
    public void onChange(Consumer<R> listener) {
        onChange.add(listener);
    }

    /** Tells of each object that is gone, as it was, on the informer's thread: be brief. */
    public void onRemoval(Consumer<R> listener) {
        onRemoval.add(listener);
    }

    @Override
    public void close() {
        informer.close();
    }

    private void isThere() {
        synced.set(true);
        endTrouble();
    }

    /** Told once, until it is over. Without this an informer whose first start fails stops for good. */
    private boolean goOnAfter(Throwable failure) {
        if (!inTrouble.getAndSet(true)) {
            LOG.warnf("the cluster's %s cannot be watched, trying again: %s", what, failure.getMessage());
        }
        return true;
    }

    private void endTrouble() {
        if (inTrouble.getAndSet(false)) {
            LOG.infof("the cluster's %s are watched again", what);
        }
    }

    private static String key(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    private void see(T object) {
        endTrouble();
        Optional<R> now = reduce.apply(object);
        Optional<R> before = Optional.ofNullable(byKey.get(key(object)));
        boolean moved = !before.map(groupOf).equals(now.map(groupOf));
        if (moved) {
            forget(key(object));
        }
        now.ifPresent(value -> {
            byKey.put(key(object), value);
            byGroup.compute(groupOf.apply(value), (_, there) -> {
                Map<String, R> group = there == null ? new ConcurrentSkipListMap<>() : there;
                group.put(key(object), value);
                return group;
            });
            onChange.forEach(listener -> listener.accept(value));
        });
    }

    private void forget(String key) {
        R last = byKey.remove(key);
        if (last == null) {
            return;
        }
        byGroup.computeIfPresent(groupOf.apply(last), (_, group) -> {
            group.remove(key);
            return group.isEmpty() ? null : group;
        });
        onRemoval.forEach(listener -> listener.accept(last));
    }

    private final class Listening implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            see(object);
        }

        @Override
        public void onUpdate(T before, T now) {
            see(now);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            endTrouble();
            forget(key(object));
        }
    }
}
