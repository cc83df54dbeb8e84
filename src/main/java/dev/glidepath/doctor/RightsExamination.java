package dev.glidepath.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether whoever asks has each right that the daemon needs.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/">
 *     SelfSubjectAccessReview</a>
 */
final class RightsExamination implements Examination {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String NODE_LEASES = "kube-node-lease";

    private final ApiServer apiServer;
    private final String namespace;
    private final List<Right> needed;

    /** @param namespace the daemon's own */
    RightsExamination(ApiServer apiServer, String namespace, List<Right> needed) {
        this.apiServer = apiServer;
        this.namespace = namespace;
        this.needed = List.copyOf(needed);
    }

    @Override
    public String about() {
        return "rights";
    }

    @Override
    public List<Finding> look() throws IOException, InterruptedException {
        String who = who();
        List<Finding> missing = new ArrayList<>();
        for (Right right : needed) {
            if (!isGranted(right)) {
                missing.add(Finding.fail(
                        about(),
                        "%s may not %s %s%s, which %s needs"
                                .formatted(who, right.verb(), nameOf(right), placeOf(right), right.neededBy()),
                        "grant it as the chart's roles do, or install with rbac.create=true"));
            }
        }
        return missing.isEmpty()
                ? List.of(Finding.ok(about(), "%s has the %d rights that are needed".formatted(who, needed.size())))
                : missing;
    }

    private String who() throws IOException, InterruptedException {
        JsonNode review = review("/apis/authentication.k8s.io/v1/selfsubjectreviews", """
                {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}""");
        return review.at("/status/userInfo/username").asText("whoever asks");
    }

    private boolean isGranted(Right right) throws IOException, InterruptedException {
        String[] resource = right.resource().split("/", 2);
        ObjectNode review = JSON.createObjectNode()
                .put("apiVersion", "authorization.k8s.io/v1")
                .put("kind", "SelfSubjectAccessReview");
        ObjectNode attributes = review.putObject("spec")
                .putObject("resourceAttributes")
                .put("group", right.group())
                .put("resource", resource[0])
                .put("verb", right.verb());
        if (resource.length > 1) {
            attributes.put("subresource", resource[1]);
        }
        switch (right.scope()) {
            case CLUSTER -> {}
            case OWN_NAMESPACE -> attributes.put("namespace", namespace);
            case NODE_LEASES -> attributes.put("namespace", NODE_LEASES);
        }
        return review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review.toString())
                .at("/status/allowed")
                .asBoolean();
    }

    private JsonNode review(String path, String body) throws IOException, InterruptedException {
        Answer answer = apiServer.post(path, body);
        if (answer.code() >= 300) {
            throw new IOException("the API server answered %d to %s".formatted(answer.code(), path));
        }
        return JSON.readTree(answer.body());
    }

    private static String nameOf(Right right) {
        return right.group().isEmpty() ? right.resource() : right.resource() + "." + right.group();
    }

    private String placeOf(Right right) {
        return switch (right.scope()) {
            case CLUSTER -> "";
            case OWN_NAMESPACE -> " in namespace " + namespace;
            case NODE_LEASES -> " in namespace " + NODE_LEASES;
        };
    }
}
