package dev.glidepath.apiserver;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.lab.ScriptedApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiServerTest {
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final ApiServer apiServer = new ApiServer(client.getConfiguration());

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 403, 409, 422, 429, 500, 503})
    void everyAnswerIsAnAnswerAndAskedForOnce(int code) throws IOException, InterruptedException {
        server.onWrite(answer(code, "{}"));

        assertThat(apiServer.post("/api/v1/things", "{}")).isEqualTo(new Answer(code, "{}"));

        assertThat(server.requests()).containsExactly("POST /api/v1/things");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "0, 0", "60, 60", "86400, 60", "soon, 0", "-3, 0", "99999999999999999999, 0", "'', 0"})
    void anAnswerSaysWhenToComeAgain(String header, int seconds) throws IOException, InterruptedException {
        server.onWrite(exchange -> {
            exchange.getResponseHeaders().add("Retry-After", header);
            answer(429, "busy").handle(exchange);
        });

        assertThat(apiServer.post("/api/v1/things", "{}").retryAfter()).isEqualTo(ofSeconds(seconds));
    }

    @Test
    void aRefusedReadSaysWhenToComeAgain() {
        server.onList(exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "7");
            answer(429, "busy").handle(exchange);
        });

        assertThatExceptionOfType(ApiServer.Refused.class)
                .isThrownBy(() -> apiServer.list("/api/v1/pods"))
                .satisfies(refused -> assertThat(refused.retryAfter()).isEqualTo(ofSeconds(7)));
    }

    @Test
    void answerWithoutABodyIsAnEmptyText() throws IOException, InterruptedException {
        server.onWrite(answer(503, ""));

        assertThat(apiServer.jsonPatch("/api/v1/nodes/a", "[]")).isEqualTo(new Answer(503, ""));
    }

    @Test
    void replacesAnObject() throws IOException, InterruptedException {
        server.onWrite(answer(409, "{}"));

        assertThat(apiServer.put("/api/v1/things/a", "{}")).isEqualTo(new Answer(409, "{}"));

        assertThat(server.requests()).containsExactly("PUT /api/v1/things/a");
    }

    @Test
    void tellsWhatEachAnswerSaysTheTimeIs() throws IOException, InterruptedException {
        server.onWrite(answer(200, "{}"));
        var dates = new LinkedBlockingQueue<Instant>();
        apiServer.onDate((date, took) -> dates.add(date.plus(took.isNegative() ? Duration.ofDays(1) : Duration.ZERO)));
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);

        apiServer.within(Duration.ofSeconds(10)).put("/api/v1/things/a", "{}");

        assertThat(dates).singleElement().satisfies(date -> assertThat(date).isBetween(before, Instant.now()));
    }

    /** The client itself would wait for 20 s. */
    @Test
    void hasNoMorePatienceThanItIsTold() {
        var never = new CountDownLatch(1);
        server.onWrite(_ -> {
            try {
                never.await();
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        });

        assertThatExceptionOfType(ApiServer.TimedOut.class)
                .isThrownBy(() -> apiServer.within(Duration.ofMillis(300)).put("/api/v1/things/a", "{}"))
                .withMessage("the API server did not answer within 0.3 s");
        never.countDown();
    }

    @Test
    void noAnswerIsAnIOException() {
        server.onWrite(noAnswer());

        assertThatIOException()
                .isThrownBy(() -> apiServer.post("/api/v1/things", "{}"))
                .withMessageStartingWith("the API server cannot be reached: ");
        assertThat(server.requests()).hasSize(1);
    }

    /** The connection that a list came by serves the next request, perhaps before the list is closed. */
    @Test
    void closingAListThatHasBeenReadDisturbsNobody() throws Exception {
        var release = new CountDownLatch(1);
        var ports = new LinkedBlockingQueue<Integer>();
        var keepingAlive = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        keepingAlive.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        keepingAlive.createContext("/list", exchange -> {
            ports.add(exchange.getRemoteAddress().getPort());
            answer(200, "{}").handle(exchange);
        });
        keepingAlive.createContext("/slow", exchange -> {
            exchange.getRequestBody().readAllBytes();
            ports.add(exchange.getRemoteAddress().getPort());
            try {
                release.await();
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
            answer(201, "{}").handle(exchange);
        });
        keepingAlive.start();
        var config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + keepingAlive.getAddress().getPort())
                .build();
        try (var toIt = new KubernetesClientBuilder().withConfig(config).build()) {
            var server = new ApiServer(toIt.getConfiguration());
            var list = server.list("/list");
            assertThat(list.readAllBytes()).hasSize(2);
            var slow = CompletableFuture.supplyAsync(() -> {
                try {
                    return server.post("/slow", "{}");
                } catch (IOException | InterruptedException failed) {
                    throw new IllegalStateException(failed);
                }
            });
            assertThat(ports.take()).as("one connection for both").isEqualTo(ports.take());

            list.close();
            release.countDown();

            assertThat(slow.get(10, TimeUnit.SECONDS)).isEqualTo(new Answer(201, "{}"));
        } finally {
            keepingAlive.stop(0);
        }
    }

    @Test
    void answerThatDoesNotComeInTimeIsToldApart() {
        server.onWrite(exchange -> {}); // never answered
        var hasty = new ConfigBuilder(client.getConfiguration())
                .withRequestTimeout(300)
                .build();
        try (KubernetesClient impatient =
                new KubernetesClientBuilder().withConfig(hasty).build()) {
            assertThatExceptionOfType(ApiServer.TimedOut.class)
                    .isThrownBy(() -> new ApiServer(impatient.getConfiguration()).post("/api/v1/things", "{}"))
                    .withMessage("the API server did not answer within 0.3 s");
        }
    }

    @Test
    void deletesAndPatchesInOneRequest() throws IOException, InterruptedException {
        server.onWrite(answer(200, "{}"), answer(200, "{}"));

        apiServer.delete("/api/v1/things/a", "{}");
        apiServer.strategicMergePatch("/api/v1/things/a", "{}");

        assertThat(server.requests()).containsExactly("DELETE /api/v1/things/a", "PATCH /api/v1/things/a");
    }

    @Test
    void refusedReadNamesTheCode() {
        server.onList(answer(403, "{}"));

        assertThatIOException()
                .isThrownBy(() -> apiServer.list("/api/v1/pods?limit=1"))
                .withMessage("the API server answered 403");
    }

    @Test
    void readComesAsItArrives() throws IOException, InterruptedException {
        var stream = new ScriptedApiServer.Stream().tell("first");
        server.onWatch(stream);

        try (var body = apiServer.watch("/api/v1/pods?watch=true")) {
            assertThat(new String(body.readNBytes("first\n".length()), UTF_8)).isEqualTo("first\n");
        }
        await().atMost(ofSeconds(60))
                .until(() -> stream.tell("nobody reads this").isAbandoned());
    }

    @Test
    void interruptEndsAWait() {
        server.onWrite(exchange -> {}); // never answered
        CompletableFuture<Exception> ended = new CompletableFuture<>();
        Thread asking = Thread.ofVirtual().start(() -> {
            try {
                apiServer.post("/api/v1/things", "{}");
            } catch (IOException | InterruptedException e) {
                ended.complete(e);
            }
        });
        await().atMost(ofSeconds(60)).until(() -> !server.requests().isEmpty());

        asking.interrupt();

        assertThat(ended).succeedsWithin(ofSeconds(60)).isInstanceOf(InterruptedException.class);
    }
}
