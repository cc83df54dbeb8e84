package dev.glidepath.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Counts and measures what {@link Metric} lists. */
public final class Metrics {
    private final MeterRegistry registry;

    public Metrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Counts one more.
     *
     * @param values a value for each of the metric's labels, in their order
     */
    public void count(Metric metric, String... values) {
        List<Tag> tags = new ArrayList<>();
        for (int label = 0; label < values.length; label++) {
            tags.add(Tag.of(metric.labels().get(label), values[label]));
        }
        Counter.builder(metric.id())
                .description(metric.help())
                .tags(tags)
                .register(registry)
                .increment();
    }

    /** Measures this whenever somebody asks. */
    public void measure(Metric gauge, Supplier<Number> value) {
        Gauge.builder(gauge.id(), value).description(gauge.help()).register(registry);
    }
}
