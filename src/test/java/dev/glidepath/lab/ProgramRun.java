package dev.glidepath.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the program did that was started with some words and ended by itself.
 *
 * @param out its standard output
 * @param err its standard error
 */
public record ProgramRun(int exitCode, String out, String err) {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    /**
     * Runs it to its end.
     *
     * @param environment all that it sees of one
     * @throws IllegalStateException when it does not end
     */
    public static ProgramRun of(Map<String, String> environment, String... words) {
        try (LabFolder folder = LabFolder.create()) {
            Path out = folder.path().resolve("out");
            Path err = folder.path().resolve("err");
            ProcessBuilder program = new ProcessBuilder(
                            Stream.concat(command().stream(), Stream.of(words)).toList())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            CleanEnvironment.give(program, folder.path(), environment);
            Process process = program.start();
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IllegalStateException("it does not end:\n" + Files.readString(out) + Files.readString(err));
            }
            return new ProgramRun(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** The native binary that the system property {@code glidepath.native} names, else what {@code mvn package} made for the JVM. */
    public static List<String> command() {
        String binary = System.getProperty("glidepath.native", "");
        if (!binary.isEmpty()) {
            return List.of(binary);
        }
        Path jar = Path.of("target", "quarkus-app", "quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is missing: run mvn package first");
        }
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                jar.toString());
    }
}
