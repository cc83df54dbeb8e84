package dev.glidepath.lab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Speaks Kubernetes' protocol for lists and watches and says what a test tells it to: for what a real API server says too
 * seldom, such as an expired watch or half an answer. Each answer is given once, in the order they were told; without one
 * left, a list is answered as the last time, a watch is silent, and anything else is refused.
 */
public final class ScriptedApiServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<HttpHandler> lists = new ConcurrentLinkedQueue<>();
    private final Queue<HttpHandler> watches = new ConcurrentLinkedQueue<>();
    private final Queue<HttpHandler> writes = new ConcurrentLinkedQueue<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    public ScriptedApiServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /** The next answers to lists. */
    public ScriptedApiServer onList(HttpHandler... answers) {
        lists.addAll(List.of(answers));
        return this;
    }

    /** The next answers to watches. */
    public ScriptedApiServer onWatch(HttpHandler... answers) {
        watches.addAll(List.of(answers));
        return this;
    }

    /** The next answers to all that is not a GET. */
    public ScriptedApiServer onWrite(HttpHandler... answers) {
        writes.addAll(List.of(answers));
        return this;
    }

    /** Method, path and query of each request, in their order. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** A client that tries nothing again unseen; to be closed by who asks for it. */
    public KubernetesClient client() {
        return Clients.of(new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build());
    }

    /** An answer in one piece. */
    public static HttpHandler answer(int code, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
            try (var response = exchange.getResponseBody()) {
                response.write(bytes);
            }
        };
    }

    /** The connection closed without an answer. */
    public static HttpHandler noAnswer() {
        return HttpExchange::close;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes(); // what is left unread would reset the connection
        exchange.getResponseHeaders().set("Connection", "close"); // or a late request may meet one that is closing
        boolean webSocket = exchange.getRequestHeaders().containsKey("Upgrade");
        if (webSocket) {
            answer(503, "").handle(exchange); // as a proxy does that knows none; the client then watches without
            return;
        }
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        if (!exchange.getRequestMethod().equals("GET")) {
            handled(writes, answer(501, "")).handle(exchange);
        } else if (exchange.getRequestURI().toString().contains("watch=true")) {
            handled(watches, new Stream()).handle(exchange);
        } else {
            HttpHandler list = handled(lists, answer(501, ""));
            if (lists.isEmpty()) {
                lists.add(list);
            }
            list.handle(exchange);
        }
    }

    private static HttpHandler handled(Queue<HttpHandler> answers, HttpHandler otherwise) {
        HttpHandler next = answers.poll();
        return next == null ? otherwise : next;
    }

    /** A watch's answer: lines, as they are told, until it is ended or the other side goes. */
    public static final class Stream implements HttpHandler {
        private static final String END = "";

        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private volatile boolean abandoned;

        /** One more line. */
        public Stream tell(String line) {
            lines.add(line);
            return this;
        }

        /** No more lines: the answer is whole. */
        public Stream end() {
            lines.add(END);
            return this;
        }

        /** Whether a line could not be sent because nobody listens any more. */
        public boolean isAbandoned() {
            return abandoned;
        }

        @Override
        public void handle(HttpExchange exchange) throws IOException {
            exchange.sendResponseHeaders(200, 0);
            try (var body = exchange.getResponseBody()) {
                body.flush(); // a watch is open before anything is told
                for (String line = lines.take(); !line.equals(END); line = lines.take()) {
                    body.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                    body.flush();
                }
            } catch (IOException gone) {
                abandoned = true;
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
