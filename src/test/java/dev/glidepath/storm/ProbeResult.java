package dev.glidepath.storm;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String SUFFIX = ".json";
    private static final String FOLDER = "probes";

    ProbeResult {
        runs = List.copyOf(runs);
    }

    /** Writes it into a folder in that one, into a file named for its probe. */
    void writeTo(Path results) {
        Path folder = results.resolve(FOLDER);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(name + SUFFIX), JSON.writeValueAsString(this) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    /** Those that are kept beside the results in that folder, in the order of the probes. */
    static List<ProbeResult> in(Path results) {
        Path folder = results.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<String> names = Probe.NAMED.stream().map(Probe::name).toList();
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .map(ProbeResult::read)
                    .sorted(Comparator.comparingInt(result -> names.indexOf(result.name())))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    private static ProbeResult read(Path file) {
        try {
            return JSON.readValue(file.toFile(), ProbeResult.class);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** What each figure is, of the reference, of the program, and the ratio: medians of all runs. */
    List<List<String>> rows() {
        return IntStream.range(0, runs.getFirst().size()).mapToObj(this::row).toList();
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
        return "\n## %s\n\n%s\n\n`%s`, %s, %s, %s on %s.\n\n| | reference | Glidepath | ratio |\n|---|---:|---:|---:|\n"
                        .formatted(
                                title,
                                description,
                                command,
                                form.equals("native") ? "native executable" : "JVM",
                                runs.size() == 1 ? "one run" : runs.size() + " runs",
                                measuredAt,
                                machine.description())
                + rows().stream()
                        .map(cells -> "| " + String.join(" | ", cells) + " |\n")
                        .collect(joining());
    }
}
