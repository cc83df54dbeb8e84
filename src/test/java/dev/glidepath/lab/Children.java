package dev.glidepath.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Child processes that never outlive this JVM, not even when it is killed with -9: the kernel kills them when their parent goes.
 *
 * <p>To the kernel the parent is the <em>thread</em> that started the child (prctl(2), PR_SET_PDEATHSIG), so all of them are started by
 * one thread that lives until {@link #close()}, not by whatever short-lived thread happened to ask.
 *
 * <p>Only Linux has this. Elsewhere a JVM that is killed with -9 leaves its children behind; every other end takes them along.
 */
final class Children implements AutoCloseable {
    private static final List<String> LEASH =
            System.getProperty("os.name").equals("Linux") ? List.of("setpriv", "--pdeathsig", "KILL") : List.of();

    private final Path logs;
    private final Map<String, Process> running = new LinkedHashMap<>();
    private final ExecutorService parent = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("lab-parent").factory());

    /** @param logs where each child's output goes, one file per name */
    Children(Path logs) {
        this.logs = logs;
    }

    /** @throws UncheckedIOException when it cannot be started at all; a child that ends right away is told by {@link #checkAlive()} */
    void start(String name, List<String> command) {
        start(name, command, Map.of());
    }

    /** As {@link #start(String, List)}, with these variables. */
    synchronized void start(String name, List<String> command, Map<String, String> environment) {
        var builder = new ProcessBuilder(
                        Stream.concat(LEASH.stream(), command.stream()).toList())
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile());
        CleanEnvironment.give(builder, logs, environment);
        try {
            running.put(name, parent.submit(builder::start).get());
        } catch (ExecutionException e) {
            throw new UncheckedIOException(
                    "cannot start " + name + " (setpriv is part of util-linux)", new IOException(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting " + name, e);
        }
    }

    /** @throws IllegalStateException when one of them has ended, with the tail of its log */
    synchronized void checkAlive() {
        running.forEach((name, process) -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        "%s ended with %d:%n%s".formatted(name, process.exitValue(), tail(name)));
            }
        });
    }

    /** The last lines of a child's log. */
    String tail(String name) {
        try (var lines = Files.lines(log(name))) {
            var all = lines.toList();
            return String.join(System.lineSeparator(), all.subList(Math.max(0, all.size() - 15), all.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /** The one started last under this name. */
    synchronized Process get(String name) {
        return Objects.requireNonNull(running.get(name), name);
    }

    /** All that were started, alive or not. */
    synchronized List<ProcessHandle> all() {
        return running.values().stream().map(Process::toHandle).toList();
    }

    /** Kills them all and waits until they are gone, at most 10 s. They hold nothing worth an orderly end, which would take seconds. */
    @Override
    public synchronized void close() {
        running.values().forEach(Process::destroyForcibly);
        try {
            for (var process : running.values()) {
                process.waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        parent.shutdown();
    }

    /** Where its output goes. */
    Path log(String name) {
        return logs.resolve(name + ".log");
    }
}
