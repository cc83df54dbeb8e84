package dev.glidepath.storm;

import static java.util.Objects.requireNonNullElse;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A row of the table: one figure of both clients and, where it says something, their ratio.
 *
 * @param what it is, with its unit
 * @param decimals that are shown
 * @param of not a number where a client has no such figure
 */
record Measure(String what, int decimals, boolean hasRatio, ToDoubleFunction<Figures> of) {
    /** What is shown where there is no figure. */
    static final String NONE = "–";

    /** In the order of the table. */
    static final List<Measure> ALL = List.of(
            compared("last SIGTERM, s", 1, figures -> figures.terminations().max()),
            compared("SIGTERM, p50, s", 1, figures -> figures.terminations().percentile(50)),
            compared("SIGTERM, p99, s", 1, figures -> figures.terminations().percentile(99)),
            counted("pods without SIGTERM before the deadline", Figures::podsWithoutSigterm),
            counted("pods short of their grace", Figures::podsShortOfGrace),
            compared("cordon, p50, s", 2, figures -> figures.cordons().percentile(50)),
            compared("cordon, p99, s", 2, figures -> figures.cordons().percentile(99)),
            compared("last cordon, s", 2, figures -> figures.cordons().max()),
            plain(
                    "last cordon after its message's receipt, s",
                    2,
                    figures -> figures.queueEmpty() == null
                            ? Double.NaN
                            : figures.cordonsAfterReceipt().max()),
            counted("nodes not cordoned", Figures::nodesNotCordoned),
            compared("last pod gone, s", 1, Figures::drained),
            plain(
                    "nodes' messages deleted after the last pod's end, s",
                    1,
                    figures -> requireNonNullElse(figures.messagesDeleted(), Double.NaN) - figures.drained()),
            plain(
                    "queue empty after the last pod's end, s",
                    1,
                    figures -> requireNonNullElse(figures.queueEmpty(), Double.NaN) - figures.drained()),
            compared("CPU of the client, ms a pod", 2, Figures::cpu),
            compared("CPU of the API server, ms a pod", 2, Figures::serverCpu),
            compared("API calls", 0, Figures::allCalls),
            plain("API calls other than evictions and deletions of pods", 0, Figures::otherCalls),
            plain(
                    "connections to the API server, a TLS handshake each",
                    0,
                    figures -> figures.connections() == null ? Double.NaN : figures.connections()),
            plain("peak resident memory, MB", 0, Figures::peakMegabytes));

    private static Measure compared(String what, int decimals, ToDoubleFunction<Figures> of) {
        return new Measure(what, decimals, true, of);
    }

    private static Measure plain(String what, int decimals, ToDoubleFunction<Figures> of) {
        return new Measure(what, decimals, false, of);
    }

    private static Measure counted(String what, ToDoubleFunction<Figures> of) {
        return plain(what, 0, of);
    }

    /** What it is, of the bare client, of the program, and the ratio: medians of all runs. */
    List<String> cells(List<Run> runs) {
        return List.of(
                what,
                number(Run.median(runs, run -> of.applyAsDouble(run.bareClient())), decimals),
                number(Run.median(runs, run -> of.applyAsDouble(run.handler())), decimals),
                hasRatio ? ratio(Run.median(runs, run -> run.ratio(of))) : "");
    }

    private static String ratio(double ratio) {
        return Double.isFinite(ratio) ? number(ratio, 2) + " ×" : NONE;
    }

    /** As it is shown: a dash where it is not a number. */
    static String number(double value, int decimals) {
        return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
