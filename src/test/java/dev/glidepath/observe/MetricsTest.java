package dev.glidepath.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Metrics metrics = new Metrics(registry);

    @Test
    void countsEachCombinationOfLabelsByItself() {
        metrics.count(Metric.ACTS, "evict", "landed");
        metrics.count(Metric.ACTS, "evict", "landed");
        metrics.count(Metric.ACTS, "evict", "blocked");

        assertThat(registry.get("glidepath.acts")
                        .tags("act", "evict", "outcome", "landed")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("glidepath.acts")
                        .tags("act", "evict", "outcome", "blocked")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void countsWithoutLabels() {
        metrics.count(Metric.MESSAGES_UNDECODABLE);

        assertThat(registry.get("glidepath.messages.undecodable").counter().count())
                .isEqualTo(1);
    }

    @Test
    void measuresWheneverItIsAsked() {
        AtomicInteger inFlight = new AtomicInteger(2);
        metrics.measure(Metric.DEPARTURES_IN_FLIGHT, inFlight::get);

        assertThat(registry.get("glidepath.departures.in.flight").gauge().value())
                .isEqualTo(2);
        inFlight.set(0);
        assertThat(registry.get("glidepath.departures.in.flight").gauge().value())
                .isZero();
    }

    @Test
    void everyMetricHasAnIdOfItsOwnAndBoundedLabels() {
        assertThat(Metric.values()).extracting(Metric::id).doesNotHaveDuplicates();
        assertThat(Metric.values())
                .flatExtracting(Metric::labels)
                .doesNotContain("node", "pod", "instance", "namespace", "departure");
        assertThat(Metric.values())
                .filteredOn(Metric::isGauge)
                .allMatch(metric -> metric.labels().isEmpty());
    }
}
