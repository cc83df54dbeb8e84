package dev.glidepath.points;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What {@code make points} was asked to run on the real control plane.
 *
 * @param point a part of the points' names; empty for all
 * @param lanes how many departures side by side
 * @param results the file where results are kept
 */
record PointsOptions(
        List<RecordedDeparture> departures, List<Disturbance> disturbances, String point, int lanes, Path results) {
    private static final Path RESULTS = Path.of("target", "points", "results.jsonl");
    private static final int LANES = 8;

    PointsOptions {
        departures = List.copyOf(departures);
        disturbances = List.copyOf(disturbances);
        if (lanes < 1) {
            throw new IllegalArgumentException("LANES is " + lanes + ": it is at least 1");
        }
    }

    /**
     * {@code DEPARTURES} and {@code DISTURBANCES} name some, with commas; without them all are run that are part of a whole run. {@code POINT} is a
     * part of the names of the points, {@code LANES} how many departures are run side by side, {@code RESULTS} the file of results.
     *
     * @throws IllegalArgumentException for a value that is none, in words
     */
    static PointsOptions of(Map<String, String> given) {
        return new PointsOptions(
                named(given, "DEPARTURES", RecordedDeparture.values(), RecordedDeparture.all(), Enum::name),
                named(given, "DISTURBANCES", Disturbance.values(), Disturbance.all(), Enum::name),
                given.getOrDefault("POINT", ""),
                number(given, "LANES", LANES),
                Path.of(given.getOrDefault("RESULTS", RESULTS.toString())));
    }

    boolean includes(Point each) {
        return each.toString().contains(point);
    }

    private static <T> List<T> named(
            Map<String, String> given, String variable, T[] known, List<T> all, Function<T, String> name) {
        String wanted = given.getOrDefault(variable, "");
        if (wanted.isBlank()) {
            return all;
        }
        return Stream.of(wanted.split(","))
                .map(word -> word.strip().toUpperCase(Locale.ROOT).replace('-', '_'))
                .map(word -> Stream.of(known)
                        .filter(each -> name.apply(each).equals(word))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("%s is %s: each is one of %s"
                                .formatted(
                                        variable,
                                        wanted,
                                        Stream.of(known).map(name).toList()))))
                .toList();
    }

    private static int number(Map<String, String> given, String variable, int otherwise) {
        String text = given.getOrDefault(variable, "");
        try {
            return text.isBlank() ? otherwise : Integer.parseInt(text.strip());
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(variable + " is " + text + ": it is a whole number", none);
        }
    }
}
