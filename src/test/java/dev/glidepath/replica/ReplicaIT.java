package dev.glidepath.replica;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.time.SteadyClock;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With the daemon's own rights. Nothing here is quicker than the 5 s between two renewals. */
class ReplicaIT {
    private static final Duration LIMIT = ofMinutes(2);
    private static final String NAMESPACE = "glidepath";
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");
    private static final InstanceId FIRST = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId SECOND = new InstanceId("i-0a1b2c3d4e5f60002");

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final String prefix = "it-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<AutoCloseable> open = new ArrayList<>();
    /** By how much the clock of those that look is ahead. */
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        client.close();
        plane.client().leases().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(lease -> lease.getMetadata().getName().startsWith(prefix))
                .forEach(lease -> plane.client().resource(lease).delete());
    }

    @Test
    void renewsItsLeaseEveryFiveSeconds() {
        Replica replica = started("a");
        AuditLog.Mark mark = plane.audit().mark();

        await().atMost(LIMIT).until(() -> updatesOf("a", mark).size() >= 4);

        List<Instant> times = updatesOf("a", mark).stream().map(Request::at).toList();
        List<Duration> between = IntStream.range(1, times.size())
                .mapToObj(i -> Duration.between(times.get(i - 1), times.get(i)))
                .sorted()
                .toList();
        assertThat(between).allSatisfy(each -> assertThat(each).isGreaterThan(ofSeconds(4)));
        assertThat(between.get(between.size() / 2)).as("median of %s", between).isLessThan(ofSeconds(8));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(replica.mayActUntil())
                        .isBetween(Instant.now().plusSeconds(1), Instant.now().plusSeconds(10)));
        Lease lease = lease("a").get();
        assertThat(lease.getSpec().getHolderIdentity())
                .isEqualTo(replica.id().holder())
                .startsWith(prefix + "-a/");
        assertThat(lease.getSpec().getLeaseDurationSeconds()).isEqualTo(15);
        assertThat(lease.getSpec().getRenewTime().toInstant())
                .isBetween(times.getLast().minusSeconds(2), Instant.now());
        assertThat(lease.getMetadata().getLabels()).containsEntry("glidepath.dev/replica", "true");
        assertThat(lease.getMetadata().getOwnerReferences()).isEmpty();
    }

    @Test
    void threeHundredHooksOwedCostNoMoreWritesThanNone() {
        started("none");
        Replica many = started("many");
        Set<InstanceId> hooks = IntStream.range(0, 300)
                .mapToObj(number -> new InstanceId("i-%017x".formatted(number)))
                .collect(Collectors.toSet());
        AuditLog.Mark mark = plane.audit().mark();

        many.owes(() -> new Owed(Map.of(many.id().holder(), hooks), Map.of()));
        await().atMost(LIMIT)
                .until(() -> updatesOf("many", mark).size() >= 3
                        && updatesOf("none", mark).size() >= 3);

        assertThat(owedBy("many")).isEqualTo(hooks);
        List<Request> writes = writes(mark);
        assertThat(writes).extracting(Request::verb).containsOnly("update");
        assertThat(updatesOf("many", mark).size() - updatesOf("none", mark).size())
                .isBetween(-1, 1);
    }

    @Test
    void nextProcessOfAPodTakesTheLeaseOverAndTheOtherNoticesIt() {
        Replica earlier = started("a");
        earlier.owes(() -> new Owed(Map.of(earlier.id().holder(), Set.of(FIRST)), Map.of()));
        await().atMost(LIMIT).until(() -> owedBy("a").contains(FIRST));

        Replica later = started("a", () -> Set.of(SECOND));

        assertThat(later.id()).isNotEqualTo(earlier.id());
        assertThat(lease("a").get().getSpec().getHolderIdentity())
                .isEqualTo(later.id().holder());
        assertThat(owedBy("a")).containsExactlyInAnyOrder(FIRST, SECOND);
        await().atMost(LIMIT).until(() -> earlier.mayActUntil().equals(Instant.MIN));
        assertThat(earlier.trouble().orElseThrow()).contains("two processes run with the pod name " + prefix + "-a");
        earlier.release();
        assertThat(lease("a").get().getSpec().getHolderIdentity())
                .as("not the earlier one's to release")
                .isEqualTo(later.id().holder());
        assertThat(later.trouble()).isEmpty();
    }

    @Test
    void releasedLeaseIsDeletedWhenNoHookIsOwed() {
        Replica replica = started("a");
        AuditLog.Mark mark = plane.audit().mark();

        replica.release();

        assertThat(lease("a").get()).isNull();
        assertThat(replica.mayActUntil()).isEqualTo(Instant.MIN);
        assertThat(writes(mark)).extracting(Request::verb).last().isEqualTo("delete");
    }

    @Test
    void releasedLeaseIsLeftWithoutAHolderWhenHooksAreOwed() {
        Replica replica = started("a", () -> Set.of(FIRST));

        replica.release();

        assertThat(lease("a").get().getSpec().getHolderIdentity()).isEmpty();
        assertThat(owedBy("a")).containsExactly(FIRST);
    }

    @Test
    void claimIsFreeFifteenSecondsAfterItsHolderFellSilent() {
        Replicas seenByOther = watching(started("other"));
        FaultProxy proxy = FaultProxy.before(plane);
        open.add(proxy);
        KubernetesClient clientOfDying = proxy.clientOfDaemon();
        open.add(clientOfDying);
        Replica dying = started("dying", clientOfDying, Set::of);
        String holder = dying.id().holder();
        await().atMost(LIMIT)
                .until(() -> Duration.between(Instant.now(), seenByOther.freeAt(holder))
                                .compareTo(ofSeconds(5))
                        > 0);
        Instant first = seenByOther.freeAt(holder);
        await().atMost(LIMIT).until(() -> seenByOther.freeAt(holder).isAfter(first.plusSeconds(3)));

        proxy.on(request -> request.method().equals("PUT")).drop();
        Instant silentSince = Instant.now();

        await().atMost(LIMIT).until(() -> !seenByOther.freeAt(holder).isAfter(Instant.now()));
        assertThat(seenByOther.freeAt(holder))
                .as("fifteen seconds after the renewal that was seen last, which was five seconds before at most")
                .isBetween(silentSince.plusSeconds(9), silentSince.plusSeconds(25));
        assertThat(dying.mayActUntil()).as("it had stopped long before").isBefore(Instant.now());
        assertThat(dying.trouble()).isNotEmpty();
        assertThat(lease("dying").get()).as("not yet dead").isNotNull();
    }

    @Test
    void claimIsFreeASecondAfterItsHolderHasLeft() {
        Replica leaving = started("leaving");
        Replicas seenByOther = watching(started("other"));
        String holder = leaving.id().holder();
        assertThat(seenByOther.freeAt(holder)).isAfter(Instant.now());

        leaving.release();
        Instant left = Instant.now();

        await().atMost(LIMIT).until(() -> !seenByOther.freeAt(holder).isAfter(Instant.now()));
        assertThat(seenByOther.freeAt(holder))
                .as("long before its Lease would have lapsed")
                .isBefore(left.plusSeconds(9));
    }

    @Test
    void leaseOfAReplicaThatLeftIsDeletedWhenItsListHasBeenCopied() {
        Replica survivor = started("survivor");
        Replicas replicas = watching(survivor);
        Replica leaving = started("leaving", () -> Set.of(FIRST));
        AuditLog.Mark mark = plane.audit().mark();

        leaving.release();

        await().atMost(LIMIT).until(() -> lease("leaving").get() == null);
        assertThat(owedBy("survivor")).containsExactly(FIRST);
        assertThat(replicas.owes(FIRST)).isTrue();
        assertThat(replicas.owes(SECOND)).isFalse();
        assertThat(writes(mark).stream().filter(to("delete", "leases")).map(Request::name))
                .containsExactly(prefix + "-leaving");
        survivor.settled(FIRST);
        await().atMost(LIMIT).until(() -> !replicas.owes(FIRST));
    }

    @Test
    void leaseSilentForFiveMinutesIsDeletedOnceItsListIsCopied() {
        plane.client()
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName(prefix + "-dead")
                        .addToLabels(ReplicaLease.LABEL, "true")
                        .addToAnnotations(ReplicaLease.PENDING, "{\"dead/5eed\": [\"" + FIRST + "\"]}")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(prefix + "-dead/5eed")
                        .endSpec()
                        .build())
                .create();
        Replica survivor = started("survivor");
        Instant unseen = Instant.now();
        Replicas replicas = watching(survivor);
        assertThat(replicas.owes(FIRST)).isTrue();
        assertThat(replicas.freeAt(prefix + "-dead/5eed"))
                .as("whoever is seen for the first time may live")
                .isAfter(unseen.plusSeconds(14));

        ahead.set(Liveness.DEAD_AFTER);

        await().atMost(LIMIT).until(() -> lease("dead").get() == null);
        assertThat(owedBy("survivor"))
                .as("what other dead replicas of this control plane owed may be there, too")
                .contains(FIRST);
        assertThat(replicas.owes(FIRST)).isTrue();
    }

    @Test
    void lackOfRightsNamesTheRule() {
        TestCluster cluster = TestCluster.create(plane);
        open.add(cluster);
        KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default");
        open.add(nobody);
        Replica replica = replica("a", nobody);

        replica.start();

        await().atMost(LIMIT).until(() -> replica.trouble().isPresent());
        assertThat(replica.trouble()).contains("may not get it: the Role in glidepath needs leases: get");
        assertThat(replica.mayActUntil()).isEqualTo(Instant.MIN);
    }

    private Replica started(String name) {
        return started(name, Set::of);
    }

    private Replica started(String name, Supplier<Set<InstanceId>> owed) {
        return started(name, client, owed);
    }

    /** And it has its Lease. */
    private Replica started(String name, KubernetesClient as, Supplier<Set<InstanceId>> owed) {
        Replica replica = replica(name, as);
        replica.owes(() -> new Owed(Map.of(replica.id().holder(), owed.get()), Map.of()));
        replica.start();
        await().atMost(LIMIT).until(() -> replica.mayActUntil().isAfter(Instant.now()));
        return replica;
    }

    private Replica replica(String name, KubernetesClient as) {
        RandomGenerator random = RandomGenerator.getDefault();
        Replica replica = new Replica(
                new ApiServer(as.getConfiguration()),
                ReplicaId.startedIn(NAMESPACE, "glidepath", prefix + "-" + name, random),
                SampleLease.CAPABILITIES,
                SteadyClock.ofThisMachine(),
                random);
        open.add(replica::release);
        return replica;
    }

    /** And it knows of itself. */
    private Replicas watching(Replica self) {
        Replicas replicas =
                new Replicas(Clients.watcher(client, () -> Instant.now().plus(ahead.get())), self);
        open.add(replicas);
        replicas.start();
        await().atMost(LIMIT).until(replicas::isSynced);
        await().atMost(LIMIT)
                .until(() -> Duration.between(
                                        Instant.now(), replicas.freeAt(self.id().holder()))
                                .compareTo(ofSeconds(2))
                        > 0);
        return replicas;
    }

    private Resource<Lease> lease(String name) {
        return plane.client().leases().inNamespace(NAMESPACE).withName(prefix + "-" + name);
    }

    private Set<InstanceId> owedBy(String name) {
        String text = lease(name).require().getMetadata().getAnnotations().getOrDefault(ReplicaLease.PENDING, "");
        return PendingHooks.parse(text).byWitness().values().stream()
                .flatMap(Set::stream)
                .collect(Collectors.toSet());
    }

    private List<Request> updatesOf(String name, AuditLog.Mark mark) {
        return writes(mark).stream()
                .filter(to("update", "leases"))
                .filter(request -> request.name().equals(prefix + "-" + name))
                .toList();
    }

    private List<Request> writes(AuditLog.Mark mark) {
        return plane.audit().since(mark).stream()
                .filter(by(USER))
                .filter(request -> request.resource().equals("leases"))
                .filter(request -> Set.of("create", "update", "patch", "delete").contains(request.verb()))
                .toList();
    }
}
