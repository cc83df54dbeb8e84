package dev.glidepath.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkPageTest {
    private static final Scenario SMALL = new Scenario("small", 2, 1, 30, 0, 0, 0, 256);
    private static final Scenario LARGE = new Scenario("large", 4, 1, 30, 0.5, 100, 0.25, 256);

    @Test
    void ratioIsTheMedianOfTheRatiosOfEachRun() {
        Result result = SampleFigures.result(
                SMALL, SampleFigures.run(10, 20), SampleFigures.run(10, 40), SampleFigures.run(20, 60));

        assertThat(new BenchmarkPage(List.of(result), List.of()).text())
                .contains("| last SIGTERM, s | 10.0 | 40.0 | 3.00 × |");
    }

    @Test
    void twoRunsMeetInTheMiddle() {
        Result result = SampleFigures.result(SMALL, SampleFigures.run(10, 20), SampleFigures.run(20, 60));

        assertThat(new BenchmarkPage(List.of(result), List.of()).text())
                .contains("| last SIGTERM, s | 15.0 | 40.0 | 2.50 × |");
    }

    @Test
    void countsCallsByKind() {
        assertThat(page().text())
                .contains("| patch nodes 200 | 2 | 2 |")
                .contains("| API calls other than evictions and deletions of pods | 2 | 2 |  |");
    }

    @Test
    void probesFollowWithTheMedianOfEachFigure() {
        ProbeResult probe = new ProbeResult(
                "idle-nodes",
                "Five nodes",
                "What it is.",
                "native",
                "2026-01-01",
                "make storm STORM=idle-nodes RUNS=2",
                SampleFigures.result(SMALL).machine(),
                List.of(
                        List.of(new Reading("ready, s", 1, 1.0, 2), Reading.alone("memory, MB", 0, 70)),
                        List.of(new Reading("ready, s", 1, 2.0, 8), Reading.alone("memory, MB", 0, 90))));

        String text = new BenchmarkPage(List.of(), List.of(probe)).text();

        assertThat(text)
                .contains(
                        "## Five nodes\n\nWhat it is.\n\n`make storm STORM=idle-nodes RUNS=2`, native executable, 2 runs")
                .contains("| ready, s | 1.5 | 5.0 | 3.00 × |")
                .contains("| memory, MB | – | 80 |  |");
    }

    @Test
    void saysWhatWasNotDone() {
        Figures whole = SampleFigures.of(1);
        Figures broken = new Figures(
                whole.cordons(),
                whole.cordonsAfterReceipt(),
                Distribution.of(List.of()),
                0,
                2,
                0,
                0,
                null,
                null,
                whole.calls(),
                0,
                0,
                0,
                0,
                0,
                "2 pods are left after 360 s");

        String text = new BenchmarkPage(
                        List.of(SampleFigures.result(SMALL, new Run("handler", whole, broken))), List.of())
                .text();

        assertThat(text)
                .contains("**Not complete:** 2 pods are left after 360 s.")
                .contains("| last SIGTERM, s | 1.0 | – | – |");
    }

    @Test
    void namesTheStormAndTheMachine() {
        assertThat(page().text())
                .contains(
                        "## 4 nodes × 1 pods, budgets on 50 % of the nodes, 100 messages of foreign instances, 0.25 of a core")
                .contains("2 cores (a processor), 8 GB of memory, Linux 6");
    }

    @Test
    void picturesShowTheLargestStorm() {
        assertThat(page().sigtermPicture())
                .contains("4 nodes")
                .contains("class=\"bare\"")
                .contains("class=\"handler\"");
        assertThat(new BenchmarkPage(List.of(), List.of()).cordonPicture()).isEmpty();
    }

    @Test
    void resultsAreReadAsTheyWereWritten(@TempDir Path folder) {
        Result result = SampleFigures.result(LARGE, SampleFigures.run(10, 20));

        result.writeTo(folder);

        assertThat(Result.in(folder)).containsExactly(result);
    }

    private static BenchmarkPage page() {
        return new BenchmarkPage(
                List.of(
                        SampleFigures.result(SMALL, SampleFigures.run(10, 20)),
                        SampleFigures.result(LARGE, SampleFigures.run(10, 20))),
                List.of());
    }
}
