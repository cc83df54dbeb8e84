package dev.glidepath.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.glidepath.event.Decoded;
import dev.glidepath.event.Decoder;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.RebalanceRecommendation;
import dev.glidepath.lab.Chart;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages tell people to type works on what is in the repository, and where they lead there is something. */
class InstallDocsTest {
    private static final Path TEMPLATE = Path.of("iam", "cloudformation", "glidepath.yaml");
    private static final Path RUNBOOKS = Path.of("docs", "runbooks");

    @Test
    void theTestMessageIsWhatItSaysItIs() throws IOException {
        String body = only("--message-body '([^']+)'", Path.of("README.md"));

        assertThat(Decoder.decode(body))
                .isEqualTo(new Decoded.Announced(List.of(new RebalanceRecommendation(
                        new InstanceId("i-0123456789abcdef0"), Instant.parse("2026-01-01T00:00:00Z")))));
    }

    @Test
    void theTemplateHasTheParametersThatAreGiven() throws IOException {
        JsonNode parameters = new YAMLMapper().readTree(withoutTags(TEMPLATE)).path("Parameters");

        assertThat(parameters.size()).isPositive();
        for (Path page : List.of(Path.of("README.md"), Path.of("docs", "install.md"))) {
            assertThat(found("[ '`]([A-Z][a-z]+[A-Za-z]*)=", page))
                    .as(page.toString())
                    .allMatch(parameters::has);
        }
    }

    @Test
    void theChartHasTheValuesThatAreSet() throws IOException {
        for (Path page : pages()) {
            var values = new TreeMap<String, Object>();
            found("--set(?:-string)? '?([a-zA-Z.\\\\]+)=", page)
                    .filter(name -> !name.contains("\\"))
                    .forEach(name -> values.put(name, name.equals("config.dryRun") ? "true" : "x"));
            values.remove("config.queueUrl"); // must be a URL, and is given anyway

            assertThat(Chart.rendered(values).objects()).as(page.toString()).isNotEmpty();
        }
    }

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

    private static String only(String pattern, Path file) throws IOException {
        List<MatchResult> all = Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .toList();
        assertThat(all).as(pattern).hasSize(1);
        return all.getFirst().group(1);
    }

    /** The template's functions are tags that YAML does not know. */
    private static String withoutTags(Path template) throws IOException {
        return Files.readString(template).replaceAll("![A-Z][A-Za-z]+", "");
    }
}
