package dev.glidepath.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * What the kernel counts of a process, now.
 *
 * @param cpu of all its threads so far, in user space and in the kernel
 * @param peakResident the most memory it ever had, in bytes
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
 */
public record ProcessUsage(Duration cpu, long peakResident) {
    /** A clock tick as the kernel tells it to everybody, whatever it counts in itself. */
    private static final Duration TICK = Duration.ofMillis(10);

    private static final int UTIME = 11;
    private static final int STIME = 12;

    /**
     * Reads it.
     *
     * @throws UncheckedIOException when there is no such process any more
     */
    public static ProcessUsage of(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            String stat = Files.readString(process.resolve("stat"));
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = Long.parseLong(afterName[UTIME]) + Long.parseLong(afterName[STIME]);
            return new ProcessUsage(TICK.multipliedBy(ticks), peakResident(process));
        } catch (IOException ended) {
            throw new UncheckedIOException("process " + pid + " has ended", ended);
        }
    }

    private static long peakResident(Path process) throws IOException {
        try (Stream<String> lines = Files.lines(process.resolve("status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    * 1024;
        }
    }
}
