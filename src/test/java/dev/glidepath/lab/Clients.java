package dev.glidepath.lab;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.time.SteadyClock;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Random;

/** Clients as the program makes its own: with its patience, and one that tries nothing again unseen. To be closed by who asks for it. */
public final class Clients {
    private Clients() {}

    /** With the daemon's own rights. */
    public static KubernetesClient ofDaemon(ControlPlane plane) {
        return of(plane, "glidepath", "glidepath");
    }

    /** With the rights of that ServiceAccount; a {@code default} one has none. */
    public static KubernetesClient of(ControlPlane plane, String namespace, String serviceAccount) {
        return of(plane.kubeconfigFor(namespace, serviceAccount));
    }

    /** As whom, and of which cluster, that kubeconfig says. */
    public static KubernetesClient of(Path kubeconfig) {
        try {
            return of(Config.fromKubeconfig(Files.readString(kubeconfig)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What watches with that client. */
    public static Watcher watcher(KubernetesClient client) {
        return watcher(client, InstantSource.system());
    }

    /** The same, by another clock. */
    public static Watcher watcher(KubernetesClient client, InstantSource clock) {
        return new Watcher(new ApiServer(client.getConfiguration()), steady(clock), new Random());
    }

    /** A clock that nobody sets, though it may be a test that moves it on. */
    public static SteadyClock steady(InstantSource clock) {
        return new SteadyClock(clock, () -> ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant()));
    }

    static KubernetesClient of(Config config) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(config)
                        .withRequestTimeout(20_000)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }
}
