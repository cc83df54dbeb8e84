package dev.glidepath.apiserver.watch;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.apiserver.encoding.Resource;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.ScriptedApiServer.Stream;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReducedInformerTest {
    private static final Duration LIMIT = ofMinutes(1);
    private static final String EXPIRED =
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"apiVersion\": \"v1\","
                    + " \"status\": \"Failure\", \"reason\": \"Expired\", \"code\": 410, \"message\": \"too old\"}}";

    private record Shelf(String room, String name) {}

    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final Watcher watcher = Clients.watcher(client);
    private final ReducedInformer<Shelf> shelves = new ReducedInformer<>(
            watcher,
            Watch.Kind.all("/api/v1/configmaps", "shelves", Set.of("data/room"), ReducedInformerTest::shelf),
            Shelf::room);
    private final List<String> told = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() {
        shelves.onChange(shelf -> told.add("here " + shelf.name()));
        shelves.onRemoval(shelf -> told.add("gone " + shelf.name()));
    }

    @AfterEach
    void close() {
        shelves.close();
        client.close();
        server.close();
    }

    @Test
    void firstListThatFailsIsTriedAgainUntilItSucceeds() {
        CountDownLatch held = new CountDownLatch(1);
        HttpHandler good = list(9, map("a", "kitchen", 1));
        server.onList(noAnswer(), answer(403, ""), exchange -> {
            waitFor(held);
            good.handle(exchange);
        });

        shelves.start();
        await().atMost(LIMIT).until(() -> server.requests().size() == 3);
        assertThat(shelves.isSynced()).isFalse();
        held.countDown();

        await().atMost(LIMIT).until(shelves::isSynced);
        assertThat(names("kitchen")).containsExactly("a");
    }

    @Test
    void aListenerThatFailsAtTheFirstListIsCalledOnceMore() {
        server.onList(list(9, map("a", "kitchen", 1)));
        AtomicInteger calls = new AtomicInteger();

        shelves.start(() -> {
            if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("not begun");
            }
        });

        await().atMost(LIMIT).until(() -> calls.get() == 2);
    }

    @Test
    void whatAListenerDidNotTakeInIsToldAnew() {
        server.onList(list(9, map("a", "kitchen", 1), map("b", "kitchen", 2)));
        shelves.onChange(failingOnce("taken in "));

        shelves.start();
        await().atMost(LIMIT).until(shelves::isSynced);

        assertThat(told).contains("taken in a", "taken in b");
    }

    @Test
    void whatWentAndWasNotTakenInIsToldAnew() {
        server.onList(list(9, map("a", "hall", 1), map("b", "hall", 2)), list(20))
                .onWatch(new Stream().tell(EXPIRED).end());
        shelves.onRemoval(failingOnce("missed "));

        shelves.start();

        await().atMost(LIMIT).until(() -> told.containsAll(List.of("missed a", "missed b")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MODIFIED", "DELETED"})
    void changeThatWasNotTakenInIsToldAnew(String type) {
        boolean isDeleted = type.equals("DELETED");
        String changed = map("a", "kitchen", 10);
        server.onList(list(9, map("a", "hall", 1)), isDeleted ? list(20) : list(20, changed))
                .onWatch(new Stream().tell(event(type, changed)));
        shelves.onRemoval(failingOnce("missed "));

        shelves.start();

        await().atMost(LIMIT).until(() -> told.contains("missed a"));
        await().atMost(LIMIT).until(() -> isDeleted || told.getLast().equals("here a"));
    }

    @Test
    void aListenerThatAlwaysFailsAtOneObjectHidesNoOther() {
        server.onList(list(9, map("a", "hall", 1), map("b", "hall", 2)))
                .onWatch(new Stream().tell(event("ADDED", map("c", "hall", 10))));
        shelves.onChange(shelf -> {
            if (shelf.name().equals("a")) {
                throw new IllegalStateException("always");
            }
        });

        shelves.start();

        await().atMost(LIMIT).until(() -> shelves.isSynced() && told.contains("here c"));
        assertThat(shelves.all()).hasSize(3);
    }

    @Test
    void findsByGroupInTheOrderOfNames() {
        server.onList(list(9, map("b", "kitchen", 1), map("c", "hall", 2), map("a", "kitchen", 3)));

        shelves.start();
        await().atMost(LIMIT).until(shelves::isSynced);

        assertThat(names("kitchen")).containsExactly("a", "b");
        assertThat(names("hall")).containsExactly("c");
        assertThat(names("cellar")).isEmpty();
        assertThat(told).as("all of the list, before it is synced").hasSize(3);
    }

    @Test
    void isSyncedOnceAndOnlyWhenAllOfTheListHasBeenTold() {
        server.onList(list(9, map("a", "hall", 1), map("b", "hall", 2), map("c", "", 3)), list(20))
                .onWatch(new Stream().tell(EXPIRED).end());
        CountDownLatch held = new CountDownLatch(1);
        List<Integer> knownWhenSynced = new CopyOnWriteArrayList<>();
        shelves.onChange(_ -> waitFor(held));

        shelves.start(() -> knownWhenSynced.add(shelves.all().size()));
        await().atMost(LIMIT).until(() -> told.contains("here a"));
        assertThat(shelves.isSynced()).isFalse();
        held.countDown();

        await().atMost(LIMIT).until(() -> told.contains("gone b"));
        assertThat(shelves.isSynced()).isTrue();
        assertThat(knownWhenSynced).containsExactly(2);
        assertThat(shelves.all()).isEmpty();
    }

    @Test
    void emptyListIsAListToo() {
        server.onList(list(9));

        shelves.start();

        await().atMost(LIMIT).until(shelves::isSynced);
        assertThat(shelves.all()).isEmpty();
    }

    @Test
    void asksOnlyForThoseOfANamespaceAndALabelWhereTold() {
        server.onList(list(9, map("a", "kitchen", 1)));
        try (var few = new ReducedInformer<>(
                watcher,
                new Watch.Kind<>(
                        new Resource("/api/v1/namespaces/shop/configmaps", Set.of("data/room")),
                        "labelSelector=shelf%3Dtrue",
                        true,
                        "shelves",
                        ReducedInformerTest::shelf),
                Shelf::room)) {
            few.start();
            await().atMost(LIMIT).until(few::isSynced);

            assertThat(few.all()).containsExactly(new Shelf("kitchen", "a"));
            assertThat(server.requests())
                    .allMatch(request -> request.startsWith("GET /api/v1/namespaces/shop/configmaps?")
                            && request.contains("labelSelector=shelf%3Dtrue"));
        }
    }

    @Test
    void keepsNothingOfWhatReducesToNothing() {
        Stream watch = new Stream();
        server.onList(list(9, map("a", "", 1), map("b", "hall", 2))).onWatch(watch);
        shelves.start();
        await().atMost(LIMIT).until(shelves::isSynced);
        assertThat(told).containsExactly("here b");

        watch.tell(event("MODIFIED", map("b", "", 10)));

        await().atMost(LIMIT).until(() -> told.contains("gone b"));
        assertThat(names("hall")).isEmpty();
    }

    @Test
    void followsWhatComesChangesMovesAndGoes() {
        Stream watch = new Stream();
        server.onList(list(9, map("a", "hall", 1))).onWatch(watch);
        shelves.start();
        await().atMost(LIMIT).until(shelves::isSynced);

        watch.tell(event("ADDED", map("b", "hall", 10)))
                .tell(event("MODIFIED", map("b", "hall", 11)))
                .tell(event("MODIFIED", map("a", "kitchen", 12)))
                .tell(event("DELETED", map("b", "hall", 13)));

        await().atMost(LIMIT).until(() -> told.contains("gone b"));
        assertThat(told).containsExactly("here a", "here b", "here b", "gone a", "here a", "gone b");
        assertThat(names("hall")).isEmpty();
        assertThat(names("kitchen")).containsExactly("a");
    }

    @Test
    void whatWentWhileNobodyWatchedIsGone() {
        Stream watch = new Stream();
        server.onList(list(9, map("a", "hall", 1), map("b", "hall", 2)), list(20, map("b", "hall", 2)))
                .onWatch(watch);
        shelves.start();
        await().atMost(LIMIT).until(shelves::isSynced);

        watch.tell(EXPIRED);

        await().atMost(LIMIT).until(() -> told.contains("gone a"));
        assertThat(names("hall")).containsExactly("b");
    }

    private Consumer<Shelf> failingOnce(String what) {
        AtomicBoolean failed = new AtomicBoolean();
        return shelf -> {
            if (!failed.getAndSet(true)) {
                throw new IllegalStateException("not taken in");
            }
            told.add(what + shelf.name());
        };
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> names(String room) {
        return shelves.in(room).stream().map(Shelf::name).toList();
    }

    private static Optional<Shelf> shelf(JsonNode map) {
        return Optional.of(map.path("data").path("room").asText())
                .filter(room -> !room.isEmpty())
                .map(room -> new Shelf(room, map.path("metadata").path("name").asText()));
    }

    private static String map(String name, String room, int version) {
        return """
                {"apiVersion": "v1", "kind": "ConfigMap", "data": {"room": "%s"}, "metadata":
                  {"namespace": "shop", "name": "%s", "uid": "uid-of-%s", "resourceVersion": "%d"}}
                """.formatted(room, name, name, version).replace("\n", "");
    }

    private static String event(String type, String object) {
        return "{\"type\": \"%s\", \"object\": %s}".formatted(type, object);
    }

    private static HttpHandler list(int version, String... items) {
        return answer(
                200,
                "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMapList\", \"metadata\": {\"resourceVersion\": \"%d\"}, \"items\": [%s]}"
                        .formatted(version, String.join(", ", items)));
    }
}
