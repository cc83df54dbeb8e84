package dev.glidepath.lab;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The limits of a container, for a process that runs in none: a control group for its memory and, where wanted, one for its CPU time. Made
 * in whichever hierarchy of this machine has the controller, version 1 or 2, which takes root. Nothing of it stays: it goes when it is
 * closed, when the JVM ends, and with the next one that is made when the JVM was killed.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html">Control Group v2</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/memory.html">Memory Resource Controller (v1)</a>
 */
public final class ControlGroup implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final Path UNIFIED = ROOT.resolve("cgroup.controllers");
    private static final String PREFIX = "glidepath-";
    private static final long MEGABYTE = 1 << 20;
    private static final long PERIOD_MICROS = 100_000;
    private static final Duration EMPTIES = Duration.ofSeconds(10);
    private static final AtomicInteger MADE = new AtomicInteger();

    private final List<Path> folders = new ArrayList<>();
    private final AtExit atExit = new AtExit(this::remove);
    private final String name = PREFIX + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet();
    private final boolean isUnified = Files.exists(UNIFIED);

    /**
     * Makes one.
     *
     * @param memory of all its processes, in MiB; swap is none of it
     * @param cpus of all its processes, in cores; empty for as much as there is
     * @throws UncheckedIOException where that is not allowed, or the machine has no such controllers
     */
    public static ControlGroup of(long memory, OptionalDouble cpus) {
        ControlGroup group = new ControlGroup();
        try {
            sweep(group.isUnified);
            group.limitMemory(memory * MEGABYTE);
            if (cpus.isPresent()) {
                group.limitCpu(Math.round(cpus.getAsDouble() * PERIOD_MICROS));
            }
        } catch (IOException refused) {
            group.close();
            throw new UncheckedIOException(
                    "cannot make a control group below " + ROOT
                            + ": be root, where the memory controller can be written to",
                    refused);
        }
        return group;
    }

    /** A command that runs the given one inside; its process keeps its id. */
    public List<String> running(List<String> command) {
        String join = String.join(
                "",
                folders.stream()
                        .map(folder -> "echo $$ >" + folder.resolve("cgroup.procs") + "; ")
                        .toList());
        return Stream.concat(Stream.of("sh", "-c", join + "exec \"$@\"", "sh"), command.stream())
                .toList();
    }

    /** The most memory that its processes ever took together, page cache included, in bytes. */
    public long peakMemory() {
        return number(folders.getFirst().resolve(isUnified ? "memory.peak" : "memory.max_usage_in_bytes"));
    }

    /** How many processes were killed since there was no memory left. */
    public long killedForMemory() {
        Path events = folders.getFirst().resolve(isUnified ? "memory.events" : "memory.oom_control");
        try (Stream<String> lines = Files.lines(events)) {
            return lines.filter(line -> line.startsWith("oom_kill "))
                    .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                    .sum();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** Waits for the end of the processes inside, at most 10 s: whoever started them ends them. Calling it twice is safe. */
    @Override
    public void close() {
        atExit.close();
        remove();
    }

    private synchronized void remove() {
        folders.forEach(folder -> await("the processes in " + folder + " to end")
                .atMost(EMPTIES)
                .pollDelay(Duration.ZERO)
                .until(() -> remove(folder)));
        folders.clear();
    }

    private void limitMemory(long bytes) throws IOException {
        if (isUnified) {
            Path folder = make(ROOT, "+memory +cpu");
            write(folder, "memory.max", bytes);
            write(folder, "memory.swap.max", 0);
        } else {
            write(make(ROOT.resolve("memory"), ""), "memory.limit_in_bytes", bytes);
        }
    }

    private void limitCpu(long micros) throws IOException {
        if (isUnified) {
            Files.writeString(folders.getFirst().resolve("cpu.max"), micros + " " + PERIOD_MICROS);
        } else {
            Path folder = make(ROOT.resolve("cpu"), "");
            write(folder, "cpu.cfs_period_us", PERIOD_MICROS);
            write(folder, "cpu.cfs_quota_us", micros);
        }
    }

    private Path make(Path hierarchy, String controllers) throws IOException {
        if (!controllers.isEmpty()) {
            Files.writeString(hierarchy.resolve("cgroup.subtree_control"), controllers);
        }
        Path folder = Files.createDirectory(hierarchy.resolve(name));
        folders.add(folder);
        return folder;
    }

    /** Removes what those left behind that were killed. */
    private static void sweep(boolean isUnified) throws IOException {
        for (Path hierarchy : isUnified ? List.of(ROOT) : List.of(ROOT.resolve("memory"), ROOT.resolve("cpu"))) {
            try (var folders = Files.newDirectoryStream(hierarchy, PREFIX + "*")) {
                for (Path folder : folders) {
                    if (ownerOf(folder).isEmpty()) {
                        remove(folder);
                    }
                }
            }
        }
    }

    private static Optional<ProcessHandle> ownerOf(Path folder) {
        String[] parts = folder.getFileName().toString().split("-", -1);
        return ProcessHandle.of(Long.parseLong(parts[1]));
    }

    /** A folder with processes inside cannot be removed. */
    private static boolean remove(Path folder) {
        try {
            Files.deleteIfExists(folder);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    private static void write(Path folder, String file, long value) throws IOException {
        Files.writeString(folder.resolve(file), Long.toString(value));
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
