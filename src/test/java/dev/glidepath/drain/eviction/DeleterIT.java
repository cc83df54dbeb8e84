package dev.glidepath.drain.eviction;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.DeletionOutcome.Deleted;
import dev.glidepath.drain.eviction.DeletionOutcome.Forbidden;
import dev.glidepath.drain.eviction.DeletionOutcome.Gone;
import dev.glidepath.drain.eviction.MarkOutcome.Marked;
import dev.glidepath.drain.eviction.MarkOutcome.NotMarked;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeleterIT {
    private static final String NO_SUCH_UID = "00000000-0000-0000-0000-000000000000";

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final Deleter deleter = new Deleter(new ApiServer(client.getConfiguration()), InstantSource.system());
    private TestCluster cluster;
    private LabNode node;

    @BeforeEach
    void oneNode() {
        cluster = TestCluster.create(plane);
        node = cluster.node("a");
    }

    @AfterEach
    void end() {
        cluster.close();
        client.close();
    }

    @Test
    void deletesPastABudgetWithoutRoom() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("web", web).minAvailable(2);
        PodRef pod = ref(web.pods().getFirst());

        assertThat(deleter.delete(pod, Optional.empty())).isEqualTo(new Deleted());

        await().atMost(ofMinutes(2))
                .until(() -> web.pods().stream().noneMatch(left -> ref(left).equals(pod)));
    }

    @Test
    void shorterGraceIsHonoured() throws InterruptedException {
        Workload one =
                cluster.pod("one").grace(ofMinutes(5)).exitAfter(ofMinutes(5)).create();

        assertThat(deleter.delete(ref(one.pods().getFirst()), Optional.of(ofSeconds(7))))
                .isEqualTo(new Deleted());

        assertThat(one.pods())
                .singleElement()
                .extracting(pod -> pod.getMetadata().getDeletionGracePeriodSeconds())
                .isEqualTo(7L);
    }

    @Test
    void withoutOneThePodsOwnHolds() throws InterruptedException {
        Workload one =
                cluster.pod("one").grace(ofMinutes(5)).exitAfter(ofMinutes(5)).create();

        deleter.delete(ref(one.pods().getFirst()), Optional.empty());

        assertThat(one.pods())
                .singleElement()
                .extracting(pod -> pod.getMetadata().getDeletionGracePeriodSeconds())
                .isEqualTo(300L);
    }

    @Test
    void successorOfTheSameNameIsSpared() throws InterruptedException {
        Workload one = cluster.pod("one").create();
        PodRef before = new PodRef(cluster.namespace(), "one", NO_SUCH_UID);

        assertThat(deleter.markDisrupted(before)).isEqualTo(new MarkOutcome.Gone());
        assertThat(deleter.delete(before, Optional.empty())).isEqualTo(new Gone());

        assertThat(one.pods())
                .singleElement()
                .matches(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .matches(pod -> disruptions(pod).findAny().isEmpty());
    }

    @Test
    void podThatIsNotThereIsGone() throws InterruptedException {
        PodRef none = new PodRef(cluster.namespace(), "none", NO_SUCH_UID);

        assertThat(deleter.markDisrupted(none)).isEqualTo(new MarkOutcome.Gone());
        assertThat(deleter.delete(none, Optional.empty())).isEqualTo(new Gone());
    }

    @Test
    void lackOfRightsNamesTheRule() throws InterruptedException {
        PodRef pod = ref(cluster.pod("one").create().pods().getFirst());
        try (KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default")) {
            Deleter powerless = new Deleter(new ApiServer(nobody.getConfiguration()), InstantSource.system());

            assertThat(powerless.markDisrupted(pod))
                    .isEqualTo(new NotMarked("may not mark: the ClusterRole needs pods/status: patch"));
            assertThat(powerless.delete(pod, Optional.empty()))
                    .isEqualTo(new Forbidden("may not delete: the ClusterRole needs pods: delete"));
        }
    }

    @Test
    void markAddsOneConditionAndKeepsTheOthers() throws InterruptedException {
        Workload one = cluster.pod("one").create();
        PodRef pod = ref(one.pods().getFirst());
        int before = one.pods().getFirst().getStatus().getConditions().size();

        assertThat(deleter.markDisrupted(pod)).isEqualTo(new Marked());
        assertThat(deleter.markDisrupted(pod)).as("twice changes nothing").isEqualTo(new Marked());

        Pod marked = one.pods().getFirst();
        assertThat(marked.getStatus().getConditions()).hasSize(before + 1);
        assertThat(disruptions(marked)).singleElement().satisfies(condition -> {
            assertThat(condition.getStatus()).isEqualTo("True");
            assertThat(condition.getReason()).isEqualTo("DeletionByGlidepath");
        });
    }

    @Test
    void jobThatIgnoresDisruptionsGoesOnWhenItsPodWasMarked() throws InterruptedException {
        PodRef pod = jobPod();

        deleter.markDisrupted(pod);
        deleter.delete(pod, Optional.of(ofSeconds(1)));

        await("a pod in its stead")
                .atMost(ofMinutes(2))
                .until(() -> jobPods()
                        .anyMatch(other -> !ref(other).equals(pod)
                                && other.getStatus().getPhase().equals("Running")));
        assertThat(jobStatus().getFailed()).isIn(null, 0);
        assertThat(jobStatus().getConditions()).isEmpty();
    }

    @Test
    void andFailsWhenItWasNot() throws InterruptedException {
        PodRef pod = jobPod();

        deleter.delete(pod, Optional.of(ofSeconds(1)));

        await("the job's failure")
                .atMost(ofMinutes(2))
                .until(() -> jobStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Failed")
                                && condition.getReason().equals("BackoffLimitExceeded")));
        assertThat(jobStatus().getFailed()).isEqualTo(1);
    }

    /** The running pod of a Job that stands no failure but disruptions. */
    private PodRef jobPod() {
        cluster.client()
                .resource(new JobBuilder()
                        .withNewMetadata()
                        .withName("once")
                        .withNamespace(cluster.namespace())
                        .endMetadata()
                        .withNewSpec()
                        .withBackoffLimit(0)
                        .withNewPodFailurePolicy()
                        .addNewRule()
                        .withAction("Ignore")
                        .addNewOnPodCondition("True", "DisruptionTarget")
                        .endRule()
                        .endPodFailurePolicy()
                        .withNewTemplate()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .withNodeName(node.name())
                        .addNewContainer()
                        .withName("app")
                        .withImage("app")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        await("the job's pod")
                .atMost(ofMinutes(2))
                .until(() ->
                        jobPods().anyMatch(pod -> pod.getStatus().getPhase().equals("Running")));
        return ref(jobPods().findFirst().orElseThrow());
    }

    private Stream<Pod> jobPods() {
        List<Pod> pods = cluster.client()
                .pods()
                .inNamespace(cluster.namespace())
                .withLabel("batch.kubernetes.io/job-name", "once")
                .list()
                .getItems();
        return pods.stream();
    }

    private JobStatus jobStatus() {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(cluster.namespace())
                .withName("once")
                .require()
                .getStatus();
    }

    private static Stream<PodCondition> disruptions(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("DisruptionTarget"));
    }

    private static PodRef ref(Pod pod) {
        var metadata = pod.getMetadata();
        return new PodRef(metadata.getNamespace(), metadata.getName(), metadata.getUid());
    }
}
