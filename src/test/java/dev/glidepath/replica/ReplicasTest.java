package dev.glidepath.replica;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.ScriptedApiServer.Stream;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On an imagined clock. Our own Lease is moved by the test, as the watch would show it. */
class ReplicasTest {
    private static final Duration LIMIT = ofSeconds(30);
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final ReplicaId SELF = new ReplicaId("pod-1", "cafe");
    private static final String OTHER = "pod-0/5eed";

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final ApiServer apiServer = new ApiServer(client);
    private final Replica self = new Replica(apiServer, "glidepath", SELF, now::get, new Random(7));
    private final Replicas replicas = new Replicas(client, apiServer, "glidepath", self, now::get);
    private final Stream watch = new Stream();
    private final AtomicInteger versions = new AtomicInteger(1);
    private final AtomicInteger told = new AtomicInteger();

    @AfterEach
    void close() {
        replicas.close();
        client.close();
        server.close();
    }

    @Test
    void noClaimIsFreeBeforeTheLeasesAreKnown() {
        assertThat(replicas.isSynced()).isFalse();
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(1));
        now.set(at(60));
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(61));
    }

    @Test
    void claimIsFreeWhenItsHolderHasStoodStillWhileWeMoved() {
        startWith(lease(OTHER, 0), lease(SELF.holder(), 0));
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(15));

        now.set(at(14));
        see(lease(SELF.holder(), 14));
        now.set(at(16));

        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(15));
        assertThat(replicas.freeAt("pod-2/beef")).as("without a Lease").isEqualTo(at(17));
    }

    /** A watch that has broken off. */
    @Test
    void noClaimIsFreeWhileOurOwnLeaseIsNotSeenToMoveEither() {
        startWith(lease(OTHER, 0), lease(SELF.holder(), 0));

        now.set(at(16));
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(17));
        assertThat(replicas.freeAt("pod-2/beef")).isEqualTo(at(17));

        see(lease(OTHER, 16));
        see(lease(SELF.holder(), 16));
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(31));
    }

    @Test
    void leaseOfOurPodThatIsNotOursProvesNothing() {
        startWith(lease(OTHER, 0), lease("pod-1/beef", 0));

        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(1));
    }

    @Test
    void knowsWhoseHooksAreOwedByTheLivingAndTheDead() {
        startWith(lease(SELF.holder(), 0));
        assertThat(replicas.owes(INSTANCE)).isFalse();

        see(lease("", 0, INSTANCE));

        assertThat(replicas.owes(INSTANCE)).isTrue();
        assertThat(replicas.owes(new InstanceId("i-0a1b2c3d4e5f60002"))).isFalse();
    }

    @Test
    void knowsWhoseHooksWereCopied() {
        self.copy(Set.of(INSTANCE));

        assertThat(replicas.owes(INSTANCE)).isTrue();
    }

    /** Ours is seen here, but never written by the test: what would be copied into it stands nowhere else yet. */
    @Test
    void deadLeaseIsNotDeletedBeforeItsListStandsInOurs() {
        server.onWrite(answer(403, "{}"), answer(200, "{}"), answer(200, "{}"));
        String owesNothing = lease("", 0).replace("pod-8", "pod-7");
        startWith(lease(SELF.holder(), 0), lease("", 0, INSTANCE), owesNothing);

        await().atMost(LIMIT).until(() -> deletions().size() >= 3);

        assertThat(deletions()).containsOnly("DELETE /apis/coordination.k8s.io/v1/namespaces/glidepath/leases/pod-7");
        assertThat(self.hasCopied(INSTANCE)).isTrue();
    }

    @Test
    void tellsOfAllButRenewals() {
        startWith(lease(SELF.holder(), 0), lease(OTHER, 0));
        await().atMost(LIMIT).until(() -> told.get() == 2);

        watch.tell(event("MODIFIED", lease(OTHER, 5)))
                .tell(event("MODIFIED", lease(OTHER, 10)))
                .tell(event("DELETED", lease(OTHER, 10)));

        await().atMost(LIMIT).until(() -> told.get() == 3);
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(1));
    }

    @Test
    void asksForTheLeasesOfReplicasInItsNamespaceOnly() {
        startWith(lease(SELF.holder(), 0));

        assertThat(server.requests())
                .allMatch(request -> request.startsWith("GET /apis/coordination.k8s.io/v1/namespaces/glidepath/leases?")
                        && request.contains("labelSelector=glidepath.dev%2Freplica%3Dtrue"));
    }

    private List<String> deletions() {
        return server.requests().stream()
                .filter(request -> request.startsWith("DELETE"))
                .toList();
    }

    private void startWith(String... leases) {
        server.onList(list(leases)).onWatch(watch);
        replicas.onChange(told::incrementAndGet);
        replicas.start();
        await().atMost(LIMIT).until(replicas::isSynced);
    }

    /** And waits until it is seen: the one after it tells. */
    private void see(String lease) {
        int before = told.get();
        watch.tell(event("MODIFIED", lease)).tell(event("MODIFIED", lease("pod-9/" + before, 0)));
        await().atMost(LIMIT).until(() -> told.get() > before);
    }

    private String lease(String holder, long renewed, InstanceId... owed) {
        String name = holder.isEmpty() ? "pod-8" : ReplicaId.podOf(holder);
        return ReplicaLease.text(
                "glidepath", name, String.valueOf(versions.incrementAndGet()), holder, at(renewed), List.of(owed));
    }

    private static String event(String type, String object) {
        return "{\"type\": \"%s\", \"object\": %s}".formatted(type, object);
    }

    private static HttpHandler list(String... leases) {
        return answer(200, """
                {"apiVersion": "coordination.k8s.io/v1", "kind": "LeaseList", "metadata": {"resourceVersion": "1"},
                 "items": [%s]}
                """.formatted(String.join(", ", leases)));
    }

    private static Instant at(long seconds) {
        return NOON.plusSeconds(seconds);
    }
}
