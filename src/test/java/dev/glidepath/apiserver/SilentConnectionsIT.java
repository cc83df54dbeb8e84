package dev.glidepath.apiserver;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.SilentProxy;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections to a real API server that lose every byte: what is under way on them ends, and new requests are answered. */
class SilentConnectionsIT {
    private static final int MANY = 30;
    private static final Duration TIMEOUT = ofSeconds(20);

    private final ControlPlane plane = ControlPlane.shared();

    @Test
    void newRequestsSucceedWithinFifteenSecondsOfASilentDropUnderLoad() throws Exception {
        try (SilentProxy proxy = SilentProxy.before(plane);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ApiServer apiServer = apiServer(proxy);
            assertThat(isAnswered(apiServer)).isTrue();
            int before = proxy.accepted();

            proxy.silenceOpen();
            long silentSince = System.nanoTime();
            List<Future<Boolean>> load = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                load.add(threads.submit(() -> isAnswered(apiServer)));
            }

            await().atMost(ofSeconds(15)).until(() -> isAnswered(apiServer.within(ofSeconds(2))));
            assertThat(proxy.accepted()).as("by a new connection").isGreaterThan(before);
            for (Future<Boolean> request : load) {
                request.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - silentSince))
                    .as("all that was under way has ended before its own timeout")
                    .isLessThan(TIMEOUT);
            // The new connection may have been closed by now, as nobody used it for a while.
            assertThat(isAnswered(apiServer)).as("afterwards").isTrue();
        }
    }

    /** As the renewals of the Lease are, when nothing else is going on. */
    @Test
    void requestsOfLittlePatienceAloneNoticeASilentDrop() throws Exception {
        try (SilentProxy proxy = SilentProxy.before(plane)) {
            ApiServer hasty = apiServer(proxy).within(ofSeconds(3));
            assertThat(isAnswered(hasty)).isTrue();

            proxy.silenceOpen();

            await().pollInterval(ofMillis(700)).atMost(ofSeconds(60)).until(() -> isAnswered(hasty));
        }
    }

    @Test
    void watchOnADeadConnectionEndsThoughItWouldBeQuietAnyway() throws Exception {
        try (SilentProxy proxy = SilentProxy.before(plane);
                InputStream watch = apiServer(proxy)
                        .watch(
                                "/api/v1/nodes?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnobody")) {
            proxy.silenceOpen();

            CompletableFuture<Throwable> ended = CompletableFuture.supplyAsync(() -> {
                try {
                    return new AssertionError("ended after " + watch.readAllBytes().length + " bytes");
                } catch (IOException broken) {
                    return broken;
                }
            });

            assertThat(ended.get(50, TimeUnit.SECONDS)).isInstanceOf(ApiServer.FellSilent.class);
        }
    }

    @Test
    void requestOnANetworkWithoutAnswersTimesOutInItsTime() throws Exception {
        try (SilentProxy proxy = SilentProxy.before(plane)) {
            ApiServer apiServer = apiServer(proxy);
            proxy.silenceAll();

            long began = System.nanoTime();
            assertThatExceptionOfType(ApiServer.TimedOut.class)
                    .isThrownBy(() -> apiServer.within(ofSeconds(2)).get("/version"));

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(ofSeconds(10));
            proxy.heal();
            await().atMost(ofSeconds(15)).until(() -> isAnswered(apiServer));
        }
    }

    private ApiServer apiServer(SilentProxy proxy) throws IOException {
        Config config = Config.fromKubeconfig(Files.readString(proxy.kubeconfigFor(plane, "glidepath", "glidepath")));
        config.setRequestTimeout(Math.toIntExact(TIMEOUT.toMillis()));
        return new ApiServer(config);
    }

    private static boolean isAnswered(ApiServer apiServer) {
        try {
            return apiServer.get("/api/v1/nodes?limit=1").code() == 200;
        } catch (IOException silent) {
            return false;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
