package dev.glidepath.apiserver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.glidepath.apiserver.encoding.Projection;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * What the API server says of a request besides the answer's code. Whatever is not a Status has an empty one.
 *
 * @param code the answer's
 * @param kind of the object it speaks of, where it names one
 * @param retryAfter how long to wait before the same is asked again; zero where it does not say
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/">Status</a>
 */
public record ServerStatus(
        int code, String message, String reason, String kind, JsonNode details, Duration retryAfter) {

    /** A webhook, or an admission policy, may choose any code for its refusal: only these words tell. */
    private static final Pattern REFUSED_BY_POLICY =
            Pattern.compile("^admission webhook \".*\" denied the request|ValidatingAdmissionPolicy .* denied request");

    /** A conflict over the UID; any other is over a pod that is still there. */
    private static final Pattern OTHER_UID = Pattern.compile("UID in (?:the )?precondition");

    /** The server's general words for a request of which it says no more. */
    private static final String PATCH_DOES_NOT_FIT = "the server rejected our request due to an error in our request";

    private static final Projection READS = Projection.of(Set.of("message", "reason", "details"));

    /** What an answer says. */
    public static ServerStatus of(ApiServer.Answer answer) {
        JsonNode status = parse(answer.body());
        return new ServerStatus(
                answer.code(),
                status.path("message").asText(),
                status.path("reason").asText(),
                status.path("details").path("kind").asText(),
                status.path("details"),
                answer.retryAfter().isZero() ? retryAfter(status) : answer.retryAfter());
    }

    private static Duration retryAfter(JsonNode status) {
        long seconds = status.path("details").path("retryAfterSeconds").asLong();
        return Duration.ofSeconds(Math.clamp(seconds, 0, ApiServer.LONGEST_RETRY_AFTER.toSeconds()));
    }

    /** The words of the cause of that name. */
    public Optional<String> cause(String name) {
        return StreamSupport.stream(details.path("causes").spliterator(), false)
                .filter(cause -> cause.path("reason").asText().equals(name))
                .map(cause -> cause.path("message").asText())
                .findFirst();
    }

    /** Whether it says when to come again. */
    public boolean saysWhenToRetry() {
        return details.path("retryAfterSeconds").asInt() > 0;
    }

    /** Whether somebody's webhook or admission policy refuses it. */
    public boolean isRefusedByPolicy() {
        return REFUSED_BY_POLICY.matcher(message).find();
    }

    /** Whether the name is another pod's by now: a conflict for a deletion, a forbidden change for a patch. */
    public boolean isOverUid() {
        return OTHER_UID.matcher(message).find() || message.contains("metadata.uid: ");
    }

    /** Whether a JSON patch did not fit: what it tests for is not so. Any other 422 speaks of what the object would become. */
    public boolean isOverPatch() {
        return code == 422 && message.startsWith(PATCH_DOES_NOT_FIT);
    }

    /** Whether it speaks of a budget rather than of the pod; the server says it in singular and in plural. */
    public boolean isOfBudget() {
        return kind.startsWith("poddisruptionbudget");
    }

    /** Whether RBAC lacks a rule, in the words of every authorizer. */
    public boolean lacksRight(String verb, String resource) {
        return message.contains("cannot " + verb + " resource \"" + resource + "\"");
    }

    /** Out of time, told by the server itself. */
    public boolean isTimeout() {
        return code == 504 || reason.equals("ServerTimeout");
    }

    /** For a log: the code, and what was said. */
    public String inWords() {
        return message.isEmpty()
                ? "the API server answered " + code
                : "the API server answered " + code + ": " + message;
    }

    private static JsonNode parse(String body) {
        try {
            return READS.read(body);
        } catch (JsonProcessingException notAStatus) {
            return MissingNode.getInstance();
        }
    }
}
