package dev.glidepath.storm;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/**
 * Samples a JVM from outside, with async-profiler, and writes a flame graph.
 *
 * @param event of async-profiler: {@code itimer} for CPU time, {@code alloc} for allocations
 * @param graph the file that is written, in HTML
 * @see <a href="https://github.com/async-profiler/async-profiler/blob/master/docs/ProfilerOptions.md">async-profiler's options</a>
 */
record Profiler(String event, Path graph) implements Companion {
    private static final String LIBRARY = "libasyncProfiler.so";

    /** Samples that JVM until it is closed, which writes the graph. */
    @Override
    public Attachment attach(long pid) {
        Path library = library();
        command(pid, library, "start,event=" + event);
        return () -> command(pid, library, "stop,file=" + graph.toAbsolutePath());
    }

    private static void command(long pid, Path library, String options) {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                machine.loadAgentPath(library.toString(), options);
            } finally {
                machine.detach();
            }
        } catch (IOException
                | AttachNotSupportedException
                | AgentLoadException
                | AgentInitializationException refused) {
            throw new IllegalStateException("the profiler cannot be attached to process " + pid, refused);
        }
    }

    /** It is inside the artifact, for each kind of processor. */
    private static Path library() {
        String platform = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
        Path copy = Path.of("target", "profile", LIBRARY).toAbsolutePath();
        try (InputStream resource = Profiler.class.getResourceAsStream("/" + platform + "/" + LIBRARY)) {
            Files.createDirectories(copy.getParent());
            Files.copy(Objects.requireNonNull(resource, platform), copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + copy, e);
        }
    }
}
