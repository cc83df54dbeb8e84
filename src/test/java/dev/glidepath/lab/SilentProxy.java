package dev.glidepath.lab;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Stands before a real API server as a network does: it passes bytes on, TLS untouched, and on command loses them without a
 * word, with neither FIN nor RST, as a firewall does that has forgotten a connection:
 *
 * <pre>{@code
 *   try (var proxy = SilentProxy.before(plane);
 *           var daemon = DaemonProcess.start(plane, queue, autoScaling, proxy.variables(plane))) {
 *       proxy.silenceOpen(); // open connections say nothing any more, new ones work
 *       proxy.silenceAll();  // new ones are accepted, and say nothing either
 *       proxy.cutAll();      // open connections are reset, and so is each new one
 *       proxy.heal();        // new connections work again
 *   }
 * }</pre>
 *
 * A connection that has fallen silent says nothing ever again, whether or not the network heals. The kernel still acknowledges
 * what is sent to it, keep-alive probes included: to notice is for the program. May be called from any thread.
 */
public final class SilentProxy implements AutoCloseable {
    private static final int PIECE = 16_384;
    private static final int BACKLOG = 512;
    private static final int PATIENCE_MILLIS = 10_000;

    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closing = new CountDownLatch(1);

    private final Object lock = new Object();
    private final Set<Connection> connections = new HashSet<>();
    private Network network = Network.HEALTHY;
    private int accepted;

    /** What becomes of new connections. */
    private enum Network {
        HEALTHY,
        SILENT,
        CUT
    }

    /** Listens on a free port of loopback. */
    public static SilentProxy before(ControlPlane plane) {
        URI server = URI.create(plane.server());
        return new SilentProxy(new InetSocketAddress(server.getHost(), server.getPort()));
    }

    /** Listens on a free port of loopback, and passes on to this server. */
    SilentProxy(InetSocketAddress server) {
        this.server = server;
        try {
            listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
        threads.execute(this::acceptUntilClosed);
    }

    /** Where it listens. */
    int port() {
        return listener.getLocalPort();
    }

    /** A kubeconfig that leads here and may do what that ServiceAccount may. Valid for an hour. */
    public Path kubeconfigFor(ControlPlane plane, String namespace, String serviceAccount) {
        return new Kubeconfig(
                        "https://127.0.0.1:" + port(), plane.certificate(), plane.tokenOf(namespace, serviceAccount))
                .writeTo(plane.folder().resolve("%s.%s.%d.kubeconfig".formatted(namespace, serviceAccount, port())));
    }

    /** What a {@link DaemonProcess} has to be started with to reach the API server through here. */
    public Map<String, String> variables(ControlPlane plane) {
        return Map.of(
                "KUBECONFIG", kubeconfigFor(plane, "glidepath", "glidepath").toString());
    }

    /** Connections that are open fall silent for good; new ones work. */
    public void silenceOpen() {
        become(Network.HEALTHY).forEach(Connection::silence);
    }

    /** Connections that are open fall silent for good; new ones are accepted, and say nothing either. */
    public void silenceAll() {
        become(Network.SILENT).forEach(Connection::silence);
    }

    /** Connections that are open are reset, and so is each new one. */
    public void cutAll() {
        become(Network.CUT).forEach(Connection::reset);
    }

    /** New connections work again; those that fell silent stay so. */
    public void heal() {
        become(Network.HEALTHY);
    }

    /** How many connections pass bytes now. */
    public int passing() {
        synchronized (lock) {
            return (int) connections.stream()
                    .filter(connection -> !connection.silent)
                    .count();
        }
    }

    /** How many connections there have been so far. */
    public int accepted() {
        synchronized (lock) {
            return accepted;
        }
    }

    /** Ends every connection through here. The API server stays. */
    @Override
    public void close() {
        closing.countDown();
        closeQuietly(listener);
        become(Network.CUT).forEach(Connection::reset);
        threads.shutdownNow();
    }

    /** Gives those that are open at that moment. */
    private List<Connection> become(Network next) {
        synchronized (lock) {
            network = next;
            return List.copyOf(connections);
        }
    }

    private void acceptUntilClosed() {
        try {
            while (closing.getCount() > 0) {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            }
        } catch (IOException closed) {
            // No more of them are wanted.
        }
    }

    private void serve(Socket client) {
        Connection connection = new Connection(client);
        Network met;
        synchronized (lock) {
            accepted++;
            met = network;
            connection.silent = met == Network.SILENT;
            connections.add(connection);
        }
        if (met == Network.CUT) {
            connection.reset();
        } else {
            connection.pass();
        }
        synchronized (lock) {
            connections.remove(connection);
        }
    }

    /** A connection of a client, and its other half to the server. */
    private final class Connection {
        private final Socket client;
        private final Socket upstream = new Socket();
        private volatile boolean silent;

        Connection(Socket client) {
            this.client = client;
        }

        void silence() {
            silent = true;
        }

        /** Passes bytes until both sides have ended it. A silent one stays open, whatever either side does. */
        void pass() {
            try {
                upstream.connect(server, PATIENCE_MILLIS);
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                Future<?> answers = threads.submit(() -> pass(upstream, client));
                pass(client, upstream);
                answers.get();
                closeQuietly(client);
                closeQuietly(upstream);
            } catch (IOException | ExecutionException broken) {
                reset();
            } catch (InterruptedException closed) {
                reset();
                Thread.currentThread().interrupt();
            }
        }

        private void pass(Socket from, Socket to) {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] piece = new byte[PIECE];
                for (int read = read(in, piece); read >= 0; read = read(in, piece)) {
                    out.write(piece, 0, read);
                }
                to.shutdownOutput();
            } catch (IOException broken) {
                reset();
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }

        /** The next bytes that pass; once it is silent there are none, nor an end. */
        private int read(InputStream in, byte[] piece) throws IOException, InterruptedException {
            try {
                int read = in.read(piece);
                if (!silent) {
                    return read;
                }
            } catch (IOException broken) {
                if (!silent) {
                    throw broken;
                }
            }
            closing.await();
            return -1;
        }

        /** Both sides see it end at once. */
        void reset() {
            abort(client);
            abort(upstream);
        }

        private static void abort(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException closed) {
                return;
            }
            closeQuietly(socket);
        }
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException alreadyClosed) {
            // That is what was wanted.
        }
    }
}
