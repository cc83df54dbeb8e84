package dev.glidepath.storm;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code make storm} was asked to measure.
 *
 * @param scenarios in this order
 * @param probes after them, in this order
 * @param runs of each
 * @param isKept whether the results belong into the documentation: of named scenarios, unchanged, on the native executable
 */
record StormOptions(List<Scenario> scenarios, List<Probe> probes, int runs, Form form, boolean isKept) {
    private static final int RUNS = 3;
    /** The JVM takes about three times as much as the native executable. */
    private static final int JVM_MEMORY = 3 * Scenario.CHART_MEMORY;

    private static final List<String> SIZES = List.of("NODES", "PODS", "GRACE", "BUDGETS", "NOISE", "CPUS", "MEMORY");

    StormOptions {
        scenarios = List.copyOf(scenarios);
        probes = List.copyOf(probes);
        if (runs < 1) {
            throw new IllegalArgumentException("RUNS is " + runs + ": it is at least 1");
        }
    }

    /**
     * {@code STORM} names one of the scenarios or probes, or several with commas; without it all of them are measured. Any of {@code NODES},
     * {@code PODS} (of each node), {@code GRACE} (s), {@code BUDGETS} (a share of the nodes), {@code NOISE} (messages), {@code CPUS} (cores)
     * and {@code MEMORY} (MiB) makes a scenario of its own, of the first one named. {@code RUNS} says how many runs, {@code FORM} whether
     * {@code native} or {@code jvm}.
     *
     * @throws IllegalArgumentException for a value that is none, in words
     */
    static StormOptions of(Map<String, String> given) {
        Form form = form(given.getOrDefault("FORM", "native"));
        List<String> names = names(given.getOrDefault("STORM", ""));
        List<Scenario> named = Scenario.NAMED.stream()
                .filter(scenario -> names.contains(scenario.name()))
                .toList();
        boolean isOwn = SIZES.stream().anyMatch(given::containsKey);
        if (isOwn && named.isEmpty()) {
            throw new IllegalArgumentException("STORM names no storm, and so there is none to change the sizes of");
        }
        List<Scenario> scenarios = isOwn ? List.of(own(named.getFirst(), given)) : named;
        return new StormOptions(
                form == Form.JVM && !given.containsKey("MEMORY")
                        ? scenarios.stream().map(StormOptions::forJvm).toList()
                        : scenarios,
                isOwn
                        ? List.of()
                        : Probe.NAMED.stream()
                                .filter(probe -> names.contains(probe.name()))
                                .toList(),
                (int) number(given, "RUNS", RUNS),
                form,
                !isOwn && form == Form.NATIVE);
    }

    /** What measures that again. */
    String command(Scenario scenario) {
        String sizes = isKept
                ? ""
                : " NODES=%d PODS=%d GRACE=%d BUDGETS=%s NOISE=%d CPUS=%s MEMORY=%d FORM=%s"
                        .formatted(
                                scenario.nodes(),
                                scenario.podsPerNode(),
                                scenario.graceSeconds(),
                                scenario.budgets(),
                                scenario.noise(),
                                scenario.cpus(),
                                scenario.memory(),
                                form.name().toLowerCase(Locale.ROOT));
        return "make storm" + (isKept ? " STORM=" + scenario.name() : "") + sizes + " RUNS=" + runs;
    }

    /** What measures a named one again. */
    String command(String name) {
        return "make storm STORM=" + name + " RUNS=" + runs + (form == Form.JVM ? " FORM=jvm" : "");
    }

    private static List<String> names(String wanted) {
        List<String> all = Stream.concat(
                        Scenario.NAMED.stream().map(Scenario::name),
                        Probe.NAMED.stream().map(Probe::name))
                .toList();
        if (wanted.isBlank()) {
            return all;
        }
        List<String> names = Stream.of(wanted.split(",")).map(String::strip).toList();
        names.stream().filter(name -> !all.contains(name)).findFirst().ifPresent(unknown -> {
            throw new IllegalArgumentException("STORM is %s: it is one of %s".formatted(unknown, all));
        });
        return names;
    }

    private static Scenario own(Scenario like, Map<String, String> given) {
        return new Scenario(
                "own",
                (int) number(given, "NODES", like.nodes()),
                (int) number(given, "PODS", like.podsPerNode()),
                (int) number(given, "GRACE", like.graceSeconds()),
                number(given, "BUDGETS", like.budgets()),
                (int) number(given, "NOISE", like.noise()),
                number(given, "CPUS", like.cpus()),
                (int) number(given, "MEMORY", like.memory()));
    }

    private static Scenario forJvm(Scenario scenario) {
        return new Scenario(
                scenario.name(),
                scenario.nodes(),
                scenario.podsPerNode(),
                scenario.graceSeconds(),
                scenario.budgets(),
                scenario.noise(),
                scenario.cpus(),
                JVM_MEMORY);
    }

    private static Form form(String name) {
        return Stream.of(Form.values())
                .filter(form -> form.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("FORM is %s: it is one of %s"
                        .formatted(
                                name,
                                Stream.of(Form.values())
                                        .map(form -> form.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", ")))));
    }

    private static double number(Map<String, String> given, String name, double otherwise) {
        @Nullable String value = given.get(name);
        try {
            return value == null ? otherwise : Double.parseDouble(value);
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(name + " is " + value + ": it is a number", none);
        }
    }
}
