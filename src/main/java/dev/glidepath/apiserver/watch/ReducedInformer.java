package dev.glidepath.apiserver.watch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.trouble.Trouble;
import dev.glidepath.trouble.Trouble.Remedy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The objects of one kind in the cluster, or some of them, listed and watched, each reduced at once to a small value, found by
 * its group.
 *
 * @param <R> what is kept of an object
 */
public final class ReducedInformer<R> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReducedInformer.class);

    private final Watch<Entry<R>> watch;
    private final String what;
    private final Function<R, String> groupOf;

    private final Map<String, R> byKey = new ConcurrentHashMap<>();
    private final Map<String, Map<String, R>> byGroup = new ConcurrentHashMap<>();
    private final List<Consumer<R>> onChange = new CopyOnWriteArrayList<>();
    private final List<Consumer<R>> onRemoval = new CopyOnWriteArrayList<>();
    private final Trouble<Remedy> watchTrouble;
    private volatile Runnable onSynced = () -> {};
    private volatile boolean synced;

    /**
     * The keys of which not everybody who listens has been told, each with what was removed under it since. Touched by the
     * watching thread alone, as is what follows.
     */
    private final Map<String, List<R>> untold = new LinkedHashMap<>();

    /** Those of {@link #untold} at which somebody threw. */
    private final Set<String> failedOnce = new HashSet<>();

    private boolean toldSynced;

    /**
     * How well something is watched.
     *
     * @param what the objects in the plural
     * @param synced whether they have been listed once
     * @param silentFor how long the server has said nothing about them
     */
    public record Watching(String what, boolean synced, Duration silentFor) {}

    private record Entry<R>(String key, Optional<R> value) {}

    /**
     * Nothing is asked of the API server before {@link #start}.
     *
     * @param kind which objects, and what is kept of each; nothing, if one is as good as not there
     * @param groupOf what its value is found by
     */
    public ReducedInformer(Watcher watcher, Watch.Kind<Optional<R>> kind, Function<R, String> groupOf) {
        this.what = kind.what();
        this.groupOf = groupOf;
        this.watchTrouble = new Trouble<>(
                LOG,
                Trouble.Words.of(
                        "the cluster's " + what + " cannot be watched, trying again",
                        "the cluster's " + what + " are watched again"),
                watcher.clock());
        watch = new Watch<>(
                watcher,
                new Watch.Kind<>(
                        kind.resource(),
                        kind.selector(),
                        kind.inPages(),
                        kind.what(),
                        object -> new Entry<>(key(object), kind.reduce().apply(object))),
                new Listening());
    }

    /** Begins to list and watch, and goes on trying for as long as it takes; not waited for. */
    public void start() {
        start(() -> {});
    }

    /**
     * Begins to list and watch, and goes on trying for as long as it takes; not waited for.
     *
     * @param then called once, when the list has been read, and those who listen have been told of all that is in it; again
     *     with the next list where it threw; be brief
     */
    public void start(Runnable then) {
        onSynced = then;
        watch.start();
    }

    /** Whether the list has been read once: before that, what is not found may yet exist. */
    public boolean isSynced() {
        return synced;
    }

    /** How well they are watched. */
    public Watching watching() {
        return new Watching(what, synced, watch.silentFor());
    }

    /** When all of them were last asked for: whatever was there then, and is to be kept, is found. */
    public Instant listedAt() {
        return watch.listedAt();
    }

    /**
     * Waits until the server has been asked for all of them at this moment or later. All who wait share one question.
     *
     * @return whether it has answered in time
     */
    public boolean awaitListSince(Instant moment, Duration atMost) throws InterruptedException {
        return watch.awaitListSince(moment, atMost);
    }

    /** All that is kept. */
    public List<R> all() {
        return List.copyOf(byKey.values());
    }

    /** What is kept of this group's objects, in the order of their names. */
    public List<R> in(String group) {
        return List.copyOf(byGroup.getOrDefault(group, Map.of()).values());
    }

    /** Tells of each object that is new or has changed, on the informer's thread: be brief. Who throws is told once more. */
    public void onChange(Consumer<R> listener) {
        onChange.add(listener);
    }

    /** Tells of each object that is gone, as it was, on the informer's thread: be brief. Who throws is told once more. */
    public void onRemoval(Consumer<R> listener) {
        onRemoval.add(listener);
    }

    @Override
    public void close() {
        watch.close();
    }

    private static String key(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return metadata.path("namespace").asText() + "/" + metadata.path("name").asText();
    }

    private void keep(Entry<R> entry) {
        Optional<R> before = Optional.ofNullable(byKey.get(entry.key()));
        boolean moved = !before.map(groupOf).equals(entry.value().map(groupOf));
        if (moved) {
            drop(entry.key());
        }
        entry.value().ifPresent(value -> {
            byKey.put(entry.key(), value);
            byGroup.compute(groupOf.apply(value), (_, there) -> {
                Map<String, R> group = there == null ? new ConcurrentSkipListMap<>() : there;
                group.put(entry.key(), value);
                return group;
            });
            removedAt(entry.key());
        });
    }

    private void drop(String key) {
        R last = byKey.remove(key);
        if (last == null) {
            return;
        }
        byGroup.computeIfPresent(groupOf.apply(last), (_, group) -> {
            group.remove(key);
            return group.isEmpty() ? null : group;
        });
        removedAt(key).add(last);
    }

    private List<R> removedAt(String key) {
        return untold.computeIfAbsent(key, _ -> new ArrayList<>());
    }

    /**
     * Who throws at one object is told of the others all the same, and of that one after the next list or event, and then no more:
     * one object must not keep all others from being seen.
     */
    private void tellAll() {
        List<RuntimeException> unforeseen = new ArrayList<>();
        for (String key : List.copyOf(untold.keySet())) {
            try {
                tell(key);
                failedOnce.remove(key);
            } catch (RuntimeException thrown) {
                if (failedOnce.add(key)) {
                    unforeseen.add(thrown);
                } else {
                    LOG.errorf(thrown, "who was told of %s among the %s failed twice, and is told no more", key, what);
                    failedOnce.remove(key);
                    untold.remove(key);
                }
            }
        }
        if (!unforeseen.isEmpty()) {
            throw unforeseen.getFirst();
        }
    }

    private void tell(String key) {
        List<R> removed = removedAt(key);
        while (!removed.isEmpty()) {
            R last = removed.getFirst();
            onRemoval.forEach(listener -> listener.accept(last));
            removed.removeFirst();
        }
        R there = byKey.get(key);
        if (there != null) {
            onChange.forEach(listener -> listener.accept(there));
        }
        untold.remove(key);
    }

    private final class Listening implements Watch.Listener<Entry<R>> {
        @Override
        public void listed(Watch.Listed<Entry<R>> all) {
            Set<String> gone = new HashSet<>(byKey.keySet());
            all.objects().forEach(entry -> gone.remove(entry.key()));
            gone.forEach(ReducedInformer.this::drop);
            all.objects().stream()
                    .filter(entry ->
                            !Optional.ofNullable(byKey.get(entry.key())).equals(entry.value()))
                    .forEach(ReducedInformer.this::keep);
            tellAll();
            synced = true;
            if (!toldSynced) {
                onSynced.run();
                toldSynced = true;
            }
        }

        @Override
        public void seen(Entry<R> entry) {
            keep(entry);
            tellAll();
        }

        @Override
        public void deleted(Entry<R> entry) {
            drop(entry.key());
            tellAll();
        }

        @Override
        public void failed(IOException why) {
            watchTrouble.met(Remedy.TIME, String.valueOf(why.getMessage()));
        }

        @Override
        public void watched() {
            watchTrouble.ended();
        }
    }
}
