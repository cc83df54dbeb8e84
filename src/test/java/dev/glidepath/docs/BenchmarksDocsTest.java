package dev.glidepath.docs;

import dev.glidepath.storm.BenchmarkPage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page about benchmarks shows the results that are kept beside it, and nothing else. */
class BenchmarksDocsTest {
    private final BenchmarkPage page = BenchmarkPage.of(Path.of("docs", "benchmarks"));

    @Test
    void pageShowsTheKeptResults() {
        new MadeFile("docs", "benchmarks.md").check(page.text());
    }

    @Test
    void picturesShowThem() {
        new MadeFile("docs", "benchmarks", "sigterm.svg").check(page.sigtermPicture());
        new MadeFile("docs", "benchmarks", "cordons.svg").check(page.cordonPicture());
    }
}
