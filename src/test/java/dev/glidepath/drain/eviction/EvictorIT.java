package dev.glidepath.drain.eviction;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Forbidden;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.OtherPod;
import dev.glidepath.drain.eviction.EvictionOutcome.SeveralBudgets;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EvictorIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final Evictor evictor = new Evictor(new ApiServer(client));
    private TestCluster cluster;

    @BeforeEach
    void oneNode() {
        cluster = TestCluster.create(plane);
        cluster.node("a");
    }

    @AfterEach
    void end() {
        cluster.close();
        client.close();
    }

    @Test
    void evictsThePodInOneRequest() throws InterruptedException {
        Workload one = cluster.pod("one").create();
        AuditLog.Mark mark = plane.audit().mark();

        assertThat(evictor.evict(only(one), Optional.empty())).isEqualTo(new Evicted());

        assertThat(plane.audit().since(mark).stream().filter(by(AuditLog.serviceAccount("glidepath", "glidepath"))))
                .singleElement()
                .matches(to("create", "pods/eviction"));
        await().atMost(ofSeconds(30)).until(() -> one.pods().isEmpty());
    }

    @Test
    void askingTwiceChangesNothing() throws InterruptedException {
        Workload one = cluster.pod("one").exitAfter(ofSeconds(20)).create();
        PodRef pod = only(one);

        assertThat(evictor.evict(pod, Optional.empty())).isEqualTo(new Evicted());
        assertThat(evictor.evict(pod, Optional.empty())).isEqualTo(new Evicted());
    }

    @Test
    void budgetWithoutRoomBlocksAndIsNamed() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("web-budget", web).minAvailable(2);
        AuditLog.Mark mark = plane.audit().mark();

        assertThat(evictor.evict(only(web), Optional.empty()))
                .isEqualTo(new BlockedByBudget(
                        "web-budget", "The disruption budget web-budget needs 2 healthy pods and has 2 currently"));

        assertThat(plane.audit().since(mark).stream().filter(to("create", "pods/eviction")))
                .as("one request, tried again by nobody")
                .hasSize(1);
        assertThat(web.pods()).noneMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null);
    }

    @Test
    void secondBudgetOnThePodIsTold() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("one", web).minAvailable(1);
        cluster.budget("two", web).minAvailable(1);

        assertThat(evictor.evict(only(web), Optional.empty()))
                .isEqualTo(
                        new SeveralBudgets(
                                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."));
    }

    @Test
    void successorOfTheSameNameIsSpared() throws InterruptedException {
        Workload one = cluster.pod("one").create();

        assertThat(evictor.evict(
                        new PodRef(cluster.namespace(), "one", "00000000-0000-0000-0000-000000000000"),
                        Optional.empty()))
                .isEqualTo(new OtherPod());

        assertThat(one.pods()).singleElement().matches(pod -> pod.getMetadata().getDeletionTimestamp() == null);
    }

    @Test
    void podThatIsNotThereIsGone() throws InterruptedException {
        assertThat(evictor.evict(
                        new PodRef(cluster.namespace(), "none", "00000000-0000-0000-0000-000000000000"),
                        Optional.empty()))
                .isEqualTo(new Gone());
    }

    @Test
    void lackOfRightsNamesTheRule() throws InterruptedException {
        Workload one = cluster.pod("one").create();
        try (KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default")) {
            assertThat(new Evictor(new ApiServer(nobody)).evict(only(one), Optional.empty()))
                    .isEqualTo(new Forbidden("may not evict: the ClusterRole needs pods/eviction: create"));
        }
        assertThat(one.pods()).hasSize(1);
    }

    /** One pod of the workload. */
    private static PodRef only(Workload workload) {
        var metadata = workload.pods().getFirst().getMetadata();
        return new PodRef(metadata.getNamespace(), metadata.getName(), metadata.getUid());
    }
}
