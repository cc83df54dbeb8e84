package dev.glidepath.drain.pod;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.ScriptedApiServer.Stream;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodsOnNodeTest {
    private static final Duration LIMIT = ofMinutes(1);
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final String LISTED = "GET /api/v1/pods?fieldSelector=spec.nodeName%3Dip-10-0-1-7";
    private static final String BOOKMARK =
            "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"70\"}}}";

    private static final String EXPIRED =
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410, \"reason\": \"Expired\"}}";

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final AtomicInteger changes = new AtomicInteger();
    private final PodsOnNode pods =
            new PodsOnNode(Clients.watcher(client, now::get), "ip-10-0-1-7", changes::incrementAndGet);

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
    void listsWithoutALimitAndWatchesFromThere() throws IOException, InterruptedException {
        server.onList(list("50", "next page", going("a")), list("50", "", going("b")));

        pods.list();

        assertThat(names()).containsExactly("a", "b");
        assertThat(((Listed) pods.sight()).listedAt()).isEqualTo(NOON);
        assertThat(changes).hasValue(1);
        await().atMost(LIMIT).until(() -> server.requests().size() == 3);
        assertThat(server.requests())
                .containsExactly(
                        LISTED,
                        LISTED + "&continue=next+page",
                        LISTED + "&watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=50");
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
    void theWatchOutlivesAnErrorOfTheListener() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a")), list("60", "", running("a"), running("b"), running("c")))
                .onWatch(watch);
        AtomicInteger told = new AtomicInteger();
        try (PodsOnNode watched = new PodsOnNode(Clients.watcher(client, now::get), "ip-10-0-1-7", () -> {
            if (told.incrementAndGet() == 2) {
                throw new StackOverflowError("on purpose");
            }
        })) {
            watched.list();

            watch.tell(event("ADDED", running("b"), "51"));

            await().atMost(LIMIT)
                    .until(() -> watched.sight() instanceof Listed(List<Pod> there, var _, var _) && there.size() == 3);
        }
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
        assertThat(server.requests().stream().filter(request -> request.equals(LISTED)))
                .as("listed once")
                .hasSize(1);
    }

    @Test
    void watchTheServerHasForgottenIsListedAnew() throws IOException, InterruptedException {
        Stream watch = new Stream().tell(EXPIRED);
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
    void podThatIsGoneIsRememberedAsItWasLastSeen() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a"))).onWatch(watch);
        pods.list();

        watch.tell(event("DELETED", going("a"), "53"));

        await().atMost(LIMIT).until(() -> !gone().isEmpty());
        assertThat(gone().getFirst().terminating()).isTrue();
        assertThat(names()).isEmpty();
    }

    @Test
    void theKubeletsLastDeletionIsNotTheGraceThePodWasGiven() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a"))).onWatch(watch);
        pods.list();

        watch.tell(event("MODIFIED", going("a") + ", \"deletionGracePeriodSeconds\": 30", "52"))
                .tell(event("DELETED", going("a") + ", \"deletionGracePeriodSeconds\": 0", "53"));

        await().atMost(LIMIT).until(() -> !gone().isEmpty());
        assertThat(gone().getFirst().termination().map(Termination::grace)).contains(ofSeconds(30));
    }

    @Test
    void wasFirstSeenWhenItWas() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a"))).onWatch(watch);
        pods.list();
        now.set(NOON.plusSeconds(60));

        watch.tell(event("ADDED", running("b"), "51")).tell(event("MODIFIED", going("a"), "52"));

        await().atMost(LIMIT).until(() -> isTerminating("a"));
        assertThat(present()).extracting(Pod::seenAt).containsExactly(NOON, NOON.plusSeconds(60));
    }

    /** A DaemonSet's pod that is evicted over and over is no reason to fill the memory. */
    @Test
    void ofManyThatAreGoneTheLastAreRememberedButNoneComesBack() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "")).onWatch(watch);
        pods.list();

        for (int i = 0; i <= 1_000; i++) {
            watch.tell(event("DELETED", going("pod-" + i), "51"));
        }
        watch.tell(event("MODIFIED", going("pod-0"), "52")).tell(event("ADDED", running("last"), "53"));

        await().atMost(LIMIT).until(() -> !names().isEmpty());
        assertThat(names()).containsExactly("last");
        assertThat(gone()).hasSize(1_000);
        assertThat(gone().getFirst().ref().name()).isEqualTo("pod-1");
    }

    @Test
    void podOfALaterListGoesWhenItIsMissingFromTheNext() throws IOException, InterruptedException {
        Stream watch = new Stream();
        server.onList(list("50", "", running("a")), list("60", "", running("a"), running("b")))
                .onList(list("90", "", running("a")))
                .onWatch(watch);
        pods.list();
        pods.list();
        assertThat(names()).containsExactly("a", "b");

        watch.tell(EXPIRED);

        await().atMost(LIMIT).until(() -> names().equals(List.of("a")));
        assertThat(gone()).extracting(pod -> pod.ref().name()).containsExactly("b");
    }

    /** A pod in a list that was read before the watch began anew, and heeded after, would be awaited for ever. */
    @Test
    void listReadBeforeTheWatchBeganAnewIsNotHeededAfterIt() throws IOException, InterruptedException {
        Stream watch = new Stream();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch watchedAnew = new CountDownLatch(1);
        HttpHandler early = exchange -> {
            asked.countDown();
            try {
                boolean isTooLate = watchedAnew.await(500, TimeUnit.MILLISECONDS);
                assertThat(isTooLate).isFalse();
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
            list("60", "", running("a"), running("b")).handle(exchange);
        };
        server.onList(list("50", "", running("a")), early, list("90", "", running("a")))
                .onWatch(watch, exchange -> {
                    watchedAnew.countDown();
                    new Stream().handle(exchange);
                });
        pods.list();
        Thread later = Thread.startVirtualThread(() -> {
            try {
                pods.list();
            } catch (IOException | InterruptedException failed) {
                throw new AssertionError(failed);
            }
        });
        asked.await();

        watch.tell(EXPIRED);

        later.join();
        watchedAnew.await();
        assertThat(names()).containsExactly("a");
        assertThat(gone()).extracting(pod -> pod.ref().name()).containsExactly("b");
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

    private List<Pod> present() {
        return pods.sight() instanceof Listed(List<Pod> all, var _, var _) ? all : List.of();
    }

    private List<Pod> gone() {
        return pods.sight() instanceof Listed(var _, List<Pod> all, var _) ? all : List.of();
    }

    private List<String> names() {
        return present().stream().map(pod -> pod.ref().name()).toList();
    }

    private boolean isTerminating(String name) {
        return present().stream().anyMatch(pod -> pod.ref().name().equals(name) && pod.terminating());
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
