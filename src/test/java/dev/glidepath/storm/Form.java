package dev.glidepath.storm;

import dev.glidepath.container.Dockerfile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What runs the program, as its image does. */
enum Form {
    NATIVE,
    JVM;

    /** How much of its container a native image takes for its heap, in percent, as it finds in a control group of its own. */
    private static final long HEAP = 80;

    /**
     * The command for it.
     *
     * @param binary the native executable
     * @param memory of its container, in MiB
     */
    List<String> command(Path binary, long memory) {
        return switch (this) {
            case NATIVE -> {
                List<String> command = new ArrayList<>();
                command.add(binary.toAbsolutePath().toString());
                command.addAll(Dockerfile.named("Dockerfile.native").options());
                command.add("-Xmx%dm".formatted(memory * HEAP / 100));
                yield command;
            }
            case JVM ->
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:MaxRAM=" + memory + "m",
                        "-XX:+UseSerialGC",
                        "-jar",
                        Path.of("target", "quarkus-app", "quarkus-run.jar").toString());
        };
    }
}
