package dev.glidepath.lab;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a real API server and passes everything on, watches included, with the caller's own credentials; only what
 * a test asks for goes wrong:
 *
 * <pre>{@code
 *   try (var proxy = FaultProxy.before(plane)) {
 *       proxy.on(Request::isEviction).times(3).answer(429, Map.of("Retry-After", "1"), "Too many requests, please try again later.\n");
 *       proxy.on(request -> request.method().equals("PATCH")).passAfter(ofSeconds(3));
 *       // … whoever uses proxy.kubeconfigFor("glidepath", "glidepath") meets them …
 *   }
 * }</pre>
 *
 * WebSockets are refused, upon which the client watches without. It can stand before any other server on loopback as well, such as
 * a queue. May be called from any thread.
 */
public final class FaultProxy implements AutoCloseable {
    /** Of one connection rather than of the request or the answer, or set anew by each side. */
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "content-length", "date", "expect", "host", "transfer-encoding", "upgrade");

    /** What the API server answers who wants to watch from a moment that it does not remember. */
    private static final String EXPIRED = """
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Expired", "code": 410,
             "message": "too old resource version"}
            """;

    private final String target;

    /** Where the target is an API server. */
    private final @Nullable ControlPlane plane;

    private final HttpServer server;
    private final HttpClient upstream;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();

    /** Listens on a free port of loopback. */
    public static FaultProxy before(ControlPlane plane) {
        return new FaultProxy(plane.server(), plane, HttpClient.newBuilder().sslContext(trusting(plane.certificate())));
    }

    /** The same before a server that is no API server, and asks for no TLS. */
    public static FaultProxy before(URI target) {
        return new FaultProxy(target.toString(), null, HttpClient.newBuilder());
    }

    private FaultProxy(String target, @Nullable ControlPlane plane, HttpClient.Builder client) {
        this.target = target;
        this.plane = plane;
        upstream = client.version(HttpClient.Version.HTTP_1_1).build();
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /**
     * One request, as far as one chooses by it.
     *
     * @param query empty where there is none
     * @param action what is asked of a queue, such as {@code DeleteMessageBatch}; empty at any other server
     */
    public record Request(String method, String path, String query, String action, String body) {
        public boolean isEviction() {
            return method.equals("POST") && path.endsWith("/eviction");
        }

        public boolean isWatch() {
            return query.contains("watch=true") || query.contains("watch=1");
        }
    }

    /** For these requests, from now on; what shall happen is still to be said. The rule told first goes first. */
    public Rule on(Predicate<Request> requests) {
        return new Rule(requests);
    }

    /** A kubeconfig that leads here and may do what that ServiceAccount may. Valid for an hour. */
    public Path kubeconfigFor(String namespace, String serviceAccount) {
        ControlPlane behind = requireNonNull(plane, "there is no API server behind it");
        return new Kubeconfig(endpoint().toString(), behind.certificate(), behind.tokenOf(namespace, serviceAccount))
                .writeTo(behind.folder()
                        .resolve("%s.%s.%d.kubeconfig"
                                .formatted(
                                        namespace,
                                        serviceAccount,
                                        server.getAddress().getPort())));
    }

    /** A client that leads here, with the daemon's own rights; to be closed by who asks for it. */
    public KubernetesClient clientOfDaemon() {
        return Clients.of(kubeconfigFor("glidepath", "glidepath"));
    }

    /** Ends every connection through here. The API server stays. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        upstream.shutdownNow();
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What happens to the requests it is for. */
    public final class Rule {
        private final Predicate<Request> requests;
        private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        private final AtomicInteger met = new AtomicInteger();
        private final CountDownLatch ended = new CountDownLatch(1);
        private Fault fault = FaultProxy.this::pass;

        private Rule(Predicate<Request> requests) {
            this.requests = requests;
        }

        /** Only to so many of them; then they pass again. */
        public Rule times(int times) {
            left.set(times);
            return this;
        }

        /** Answers in the API server's stead, which never hears of it. */
        public Rule answer(int code, Map<String, String> headers, String body) {
            return with((exchange, _) -> {
                headers.forEach(exchange.getResponseHeaders()::set);
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
            });
        }

        /** Answers with a Status of the API server's kind. */
        public Rule answer(int code, String status) {
            return answer(code, Map.of("Content-Type", "application/json"), status);
        }

        /** Passes it on, but late. */
        public Rule passAfter(Duration delay) {
            return with((exchange, body) -> {
                Thread.sleep(delay);
                pass(exchange, body);
            });
        }

        /** Passes it on when the rule has ended. */
        public Rule hold() {
            return with((exchange, body) -> {
                ended.await();
                pass(exchange, body);
            });
        }

        /** Passes it on, and each piece of the answer so much late: what is watched through it is seen late. */
        public Rule passLate(Duration lag) {
            return with((exchange, body) -> FaultProxy.this.passLate(exchange, body, lag));
        }

        /** Passes it on at once; its answer comes late. */
        public Rule answerAfter(Duration delay) {
            return with((exchange, body) -> {
                HttpResponse<InputStream> answer = forward(exchange, body);
                Thread.sleep(delay);
                relay(answer, exchange);
            });
        }

        /** Cuts the connection; the API server never hears of it. */
        public Rule drop() {
            return with((_, _) -> {}); // the exchange is closed unanswered
        }

        /** Passes it on, and cuts the connection when the answer comes: it happened, and the caller does not know. */
        public Rule dropAnswer() {
            return with((exchange, body) -> forward(exchange, body).body().close());
        }

        /** Has a test do what it likes between the parts of a request's way. */
        public Rule meet(Encounter encounter) {
            return with((exchange, body) -> {
                try (var passage = new Passage(exchange, body)) {
                    encounter.meet(requestOf(exchange, body), passage);
                }
            });
        }

        /** Passes it on, and the answer piece by piece, while the valve is open: what is watched through it stands still otherwise. */
        public Rule passThrough(Valve valve) {
            return with((exchange, body) -> FaultProxy.this.passThrough(valve, exchange, body));
        }

        /** Asks for the list as it was at that resource version: the API server itself shows the past. */
        public Rule asOf(String resourceVersion) {
            return with((exchange, body) -> {
                String asked = exchange.getRequestURI().toString();
                String past = asked.contains("continue=")
                        ? asked // such a list goes on as it began
                        : "%s%sresourceVersion=%s&resourceVersionMatch=Exact"
                                .formatted(asked, asked.contains("?") ? "&" : "?", resourceVersion);
                relay(forward(exchange, past, body), exchange);
            });
        }

        /** From now on it is for nothing any more; what it holds passes. */
        public void end() {
            rules.remove(this);
            ended.countDown();
        }

        /** How many requests it has caught. */
        public int met() {
            return met.get();
        }

        private Rule with(Fault chosen) {
            fault = chosen;
            rules.add(this);
            return this;
        }

        private boolean catches(Request request) {
            boolean caught = requests.test(request) && left.getAndUpdate(before -> Math.max(0, before - 1)) > 0;
            if (caught) {
                met.incrementAndGet();
            }
            return caught;
        }
    }

    /** What a test does about one request. */
    @FunctionalInterface
    public interface Encounter {
        /** A request whose answer was not given back when this returns ends unanswered. */
        void meet(Request request, Passage passage) throws IOException, InterruptedException;
    }

    /** A request on its way, and its answer on the way back. */
    public final class Passage implements AutoCloseable {
        private final HttpExchange exchange;
        private final byte[] body;
        private IntConsumer listener = _ -> {};
        private @Nullable HttpResponse<InputStream> answer;

        private Passage(HttpExchange exchange, byte[] body) {
            this.exchange = exchange;
            this.body = body;
        }

        /** Tells the status of the answer, as soon as there is one. */
        public void whenForwarded(IntConsumer listener) {
            this.listener = listener;
        }

        /** Passes it on and waits for the answer, which the caller does not get yet. */
        public void forward() throws IOException, InterruptedException {
            HttpResponse<InputStream> came = FaultProxy.this.forward(exchange, body);
            answer = came;
            listener.accept(came.statusCode());
        }

        /** Gives the caller the answer that came. */
        public void giveBack() throws IOException {
            relay(requireNonNull(answer, "not passed on yet"), exchange);
        }

        @Override
        public void close() throws IOException {
            if (answer != null) {
                answer.body().close();
            }
        }
    }

    /** What becomes of one request. */
    @FunctionalInterface
    private interface Fault {
        void meet(HttpExchange exchange, byte[] body) throws IOException, InterruptedException;
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Connection", "close"); // or a late request may meet one that is closing
            if (exchange.getRequestHeaders().containsKey("Upgrade")) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            Request request = requestOf(exchange, body);
            Fault fault = rules.stream()
                    .filter(rule -> rule.catches(request))
                    .findFirst()
                    .map(rule -> rule.fault)
                    .orElse(this::pass);
            fault.meet(exchange, body);
        } catch (IOException gone) {
            // One of both sides is; the other sees its connection end.
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static Request requestOf(HttpExchange exchange, byte[] body) {
        return new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse(""),
                SqsFront.action(exchange),
                new String(body, StandardCharsets.UTF_8));
    }

    private void pass(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        relay(forward(exchange, body), exchange);
    }

    private static void relay(HttpResponse<InputStream> answer, HttpExchange exchange) throws IOException {
        try (InputStream content = answer.body()) {
            begin(answer, exchange);
            byte[] piece = new byte[16_384];
            for (int read = content.read(piece); read >= 0; read = content.read(piece)) {
                exchange.getResponseBody().write(piece, 0, read);
                exchange.getResponseBody().flush(); // an event of a watch waits for no other
            }
        }
    }

    private static void begin(HttpResponse<InputStream> answer, HttpExchange exchange) throws IOException {
        answer.headers().map().forEach((name, values) -> {
            if (isEndToEnd(name)) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        exchange.sendResponseHeaders(answer.statusCode(), length(answer));
    }

    private void passThrough(Valve valve, HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        String path = exchange.getRequestURI().getPath();
        if (valve.hasForgotten(path)) {
            byte[] expired = EXPIRED.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(410, expired.length);
            exchange.getResponseBody().write(expired);
            return;
        }
        HttpResponse<InputStream> answer = forward(exchange, body);
        try (InputStream content = answer.body();
                Valve.Stream stream = valve.stream(path, content)) {
            begin(answer, exchange);
            exchange.getResponseBody().flush();
            byte[] piece = new byte[16_384];
            for (int read = content.read(piece); read >= 0 && stream.mayPass(); read = content.read(piece)) {
                exchange.getResponseBody().write(piece, 0, read);
                exchange.getResponseBody().flush();
            }
        }
    }

    private record Piece(ByteBuffer bytes, Instant dueAt) {}

    private void passLate(HttpExchange exchange, byte[] body, Duration lag) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = forward(exchange, body);
        exchange.sendResponseHeaders(answer.statusCode(), 0);
        BlockingQueue<Piece> late = new LinkedBlockingQueue<>();
        threads.execute(() -> {
            try (InputStream content = answer.body()) {
                byte[] piece = new byte[16_384];
                for (int read = content.read(piece); read >= 0; read = content.read(piece)) {
                    late.add(new Piece(
                            ByteBuffer.wrap(Arrays.copyOf(piece, read)),
                            Instant.now().plus(lag)));
                }
            } catch (IOException gone) {
                // The last piece tells the other side.
            }
            late.add(new Piece(ByteBuffer.allocate(0), Instant.now()));
        });
        for (Piece piece = late.take(); piece.bytes().hasRemaining(); piece = late.take()) {
            Thread.sleep(Duration.between(Instant.now(), piece.dueAt())); // not at all where that is past
            exchange.getResponseBody().write(piece.bytes().array());
            exchange.getResponseBody().flush();
        }
    }

    private HttpResponse<InputStream> forward(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        return forward(exchange, exchange.getRequestURI().toString(), body);
    }

    private HttpResponse<InputStream> forward(HttpExchange exchange, String uri, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(target + uri))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (isEndToEnd(name)) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return upstream.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    static boolean isEndToEnd(String header) {
        return !HOP_BY_HOP.contains(header.toLowerCase(Locale.ROOT));
    }

    /** As the server wants it told: 0 for one nobody knows beforehand, -1 for none. */
    private static long length(HttpResponse<?> answer) {
        long known = answer.headers().firstValueAsLong("Content-Length").orElse(0);
        boolean empty = answer.statusCode() == 204
                || answer.headers().firstValue("Content-Length").equals(Optional.of("0"));
        return empty ? -1 : known;
    }

    private static SSLContext trusting(Path certificate) {
        try (InputStream pem = Files.newInputStream(certificate)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "lab", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot trust " + certificate, e);
        }
    }
}
