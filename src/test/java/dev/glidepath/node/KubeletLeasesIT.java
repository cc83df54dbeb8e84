package dev.glidepath.node;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.node.KubeletLease.Denied;
import dev.glidepath.node.KubeletLease.Failed;
import dev.glidepath.node.KubeletLease.NoLease;
import dev.glidepath.node.KubeletLease.Renewed;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KubeletLeasesIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final KubeletLeases leases = new KubeletLeases(new ApiServer(client.getConfiguration()));
    private TestCluster cluster;

    @BeforeEach
    void begin() {
        cluster = TestCluster.create(plane);
    }

    @AfterEach
    void end() {
        cluster.close();
        client.close();
    }

    @Test
    void tellsWhenAKubeletLastRenewedItsLease() throws InterruptedException {
        Instant before = Instant.now();
        NodeName node = name(cluster.node("alive"));
        await().atMost(ofMinutes(2)).until(() -> leases.renewedAt(node) instanceof Renewed);
        AuditLog.Mark mark = plane.audit().mark();

        KubeletLease lease = leases.renewedAt(node);

        assertThat(lease)
                .isInstanceOfSatisfying(
                        Renewed.class,
                        renewed -> assertThat(renewed.at())
                                .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1)));
        assertThat(plane.audit().since(mark).stream()
                        .filter(by(AuditLog.serviceAccount("glidepath", "glidepath")))
                        .map(Request::verb))
                .containsExactly("get");
    }

    @Test
    void nodeThatNeverWasHasNoLease() throws InterruptedException {
        assertThat(leases.renewedAt(new NodeName("never-was"))).isEqualTo(new NoLease());
    }

    @Test
    void lackOfRightsNamesTheRule() throws InterruptedException {
        try (KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default")) {
            assertThat(new KubeletLeases(new ApiServer(nobody.getConfiguration())).renewedAt(new NodeName("any")))
                    .isEqualTo(new Denied(
                            "may not read a kubelet's Lease: the Role in kube-node-lease needs leases: get"));
        }
    }

    @Test
    void leaseThatWasNeverRenewedIsNone() throws InterruptedException {
        assertThat(asked(answer(200, "{\"spec\": {\"holderIdentity\": \"any\"}}")))
                .isEqualTo(new NoLease());
    }

    @Test
    void anythingElseIsAFailureAndNoException() throws InterruptedException {
        assertThat(asked(noAnswer())).isInstanceOf(Failed.class);
        assertThat(asked(answer(503, ""))).isEqualTo(new Failed("the API server answered 503"));
        assertThat(asked(answer(200, "{"))).isEqualTo(new Failed("the API server's answer cannot be read"));
        assertThat(asked(answer(200, "{\"spec\": {\"renewTime\": \"today\"}}")))
                .isEqualTo(new Failed("the API server's answer cannot be read"));
    }

    private static KubeletLease asked(HttpHandler answers) throws InterruptedException {
        try (ScriptedApiServer server = new ScriptedApiServer().onList(answers);
                KubernetesClient toIt = server.client()) {
            return new KubeletLeases(new ApiServer(toIt.getConfiguration())).renewedAt(new NodeName("any"));
        }
    }

    private static NodeName name(LabNode node) {
        return new NodeName(node.name());
    }
}
