package dev.glidepath.drain.budget;

import dev.glidepath.drain.budget.LabelSelector.Requirement;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reduces a PodDisruptionBudget object to what we decide on. */
final class BudgetReader {
    private BudgetReader() {}

    /** Nothing for one without a selector: it speaks for no pod, where an empty selector speaks for each. */
    static Optional<Budget> read(PodDisruptionBudget budget, Instant seenAt) {
        var spec = budget.getSpec();
        if (spec == null || spec.getSelector() == null) {
            return Optional.empty();
        }
        var metadata = budget.getMetadata();
        var status = Objects.requireNonNullElseGet(budget.getStatus(), PodDisruptionBudgetStatus::new);
        boolean current = status.getObservedGeneration() != null
                && status.getObservedGeneration() >= Objects.requireNonNullElse(metadata.getGeneration(), 0L);
        return Optional.of(new Budget(
                new Budget.Id(metadata.getNamespace(), metadata.getName()),
                selector(spec.getSelector()),
                "AlwaysAllow".equals(spec.getUnhealthyPodEvictionPolicy()),
                Math.max(0, number(status.getDisruptionsAllowed())),
                new Budget.Health(
                        number(status.getCurrentHealthy()),
                        number(status.getDesiredHealthy()),
                        number(status.getExpectedPods())),
                current,
                disrupted(status),
                seenAt));
    }

    private static LabelSelector selector(io.fabric8.kubernetes.api.model.LabelSelector selector) {
        Stream<Requirement> labels = Optional.ofNullable(selector.getMatchLabels()).stream()
                .flatMap(required -> required.entrySet().stream())
                .map(label -> new Requirement.In(label.getKey(), Set.of(label.getValue())));
        Stream<Requirement> expressions = Optional.ofNullable(selector.getMatchExpressions()).stream()
                .flatMap(List::stream)
                .map(BudgetReader::requirement);
        return new LabelSelector(Stream.concat(labels, expressions).toList());
    }

    /** The API server lets no other operator in. */
    private static Requirement requirement(LabelSelectorRequirement expression) {
        String key = expression.getKey();
        Set<String> values = Set.copyOf(Objects.requireNonNullElse(expression.getValues(), List.<String>of()));
        return switch (expression.getOperator()) {
            case "In" -> new Requirement.In(key, values);
            case "NotIn" -> new Requirement.NotIn(key, values);
            case "Exists" -> new Requirement.Exists(key);
            case "DoesNotExist" -> new Requirement.DoesNotExist(key);
            default -> throw new IllegalArgumentException("no operator of a selector: " + expression.getOperator());
        };
    }

    private static Set<String> disrupted(PodDisruptionBudgetStatus status) {
        return Objects.requireNonNullElse(status.getDisruptedPods(), Map.<String, String>of())
                .keySet();
    }

    private static int number(@Nullable Integer value) {
        return Objects.requireNonNullElse(value, 0);
    }
}
