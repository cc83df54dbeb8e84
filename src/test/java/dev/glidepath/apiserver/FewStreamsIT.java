package dev.glidepath.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.SilentProxy;
import io.fabric8.kubernetes.client.Config;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A real API server that allows few streams a connection, as one behind a gateway may. */
class FewStreamsIT {
    private static final int STREAMS = 20;
    private static final int WATCHES = 100;
    private static final int REQUESTS = 200;
    private static final int MOST_FOR_REQUESTS = 16;

    @Test
    void watchesAndRequestsTakeAsManyConnectionsAsTheyNeed() throws Exception {
        try (ControlPlane plane = ControlPlane.start("--http2-max-streams-per-connection=" + STREAMS);
                SilentProxy proxy = SilentProxy.before(plane);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ApiServer apiServer = new ApiServer(
                    Config.fromKubeconfig(Files.readString(proxy.kubeconfigFor(plane, "glidepath", "glidepath"))));
            List<InputStream> watches = openWatches(apiServer);
            int forWatches = proxy.accepted();

            List<Future<Integer>> answers = IntStream.range(0, REQUESTS)
                    .mapToObj(i -> threads.submit(() -> apiServer
                            .get("/api/v1/pods?limit=1&fieldSelector=spec.nodeName%3D" + i)
                            .code()))
                    .toList();
            for (Future<Integer> answer : answers) {
                assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo(200);
            }
            assertThat(proxy.accepted() - forWatches)
                    .as("connections for %d requests at once", REQUESTS)
                    .isBetween(1, MOST_FOR_REQUESTS);
            for (InputStream watch : watches) {
                String begun = new String(watch.readNBytes(1), StandardCharsets.UTF_8);
                assertThat(begun).as("it tells of what is there").isEqualTo("{");
                watch.close();
            }
            assertThat(forWatches).isBetween(WATCHES / STREAMS, 2 * WATCHES / STREAMS);
        }
    }

    private static List<InputStream> openWatches(ApiServer apiServer) throws Exception {
        List<InputStream> watches = new ArrayList<>();
        for (int i = 0; i < WATCHES; i++) {
            watches.add(apiServer.watch("/api/v1/namespaces?watch=true"));
        }
        return watches;
    }
}
