package dev.glidepath.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where the pages lead there is something, and what the runbooks name exists. */
class PagesDocsTest {
    private static final Path TEMPLATE = Path.of("iam", "cloudformation", "glidepath.yaml");
    private static final Path RUNBOOKS = Path.of("docs", "runbooks");

    @Test
    void eachAlarmNamesARunbook() throws IOException {
        assertThat(found("What to do: (\\S+)", TEMPLATE).map(Path::of))
                .hasSize(2)
                .allMatch(Files::exists);
    }

    @Test
    void runbooksNameEventsAndMetricsThatThereAre() throws IOException {
        List<String> events =
                Arrays.stream(LogEvent.values()).map(LogEvent::label).toList();
        List<String> metrics = Arrays.stream(Metric.values())
                .flatMap(metric -> Stream.of("glidepath_" + metric.name().toLowerCase(Locale.ROOT)))
                .toList();
        try (Stream<Path> files = Files.list(RUNBOOKS)) {
            for (Path page : files.toList()) {
                assertThat(found("`([a-z]+\\.[a-z.]+)`", page))
                        .as(page.toString())
                        .isSubsetOf(events);
                assertThat(found("`(glidepath_[a-z_]+?)(?:_total)?`", page))
                        .as(page.toString())
                        .isSubsetOf(metrics);
            }
        }
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        for (Path page : pages()) {
            assertThat(found("\\]\\((?!https?:)([^)#\\s]+)", page))
                    .as(page.toString())
                    .allMatch(link -> Files.exists(page.resolveSibling(link)), "there is such a file");
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("."))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.startsWith("./target"))
                    .toList();
        }
    }

    private static Stream<String> found(String pattern, Path file) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map(found -> found.group(1));
    }
}
