package dev.glidepath.drain.pod;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PodsOnNodeIT {
    private static final Duration LIMIT = ofMinutes(2);

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private TestCluster cluster;
    private LabNode doomed;
    private PodsOnNode pods;

    @BeforeEach
    void twoNodes() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        cluster.node("other");
        pods = new PodsOnNode(Clients.watcher(client), doomed.name(), () -> {});
    }

    @AfterEach
    void end() {
        pods.close();
        client.close();
        cluster.close();
    }

    @Test
    void listsThePodsOfThisNodeAlone() throws IOException, InterruptedException {
        cluster.daemonSet("agent").create();
        cluster.deployment("web").replicas(3).priority(100).grace(ofSeconds(7)).createOn(doomed);

        pods.list();

        assertThat(seen()).hasSize(4).allMatch(pod -> pod.phase() == Phase.RUNNING);
        assertThat(seen())
                .filteredOn(pod -> pod.owner() instanceof Owner.Controller owner
                        && owner.kind().equals("ReplicaSet"))
                .hasSize(3)
                .allMatch(pod -> pod.priority() == 100 && pod.grace().equals(ofSeconds(7)));
        assertThat(seen()).filteredOn(pod -> pod.ownedBy("DaemonSet")).hasSize(1);
        assertThat(seen()).allMatch(pod -> pod.is(Trait.READY) && pod.labels().containsKey("app"));
    }

    @Test
    void podBoundLaterAppearsAndOneThatWentStaysAway() throws IOException, InterruptedException {
        cluster.pod("first").on(doomed).create();
        pods.list();
        assertThat(names()).containsExactly("first");

        Workload second = cluster.pod("second").on(doomed).create();
        await().atMost(LIMIT).until(() -> names().equals(List.of("first", "second")));

        cluster.client().resource(second.pods().getFirst()).withGracePeriod(0).delete();
        await().atMost(LIMIT).until(() -> names().equals(List.of("first")));
        pods.list();
        assertThat(names()).containsExactly("first");
    }

    @Test
    void evictedPodIsSeenToTerminateAndThenToGo() throws IOException, InterruptedException {
        cluster.pod("one").exitAfter(ofSeconds(12)).on(doomed).create();
        pods.list();

        new Evictor(new ApiServer(client.getConfiguration()))
                .evict(seen().getFirst().ref(), Optional.empty(), Optional.empty());

        await().atMost(LIMIT).until(() -> seen().getFirst().terminating());
        assertThat(seen().getFirst().termination().map(Termination::evicted)).contains(true);
        await().atMost(LIMIT).until(() -> seen().isEmpty());
        assertThat(gone()).singleElement().satisfies(pod -> {
            assertThat(pod.ref().name()).isEqualTo("one");
            assertThat(pod.termination().map(Termination::evicted)).contains(true);
        });
    }

    @Test
    void deletedPodWasNotEvicted() throws IOException, InterruptedException {
        cluster.pod("one").hangs().on(doomed).create();
        pods.list();

        cluster.client()
                .pods()
                .inNamespace(cluster.namespace())
                .withName("one")
                .withGracePeriod(1)
                .delete();

        await().atMost(LIMIT).until(() -> seen().getFirst().terminating());
        assertThat(seen().getFirst().termination().map(Termination::evicted)).contains(false);
    }

    @Test
    void podWithAFinalizerEndsBeforeItGoes() throws IOException, InterruptedException {
        cluster.pod("one")
                .finalizer("lab/keep")
                .exitAfter(ofMillis(100))
                .on(doomed)
                .create();
        pods.list();
        assertThat(seen().getFirst().is(Trait.READY)).isTrue();

        new Evictor(new ApiServer(client.getConfiguration()))
                .evict(seen().getFirst().ref(), Optional.empty(), Optional.empty());

        await().atMost(LIMIT).until(() -> seen().getFirst().is(Trait.CONTAINERS_ENDED));
        assertThat(seen().getFirst().finished()).isTrue();
        assertThat(seen().getFirst().is(Trait.READY)).isFalse();
    }

    @Test
    void waitingCostsNoCall() throws IOException, InterruptedException {
        cluster.deployment("web").replicas(3).createOn(doomed);
        cluster.cordon(doomed);
        AuditLog.Mark mark = plane.audit().mark();
        pods.list();
        Evictor evictor = new Evictor(new ApiServer(client.getConfiguration()));
        for (Pod pod : seen()) {
            assertThat(evictor.evict(pod.ref(), Optional.empty(), Optional.empty()))
                    .isEqualTo(new Evicted());
        }
        await().atMost(LIMIT).until(() -> seen().isEmpty());

        List<Request> calls = plane.audit().since(mark).stream()
                .filter(by(AuditLog.serviceAccount("glidepath", "glidepath")))
                .toList();
        assertThat(calls).hasSize(1 + 1 + 3);
        assertThat(calls.stream().filter(to("list", "pods"))).hasSize(1);
        assertThat(calls.stream().filter(to("watch", "pods"))).hasSize(1);
    }

    private List<Pod> seen() {
        return pods.sight() instanceof Listed(List<Pod> all, var _, var _) ? all : List.of();
    }

    private List<Pod> gone() {
        return pods.sight() instanceof Listed(var _, List<Pod> all, var _) ? all : List.of();
    }

    private List<String> names() {
        return seen().stream().map(pod -> pod.ref().name()).toList();
    }
}
