package dev.glidepath.storm;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * All that was measured of one scenario, as it is kept in a file.
 *
 * @param form of the program: native or jvm
 * @param measuredAt the day, in UTC
 * @param command that measures it again
 */
record Result(Scenario scenario, String form, String measuredAt, String command, Machine machine, List<Run> runs) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String SUFFIX = ".json";

    Result {
        runs = List.copyOf(runs);
    }

    /** Writes it into a file of that folder, named for its scenario. */
    void writeTo(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(scenario.name() + SUFFIX), JSON.writeValueAsString(this) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    /** Those that are kept in that folder: named scenarios in their own order, then others by name. None where there is no such folder. */
    static List<Result> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .map(Result::read)
                    .sorted(Comparator.comparingInt(Result::place)
                            .thenComparing(result -> result.scenario().name()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    private int place() {
        int place = Scenario.NAMED.stream().map(Scenario::name).toList().indexOf(scenario.name());
        return place < 0 ? Scenario.NAMED.size() : place;
    }

    private static Result read(Path file) {
        try {
            return JSON.readValue(file.toFile(), Result.class);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
