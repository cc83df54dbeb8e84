package dev.glidepath.storm;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results that nobody measured. */
final class SampleFigures {
    private SampleFigures() {}

    /** Of a client whose last SIGTERM came after so many seconds. */
    static Figures of(double lastSigterm) {
        Distribution cordons = Distribution.of(List.of(0.1, 0.2));
        return new Figures(
                cordons,
                cordons,
                Distribution.of(List.of(lastSigterm / 2, lastSigterm)),
                0,
                1,
                2,
                lastSigterm + 1,
                lastSigterm + 2,
                lastSigterm + 3,
                new TreeMap<>(Map.of("create pods/eviction 201", 2, "patch nodes 200", 2, "delete pods 200", 1)),
                3,
                0.5,
                4.5,
                64,
                0,
                "");
    }

    static Run run(double bareClient, double handler) {
        return new Run("bareClient", of(bareClient), of(handler));
    }

    static Result result(Scenario scenario, Run... runs) {
        return new Result(
                scenario,
                "native",
                "2026-01-01",
                "make storm",
                new Machine(2, "a processor", 8_000, "Linux 6"),
                List.of(runs));
    }
}
