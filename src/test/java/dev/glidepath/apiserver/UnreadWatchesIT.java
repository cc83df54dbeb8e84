package dev.glidepath.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.TestCluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Watches of a real API server that nobody reads: departures that get no processor for a while. */
class UnreadWatchesIT {
    private static final int WATCHES = 300;
    private static final int OBJECTS = 20;
    private static final int LETTERS = 50_000;
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final ControlPlane plane = ControlPlane.shared();

    @Test
    void unreadWatchesTakeTheWindowsOfTheirStreamsAndHoldUpNobody() throws Exception {
        try (TestCluster cluster = TestCluster.create(plane)) {
            for (int i = 0; i < OBJECTS; i++) {
                cluster.client()
                        .resource(large(cluster.namespace(), "large-" + i))
                        .create();
            }
            ApiServer apiServer = new ApiServer(Config.fromKubeconfig(Files.readString(plane.adminKubeconfig())));
            String configMaps = "/api/v1/namespaces/" + cluster.namespace() + "/configmaps";
            assertThat(apiServer.get(configMaps).code()).isEqualTo(200);
            long before = inUse();

            List<InputStream> watches = new ArrayList<>();
            for (int i = 0; i < WATCHES; i++) {
                watches.add(apiServer.watch(configMaps + "?watch=true"));
            }
            Thread.sleep(SETTLED);

            long each = (inUse() - before) / WATCHES;
            assertThat(each)
                    .as("bytes of each watch, which has %,d to tell", OBJECTS * LETTERS)
                    .isLessThan(150_000);
            assertThat(apiServer.get(configMaps).code()).isEqualTo(200);
            try (InputStream another = apiServer.watch(configMaps + "?watch=true")) {
                assertThat(another.readNBytes(OBJECTS * LETTERS)).hasSize(OBJECTS * LETTERS);
            }
            assertThat(watches.getFirst().readNBytes(OBJECTS * LETTERS))
                    .as("read at last")
                    .hasSize(OBJECTS * LETTERS);
            for (InputStream watch : watches) {
                watch.close();
            }
            await("what they held is free again").until(() -> inUse() - before < 20_000_000);
        }
    }

    private static long inUse() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static ConfigMap large(String namespace, String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .addToData("letters", "x".repeat(LETTERS))
                .build();
    }
}
