package dev.glidepath.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A temporary folder that is deleted on close; one whose owner was killed is deleted by the next owner. */
final class LabFolder implements AutoCloseable {
    /** Tests that run side by side do not look at each other's. */
    private static final String PREFIX = "glidepath-lab-" + System.getProperty("lab.fork", "") + "-";

    private static final String LOCK = "owner.lock";

    /** Not even looked at by {@link #sweep()}: closing any channel to a file gives back this JVM's lock on it. */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private LabFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static LabFolder create() {
        try {
            sweep();
            var path = Files.createTempDirectory(PREFIX);
            OURS.add(path);
            var channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.lock(); // the kernel gives it back when this JVM is gone, however it went
            return new LabFolder(path, channel);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary folder", e);
        }
    }

    Path path() {
        return path;
    }

    /** Calling it twice is safe. */
    @Override
    public void close() {
        try {
            channel.close();
            if (Files.exists(path)) {
                delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path, e);
        }
    }

    private static void sweep() throws IOException {
        try (var folders = Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), PREFIX + "*")) {
            for (var folder : folders) {
                if (!OURS.contains(folder) && isAbandoned(folder)) {
                    delete(folder);
                }
            }
        }
    }

    private static boolean isAbandoned(Path folder) {
        try (var channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (IOException e) {
            return false; // being made, being deleted, or not ours to touch
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var tree = Files.walk(folder)) {
            for (var path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
