package dev.glidepath.drain.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.apiserver.watch.ReducedInformer;
import dev.glidepath.apiserver.watch.ReducedInformer.Watching;
import dev.glidepath.apiserver.watch.Watch;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.drain.pod.Pod.Trait;
import java.util.Optional;
import java.util.Set;

/** What namespaces wish for their pods by an annotation. Only those that wish something are kept. */
public final class Namespaces implements AutoCloseable {
    private record Wish(String namespace, Trait trait) {}

    private final ReducedInformer<Wish> wishes;

    /** Nothing is asked of the API server before {@link #start}. */
    public Namespaces(Watcher watcher) {
        wishes = new ReducedInformer<>(
                watcher,
                Watch.Kind.all("/api/v1/namespaces", "namespaces", Set.of("metadata/annotations"), Namespaces::wish),
                Wish::namespace);
    }

    /** Begins to list and watch, and goes on trying for as long as it takes. */
    public void start() {
        wishes.start();
    }

    /** Whether the list has been read once: before that, a wish may not be known. */
    public boolean isSynced() {
        return wishes.isSynced();
    }

    /** How well they are watched. */
    public Watching watching() {
        return wishes.watching();
    }

    /** The same pod with what its namespace wishes, unless it wishes something itself. */
    public Pod wished(Pod pod) {
        return pod.is(Trait.SKIP) || pod.is(Trait.WAIT)
                ? pod
                : wishes.in(pod.ref().namespace()).stream()
                        .findFirst()
                        .map(wish -> pod.with(wish.trait()))
                        .orElse(pod);
    }

    @Override
    public void close() {
        wishes.close();
    }

    private static Optional<Wish> wish(JsonNode namespace) {
        JsonNode metadata = namespace.path("metadata");
        return DrainAnnotation.trait(
                        metadata.path("annotations").path(DrainAnnotation.KEY).asText())
                .map(trait -> new Wish(metadata.path("name").asText(), trait));
    }
}
