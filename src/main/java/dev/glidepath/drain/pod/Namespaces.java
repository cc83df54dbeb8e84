package dev.glidepath.drain.pod;

import dev.glidepath.apiserver.ReducedInformer;
import dev.glidepath.drain.pod.Pod.Trait;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/** What namespaces wish for their pods by an annotation. Only those that wish something are kept. */
public final class Namespaces implements AutoCloseable {
    private record Wish(String namespace, Trait trait) {}

    private final ReducedInformer<Namespace, Wish> wishes;

    /** Nothing is asked of the API server before {@link #start}. */
    public Namespaces(KubernetesClient kubernetes) {
        wishes = new ReducedInformer<>(kubernetes, Namespace.class, "namespaces", Namespaces::wish, Wish::namespace);
    }

    /** Begins to list and watch, and goes on trying for as long as it takes. */
    public void start() {
        wishes.start();
    }

    /** Whether the list has been read once: before that, a wish may not be known. */
    public boolean isSynced() {
        return wishes.isSynced();
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

    private static Optional<Wish> wish(Namespace namespace) {
        return Optional.ofNullable(namespace.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(DrainAnnotation.KEY))
                .flatMap(DrainAnnotation::trait)
                .map(trait -> new Wish(namespace.getMetadata().getName(), trait));
    }
}
