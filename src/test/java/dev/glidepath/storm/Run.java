package dev.glidepath.storm;

import java.util.Collection;
import java.util.function.ToDoubleFunction;

/**
 * Both clients in the same storm, one right after the other.
 *
 * @param first which of them came first: {@code bareClient} or {@code handler}
 */
record Run(String first, Figures bareClient, Figures handler) {

    double ratio(ToDoubleFunction<Figures> figure) {
        return figure.applyAsDouble(handler) / figure.applyAsDouble(bareClient);
    }

    /** The one in the middle, or the mean of the two there; not a number where there are none. */
    static double median(Collection<Run> runs, ToDoubleFunction<Run> of) {
        return Distribution.median(runs.stream().mapToDouble(of));
    }
}
