package dev.glidepath.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestFile;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The permission to patch a node covers all of its fields; the admission policy narrows it. All other tests run with the policy, too. */
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
    void refusesPatchesThatTheDaemonDoesNotNeed(String patch, String words) throws IOException, InterruptedException {
        Answer answer = patchAsDaemon(patch);

        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.body()).contains(words);
    }

    @Test
    void allowsThePatchesThatTheDaemonNeeds() throws IOException, InterruptedException {
        List<Answer> answers = List.of(
                patchAsDaemon(TestFile.read("chart/node-patch-begin-departure.json")),
                patchAsDaemon(TestFile.read("chart/node-patch-end-departure.json")),
                patchAsDaemon("{\"spec\": {\"unschedulable\": true}}"));

        assertThat(answers).extracting(Answer::code).containsOnly(200);
    }

    private Answer patchAsDaemon(String patch) throws IOException, InterruptedException {
        return new ApiServer(daemon.getConfiguration()).strategicMergePatch("/api/v1/nodes/" + node.name(), patch);
    }
}
