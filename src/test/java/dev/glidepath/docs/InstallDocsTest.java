package dev.glidepath.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.Decoded;
import dev.glidepath.event.Decoder;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Kind;
import dev.glidepath.lab.Chart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the README and the page on installing have one type is what template, chart and decoder understand. */
class InstallDocsTest {
    private static final Path README = Path.of("README.md");
    private static final List<Path> PAGES = List.of(README, Path.of("docs", "install.md"), Path.of("iam", "README.md"));

    /** A command behind a prompt, with the lines it goes on for. */
    private static final Pattern COMMAND = Pattern.compile("(?m)^ *\\$ (.*(?:\\n {4,}.*)*)");

    private static final Pattern SET =
            Pattern.compile("--set(?:-string)? (?:'([^']+)'|([^ =]+))=(\"\\$?[^\"]*\"|[^ \\n]+)");
    private static final Pattern PARAMETER = Pattern.compile("[ ']([A-Z]\\w+)=");
    private static final Pattern SCRIPT = Pattern.compile("^iam/\\S+");
    private static final Pattern OUTPUT = Pattern.compile("OutputKey=='(\\w+)'");

    /** Stands for AWS' command line and tells the body it was to send. */
    private static final String AWS = """
            aws() { while [[ $1 != --message-body ]]; do shift; done; printf '%s' "$2"; }
            """;

    @Test
    void testMessageIsDecodedToTheKindThatIsPromised() throws Exception {
        var instance = new InstanceId("i-0123456789abcdef0");
        String command = commands(README)
                .filter(each -> each.startsWith("aws sqs send-message "))
                .findFirst()
                .orElseThrow();

        Decoded decoded = Decoder.decode(
                        outputOf(AWS + "queue=here instance=%s\n".formatted(instance.value()) + command), Instant.EPOCH)
                .decoded();

        assertThat(decoded)
                .isInstanceOfSatisfying(
                        Decoded.Announced.class,
                        announced -> assertThat(announced.interruptions())
                                .singleElement()
                                .satisfies(interruption -> {
                                    assertThat(interruption.kind()).isEqualTo(Kind.SPOT_INTERRUPTION);
                                    assertThat(interruption.instance()).isEqualTo(instance);
                                    assertThat(interruption)
                                            .isInstanceOfSatisfying(
                                                    Interruption.SpotInterruption.class,
                                                    spot -> assertThat(spot.action())
                                                            .isEqualTo(Interruption.SpotAction.TERMINATE));
                                }));
        assertThat(Files.readString(README)).contains("`" + Kind.SPOT_INTERRUPTION.label() + "`");
    }

    /** The chart refuses a value that it does not know. */
    @ParameterizedTest
    @MethodSource("helmCommands")
    void chartTakesEachValueThatACommandSets(String command) {
        Map<String, String> values = SET.matcher(command)
                .results()
                .collect(toMap(set -> set.group(1) != null ? set.group(1) : set.group(2), InstallDocsTest::valueOf));

        assertThat(values).containsKey("config.queueUrl");
        assertThat(Chart.renderedWithJust(values).any("Deployment")).isPresent();
    }

    @Test
    void templateHasEachParameterAndOutputThatACommandNames() throws IOException {
        String template = Files.readString(Path.of("iam", "cloudformation", "glidepath.yaml"));
        List<String> deployments = allCommands()
                .filter(command -> command.contains("--parameter-overrides"))
                .toList();

        assertThat(deployments)
                .isNotEmpty()
                .allSatisfy(command -> assertThat(namesIn(template, "Parameters"))
                        .containsAll(PARAMETER
                                .matcher(command)
                                .results()
                                .map(found -> found.group(1))
                                .toList()));
        assertThat(deployments)
                .allSatisfy(command -> assertThat(command)
                        .contains(" --template-file iam/cloudformation/glidepath.yaml ")
                        .contains("ClusterName=", "AutoScalingGroups="));
        assertThat(namesIn(template, "Outputs"))
                .containsAll(allCommands()
                        .flatMap(command -> OUTPUT.matcher(command).results())
                        .map(found -> found.group(1))
                        .toList());
    }

    @Test
    void scriptsThatCommandsStartAreThere() {
        assertThat(allCommands().flatMap(command -> SCRIPT.matcher(command).results()))
                .isNotEmpty()
                .allSatisfy(script -> assertThat(Path.of(script.group())).isExecutable());
    }

    private static Stream<String> helmCommands() {
        return allCommands().filter(command -> command.startsWith("helm install "));
    }

    private static Stream<String> allCommands() {
        return PAGES.stream().flatMap(InstallDocsTest::commands);
    }

    private static Stream<String> commands(Path page) {
        try {
            return COMMAND.matcher(Files.readString(page)).results().map(found -> found.group(1));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** What is left to the reader becomes what he would put there. */
    private static String valueOf(MatchResult set) {
        return switch (set.group(3)) {
            case "\"$queue\"", "QUEUE_URL" -> Chart.QUEUE;
            case "\"$role\"" -> "arn:aws:iam::123456789012:role/glidepath";
            case String value -> value;
        };
    }

    private static List<String> namesIn(String template, String section) {
        String from = template.substring(template.indexOf("\n" + section + ":\n") + section.length() + 3);
        return Pattern.compile("(?m)^  (\\w+):$|^\\S")
                .matcher(from)
                .results()
                .takeWhile(found -> found.group(1) != null)
                .map(found -> found.group(1))
                .toList();
    }

    private static String outputOf(String script) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "-euc", script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(bash.getInputStream().readAllBytes(), UTF_8);
        assertThat(bash.waitFor()).isZero();
        return output;
    }
}
