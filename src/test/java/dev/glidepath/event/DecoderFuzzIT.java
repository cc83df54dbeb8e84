package dev.glidepath.event;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.Jazzer;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jazzer, in a JVM of its own with little memory: its agent counts the branches that each body takes through the decoder. */
class DecoderFuzzIT {
    /** Where a body that broke something is kept, and what the fuzzer said. */
    private static final Path FINDINGS = Path.of("target", "fuzz");

    /** Another length by {@code -Dfuzz.seconds}. */
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("fuzz.seconds", 60));

    private static final Duration STARTING_AND_ENDING = Duration.ofMinutes(5);

    /** {@code #8192 pulse cov: 214 ft: 402 ...}: after so many bodies, so many branches. */
    private static final Pattern COVERED = Pattern.compile("#(\\d+)\\s+(INITED|NEW|DONE).* cov: (\\d+)");

    @Test
    void noBodyFromTheFuzzerBreaksTheDecoder(@TempDir Path corpus) throws Exception {
        Files.createDirectories(FINDINGS);
        Path output = FINDINGS.resolve("output.log");

        Process fuzzer = new ProcessBuilder(command(corpus))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(fuzzer.waitFor(LENGTH.plus(STARTING_AND_ENDING).toSeconds(), TimeUnit.SECONDS))
                    .as("ends by itself")
                    .isTrue();
        } finally {
            fuzzer.destroyForcibly();
        }

        String said = Files.readString(output);
        assertThat(fuzzer.exitValue()).as(said).isZero();
        List<Matcher> counts = counts(said);
        assertThat(counts).as(said).extracting(count -> count.group(2)).contains("INITED", "NEW", "DONE");
        assertThat(number(counts.getLast(), 1)).as("bodies tried").isGreaterThan(1000);
        assertThat(number(counts.getLast(), 3))
                .as("branches seen with the samples, and after the last body")
                .isGreaterThan(number(counts.getFirst(), 3));
    }

    /** The samples are where it starts from; what reaches new code goes to the corpus, and is changed in turn. */
    private static List<String> command(Path corpus) {
        return List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                // It loads its agent, and the fuzzer's native part, into itself.
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                Jazzer.class.getName(),
                "--target_class=" + DecoderFuzz.class.getName(),
                "--instrumentation_includes=dev.glidepath.event.**",
                "--reproducer_path=" + FINDINGS,
                "-artifact_prefix=" + FINDINGS + "/",
                "-max_total_time=" + LENGTH.toSeconds(),
                "-max_len=16384",
                "-timeout=30",
                "-print_final_stats=1",
                corpus.toString(),
                SampleBody.FOLDER.toString());
    }

    /** No more than is needed: Jazzer looks through all of it before it begins. */
    private static String classPath() {
        return Stream.of(
                        DecoderFuzz.class,
                        Decoder.class,
                        JsonNode.class,
                        JsonParser.class,
                        JsonFormat.class,
                        Jazzer.class,
                        FuzzedDataProvider.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .map(where -> Path.of(URI.create(where.toString())).toString())
                .collect(joining(File.pathSeparator));
    }

    private static List<Matcher> counts(String said) {
        return said.lines().map(COVERED::matcher).filter(Matcher::find).toList();
    }

    private static int number(Matcher count, int group) {
        return Integer.parseInt(count.group(group));
    }
}
