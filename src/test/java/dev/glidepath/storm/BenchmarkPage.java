package dev.glidepath.storm;

import static java.util.stream.Collectors.joining;

import dev.glidepath.storm.CurvePlot.Curve;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The page about what was measured, and its two pictures. The same results always make the same text.
 *
 * @param results in the order of the page
 * @param probes after them
 */
public record BenchmarkPage(List<Result> results, List<ProbeResult> probes) {
    private static final String BARE = "bare client";
    private static final String PROGRAM = "Glidepath";

    private static final String INTRODUCTION = """
            # Benchmarks

            <!-- Made from docs/benchmarks/*.json; renew it with: make docs -->

            `make storm` interrupts many nodes at once and measures what happens from outside. It runs a real control plane (etcd,
            kube-apiserver, kube-controller-manager, kube-scheduler) and a real SQS server on one machine. kwok takes the place of the kubelets:
            each pod ends one second after its SIGTERM. All programs share the cores of the machine, so absolute times depend on the machine,
            and the ratio to the bare client is the figure to compare.

            - **Bare client.** A program in Go that uses client-go and has no rate limit (`lab/bareclient`). It watches all pods, and evicts
              them with 64 requests in flight. Before that it patches all nodes, also with 64 requests in flight; these are its cordons. It
              reads no queue, and it decides and records nothing. It runs in the same run as Glidepath, on a cluster of the same size.
            - **Glidepath.** One replica, started as its image starts it, in a control group with the memory limit of the chart. The queue
              holds all messages back until the last one is sent; at that moment the clock starts.
            - **SIGTERM.** The time of the API server's answer to the first successful eviction or deletion of the pod, from the audit log.
            - **Cordon.** The time of the API server's answer to the patch that makes the node unschedulable, from the audit log.
            - **Pods short of their grace.** Pods that were given less than their grace period, and pods whose grace period reaches beyond the
              two minutes of the spot interruption warning.
            - **CPU.** The user and system time of the process in `/proc`, divided by the number of pods: of the client from the start of the
              clock until the last pod is gone and the queue is empty, of the API server until the last pod is gone.
            - **Queue empty.** A spot interruption warning about an instance that is no node here is kept for a while, for a node may join that
              was booting when the warning came. With such messages among the others the queue is empty when that time is over.
            - **Peak resident memory.** `VmHWM` of the process since its start.

            Each figure is the median of all runs, each ratio the median of the ratios of each run. The raw results are kept in
            `docs/benchmarks`. What measuring again needs is told in [CONTRIBUTING](../CONTRIBUTING.md).
            """;

    public BenchmarkPage {
        results = List.copyOf(results);
        probes = List.copyOf(probes);
    }

    /** Of the results that the repository keeps. */
    public static BenchmarkPage of(java.nio.file.Path folder) {
        return new BenchmarkPage(Result.in(folder), ProbeResult.in(folder));
    }

    /** In Markdown. */
    public String text() {
        return INTRODUCTION
                + (results.isEmpty() ? "\nNo results are kept yet.\n" : pictures())
                + results.stream().map(BenchmarkPage::section).collect(joining())
                + probes.stream().map(ProbeResult::section).collect(joining());
    }

    /** The most memory that was seen, by what there was to do, in Markdown: a part of the chart's page. */
    public String memory() {
        Stream<List<String>> storms = results.stream()
                .map(result -> List.of(
                        result.scenario().title() + ", all at once",
                        Measure.number(
                                Run.median(result.runs(), run -> run.handler().peakMegabytes()), 0)));
        Stream<List<String>> others = probes.stream()
                .flatMap(probe -> probe.highest("peak resident memory").stream()
                        .mapToObj(most -> List.of(probe.title(), Measure.number(most, 0))));
        return Stream.concat(storms, others)
                .map(BenchmarkPage::markdown)
                .collect(joining("", "| | peak resident memory, MB |\n|---|---:|\n", ""));
    }

    /** How pods get their SIGTERM in the largest storm; empty without results. */
    public String sigtermPicture() {
        return picture(
                "Pods that have got their SIGTERM",
                Figures::terminations,
                result -> result.scenario().pods());
    }

    /** How nodes are cordoned in the largest storm; empty without results. */
    public String cordonPicture() {
        return picture(
                "Nodes that are cordoned",
                Figures::cordons,
                result -> result.scenario().nodes());
    }

    /** The table of one scenario, for a terminal. */
    static String table(Result result) {
        List<List<String>> rows = rows(result);
        StringBuilder table = new StringBuilder("%n%s, median of %d%n%n"
                .formatted(result.scenario().title(), result.runs().size()));
        table.append("  %-54s %12s %12s %10s%n".formatted("", BARE, PROGRAM, "ratio"));
        rows.forEach(cells -> table.append("  %-54s %12s %12s %10s%n".formatted(cells.toArray())));
        calls(result).forEach(cells -> table.append("  %-54s %12s %12s%n".formatted(cells.toArray())));
        return table.toString();
    }

    private static String pictures() {
        return """

                ![Pods that have got their SIGTERM over time](benchmarks/sigterm.svg)

                ![Nodes that are cordoned over time](benchmarks/cordons.svg)
                """;
    }

    private static String section(Result result) {
        StringBuilder text =
                new StringBuilder("\n## %s\n\n".formatted(result.scenario().title()));
        text.append(result.origin()).append("\n\n");
        text.append("| | %s | %s | ratio |\n|---|---:|---:|---:|\n".formatted(BARE, PROGRAM));
        rows(result).forEach(cells -> text.append(markdown(cells)));
        text.append("\n| API calls by kind and status | %s | %s |\n|---|---:|---:|\n".formatted(BARE, PROGRAM));
        calls(result).forEach(cells -> text.append(markdown(cells)));
        incomplete(result)
                .forEach(
                        what -> text.append("\n**Not complete:** ").append(what).append(".\n"));
        return text.toString();
    }

    private static String markdown(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    /** Those that have a figure. */
    private static List<List<String>> rows(Result result) {
        return Measure.ALL.stream()
                .map(measure -> measure.cells(result.runs()))
                .filter(cells -> cells.stream().skip(1).anyMatch(cell -> !cell.isEmpty() && !cell.equals(Measure.NONE)))
                .toList();
    }

    private static List<List<String>> calls(Result result) {
        SortedSet<String> kinds = new TreeSet<>();
        result.runs().forEach(run -> {
            kinds.addAll(run.bareClient().calls().keySet());
            kinds.addAll(run.handler().calls().keySet());
        });
        return kinds.stream()
                .map(kind -> List.of(kind, calls(result, kind, Run::bareClient), calls(result, kind, Run::handler)))
                .filter(cells -> cells.stream().skip(1).anyMatch(count -> !count.equals("0")))
                .toList();
    }

    private static String calls(Result result, String kind, Function<Run, Figures> of) {
        return String.format(
                Locale.ROOT,
                "%,.0f",
                Run.median(result.runs(), run -> of.apply(run).calls().getOrDefault(kind, 0)));
    }

    private static List<String> incomplete(Result result) {
        return result.runs().stream()
                .flatMap(run -> Stream.of(run.bareClient(), run.handler()))
                .map(Figures::incomplete)
                .filter(what -> !what.isEmpty())
                .toList();
    }

    private String picture(String title, Function<Figures, Distribution> of, Function<Result, Integer> all) {
        return results.stream()
                .max(Comparator.comparingInt(result -> result.scenario().pods()))
                .map(result -> plot(title, result, of, all.apply(result)).drawn())
                .orElse("");
    }

    private static CurvePlot plot(String title, Result result, Function<Figures, Distribution> of, int all) {
        Run run = inTheMiddle(result.runs());
        return new CurvePlot(
                title,
                result.scenario().title() + ". Seconds since all messages were sent, or since the bare client started.",
                List.of(
                        curve("bare", BARE, of.apply(run.bareClient()), all),
                        curve("handler", PROGRAM, of.apply(run.handler()), all)));
    }

    private static Curve curve(String look, String name, Distribution times, int all) {
        return new Curve(look, name, times, (double) times.count() / all);
    }

    /** The run whose last SIGTERM came neither first nor last. */
    private static Run inTheMiddle(List<Run> runs) {
        return runs.stream()
                .sorted(Comparator.comparingDouble(
                        run -> run.handler().terminations().max()))
                .toList()
                .get(runs.size() / 2);
    }
}
