package dev.glidepath.storm;

import static java.util.Objects.requireNonNullElse;

import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Measures what {@link StormOptions} ask for, prints a table of each storm, and renews {@code docs/benchmarks.md} where that was a named one. */
public final class Storm {
    private static final Path KEPT = Path.of("docs", "benchmarks");
    private static final Path UNKEPT = Path.of("target", "storm");

    private final StormOptions options;
    private final Path binary;

    private Storm(StormOptions options, Path binary) {
        this.options = options;
        this.binary = binary;
    }

    public static void main(String[] arguments) throws Exception {
        Storm storm = new Storm(
                StormOptions.of(System.getenv()),
                Path.of(requireNonNullElse(arguments.length > 0 ? arguments[0] : null, "")));
        int code = 0;
        try {
            storm.measure();
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            System.err.println("storm: " + wrong.getMessage());
            code = 1;
        }
        System.exit(code); // some clients' threads would keep the JVM
    }

    private void measure() throws Exception {
        Path folder = options.isKept() ? KEPT : UNKEPT;
        for (Scenario scenario : options.scenarios()) {
            Result result = result(scenario);
            result.writeTo(folder);
            System.out.println(BenchmarkPage.table(result));
        }
        for (Probe probe : options.probes()) {
            ProbeResult result = result(probe);
            result.writeTo(folder);
            System.out.println(result.table());
        }
        if (options.isKept()) {
            writePage();
        }
        System.out.println("The raw results are in " + folder + ".");
    }

    private Result result(Scenario scenario) throws Exception {
        List<Run> runs = new ArrayList<>();
        try (ControlPlane plane = ControlPlane.start();
                AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC())) {
            for (int number = 1; number <= options.runs(); number++) {
                runs.add(run(scenario, plane, autoScaling, number));
            }
        }
        return new Result(
                scenario,
                options.form().name().toLowerCase(Locale.ROOT),
                LocalDate.now(ZoneOffset.UTC).toString(),
                options.command(scenario),
                Machine.here(),
                runs);
    }

    private ProbeResult result(Probe probe) throws Exception {
        List<List<Reading>> runs = new ArrayList<>();
        for (int number = 1; number <= options.runs(); number++) {
            String label = "%s, run %d of %d".formatted(probe.name(), number, options.runs());
            try (ControlPlane plane = ControlPlane.start();
                    AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC())) {
                runs.add(probe.run(new Bench(
                        plane,
                        autoScaling,
                        options.form(),
                        binary,
                        progress -> System.out.println(label + ": " + progress))));
            }
        }
        return new ProbeResult(
                probe.name(),
                probe.title(),
                probe.description(),
                options.form().name().toLowerCase(Locale.ROOT),
                LocalDate.now(ZoneOffset.UTC).toString(),
                options.command(probe.name()),
                Machine.here(),
                runs);
    }

    /** Each is first as often as the other, or nearly. */
    private Run run(Scenario scenario, ControlPlane plane, AutoScalingStandIn autoScaling, int number)
            throws InterruptedException {
        String label = "%s, run %d of %d".formatted(scenario.name(), number, options.runs());
        Trial bareClient = trial(scenario, plane, autoScaling, label + ", bare client");
        Trial handler = trial(scenario, plane, autoScaling, label + ", Glidepath");
        if (number % 2 == 1) {
            Figures first = bareClient.bareClient();
            return new Run("bareClient", first, handler.handler());
        }
        Figures first = handler.handler();
        return new Run("handler", bareClient.bareClient(), first);
    }

    private Trial trial(Scenario scenario, ControlPlane plane, AutoScalingStandIn autoScaling, String label) {
        return new Trial(
                scenario,
                plane,
                autoScaling,
                options.form(),
                binary,
                progress -> System.out.println(label + ": " + progress));
    }

    private static void writePage() throws IOException {
        BenchmarkPage page = BenchmarkPage.of(KEPT);
        Files.writeString(KEPT.resolveSibling("benchmarks.md"), page.text());
        Files.writeString(KEPT.resolve("sigterm.svg"), page.sigtermPicture());
        Files.writeString(KEPT.resolve("cordons.svg"), page.cordonPicture());
    }
}
