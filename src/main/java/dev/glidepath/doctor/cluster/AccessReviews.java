package dev.glidepath.doctor.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import java.io.IOException;

/**
 * Asks the API server for our user name and our permissions. These requests need no permission.
 *
 * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access">Checking API access</a>
 */
final class AccessReviews {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String USER = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private static final String PERMISSION = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    private final ApiServer apiServer;
    private final String ownNamespace;

    /** @param ownNamespace the daemon's own */
    AccessReviews(ApiServer apiServer, String ownNamespace) {
        this.apiServer = apiServer;
        this.ownNamespace = ownNamespace;
    }

    String url() {
        return apiServer.url();
    }

    /** The name under which the API server knows us. */
    String user() throws IOException, InterruptedException {
        return review(USER, """
                {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}""").at("/status/userInfo/username").asText();
    }

    boolean allow(ClusterPermission permission) throws IOException, InterruptedException {
        String[] resource = permission.resource().split("/", 2);
        ObjectNode review = JSON.createObjectNode()
                .put("apiVersion", "authorization.k8s.io/v1")
                .put("kind", "SelfSubjectAccessReview");
        review.putObject("spec")
                .putObject("resourceAttributes")
                .put("group", permission.group())
                .put("resource", resource[0])
                .put("subresource", resource.length > 1 ? resource[1] : "")
                .put("namespace", namespaceOf(permission))
                .put("verb", permission.verb());
        return review(PERMISSION, review.toString()).at("/status/allowed").asBoolean();
    }

    /** The namespace in which it is needed; empty for the whole cluster. */
    String namespaceOf(ClusterPermission permission) {
        return switch (permission.scope()) {
            case CLUSTER -> "";
            case OWN_NAMESPACE -> ownNamespace;
            case NODE_LEASES -> "kube-node-lease";
        };
    }

    private JsonNode review(String path, String body) throws IOException, InterruptedException {
        Answer answer = apiServer.post(path, body);
        if (answer.code() >= 300) {
            throw new IOException(
                    answer.code() == 401
                            ? "it does not know our credentials (401)"
                            : "it answered %d to %s".formatted(answer.code(), path));
        }
        return JSON.readTree(answer.body());
    }
}
