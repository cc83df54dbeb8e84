package dev.glidepath.storm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Where something was measured.
 *
 * @param memory in MB
 */
record Machine(int cores, String processor, long memory, String kernel) {

    /** This one, which is to be Linux. */
    static Machine here() {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                valueIn("/proc/cpuinfo", "model name"),
                Long.parseLong(valueIn("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1000,
                System.getProperty("os.name") + " " + System.getProperty("os.version"));
    }

    /** In words. */
    String description() {
        return "%d cores (%s), %.0f GB of memory, %s".formatted(cores, processor, memory / 1e3, kernel);
    }

    private static String valueIn(String file, String name) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
