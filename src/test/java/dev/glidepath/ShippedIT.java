package dev.glidepath;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.Decoded;
import dev.glidepath.event.Decoder;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Kind;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.ProgramRun;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The program as it ships, native or not: it reads every sample message, answers at every page, and knows its commands. */
class ShippedIT {
    private static final Path SAMPLES = Path.of("src", "test", "resources", "events");

    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestQueue queue = TestQueue.createWithDeadLetters(20);

    @AfterEach
    void end() {
        autoScaling.close();
    }

    @Test
    void readsEachSampleAsTheDecoderDoes() throws IOException {
        List<String> bodies = bodies();
        List<Decoded> decoded = bodies.stream().map(Decoder::decode).toList();
        assertThat(decoded.stream().flatMap(ShippedIT::kinds))
                .as("kinds among the samples")
                .contains(Kind.values());
        List<String> expected = decoded.stream().flatMap(ShippedIT::words).toList();
        bodies.forEach(queue::send);
        try (DaemonProcess daemon = start(Map.of("GLIDEPATH_RESPONSE_HEALTH_NOTICE", "notify"))) {
            daemon.awaitThat(
                    "did not read them all", ofSeconds(60), () -> told(daemon).size() >= expected.size());

            assertThat(told(daemon)).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(daemon.told(LogEvent.DEPARTURE_FAILED)).isEmpty();
        }
    }

    @Test
    void answersAtEachPage() {
        try (DaemonProcess daemon = start(Map.of())) {
            daemon.awaitReady();

            assertThat(daemon.get("/health/live")).contains("\"UP\"");
            assertThat(daemon.get("/health/ready")).contains("\"UP\"");
            assertThat(daemon.get("/health/started")).contains("\"UP\"");
            assertThat(daemon.get("/health")).contains("\"UP\"");
            await("a receive to be counted")
                    .atMost(ofSeconds(60))
                    .until(() -> daemon.get("/metrics").contains("glidepath_"));
            assertThat(daemon.get("/metrics")).contains("# TYPE glidepath_", "jvm_memory_used_bytes");
        }
    }

    @Test
    void knowsItsCommands() {
        ProgramRun help = ProgramRun.of(Map.of(), "--help");
        assertThat(help.exitCode()).as(help.err()).isZero();
        assertThat(help.out()).contains("Usage: glidepath", "run", "doctor");

        ProgramRun version = ProgramRun.of(Map.of(), "--version");
        assertThat(version.exitCode()).as(version.err()).isZero();
        assertThat(version.out().strip()).isNotEmpty();

        ProgramRun doctor = ProgramRun.of(Map.of(), "doctor", "--help");
        assertThat(doctor.exitCode()).as(doctor.err()).isZero();
        assertThat(doctor.out()).contains("--output");

        ProgramRun wrong = ProgramRun.of(Map.of(), "doctor", "--output", "xml");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("xml", "json");
    }

    private DaemonProcess start(Map<String, String> more) {
        return DaemonProcess.start(ControlPlane.shared(), queue, autoScaling, more);
    }

    private static List<String> bodies() throws IOException {
        List<String> bodies = new ArrayList<>();
        try (Stream<Path> files = Files.list(SAMPLES)) {
            for (Path file : files.sorted().toList()) {
                bodies.add(Files.readString(file));
            }
        }
        return bodies;
    }

    private static Stream<Kind> kinds(Decoded decoded) {
        return decoded instanceof Decoded.Announced(var interruptions)
                ? interruptions.stream().map(Interruption::kind)
                : Stream.empty();
    }

    /** What the daemon ought to tell of a message about instances that are no nodes here. */
    private static Stream<String> words(Decoded decoded) {
        return switch (decoded) {
            case Decoded.Announced(var interruptions) ->
                interruptions.stream()
                        .map(interruption -> interruption.kind() == Kind.STATE_CHANGE
                                ? "ignored not-our-node"
                                : interruption.kind().label() + " " + interruption.instance());
            case Decoded.BlockExpires _ -> Stream.of("ignored not-our-node");
            case Decoded.Ignored(var reason, var _) ->
                Stream.of("ignored " + reason.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            case Decoded.Undecodable(String why) -> Stream.of("undecodable " + why);
        };
    }

    private static List<String> told(DaemonProcess daemon) {
        return daemon.lines().stream().flatMap(ShippedIT::words).toList();
    }

    private static Stream<String> words(Line line) {
        if (line.is(LogEvent.INTERRUPTION_RECEIVED)) {
            return Stream.of(line.get(Field.KIND) + " " + line.get(Field.INSTANCE));
        }
        if (line.is(LogEvent.INTERRUPTION_IGNORED)) {
            return Stream.of("ignored " + line.get(Field.REASON));
        }
        return line.is(LogEvent.MESSAGE_UNDECODABLE)
                ? Stream.of("undecodable " + line.get(Field.REASON))
                : Stream.empty();
    }
}
