package dev.glidepath.apiserver.watch;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.ScriptedApiServer.Stream;
import dev.glidepath.time.SteadyClock;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchTest {
    private static final Duration LIMIT = ofMinutes(1);
    private static final Duration SILENCE = ofSeconds(3);
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final String BOOKMARK =
            "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"70\"}}}";

    private static final String EXPIRED =
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410, \"reason\": \"Expired\"}}";

    /** Time passes by it. */
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);

    /** By how much somebody has set the machine's clock. */
    private final AtomicReference<Duration> set = new AtomicReference<>(Duration.ZERO);

    private final SteadyClock clock =
            new SteadyClock(() -> now.get().plus(set.get()), () -> ChronoUnit.NANOS.between(NOON, now.get()));
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final ApiServer apiServer = new ApiServer(client.getConfiguration());
    private final Queue<RuntimeException> unforeseen = new ConcurrentLinkedQueue<>();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Watch<String> watch = watching(apiServer);

    @AfterEach
    void close() {
        watch.close();
        client.close();
        server.close();
    }

    @Test
    void everyPageIsAskedForAndEveryWatchAsksForBookmarks() {
        server.onList(list("9", "the rest", "a", "b"), list("9", "", "c"));

        watch.start();

        await().atMost(LIMIT).until(() -> server.requests().size() == 3);
        assertThat(told).containsExactly("all a b c");
        assertThat(server.requests())
                .containsExactly(
                        "GET /api/v1/things?limit=250",
                        "GET /api/v1/things?limit=250&continue=the+rest",
                        "GET /api/v1/things?watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=9");
    }

    @Test
    void itemsOfAListMayComeBeforeItsMetadataAndBeNull() throws IOException, InterruptedException {
        server.onList(answer(
                200, "{\"items\": null, \"metadata\": {\"resourceVersion\": \"42\"}, \"more\": {\"of\": [\"this\"]}}"));

        watch.list(all -> told.add("list of " + all.objects().size()));

        assertThat(told).containsExactly("list of 0");
        await().atMost(LIMIT).until(() -> server.requests().getLast().endsWith("resourceVersion=42"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"items\": [{\"metadata\": {\"name\": \"a\"}}",
                "{\"items\": [{\"meta",
                "<html>busy</html>",
                "",
                "{}",
                "{\"kind\": \"Status\", \"metadata\": {}}"
            })
    void halfAnAnswerOrAnotherIsNoList(String body) {
        server.onList(answer(200, body));

        assertThatIOException().isThrownBy(() -> watch.list(_ -> told.add("listed")));

        assertThat(told).isEmpty();
    }

    /** A connection without FIN or RST: nobody says that it is lost. */
    @Test
    void watchThatFallsSilentIsOpenedAgainWhereItWas() {
        Stream silent = new Stream().tell(event("ADDED", "b", 11));
        server.onList(list("9", "", "a")).onWatch(silent, new Stream().tell(event("ADDED", "c", 12)));
        try (Watch<String> impatient = watching(apiServer.within(SILENCE))) {
            impatient.start();

            await().atMost(LIMIT).until(() -> told.contains("seen c"));
        }
        assertThat(told).as("nothing is listed anew").containsExactly("all a", "seen b", "seen c");
        assertThat(server.requests().get(2)).endsWith("resourceVersion=11");
    }

    @Test
    void listThatFallsSilentIsReadAgain() {
        HttpHandler half = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"items\": [".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            exchange.getResponseBody().flush(); // and no more, though it is not closed
        };
        server.onList(half, list("9", "", "a"));
        try (Watch<String> impatient = watching(apiServer.within(SILENCE))) {
            impatient.start();

            await().atMost(LIMIT).until(() -> told.contains("all a"));
        }
    }

    @Test
    void watchThatHearsOfSomethingInTimeIsLeftOpen() {
        Stream busy = new Stream();
        server.onList(list("9", "", "a")).onWatch(busy);
        try (Watch<String> impatient = watching(apiServer.within(SILENCE.multipliedBy(3)))) {
            impatient.start();
            await().atMost(LIMIT).until(() -> server.requests().size() == 2);

            for (int i = 0; i < 5; i++) {
                int version = 100 + i;
                await().pollDelay(ofSeconds(2)).until(() -> true);
                busy.tell(event("MODIFIED", "a", version));
                await().atMost(LIMIT).until(() -> told.size() > version - 100);
            }
        }
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void watchThatBreaksGoesOnWhereItWas() {
        server.onList(list("9", "", "a")).onWatch(new Stream().tell(BOOKMARK).end(), noAnswer(), answer(429, ""));

        watch.start();

        await().atMost(LIMIT)
                .until(() -> server.requests().stream()
                                .filter(line -> line.endsWith("resourceVersion=70"))
                                .count()
                        == 3);
        assertThat(told).containsExactly("all a", "failed", "failed");
    }

    /** Something between us and the server resets each connection after a while: that is no growing trouble. */
    @Test
    void watchesThatWereWellUntilTheyBrokeAreSoonOpenedAgain() {
        HttpHandler cut = cutAfter(ofMillis(1_100));
        server.onList(list("9", "", "a")).onWatch(cut, cut, cut, cut, cut, cut, cut);

        watch.start();

        // Pauses that grow would take half a minute.
        await().atMost(ofSeconds(25)).until(() -> server.requests().size() == 8);
        assertThat(told).contains("failed");
    }

    @Test
    void listThatMetSomethingUnforeseenIsReadAgain() {
        unforeseen.add(new IllegalStateException("not taken in"));
        server.onList(list("9", "", "a"));

        watch.start();

        await("it to be watched")
                .atMost(LIMIT)
                .until(() -> server.requests().getLast().contains("resourceVersion=9"));
        assertThat(told).containsExactly("all a");
    }

    @Test
    void anEventAtWhichTheListenerFailedIsFollowedByAList() {
        server.onList(list("9", "", "a"), list("20", "", "b"))
                .onWatch(new Stream().tell(event("ADDED", "unforeseen", 10)).tell(event("ADDED", "c", 11)));

        watch.start();

        await().atMost(LIMIT).until(() -> told.contains("all b"));
        assertThat(told).containsExactly("all a", "all b");
    }

    @Test
    void watchThatIsRefusedIsListedAnew() {
        server.onList(list("9", "", "a"), list("20", "", "b")).onWatch(answer(410, ""));

        watch.start();

        await().atMost(LIMIT).until(() -> told.contains("all b"));
        assertThat(told).containsExactly("all a", "failed", "all b");
    }

    /** A server that has just started knows no place of before: each watch lists anew, and all watches do so at once. */
    @Test
    void aPlaceForgottenAgainAndAgainIsListedLessAndLessOften() {
        server.onList(list("9", "", "a")).onWatch(forgotten(), forgotten(), forgotten(), forgotten());
        long began = System.nanoTime();

        watch.start();

        await().atMost(LIMIT).until(() -> lists() == 5);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("half of 1, 2, 4 and 8 s, as the generator draws zero")
                .isBetween(ofSeconds(7), ofSeconds(13));
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void isNotAskedAgainBeforeTheServerWantsItToBe(int code) {
        server.onList(list("9", "", "a")).onWatch(exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "3");
            answer(code, "").handle(exchange);
        });
        long began = System.nanoTime();

        watch.start();

        await().atMost(LIMIT).until(() -> server.requests().size() == 3);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(ofSeconds(3));
        assertThat(lists()).as("it goes on where it was").isEqualTo(1);
    }

    @Test
    void aServerThatFailsAtAPlaceForLongIsAskedForAll() {
        server.onList(list("9", "", "a"), list("20", "", "b"))
                .onWatch(answer(503, ""), answer(504, ""), answer(500, ""));

        watch.start();

        await().atMost(LIMIT).until(() -> told.contains("all b"));
        assertThat(told).containsExactly("all a", "failed", "failed", "failed", "all b");
    }

    private static HttpHandler forgotten() {
        return new Stream().tell(EXPIRED).end();
    }

    private long lists() {
        return server.requests().stream()
                .filter(line -> line.contains("limit="))
                .count();
    }

    @Test
    void whatCannotBeReadHidesNothingElse() {
        server.onList(list("9", "", "bad", "a"))
                .onWatch(new Stream().tell(event("ADDED", "bad", 10)).tell(event("ADDED", "b", 11)));

        watch.start();

        await().atMost(LIMIT).until(() -> told.contains("seen b"));
        assertThat(told).containsExactly("all a", "seen b");
    }

    @Test
    void wasHeardWhenItWasListedOpenedOrToldOfAnything() {
        Stream stream = new Stream();
        server.onList(list("9", "", "a")).onWatch(stream);
        long beforeStart = System.nanoTime();
        assertThat(wasHeardSince(beforeStart)).isFalse();

        watch.start();
        await().atMost(LIMIT).until(() -> wasHeardSince(beforeStart));
        await().atMost(LIMIT).until(() -> server.requests().size() == 2);

        await().atMost(LIMIT).until(() -> watch.silentFor().compareTo(ofSeconds(1)) > 0);
        long beforeBookmark = System.nanoTime();
        assertThat(wasHeardSince(beforeBookmark)).isFalse();
        stream.tell(BOOKMARK);
        await().atMost(LIMIT).until(() -> wasHeardSince(beforeBookmark));
    }

    @Test
    void clockThatIsSetChangesNothingAboutSilence() {
        set.set(ofHours(1));

        assertThat(watch.silentFor()).isLessThan(ofMinutes(5));
    }

    /** What was listed by the clock of before says nothing about a receipt by the clock of now. */
    @Test
    void aWaitAfterTheClockWasSetBackEndsByAListReadSince() throws InterruptedException {
        server.onList(list("9", "", "a"), list("20", "", "b"));
        watch.start();
        await().atMost(LIMIT).until(() -> server.requests().size() == 2);

        now.set(NOON.plusSeconds(60));
        set.set(ofHours(-1));

        assertThat(watch.listedAt()).isEqualTo(NOON.minus(ofHours(1)));
        assertThat(watch.awaitListSince(clock.instant(), LIMIT)).isTrue();
        assertThat(told).contains("all b");
        assertThat(watch.listedAt()).isEqualTo(clock.instant());
    }

    /** A list of the future gives itself away; this one is of the past again a while after the clock was set. */
    @Test
    void aListOfBeforeTheClockWasSetBackIsOlderThanLaterReceipts() {
        server.onList(list("9", "", "a"));
        watch.start();
        await().atMost(LIMIT).until(() -> server.requests().size() == 2);
        now.set(NOON.plus(ofMinutes(5)));

        set.set(ofMinutes(-5).minusSeconds(10));
        Instant received = clock.instant();
        now.set(NOON.plus(ofMinutes(5)).plusSeconds(20));

        assertThat(clock.instant()).isAfter(NOON);
        assertThat(watch.listedAt()).isBefore(received);
    }

    @Test
    void aClockThatWasSetForwardMakesNoListNewer() {
        server.onList(list("9", "", "a"));
        watch.start();
        await().atMost(LIMIT).until(() -> server.requests().size() == 2);
        now.set(NOON.plusSeconds(1));
        Instant received = clock.instant();

        set.set(ofHours(1));

        assertThat(watch.listedAt()).isBefore(received);
    }

    @Test
    void allCallersThatWaitForAListShareOne() throws InterruptedException {
        server.onList(list("9", "", "a"), list("20", "", "b"));
        watch.start();
        await().atMost(LIMIT).until(() -> server.requests().size() == 2);
        assertThat(watch.awaitListSince(NOON, ofSeconds(1))).isTrue();
        now.set(NOON.plusSeconds(60));
        List<Boolean> answers = new CopyOnWriteArrayList<>();

        List<Thread> waiting = IntStream.range(0, 50)
                .mapToObj(_ -> Thread.startVirtualThread(() -> {
                    try {
                        answers.add(watch.awaitListSince(NOON.plusSeconds(60), LIMIT));
                    } catch (InterruptedException closing) {
                        Thread.currentThread().interrupt();
                    }
                }))
                .toList();
        for (Thread each : waiting) {
            each.join();
        }

        assertThat(answers).hasSize(50).containsOnly(true);
        assertThat(watch.listedAt()).isEqualTo(NOON.plusSeconds(60));
        assertThat(told).contains("all b");
        assertThat(server.requests().stream().filter(line -> line.contains("limit=")))
                .hasSize(2);
    }

    @Test
    void thereIsAWhileBetweenTwoLists() throws InterruptedException {
        server.onList(list("9", "", "a"));
        watch.start();
        await().atMost(LIMIT).until(() -> server.requests().size() == 2);

        now.set(NOON.plusMillis(1));
        assertThat(watch.awaitListSince(now.get(), ofMillis(300))).isFalse();

        assertThat(server.requests()).as("the list was read just now").hasSize(2);
    }

    @Test
    void nobodyWaitsForAListAfterTheEnd() throws InterruptedException {
        watch.close();

        assertThat(watch.awaitListSince(NOON, LIMIT.multipliedBy(10))).isFalse();
    }

    private boolean wasHeardSince(long nanos) {
        Duration silence = watch.silentFor();
        return silence.compareTo(Duration.ofNanos(System.nanoTime() - nanos)) < 0;
    }

    private Watch<String> watching(ApiServer patient) {
        return new Watch<>(
                new Watcher(patient, clock, () -> 0),
                Watch.Kind.all("/api/v1/things", "things", Set.of(), thing -> {
                    String name = thing.path("metadata").path("name").asText();
                    if (name.equals("bad")) {
                        throw new IllegalArgumentException(name);
                    }
                    return name;
                }),
                new Watch.Listener<>() {
                    @Override
                    public void listed(Watch.Listed<String> all) {
                        RuntimeException next = unforeseen.poll();
                        if (next != null) {
                            throw next;
                        }
                        told.add("all " + String.join(" ", all.objects()));
                    }

                    @Override
                    public void seen(String thing) {
                        if (thing.equals("unforeseen")) {
                            throw new IllegalStateException(thing);
                        }
                        told.add("seen " + thing);
                    }

                    @Override
                    public void deleted(String thing) {
                        told.add("deleted " + thing);
                    }

                    @Override
                    public void failed(IOException why) {
                        told.add("failed");
                    }
                });
    }

    /** Says nothing, and then breaks the connection. */
    private static HttpHandler cutAfter(Duration open) {
        return exchange -> {
            exchange.sendResponseHeaders(200, 1_000_000);
            exchange.getResponseBody().flush();
            try {
                var _ = new CountDownLatch(1).await(open.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("half an answer");
        };
    }

    private static HttpHandler list(String version, String rest, String... names) {
        return answer(
                200,
                "{\"metadata\": {\"resourceVersion\": \"%s\", \"continue\": \"%s\"}, \"items\": [%s]}"
                        .formatted(
                                version,
                                rest,
                                String.join(
                                        ", ",
                                        List.of(names).stream()
                                                .map(name -> "{\"metadata\": {\"name\": \"" + name + "\"}}")
                                                .toList())));
    }

    private static String event(String type, String name, int version) {
        return "{\"type\": \"%s\", \"object\": {\"metadata\": {\"name\": \"%s\", \"resourceVersion\": \"%d\"}}}"
                .formatted(type, name, version);
    }
}
