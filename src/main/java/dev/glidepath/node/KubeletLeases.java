package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.node.KubeletLease.Denied;
import dev.glidepath.node.KubeletLease.Failed;
import dev.glidepath.node.KubeletLease.NoLease;
import dev.glidepath.node.KubeletLease.Renewed;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * Asks for a kubelet's last sign of life: one request a call, no retries of its own. A node may be Ready in our eyes for 40 s
 * after its machine has stopped; its Lease is renewed every 10 s while it runs.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats">Node heartbeats</a>
 */
public final class KubeletLeases {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String FOLDER = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/";

    private final ApiServer apiServer;

    public KubeletLeases(ApiServer apiServer) {
        this.apiServer = apiServer;
    }

    /**
     * When the kubelet of this node last renewed its Lease.
     *
     * @throws InterruptedException when the program ends meanwhile
     */
    public KubeletLease renewedAt(NodeName node) throws InterruptedException {
        try {
            Answer answer = apiServer.get(FOLDER + node);
            return switch (answer.code()) {
                case 200 -> renewal(answer.body());
                case 404 -> new NoLease();
                case 401, 403 ->
                    new Denied("may not read a kubelet's Lease: the Role in kube-node-lease needs leases: get");
                default -> new Failed("the API server answered " + answer.code());
            };
        } catch (IOException noAnswer) {
            return new Failed(String.valueOf(noAnswer.getMessage()));
        }
    }

    private static KubeletLease renewal(String body) {
        try {
            String renewedAt =
                    JSON.readTree(body).path("spec").path("renewTime").asText();
            return renewedAt.isEmpty() ? new NoLease() : new Renewed(Instant.parse(renewedAt));
        } catch (JsonProcessingException | DateTimeParseException garbled) {
            return new Failed("the API server's answer cannot be read");
        }
    }
}
