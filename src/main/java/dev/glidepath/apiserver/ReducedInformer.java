package dev.glidepath.apiserver;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ReducedStateItemStore;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The objects of one kind in the cluster, or some of them, listed and watched, each reduced at once to a small value, found by its group. The
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
    private final FirstList firstList = new FirstList();

    /**
     * All objects of the kind, in whichever namespace. Nothing is asked of the API server before {@link #start}.
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
        this(kubernetes, kubernetes.resources(type).inAnyNamespace(), type, what, reduce, groupOf);
    }

    /**
     * Only some of the kind. Nothing is asked of the API server before {@link #start}.
     *
     * @param which those of a namespace or a label, say
     * @param what the objects in the plural, for the log
     * @param reduce what is kept of an object; nothing, if it is as good as not there
     * @param groupOf what its value is found by
     */
    public ReducedInformer(
            KubernetesClient kubernetes,
            Informable<T> which,
            Class<T> type,
            String what,
            Function<T, Optional<R>> reduce,
            Function<R, String> groupOf) {
        this.what = what;
        this.reduce = reduce;
        this.groupOf = groupOf;
        informer = which.runnableInformer(0);
        informer.itemStore(new ReducedStateItemStore<>(
                ReducedStateItemStore.NAME_KEY_STATE, type, kubernetes.getKubernetesSerialization()));
        informer.addEventHandler(new Listening());
        informer.exceptionHandler((started, failure) -> goOnAfter(failure));
    }

    /** Begins to list and watch, and goes on trying for as long as it takes; not waited for. */
    public void start() {
        start(() -> {});
    }

    /**
     * Begins to list and watch, and goes on trying for as long as it takes; not waited for.
     *
     * @param onSynced called once, when the list has been read, and those who listen have been told of all that is in it; be
     *     brief
     */
    public void start(Runnable onSynced) {
        var _ = informer.start().thenRun(() -> {
            endTrouble();
            firstList.read(informer.getStore().listKeys(), onSynced);
        });
    }

    /** Whether the list has been read once: before that, what is not found may yet exist. */
    public boolean isSynced() {
        return firstList.isDone();
    }

    /** All that is kept. */
    public List<R> all() {
        return List.copyOf(byKey.values());
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

    /** Told once, until it is over. Without this an informer whose first start fails stops for good. */
    private boolean goOnAfter(Throwable failure) {
        if (!inTrouble.getAndSet(true)) {
            LOG.warnf("the cluster's %s cannot be watched, trying again: %s", what, words(failure));
        }
        return true;
    }

    /** The client's own words, and why. */
    private static String words(Throwable failure) {
        return failure.getCause() == null
                ? String.valueOf(failure.getMessage())
                : "%s (%s)".formatted(failure.getMessage(), failure.getCause());
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
            try {
                see(object);
            } finally {
                firstList.told(Cache.metaNamespaceKeyFunc(object));
            }
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

    /**
     * Whether all of the first list has been told. The client reads it on one thread and tells of it on another, which may
     * still be at it when the reading is done.
     */
    private static final class FirstList {
        private final Lock lock = new ReentrantLock();
        private final Set<String> told = new HashSet<>();
        private Optional<List<String>> read = Optional.empty();
        private Runnable onSynced = () -> {};
        private volatile boolean done;

        boolean isDone() {
            return done;
        }

        void read(List<String> keys, Runnable then) {
            lock.lock();
            try {
                read = Optional.of(keys);
                onSynced = then;
            } finally {
                lock.unlock();
            }
            finish();
        }

        void told(String key) {
            if (done) {
                return;
            }
            lock.lock();
            try {
                told.add(key);
            } finally {
                lock.unlock();
            }
            finish();
        }

        private void finish() {
            lock.lock();
            try {
                if (done || !read.filter(told::containsAll).isPresent()) {
                    return;
                }
                done = true;
                told.clear();
            } finally {
                lock.unlock();
            }
            onSynced.run();
        }
    }
}
