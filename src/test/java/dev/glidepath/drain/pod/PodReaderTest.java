package dev.glidepath.drain.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.glidepath.apiserver.encoding.Projection;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodReaderTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final Path PODS = Path.of("src", "test", "resources", "pods");

    @Test
    void reducesARealPod() throws IOException {
        assertThat(pod(Files.readString(PODS.resolve("deployment.json"))))
                .isEqualTo(new Pod(
                        new PodRef("shop", "web-7d4b9c6f5-abcde", "0d3f0f6e-8f0a-4a52-9d5e-5a9a2c1f0001"),
                        NOON,
                        Phase.RUNNING,
                        Set.of(Trait.READY, Trait.EMPTY_DIR),
                        Optional.empty(),
                        Duration.ofSeconds(45),
                        1000,
                        new Owner.Controller("ReplicaSet", "web-7d4b9c6f5", "4f7c9b3a-1111-4a52-9d5e-5a9a2c1f0001"),
                        Set.of(
                                "node.kubernetes.io/not-ready",
                                "node.kubernetes.io/unreachable",
                                "glidepath.dev/departing"),
                        Set.of(),
                        Map.of("app", "web", "pod-template-hash", "7d4b9c6f5"),
                        "123456"));
    }

    @Test
    void aBlanketTolerationNamesNoTaint() throws IOException {
        assertThat(pod("{'spec': {'tolerations': [{'operator': 'Exists'}]}}").tolerated())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "{'operator': 'Exists'} | true",
                "{'operator': 'Exists', 'effect': 'NoSchedule'} | true",
                "{'operator': 'Exists', 'effect': 'NoExecute'} | false",
                "{'operator': 'Exists', 'key': 'dedicated'} | false",
                "{'key': 'dedicated', 'value': 'gpu'} | false",
                "{} | false"
            })
    void toleratesAllTaintsThatKeepPodsOut(String toleration, boolean all) throws IOException {
        assertThat(pod("{'spec': {'tolerations': [" + toleration + "]}}").is(Trait.TOLERATES_ALL))
                .isEqualTo(all);
    }

    @Test
    void isReadyWhenItsConditionIsTrue() throws IOException {
        assertThat(pod("{'status': {'conditions': [{'type': 'Ready', 'status': 'True'}]}}")
                        .is(Trait.READY))
                .isTrue();
        assertThat(pod("{'status': {'conditions': [{'type': 'Ready', 'status': 'False'},"
                                + " {'type': 'ContainersReady', 'status': 'True'}]}}")
                        .is(Trait.READY))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "{} | false",
                "{'containerStatuses': []} | false",
                "{'containerStatuses': [{'state': {'terminated': {'exitCode': 0}}}]} | true",
                "{'containerStatuses': [{'state': {'terminated': {}}}, {'state': {'running': {}}}]} | false",
                "{'containerStatuses': [{'state': {'terminated': {}}}],"
                        + " 'initContainerStatuses': [{'state': {'running': {}}}]} | false",
                "{'containerStatuses': [{'state': {'terminated': {}}}],"
                        + " 'initContainerStatuses': [{'state': {'terminated': {}}}]} | true",
                "{'containerStatuses': [{'state': {'terminated': {}}}],"
                        + " 'ephemeralContainerStatuses': [{'state': {'running': {}}}]} | false",
                "{'initContainerStatuses': [{'state': {'terminated': {}}}]} | false"
            })
    void hasEndedWhenEachOfItsContainersHas(String status, boolean ended) throws IOException {
        assertThat(pod("{'status': " + status + "}").is(Trait.CONTAINERS_ENDED)).isEqualTo(ended);
    }

    @ParameterizedTest
    @CsvSource({
        "/var/lib/kubelet/plugins/ebs.csi.aws.com/, true",
        "/var/lib/kubelet/plugins, true",
        "/var/lib/kubelet/plugins_registry/, true",
        "/var/lib/k0s/kubelet/plugins_registry, true",
        "/var/snap/microk8s/common/var/lib/kubelet//plugins/efs.csi.aws.com, true",
        "/var/lib/kubelet/device-plugins, false",
        "/var/lib/kubelet/pods, false",
        "/var/lib/kubelet, false",
        "/opt/cni/plugins, false",
        "/plugins, false"
    })
    void movesVolumesWhenItIsAPluginOfTheKubelets(String path, boolean plumbing) throws IOException {
        assertThat(pod("{'spec': {'volumes': [{'name': 'dir', 'hostPath': {'path': '" + path + "'}}]}}")
                        .is(Trait.VOLUME_PLUMBING))
                .isEqualTo(plumbing);
    }

    @Test
    void wishesAreAnnotations() throws IOException {
        assertThat(pod("{'metadata': {'annotations': {'glidepath.dev/drain': 'skip'}}}")
                        .traits())
                .containsExactly(Trait.SKIP);
        assertThat(pod("{'metadata': {'annotations': {'glidepath.dev/drain': 'wait'}}}")
                        .traits())
                .containsExactly(Trait.WAIT);
        assertThat(pod("{'metadata': {'annotations': {'glidepath.dev/drain': 'perhaps'}}}")
                        .traits())
                .isEmpty();
        assertThat(pod("{'metadata': {'annotations':"
                                + " {'cluster-autoscaler.kubernetes.io/enable-ds-eviction': 'true'}}}")
                        .traits())
                .containsExactly(Trait.DAEMON_SET_EVICTION);
        assertThat(pod("{'metadata': {'annotations':"
                                + " {'cluster-autoscaler.kubernetes.io/enable-ds-eviction': 'false'}}}")
                        .traits())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "cluster-autoscaler.kubernetes.io/safe-to-evict, false, true",
        "cluster-autoscaler.kubernetes.io/safe-to-evict, true, false",
        "karpenter.sh/do-not-disrupt, true, true",
        "karpenter.sh/do-not-disrupt, false, false",
        "karpenter.sh/do-not-evict, true, false"
    })
    void readsThatAPodAsksNotToBeDisrupted(String annotation, String value, boolean asks) throws IOException {
        assertThat(pod("{'metadata': {'annotations': {'" + annotation + "': '" + value + "'}}}")
                        .is(Trait.DO_NOT_DISRUPT))
                .isEqualTo(asks);
    }

    @Test
    void namesTheClaimsItMounts() throws IOException {
        assertThat(pod("{'metadata': {'name': 'db-0'}, 'spec': {'volumes': ["
                                + "{'name': 'data', 'persistentVolumeClaim': {'claimName': 'data-db-0'}},"
                                + "{'name': 'scratch', 'ephemeral': {'volumeClaimTemplate': {}}},"
                                + "{'name': 'cache', 'emptyDir': {}}]}}")
                        .claims())
                .containsExactlyInAnyOrder("data-db-0", "db-0-scratch");
    }

    @Test
    void knowsWhetherTheEvictionApiEndsIt() throws IOException {
        String deleted = "{'metadata': {'deletionTimestamp': '2026-08-24T12:00:00Z', 'deletionGracePeriodSeconds': 20},"
                + " 'status': {'conditions': [{'type': 'DisruptionTarget', 'status': '%s', 'reason': '%s'}]}}";

        assertThat(pod(deleted.formatted("True", "EvictionByEvictionAPI")).termination())
                .contains(new Termination(NOON, Duration.ofSeconds(20), true));
        assertThat(pod(deleted.formatted("False", "EvictionByEvictionAPI")).termination())
                .contains(new Termination(NOON, Duration.ofSeconds(20), false));
        assertThat(pod(deleted.formatted("True", "PreemptionByScheduler")).termination())
                .contains(new Termination(NOON, Duration.ofSeconds(20), false));
    }

    @Test
    void knowsAMirrorPodByItsAnnotation() throws IOException {
        assertThat(pod("{'metadata': {'annotations': {'kubernetes.io/config.mirror': 'abc'}}}")
                        .is(Trait.MIRROR))
                .isTrue();
        assertThat(pod("{'metadata': {'annotations': {'kubernetes.io/config.source': 'api'}}}")
                        .is(Trait.MIRROR))
                .isFalse();
    }

    @Test
    void aPodWithADeletionTimestampIsTerminating() throws IOException {
        assertThat(pod("{'metadata': {'deletionTimestamp': '2026-08-24T12:00:00Z'}}")
                        .terminating())
                .isTrue();
    }

    @Test
    void onlyItsControllerOwnsAPod() throws IOException {
        assertThat(pod("{'metadata': {'ownerReferences': [{'kind': 'Workflow', 'name': 'a'}]}}")
                        .owner())
                .isEqualTo(new Owner.Nobody());
        assertThat(pod("{'metadata': {'ownerReferences': [{'kind': 'Workflow', 'name': 'a'},"
                                + " {'kind': 'Job', 'name': 'b', 'controller': true}]}}")
                        .owner())
                .isEqualTo(new Owner.Controller("Job", "b", ""));
    }

    @ParameterizedTest
    @CsvSource({"Pending, PENDING", "Running, RUNNING", "Succeeded, SUCCEEDED", "Failed, FAILED", "Asleep, UNKNOWN"})
    void knowsThePhases(String text, Phase phase) throws IOException {
        assertThat(pod("{'status': {'phase': '" + text + "'}}").phase()).isEqualTo(phase);
    }

    /** A pod may wish for 300 billion years: the API server lets it. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "172800, 172800", "172801, 172800", "9223372036854775807, 172800"})
    void graceIsNoLongerThanAnyInstanceIsHeld(long wished, long seconds) throws IOException {
        assertThat(pod("{'spec': {'terminationGracePeriodSeconds': " + wished + "}}")
                        .grace())
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'metadata': null, 'spec': null, 'status': null}"})
    void whatAPodDoesNotSayIsWhatTheApiServerWouldSet(String json) throws IOException {
        assertThat(pod(json))
                .isEqualTo(new Pod(
                        new PodRef("", "", ""),
                        NOON,
                        Phase.UNKNOWN,
                        Set.of(),
                        Optional.empty(),
                        Duration.ofSeconds(30),
                        0,
                        new Owner.Nobody(),
                        Set.of(),
                        Set.of(),
                        Map.of(),
                        ""));
    }

    private static Pod pod(String json) throws JsonProcessingException {
        return PodReader.pod(Projection.of(PodReader.READS).read(json(json)), NOON);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
