package dev.glidepath.drain.pod;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.ScriptedApiServer.Stream;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodsOnNodeTest {
    private static final Duration LIMIT = ofSeconds(20);
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final String SELECTED = "GET /api/v1/pods?fieldSelector=spec.nodeName%3Dip-10-0-1-7&";
    private static final String BOOKMARK =
            "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"70\"}}}";

    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final AtomicInteger changes = new AtomicInteger();
    private final PodsOnNode pods =
            new PodsOnNode(new ApiServer(client), "ip-10-0-1-7", InstantSource.fixed(NOON), changes::incrementAndGet);

    @AfterEach
    void close() {
        pods.close();
        client.close();
        server.close();
    }

    @Test
    void nothingIsAskedBeforeTheFirstList() {
        assertThat(pods.sight()).isEqualTo(new NotListed());
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void listsAllPagesAndWatchesFromThere() throws IOException, InterruptedException {
        server.onList(list("50", "next page", going("a")), list("50", "", going("b")));

        pods.list();

        assertThat(names()).containsExactly("a", "b");
        assertThat(((Listed) pods.sight()).listedAt()).isEqualTo(NOON);
        assertThat(changes).hasValue(1);
        await().atMost(LIMIT).until(() -> server.requests().size() == 3);
        assertThat(server.requests())
                .containsExactly(
                        SELECTED + "limit=250",
                        SELECTED + "limit=250&continue=next+page",
                        SELECTED + "watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=50");
    }

    @Test
    void listThatFailsIsNoList() {
        server.onList(answer(403, ""));

        assertThatIOException().isThrownBy(pods::list);

        assertThat(pods.sight()).isEqualTo(new NotListed());
        assertThat(changes).hasValue(0);
    }

    @Test
    void listCutShortIsNoList() {
        server.onList(list("50", "next page", going("a")), noAnswer());

        assertThatIOException().isThrownBy(pods::list);

        assertThat(pods.sight()).isEqualTo(new NotListed());
    }

    @Test
    void watchTellsOfPodsThatComeChangeAndGo() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a"))).onWatch(watch);
        pods.list();

        watch.tell(event("ADDED", running("b"), "51"));
        await().atMost(LIMIT).until(() -> names().equals(List.of("a", "b")));
        watch.tell(event("MODIFIED", going("a"), "52"));
        await().atMost(LIMIT).until(() -> isTerminating("a"));
        watch.tell(event("DELETED", going("a"), "53"));
        await().atMost(LIMIT).until(() -> names().equals(List.of("b")));
        await().atMost(LIMIT).until(() -> changes.get() == 4);
    }

    @Test
    void podThatIsGoneDoesNotComeBack() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a"), running("b"))).onWatch(watch);
        pods.list();
        watch.tell(event("DELETED", going("a"), "53"));
        await().atMost(LIMIT).until(() -> names().equals(List.of("b")));

        pods.list(); // read before the pod went, as it seems
        watch.tell(event("MODIFIED", going("a"), "52")).tell(event("ADDED", running("c"), "54"));

        await().atMost(LIMIT).until(() -> names().equals(List.of("b", "c")));
    }

    @Test
    void laterListAddsWhatTheWatchHasNotToldOf() throws IOException, InterruptedException {
        server.onList(list("50", "", running("a")), list("55", "", running("b")));
        pods.list();

        pods.list();

        assertThat(names()).as("none is taken away").containsExactly("a", "b");
        assertThat(server.requests().stream().filter(request -> request.contains("watch=true")))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void laterListDoesNotUndoWhatTheWatchTold() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a"))).onWatch(watch);
        pods.list();
        watch.tell(event("MODIFIED", going("a"), "52"));
        await().atMost(LIMIT).until(() -> isTerminating("a"));

        pods.list(); // read before the pod was evicted, as it seems

        assertThat(isTerminating("a")).isTrue();
    }

    @Test
    void watchThatEndsGoesOnFromTheLastEvent() throws IOException, InterruptedException {
        Stream watch = new Stream()
                .tell(event("ADDED", running("b"), "51"))
                .tell(BOOKMARK)
                .end();
        server.onList(list("50", "", running("a"))).onWatch(watch);

        pods.list();

        await().atMost(LIMIT)
                .until(() -> server.requests().stream().anyMatch(request -> request.endsWith("resourceVersion=70")));
        assertThat(names()).containsExactly("a", "b");
        assertThat(server.requests().stream().filter(request -> request.contains("limit=")))
                .as("listed once")
                .hasSize(1);
    }

    @Test
    void watchTheServerHasForgottenIsListedAnew() throws IOException, InterruptedException {
        Stream watch = new Stream()
                .tell(
                        "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410, \"reason\": \"Expired\"}}");
        server.onList(list("50", "", running("a"), running("b")), list("90", "", going("b"), running("c")))
                .onWatch(watch);

        pods.list();

        await().atMost(LIMIT).until(() -> names().equals(List.of("b", "c")));
        assertThat(isTerminating("b")).isTrue();
        await().atMost(LIMIT)
                .until(() -> server.requests().stream().anyMatch(request -> request.endsWith("resourceVersion=90")));
    }

    @Test
    void brokenWatchIsListedAnew() throws IOException, InterruptedException {
        Stream garbled = new Stream().tell("{\"type\": \"ADD");
        server.onList(list("50", "", running("a")), list("90", "", running("b")))
                .onWatch(noAnswer(), answer(503, ""), garbled);

        pods.list();

        await().atMost(LIMIT).until(() -> names().equals(List.of("b")));
        await().atMost(LIMIT)
                .until(() -> server.requests().stream()
                                .filter(request -> request.contains("watch=true"))
                                .count()
                        == 4);
    }

    @Test
    void closingEndsTheWatchAndItsThread(@TempDir Path folder) throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a"))).onWatch(watch);
        pods.list();
        watch.tell(event("ADDED", running("b"), "51"));
        await().atMost(LIMIT).until(() -> names().equals(List.of("a", "b")));
        assertThat(isWatching(folder.resolve("before.json"))).isTrue();

        pods.close();

        await().atMost(LIMIT).until(() -> watch.tell(BOOKMARK).isAbandoned());
        AtomicInteger dumps = new AtomicInteger();
        await().atMost(LIMIT).until(() -> !isWatching(folder.resolve(dumps.incrementAndGet() + ".json")));
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void closedBeforeItsListComesItWatchesNothing() throws IOException, InterruptedException {
        server.onList(list("50", "", running("a")));

        pods.close();
        pods.list();

        assertThat(server.requests()).hasSize(1);
    }

    private List<String> names() {
        return pods.sight() instanceof Listed(List<Pod> all, var _, var _)
                ? all.stream().map(pod -> pod.ref().name()).toList()
                : List.of();
    }

    private boolean isTerminating(String name) {
        return pods.sight() instanceof Listed(List<Pod> all, var _, var _)
                && all.stream().anyMatch(pod -> pod.ref().name().equals(name) && pod.terminating());
    }

    /** Whether there is a thread that watches; virtual threads are seen in a dump alone. */
    private static boolean isWatching(Path dump) throws IOException {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), ThreadDumpFormat.JSON);
        return Files.readString(dump).contains("pods of ip-10-0-1-7");
    }

    private static String running(String name) {
        return "\"name\": \"" + name + "\", \"namespace\": \"shop\", \"uid\": \"uid-of-" + name + "\"";
    }

    private static String going(String name) {
        return running(name) + ", \"deletionTimestamp\": \"2026-08-24T12:00:00Z\"";
    }

    private static HttpHandler list(String version, String next, String... metadata) {
        return answer(
                200,
                "{\"metadata\": {\"resourceVersion\": \"" + version + "\", \"continue\": \"" + next
                        + "\"}, \"items\": ["
                        + String.join(
                                ", ",
                                List.of(metadata).stream()
                                        .map(one -> "{\"metadata\": {" + one + "}}")
                                        .toList())
                        + "]}");
    }

    private static String event(String type, String metadata, String version) {
        return "{\"type\": \"" + type + "\", \"object\": {\"metadata\": {" + metadata + ", \"resourceVersion\": \""
                + version + "\"}}}";
    }
}
