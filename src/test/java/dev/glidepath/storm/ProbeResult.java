package dev.glidepath.storm;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All that was measured by one probe, as it is kept in a file.
 *
 * @param form of the program: native or jvm
 * @param measuredAt the day, in UTC
 * @param command that measures it again
 * @param runs the same figures in the same order, in each
 */
record ProbeResult(
        String name,
        String title,
        String description,
        String form,
        String measuredAt,
        String command,
        Machine machine,
        List<List<Reading>> runs) {
    private static final String FOLDER = "probes";

    ProbeResult {
        runs = List.copyOf(runs);
    }

    /** Writes it into a folder in that one, into a file named for its probe. */
    void writeTo(Path results) {
        new KeptResults(results.resolve(FOLDER)).write(name, this);
    }

    /** Those that are kept beside the results in that folder, in the order of the probes. */
    static List<ProbeResult> in(Path results) {
        List<String> names = Probe.NAMED.stream().map(Probe::name).toList();
        return new KeptResults(results.resolve(FOLDER))
                .all(ProbeResult.class).stream()
                        .sorted(Comparator.comparingInt(result -> names.indexOf(result.name())))
                        .toList();
    }

    /** What each figure is, of the reference, of the program, and the ratio: medians of all runs. */
    List<List<String>> rows() {
        return IntStream.range(0, runs.getFirst().size()).mapToObj(this::row).toList();
    }

    /** The highest of those figures of the program, medians of all runs, whose name begins so. */
    OptionalDouble highest(String what) {
        return IntStream.range(0, runs.getFirst().size())
                .filter(place -> runs.getFirst().get(place).what().startsWith(what))
                .mapToDouble(
                        place -> median(runs.stream().map(run -> run.get(place)).toList(), Reading::program))
                .max();
    }

    private List<String> row(int place) {
        List<Reading> readings = runs.stream().map(run -> run.get(place)).toList();
        Reading like = readings.getFirst();
        return List.of(
                like.what(),
                Measure.number(median(readings, reading -> orNone(reading.reference())), like.decimals()),
                Measure.number(median(readings, Reading::program), like.decimals()),
                like.reference() == null
                        ? ""
                        : Measure.number(
                                        median(readings, reading -> reading.program() / orNone(reading.reference())), 2)
                                + " ×");
    }

    private static double orNone(@Nullable Double figure) {
        return figure == null ? Double.NaN : figure;
    }

    private static double median(List<Reading> readings, ToDoubleFunction<Reading> of) {
        return Distribution.median(readings.stream().mapToDouble(of));
    }

    /** For a terminal. */
    String table() {
        return "%n%s, median of %d%n%n  %-54s %12s %12s %10s%n"
                        .formatted(title, runs.size(), "", "reference", "Glidepath", "ratio")
                + rows().stream()
                        .map(cells -> "  %-54s %12s %12s %10s%n".formatted(cells.toArray()))
                        .collect(joining());
    }

    /** In Markdown. */
    String section() {
        String origin = Result.origin(command, form, runs.size(), measuredAt, machine);
        return "\n## %s\n\n%s\n\n%s\n\n| | reference | Glidepath | ratio |\n|---|---:|---:|---:|\n"
                        .formatted(title, description, origin)
                + rows().stream()
                        .map(cells -> "| " + String.join(" | ", cells) + " |\n")
                        .collect(joining());
    }
}
