package dev.glidepath.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The right to patch a node is the right to change all of it, but for the admission policy; all other tests run under it, too. */
class AdmissionPolicyIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient daemon = Clients.ofDaemon(plane);
    private final TestCluster cluster = TestCluster.create(plane);
    private final LabNode node = cluster.node("node");

    @AfterEach
    void end() {
        daemon.close();
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"metadata": {"annotations": {"other": "x"}}}              | no annotation of a node but
            {"metadata": {"labels": {"other": "x"}}}                   | no label of a node but
            {"metadata": {"labels": {"kubernetes.io/hostname": null}}} | no label of a node but
            {"spec": {"taints": [{"key": "other", "effect": "NoExecute"}]}} | no taint of a node but
            {"spec": {"podCIDR": "10.1.2.0/24", "podCIDRs": ["10.1.2.0/24"]}} | nothing in a node's spec but
            {"metadata": {"finalizers": ["lab/keep"]}}                 | neither owners nor finalizers
            """)
    void whatIsNotTheDaemonsBusinessIsRefused(String patch, String words) throws IOException, InterruptedException {
        Answer answer = patchAsDaemon(patch);

        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.body()).contains(words);
    }

    @Test
    void whatItIsForIsLetThrough() throws IOException, InterruptedException {
        List<Answer> answers =
                List.of(patchAsDaemon("""
                        {"metadata": {"annotations": {"glidepath.dev/departure": "x"},
                                      "labels": {"node.kubernetes.io/exclude-from-external-load-balancers": "x"}},
                         "spec": {"taints": [{"key": "glidepath.dev/departing", "effect": "NoSchedule"}]}}"""), patchAsDaemon("""
                        {"metadata": {"annotations": {"glidepath.dev/departure": null, "glidepath.dev/departure-unread": "x"},
                                      "labels": {"node.kubernetes.io/exclude-from-external-load-balancers": null}},
                         "spec": {"taints": []}}"""), patchAsDaemon("{\"spec\": {\"unschedulable\": true}}"));

        assertThat(answers).extracting(Answer::code).containsOnly(200);
    }

    private Answer patchAsDaemon(String patch) throws IOException, InterruptedException {
        return new ApiServer(daemon.getConfiguration()).strategicMergePatch("/api/v1/nodes/" + node.name(), patch);
    }
}
