package dev.glidepath.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsDocsTest {
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
    private static final Pattern HELP = Pattern.compile("(?m)^# HELP \\S+ (.+)$");
    private static final Pattern LABEL = Pattern.compile("[{,](\\w+)=\"");

    @Test
    void pageTellsEveryMetricAsItIsScraped() {
        new ReferencePage("metrics.md", "Metrics", "Every metric of Glidepath's own that `/metrics` exposes.")
                .paragraph(
                        "Labels take few values: none holds a node, a pod or an instance. The Java runtime's own metrics,"
                                + " such as `jvm_memory_used_bytes`, are exposed as well.")
                .table(
                        List.of("metric", "type", "labels", "description"),
                        Stream.of(Metric.values()).map(MetricsDocsTest::row).toList())
                .check();
    }

    @ParameterizedTest
    @EnumSource
    void isScrapedAsItIsDeclared(Metric metric) {
        String scraped = scraped(metric);

        assertThat(found(TYPE, scraped).group(2)).isEqualTo(metric.isGauge() ? "gauge" : "counter");
        assertThat(found(HELP, scraped).group(1)).startsWith(metric.help());
        assertThat(LABEL.matcher(scraped).results().map(label -> label.group(1)))
                .containsExactlyInAnyOrderElementsOf(metric.labels());
    }

    private static List<String> row(Metric metric) {
        MatchResult type = found(TYPE, scraped(metric));
        String labels = String.join(
                ", ", metric.labels().stream().map(label -> "`" + label + "`").toList());
        return List.of("`" + type.group(1) + "`", type.group(2), labels.isEmpty() ? "none" : labels, metric.help());
    }

    /** What a scrape tells when this metric is the only one. */
    @SuppressWarnings("deprecation") // the registry Quarkus uses, whatever Micrometer thinks of it
    private static String scraped(Metric metric) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Metrics metrics = new Metrics(registry);
        if (metric.isGauge()) {
            metrics.measure(metric, () -> 1);
        } else {
            metrics.count(metric, metric.labels().toArray(String[]::new));
        }
        return registry.scrape();
    }

    private static MatchResult found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.toMatchResult();
    }
}
