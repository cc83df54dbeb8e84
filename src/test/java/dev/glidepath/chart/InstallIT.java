package dev.glidepath.chart;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.Release;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.Chart;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The chart, installed by Helm on a real control plane, in a namespace that accepts only restricted pods. */
@RunsTheProgram
class InstallIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = plane.client();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);
    private final String namespace = cluster.namespace() + "-system";
    private LabNode doomed;

    @BeforeEach
    void twoNodesAndAStrictNamespace() {
        doomed = cluster.node("doomed");
        cluster.node("other");
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void end() {
        Helm.uninstall(Chart.NAME)
                .withNamespace(namespace)
                .withKubeConfig(plane.adminKubeconfig())
                .ignoreNotFound()
                .call();
        client.namespaces().withName(namespace).delete();
        autoScaling.close();
        cluster.close();
    }

    @Test
    void aDryRunAtTheServerCreatesNothing() {
        install().withDryRunOption(DryRun.SERVER).call();

        assertThat(client.apps().deployments().inNamespace(namespace).list().getItems())
                .isEmpty();
        assertThat(ourClusterRoles()).isEmpty();
    }

    @Test
    void drainsANodeOnceInstalledAndLeavesNothingBehind() {
        Release release = install().call();

        assertThat(release.getStatus()).isEqualTo("deployed");
        await("the replicas").atMost(ofMinutes(2)).until(() -> readyReplicas().size() == 2);
        assertThat(readyReplicas())
                .as("one on each node")
                .extracting(pod -> pod.getSpec().getNodeName())
                .doesNotHaveDuplicates();
        cluster.deployment("web").createOn(doomed);
        try (DaemonProcess daemon = DaemonProcess.start(environmentOfItsContainer())) {
            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));

            assertThat(daemon.await1(LogEvent.DEPARTURE_SETTLED).get(Field.OUTCOME))
                    .isEqualTo("drained");
            assertThat(cluster.podsOn(doomed)).isEmpty();
            await("the replica that was there, on the other node")
                    .atMost(ofMinutes(2))
                    .until(() -> readyReplicas().size() == 2);
        }

        Helm.uninstall(Chart.NAME)
                .withNamespace(namespace)
                .withKubeConfig(plane.adminKubeconfig())
                .call();
        assertThat(ourClusterRoles()).isEmpty();
        assertThat(client.configMaps().inNamespace(namespace).list().getItems())
                .extracting(map -> map.getMetadata().getName())
                .doesNotContain(Chart.NAME);
    }

    private InstallCommand install() {
        return new Helm(Chart.FOLDER)
                .install()
                .withName(Chart.NAME)
                .withNamespace(namespace)
                .withKubeConfig(plane.adminKubeconfig())
                .set("config.queueUrl", queue.url())
                .set("config.log.level", "DEBUG")
                .set("admissionPolicy.enabled", true);
    }

    private List<Pod> readyReplicas() {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabel("app.kubernetes.io/name", Chart.NAME)
                .list()
                .getItems()
                .stream()
                .filter(Readiness::isPodReady)
                .toList();
    }

    private Set<String> ourClusterRoles() {
        return client.rbac().clusterRoles().withLabel("app.kubernetes.io/name", Chart.NAME).list().getItems().stream()
                .map(role -> role.getMetadata().getName())
                .filter(name -> name.contains(namespace))
                .collect(Collectors.toSet());
    }

    /** As a kubelet would set it: the ConfigMap, the name of the pod, and the token of the ServiceAccount. */
    private Map<String, String> environmentOfItsContainer() {
        Deployment deployment = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(Chart.NAME)
                .require();
        var container =
                deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
        Map<String, String> environment = new TreeMap<>(client.configMaps()
                .inNamespace(namespace)
                .withName(container.getEnvFrom().getFirst().getConfigMapRef().getName())
                .require()
                .getData());
        Map<String, String> fields = Map.of("metadata.name", "glidepath-pod", "metadata.namespace", namespace);
        container
                .getEnv()
                .forEach(variable -> environment.put(
                        variable.getName(),
                        variable.getValueFrom() == null
                                ? variable.getValue()
                                : fields.get(
                                        variable.getValueFrom().getFieldRef().getFieldPath())));
        environment.putAll(plane.inCluster(
                namespace, deployment.getSpec().getTemplate().getSpec().getServiceAccountName()));
        environment.putAll(Map.of(
                "AWS_ACCESS_KEY_ID",
                "test",
                "AWS_SECRET_ACCESS_KEY",
                "test",
                "AWS_REGION",
                TestQueue.REGION,
                "AWS_ENDPOINT_URL",
                autoScaling.endpoint().toString(),
                "AWS_ENDPOINT_URL_SQS",
                TestQueue.endpoint().toString()));
        return environment;
    }
}
