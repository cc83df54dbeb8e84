package dev.glidepath.chart;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.Chart;
import dev.glidepath.lab.Chart.Rule;
import dev.glidepath.lab.RunsTheProgram;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each rule of the chart's roles is needed: without this rule alone, the daemon lacks a capability. */
@RunsTheProgram
class RulesIT {
    private static final Duration LIMIT = ofMinutes(4);

    @Test
    void eachRuleHasACapability() {
        assertThat(Capability.ALL.stream().map(Capability::rule)).doesNotHaveDuplicates();
        assertThat(Capability.ALL.stream().map(Capability::rule))
                .containsExactlyInAnyOrderElementsOf(
                        Chart.rendered().rules().stream().map(Rule::toString).toList());
    }

    /** Not at the same time: two daemons with their Leases in two namespaces would take each other for dead. */
    @ParameterizedTest
    @FieldSource("dev.glidepath.chart.Capability#ALL")
    void aCapabilityNeedsItsRule(Capability capability) {
        Instant began = Instant.now();
        try (TestSetup whole = TestSetup.with(chart -> chart)) {
            capability.begin().accept(whole);
            whole.daemon()
                    .awaitThat(
                            "did not " + capability + " with " + capability.rule(),
                            LIMIT,
                            () -> capability.isDone().test(whole));
        }
        Duration asLong = Duration.between(began, Instant.now());
        try (TestSetup lacking = TestSetup.with(chart -> chart.without(ruleOf(capability, chart)))) {
            capability.begin().accept(lacking);
            await(capability + " without " + capability.rule())
                    .during(asLong)
                    .atMost(asLong.plus(LIMIT))
                    .until(() -> !capability.isDone().test(lacking));
        }
    }

    private static Rule ruleOf(Capability capability, Chart chart) {
        List<Rule> found = chart.rules().stream()
                .filter(rule -> rule.toString().equals(capability.rule()))
                .toList();
        assertThat(found).as("rules that are %s", capability.rule()).hasSize(1);
        return found.getFirst();
    }
}
