package dev.glidepath.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The TCP connections of a process to one port, seen by looking now and then: one that is opened and closed between two looks is not
 * among them. Not for use by several threads.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_net.5.html">proc_pid_net(5)</a>
 */
public final class ProcessConnections {
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
    private static final int REMOTE = 2;
    private static final int INODE = 9;

    private final Path process;
    private final String port;
    private final Set<String> seen = new HashSet<>();

    /** @param port of the server, on whatever address */
    public ProcessConnections(long pid, int port) {
        this.process = Path.of("/proc", Long.toString(pid));
        this.port = ":%04X".formatted(port);
    }

    /** Looks which there are. A process that has ended has none. */
    public void look() {
        try {
            Set<String> own = sockets();
            for (String table : List.of("tcp", "tcp6")) {
                try (Stream<String> lines = Files.lines(process.resolve("net").resolve(table))) {
                    lines.skip(1)
                            .map(line -> line.strip().split("\\s+", -1))
                            .filter(fields -> fields[REMOTE].endsWith(port))
                            .map(fields -> fields[INODE])
                            .filter(own::contains)
                            .forEach(seen::add);
                }
            }
        } catch (IOException ended) {
            // what was seen stays
        }
    }

    /** How many were ever seen. */
    public int count() {
        return seen.size();
    }

    private Set<String> sockets() throws IOException {
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> files = Files.list(process.resolve("fd"))) {
            for (Path file : files.toList()) {
                Matcher socket = SOCKET.matcher(target(file));
                if (socket.matches()) {
                    sockets.add(socket.group(1));
                }
            }
        }
        return sockets;
    }

    /** Of a file that has been closed in the meantime: nothing. */
    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException closed) {
            return "";
        }
    }
}
