package dev.glidepath.chart;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.Chart;
import dev.glidepath.lab.Chart.Rule;
import dev.glidepath.lab.RunsTheProgram;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each rule of the chart's roles is needed: without it, and it alone, something that the daemon is for is not done. */
@RunsTheProgram
class RulesIT {
    private static final Duration LIMIT = ofMinutes(4);

    @Test
    void eachRuleHasADeed() {
        assertThat(Arrays.stream(Deed.values()).map(Deed::rule)).doesNotHaveDuplicates();
        assertThat(Arrays.stream(Deed.values()).map(Deed::rule))
                .containsExactlyInAnyOrderElementsOf(
                        Chart.rendered().rules().stream().map(Rule::toString).toList());
    }

    /** One after the other: two daemons whose Leases are in two namespaces would take each other for dead. */
    @ParameterizedTest
    @EnumSource
    void aDeedNeedsItsRule(Deed deed) {
        Instant began = Instant.now();
        try (Scene whole = Scene.with(chart -> chart)) {
            deed.begin(whole);
            whole.daemon().awaitThat("did not " + deed + " with " + deed.rule(), LIMIT, () -> deed.isDone(whole));
        }
        Duration asLong = Duration.between(began, Instant.now());
        try (Scene lacking = Scene.with(chart -> chart.without(ruleOf(deed, chart)))) {
            deed.begin(lacking);
            await(deed + " without " + deed.rule())
                    .during(asLong)
                    .atMost(asLong.plus(LIMIT))
                    .until(() -> !deed.isDone(lacking));
        }
    }

    private static Rule ruleOf(Deed deed, Chart chart) {
        List<Rule> found = chart.rules().stream()
                .filter(rule -> rule.toString().equals(deed.rule()))
                .toList();
        assertThat(found).as("rules that are %s", deed.rule()).hasSize(1);
        return found.getFirst();
    }
}
