package dev.glidepath.drain.budget;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.glidepath.apiserver.encoding.Projection;
import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.cluster.LabelSelector.Requirement;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetReaderTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    @Test
    void reducesABudget() {
        assertThat(read(web().editSpec()
                        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                        .endSpec()
                        .withNewStatus()
                        .withObservedGeneration(2L)
                        .withDisruptionsAllowed(1)
                        .withCurrentHealthy(3)
                        .withDesiredHealthy(2)
                        .withExpectedPods(4)
                        .addToDisruptedPods("web-1", "2026-08-24T11:59:59Z")
                        .endStatus()
                        .build()))
                .contains(new Budget(
                        new Budget.Id("shop", "web"),
                        new LabelSelector(List.of(
                                new Requirement.In("app", Set.of("web")),
                                new Requirement.NotIn("track", Set.of("canary", "test")),
                                new Requirement.Exists("tier"),
                                new Requirement.DoesNotExist("job"))),
                        true,
                        1,
                        new Budget.Health(3, 2, 4),
                        true,
                        Set.of("web-1"),
                        NOON));
    }

    @Test
    void budgetOfNoControllerYetAllowsNothingAndIsNotCurrent() {
        Budget unborn = read(web().build()).orElseThrow();

        assertThat(unborn.current()).isFalse();
        assertThat(unborn.allowed()).isZero();
        assertThat(unborn.alwaysAllowsUnhealthy()).isFalse();
        assertThat(unborn.disrupted()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true", "3, true"})
    void isCurrentWhenItsStatusSpeaksOfItsSpec(long observed, boolean current) {
        assertThat(read(web().withNewStatus()
                                .withObservedGeneration(observed)
                                .endStatus()
                                .build())
                        .orElseThrow()
                        .current())
                .isEqualTo(current);
    }

    @Test
    void neverAllowsLessThanNothing() {
        assertThat(read(web().withNewStatus()
                                .withDisruptionsAllowed(-2)
                                .endStatus()
                                .build())
                        .orElseThrow()
                        .allowed())
                .isZero();
    }

    @Test
    void speaksForAllPodsWithAnEmptySelectorAndForNoneWithoutOne() {
        PodDisruptionBudgetBuilder bare = new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("all")
                .endMetadata();

        assertThat(read(bare.withNewSpec()
                                .withNewSelector()
                                .endSelector()
                                .endSpec()
                                .build())
                        .map(Budget::selector))
                .contains(new LabelSelector(List.of()));
        assertThat(read(bare.withNewSpec().endSpec().build())).isEmpty();
    }

    private static Optional<Budget> read(PodDisruptionBudget budget) {
        try {
            return BudgetReader.read(Projection.of(BudgetReader.READS).read(Serialization.asJson(budget)), NOON);
        } catch (JsonProcessingException garbled) {
            throw new AssertionError(garbled);
        }
    }

    private static PodDisruptionBudgetBuilder web() {
        return new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("web")
                .withGeneration(2L)
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .addToMatchLabels("app", "web")
                .addToMatchExpressions(expression("track", "NotIn", "canary", "test"))
                .addToMatchExpressions(expression("tier", "Exists"))
                .addToMatchExpressions(expression("job", "DoesNotExist"))
                .endSelector()
                .endSpec();
    }

    private static LabelSelectorRequirement expression(String key, String operator, String... values) {
        return new LabelSelectorRequirementBuilder()
                .withKey(key)
                .withOperator(operator)
                .withValues(values)
                .build();
    }
}
