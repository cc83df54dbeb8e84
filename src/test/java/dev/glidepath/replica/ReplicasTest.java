package dev.glidepath.replica;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.ScriptedApiServer.Stream;
import dev.glidepath.time.SteadyClock;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On an imagined clock. Our own Lease is moved by the test, as the watch would show it. */
class ReplicasTest {
    private static final Duration LIMIT = ofMinutes(1);
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final ReplicaId SELF = SampleLease.id("pod-1", "cafe");
    private static final String OTHER = SampleLease.holder("pod-0", "5eed");

    /** Time passes by it. */
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);

    /** By how much somebody has set the machine's clock. */
    private final AtomicReference<Duration> set = new AtomicReference<>(Duration.ZERO);

    private final SteadyClock clock =
            new SteadyClock(() -> now.get().plus(set.get()), () -> ChronoUnit.NANOS.between(NOON, now.get()));
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final ApiServer apiServer = new ApiServer(client.getConfiguration());
    private final Replica self = new Replica(apiServer, SELF, SampleLease.CAPABILITIES, clock, new Random(7));
    private final Replicas replicas = new Replicas(new Watcher(apiServer, clock, new Random(7)), self);
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
        assertThat(replicas.freeAt(SampleLease.holder("pod-2", "beef")))
                .as("without a Lease")
                .isEqualTo(at(17));
    }

    /** Our own Lease may be the first that is renewed after that. */
    @Test
    void aClockThatIsSetForwardMakesNobodyDead() {
        startWith(lease(OTHER, 0), lease(SELF.holder(), 0));
        now.set(at(1));

        set.set(Duration.ofMinutes(5));
        see(lease(SELF.holder(), 1));

        assertThat(replicas.freeAt(OTHER)).isEqualTo(clock.instant().plusSeconds(14));
    }

    @Test
    void aClockThatIsSetBackKeepsNoClaimOfADeadOne() {
        startWith(lease(OTHER, 0), lease(SELF.holder(), 0));
        now.set(at(14));

        set.set(Duration.ofMinutes(-5));
        see(lease(SELF.holder(), 14));

        assertThat(replicas.freeAt(OTHER)).isEqualTo(clock.instant().plusSeconds(1));
    }

    /** A watch that has broken off. */
    @Test
    void noClaimIsFreeWhileOurOwnLeaseIsNotSeenToMoveEither() {
        startWith(lease(OTHER, 0), lease(SELF.holder(), 0));

        now.set(at(16));
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(17));
        assertThat(replicas.freeAt(SampleLease.holder("pod-2", "beef"))).isEqualTo(at(17));

        see(lease(OTHER, 16));
        see(lease(SELF.holder(), 16));
        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(31));
    }

    @Test
    void leaseOfOurPodThatIsNotOursProvesNothing() {
        startWith(lease(OTHER, 0), lease(SampleLease.holder("pod-1", "beef"), 0));

        assertThat(replicas.freeAt(OTHER)).isEqualTo(at(1));
    }

    @Test
    void knowsWhoseHooksAreOwedByTheLivingAndTheDead() {
        startWith(lease(SELF.holder(), 0));
        assertThat(replicas.owes(INSTANCE)).isFalse();

        see(lease("", 0, INSTANCE));

        assertThat(replicas.witnessOf(INSTANCE)).contains(SampleLease.holder("pod-8", "5eed"));
        assertThat(replicas.owes(new InstanceId("i-0a1b2c3d4e5f60002"))).isFalse();
    }

    /** What we heard of, and wrote down, would otherwise be a node of ours as soon as we read it. */
    @Test
    void ourOwnListProvesNothingToUs() {
        startWith(lease(SELF.holder(), 0, INSTANCE));

        assertThat(replicas.owes(INSTANCE)).isFalse();
    }

    @Test
    void copyOfOurOwnListProvesNothingToUs() {
        startWith(lease(SELF.holder(), 0), lease(OTHER, 0, seenBy(SELF.holder())));
        self.copy(seenBy(SELF.holder()));

        assertThat(replicas.owes(INSTANCE)).isFalse();
    }

    @Test
    void listOfAnEarlierProcessOfOurPodIsEvidence() {
        startWith(lease(SampleLease.holder("pod-1", "beef"), 0, INSTANCE));

        assertThat(replicas.witnessOf(INSTANCE)).contains(SampleLease.holder("pod-1", "beef"));
    }

    @Test
    void knowsWhoseHooksWereCopied() {
        self.copy(seenBy(OTHER));

        assertThat(replicas.witnessOf(INSTANCE)).contains(OTHER);
    }

    /** Ours is seen here, but never written by the test: what would be copied into it stands nowhere else yet. */
    @Test
    void deadLeaseIsNotDeletedBeforeItsListStandsInOurs() {
        server.onWrite(answer(403, "{}"), answer(200, "{}"), answer(200, "{}"));
        String owesNothing = lease("", 0).replace("pod-8", "pod-7");
        startWith(lease(SELF.holder(), 0), lease("", 0, INSTANCE), owesNothing);

        await().atMost(LIMIT).until(() -> deletions().size() >= 3);

        assertThat(deletions()).containsOnly("DELETE /apis/coordination.k8s.io/v1/namespaces/glidepath/leases/pod-7");
        assertThat(self.witnessOfCopied(INSTANCE)).contains(SampleLease.holder("pod-8", "5eed"));
    }

    @Test
    void leaseOfAnotherReleaseIsNotOneOfOurs() {
        server.onWrite(answer(200, "{}"));
        String holder = new ReplicaId("glidepath", "second", "pod-5", "5eed").holder();
        ReplicaLease released = SampleLease.of("pod-6", "3", "", at(0), seenBy(holder));
        startWith(
                lease(SELF.holder(), 0),
                SampleLease.with(
                                SampleLease.of("pod-5", "2", holder, at(0), seenBy(holder)),
                                "second",
                                new Capabilities(9, "team=web"))
                        .text("glidepath"),
                SampleLease.with(released, "second", SampleLease.CAPABILITIES).text("glidepath"),
                lease("", 0).replace("pod-8", "pod-7"));

        await().atMost(LIMIT).until(() -> !deletions().isEmpty());

        assertThat(deletions()).containsOnly("DELETE /apis/coordination.k8s.io/v1/namespaces/glidepath/leases/pod-7");
        assertThat(replicas.owes(INSTANCE)).as("a node that they saw").isFalse();
        assertThat(replicas.isOfOtherRelease(holder)).isTrue();
        assertThat(replicas.freeAt(holder)).as("it can be seen to live").isEqualTo(at(15));
        assertThat(replicas.freeOfReadersAt(9)).as("no reader of ours").isBeforeOrEqualTo(at(0));
        assertThat(replicas.selectorsOfOtherReleases()).containsOnly(Map.entry("second", "team=web"));
    }

    @Test
    void holderOfAnotherNamespaceOrReleaseIsNotOfOurs() {
        assertThat(replicas.isOfOtherRelease(OTHER)).isFalse();
        assertThat(replicas.isOfOtherRelease("pod-0/5eed"))
                .as("of an older build")
                .isFalse();
        assertThat(replicas.isOfOtherRelease(new ReplicaId("other", "glidepath", "pod-0", "5eed").holder()))
                .isTrue();
        assertThat(replicas.isOfOtherRelease(new ReplicaId("glidepath", "other", "pod-0", "5eed").holder()))
                .isTrue();
    }

    /** Of an older build, whose Lease has neither a release nor a version: its claims stand as long as it is renewed. */
    @Test
    void claimOfAReplicaOfAnOlderBuildStandsWhileItsLeaseIsRenewed() {
        String old = SampleLease.with(
                        SampleLease.of("pod-3", "2", "pod-3/5eed", at(0), PendingHooks.NONE),
                        "",
                        new Capabilities(0, ""))
                .text("glidepath");
        startWith(lease(SELF.holder(), 0), old);

        assertThat(replicas.freeAt("pod-3/5eed")).isEqualTo(at(15));
    }

    @Test
    void aLiveReplicaReadsJournalsUpToTheVersionInItsLease() {
        ReplicaLease newer =
                SampleLease.of("pod-3", "2", SampleLease.holder("pod-3", "5eed"), at(0), PendingHooks.NONE);
        startWith(
                lease(SELF.holder(), 0),
                SampleLease.with(newer, "glidepath", new Capabilities(2, "")).text("glidepath"));

        assertThat(replicas.freeOfReadersAt(2)).isEqualTo(at(15));
        assertThat(replicas.freeOfReadersAt(3)).isBeforeOrEqualTo(at(0));
        now.set(at(9));
        assertThat(replicas.freeOfReadersAt(3))
                .as("while our own Lease stands still")
                .isEqualTo(at(10));
    }

    @Test
    void aJournalVersionWithoutReadersIsFreeSinceBeforeNow() {
        startWith(lease(SELF.holder(), 0));
        Instant before = now.get();

        now.set(before.plusNanos(1_000));

        assertThat(replicas.freeOfReadersAt(3)).isBeforeOrEqualTo(before);
    }

    @Test
    void tokensOfOurOwnReleaseAreLearnt() {
        Map<LifecycleToken, ActionNotice> learnt = new ConcurrentHashMap<>();
        self.onToken(learnt::put);
        ReplicaLease other = SampleLease.of("pod-0", "2", OTHER, at(0), PendingHooks.NONE);
        ReplicaLease foreign = SampleLease.of("pod-5", "3", "pod-5/5eed", at(0), PendingHooks.NONE);

        startWith(
                lease(SELF.holder(), 0),
                SampleLease.with(foreign, "second", SampleLease.CAPABILITIES, tokens("theirs"))
                        .text("glidepath"),
                SampleLease.with(other, "glidepath", SampleLease.CAPABILITIES, tokens("ours"))
                        .text("glidepath"));

        assertThat(learnt).isEqualTo(tokens("ours"));
    }

    private static Map<LifecycleToken, ActionNotice> tokens(String value) {
        LifecycleToken token = new LifecycleToken(value);
        LifecycleAction action = LifecycleAction.of("workers", "drain", token, INSTANCE);
        return Map.of(token, new ActionNotice(action, Route.DIRECT));
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
        watch.tell(event("MODIFIED", lease))
                .tell(event("MODIFIED", lease(SampleLease.holder("pod-9", "" + before), 0)));
        await().atMost(LIMIT).until(() -> told.get() > before);
    }

    /** Which says that its holder saw the nodes of these. */
    private String lease(String holder, long renewed, InstanceId... owed) {
        String witness = holder.isEmpty() ? SampleLease.holder("pod-8", "5eed") : holder;
        return lease(holder, renewed, new PendingHooks(Map.of(witness, Set.of(owed))));
    }

    private String lease(String holder, long renewed, PendingHooks pending) {
        String name = holder.isEmpty() ? "pod-8" : ReplicaId.podOf(holder);
        return SampleLease.of(name, String.valueOf(versions.incrementAndGet()), holder, at(renewed), pending)
                .text("glidepath");
    }

    private static PendingHooks seenBy(String holder) {
        return new PendingHooks(Map.of(holder, Set.of(INSTANCE)));
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
