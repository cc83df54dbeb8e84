package dev.glidepath.doctor.aws;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The statements of a queue's policy about EventBridge and TLS. This reads the common forms and does not evaluate policies as AWS
 * does.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html">Resource-based policies for
 *     EventBridge</a>
 */
record QueuePolicy(List<JsonNode> statements) {
    private static final Set<String> EVENT_BRIDGE = Set.of("events.amazonaws.com", "*");
    private static final Set<String> SENDING = Set.of("sqs:sendmessage", "sqs:*", "*");

    static QueuePolicy of(String text) {
        return new QueuePolicy(
                text.isEmpty()
                        ? List.of()
                        : Json.oneOrMany(Json.parse(text).path("Statement")).toList());
    }

    boolean letsEventBridgeSend() {
        return sending().findAny().isPresent();
    }

    /** Whether a statement lets EventBridge send without a condition on the source. */
    boolean letsAnyRuleSend() {
        return sending().anyMatch(statement -> !conditionOf(statement).contains("\"aws:source"));
    }

    boolean requiresTls() {
        return statements.stream()
                .anyMatch(statement -> statement.path("Effect").asText().equals("Deny")
                        && conditionOf(statement).matches(".*\"aws:securetransport\":\\[?\"?false.*"));
    }

    private Stream<JsonNode> sending() {
        return statements.stream()
                .filter(statement -> statement.path("Effect").asText().equals("Allow")
                        && principalsOf(statement).anyMatch(EVENT_BRIDGE::contains)
                        && Json.oneOrMany(statement.path("Action"))
                                .map(action -> action.asText().toLowerCase(Locale.ROOT))
                                .anyMatch(SENDING::contains));
    }

    private static Stream<String> principalsOf(JsonNode statement) {
        JsonNode principal = statement.path("Principal");
        return (principal.isTextual()
                        ? Stream.of(principal)
                        : Stream.of("Service", "AWS").flatMap(kind -> Json.oneOrMany(principal.path(kind))))
                .map(JsonNode::asText);
    }

    /** In lower case, since the keys of conditions are case-insensitive. */
    private static String conditionOf(JsonNode statement) {
        return statement.path("Condition").toString().toLowerCase(Locale.ROOT);
    }
}
