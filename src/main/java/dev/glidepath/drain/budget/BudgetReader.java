package dev.glidepath.drain.budget;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.cluster.LabelSelector.Requirement;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reduces a PodDisruptionBudget object to what we decide on. */
final class BudgetReader {
    private BudgetReader() {}

    /** All fields that are read here. */
    static final Set<String> READS = Set.of(
            "metadata/namespace",
            "metadata/name",
            "metadata/generation",
            "spec/selector",
            "spec/unhealthyPodEvictionPolicy",
            "status/observedGeneration",
            "status/disruptionsAllowed",
            "status/currentHealthy",
            "status/desiredHealthy",
            "status/expectedPods",
            "status/disruptedPods");

    /** Nothing for one without a selector: it speaks for no pod, where an empty selector speaks for each. */
    static Optional<Budget> read(JsonNode budget, Instant seenAt) {
        JsonNode metadata = budget.path("metadata");
        JsonNode spec = budget.path("spec");
        JsonNode status = budget.path("status");
        if (!spec.hasNonNull("selector")) {
            return Optional.empty();
        }
        boolean current = status.hasNonNull("observedGeneration")
                && status.path("observedGeneration").asLong()
                        >= metadata.path("generation").asLong();
        return Optional.of(new Budget(
                new Budget.Id(
                        metadata.path("namespace").asText(),
                        metadata.path("name").asText()),
                selector(spec.path("selector")),
                spec.path("unhealthyPodEvictionPolicy").asText().equals("AlwaysAllow"),
                Math.max(0, status.path("disruptionsAllowed").asInt()),
                new Budget.Health(
                        status.path("currentHealthy").asInt(),
                        status.path("desiredHealthy").asInt(),
                        status.path("expectedPods").asInt()),
                current,
                disrupted(status),
                seenAt));
    }

    private static LabelSelector selector(JsonNode selector) {
        Stream<Requirement> labels = selector.path("matchLabels")
                .propertyStream()
                .map(label -> new Requirement.In(
                        label.getKey(), Set.of(label.getValue().asText())));
        Stream<Requirement> expressions =
                selector.path("matchExpressions").valueStream().map(BudgetReader::requirement);
        return new LabelSelector(Stream.concat(labels, expressions).toList());
    }

    /** The API server lets no other operator in. */
    private static Requirement requirement(JsonNode expression) {
        String key = expression.path("key").asText();
        Set<String> values =
                expression.path("values").valueStream().map(JsonNode::asText).collect(Collectors.toUnmodifiableSet());
        String operator = expression.path("operator").asText();
        return switch (operator) {
            case "In" -> new Requirement.In(key, values);
            case "NotIn" -> new Requirement.NotIn(key, values);
            case "Exists" -> new Requirement.Exists(key);
            case "DoesNotExist" -> new Requirement.DoesNotExist(key);
            default -> throw new IllegalArgumentException("no operator of a selector: " + operator);
        };
    }

    private static Set<String> disrupted(JsonNode status) {
        return status.path("disruptedPods")
                .propertyStream()
                .map(pod -> pod.getKey())
                .collect(Collectors.toUnmodifiableSet());
    }
}
