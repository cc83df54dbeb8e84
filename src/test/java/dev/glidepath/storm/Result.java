package dev.glidepath.storm;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * All that was measured of one scenario, as it is kept in a file.
 *
 * @param form of the program: native or jvm
 * @param measuredAt the day, in UTC
 * @param command that measures it again
 */
record Result(Scenario scenario, String form, String measuredAt, String command, Machine machine, List<Run> runs) {
    Result {
        runs = List.copyOf(runs);
    }

    /** Writes it into a file of that folder, named for its scenario. */
    void writeTo(Path folder) {
        new KeptResults(folder).write(scenario.name(), this);
    }

    /** Those that are kept in that folder: named scenarios in their own order, then others by name. None where there is no such folder. */
    static List<Result> in(Path folder) {
        return new KeptResults(folder)
                .all(Result.class).stream()
                        .sorted(Comparator.comparingInt(Result::place)
                                .thenComparing(result -> result.scenario().name()))
                        .toList();
    }

    private int place() {
        int place = Scenario.NAMED.stream().map(Scenario::name).toList().indexOf(scenario.name());
        return place < 0 ? Scenario.NAMED.size() : place;
    }

    /** How it was measured, for a page. */
    String origin() {
        return origin(command, form, runs.size(), measuredAt, machine);
    }

    /** The same of whatever was measured. */
    static String origin(String command, String form, int runs, String measuredAt, Machine machine) {
        return "`%s`, %s, %s, %s on %s."
                .formatted(
                        command,
                        form.equals("native") ? "native executable" : "JVM",
                        runs == 1 ? "one run" : runs + " runs",
                        measuredAt,
                        machine.description());
    }
}
