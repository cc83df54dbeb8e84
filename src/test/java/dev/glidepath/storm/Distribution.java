package dev.glidepath.storm;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How a measure is spread: its percentiles by nearest rank, so each is a value that was measured.
 *
 * @param count how many values there were
 * @param percentiles the 0th to the 100th, rising; empty where there were no values
 */
record Distribution(int count, List<Double> percentiles) {
    private static final int MAX = 100;

    Distribution {
        percentiles = List.copyOf(percentiles);
    }

    static Distribution of(Collection<Double> values) {
        if (values.isEmpty()) {
            return new Distribution(0, List.of());
        }
        List<Double> sorted = values.stream().sorted().toList();
        return new Distribution(
                sorted.size(),
                IntStream.rangeClosed(0, MAX)
                        .mapToObj(percent -> sorted.get(rank(percent, sorted.size())))
                        .toList());
    }

    /** Not a number where there were no values. */
    double percentile(int percent) {
        return percentiles.isEmpty() ? Double.NaN : percentiles.get(percent);
    }

    double max() {
        return percentile(MAX);
    }

    /** The one in the middle, or the mean of the two there; not a number where there are none, or one is not. */
    static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        if (sorted.length == 0 || Arrays.stream(sorted).anyMatch(Double::isNaN)) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static int rank(int percent, int count) {
        return Math.max(0, (int) Math.ceil(percent * count / (double) MAX) - 1);
    }
}
