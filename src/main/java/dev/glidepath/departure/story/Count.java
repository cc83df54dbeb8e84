package dev.glidepath.departure.story;

import dev.glidepath.observe.Metric;
import java.util.List;

/**
 * One more of what a metric counts.
 *
 * @param labels a value for each of the metric's labels, in their order
 */
public record Count(Metric metric, List<String> labels) {
    public Count {
        labels = List.copyOf(labels);
    }

    /** With these values of its labels. */
    public static Count of(Metric metric, String... labels) {
        return new Count(metric, List.of(labels));
    }
}
