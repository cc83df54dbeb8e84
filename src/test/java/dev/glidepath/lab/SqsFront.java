package dev.glidepath.lab;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the queues of {@link TestQueue} and is as moody as SQS is: a receive may bring nothing though there is something,
 * or less than there is. Of receives that do not wait about a third each, of the others a tenth each; a seed says which. No
 * message is lost by it. What is denied is refused as IAM refuses it. All else is passed on, and everything is counted. One that
 * {@linkplain #holding() holds} has no moods: it is for measuring.
 *
 * <pre>{@code
 *   try (var front = SqsFront.start(seed)) {
 *       DaemonProcess.start(plane, queue, autoScaling, Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString()));
 *   }
 * }</pre>
 *
 * May be called from any thread.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html">Short and
 *     long polling</a>
 */
public final class SqsFront implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String CONTENT_TYPE = "application/x-amz-json-1.0";
    private static final int SHORT_BATCH = 3;

    private final HttpServer server;
    private final HttpClient upstream =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Mood mood;
    private final boolean hasMoods;
    private final CountDownLatch open;
    private final Map<String, Instant> handedOut = new ConcurrentHashMap<>();
    private final Map<String, Instant> deleted = new ConcurrentHashMap<>();

    /** The ids of messages by the handles they were handed out with. */
    private final Map<String, String> byReceipt = new ConcurrentHashMap<>();

    private final TestQueue nothing = TestQueue.create();
    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
    private final Map<String, Integer> requests = new ConcurrentHashMap<>();
    private final Set<String> denied = ConcurrentHashMap.newKeySet();
    private final AtomicInteger released = new AtomicInteger();
    private final AtomicReference<@Nullable Instant> firstReceiveAt = new AtomicReference<>();
    private final AtomicReference<@Nullable Instant> lastMessagesAt = new AtomicReference<>();

    /** How many messages a receive may bring; none is a receive from an empty queue. */
    private interface Mood {
        int most(boolean waits);
    }

    /** Listens on a free port of loopback. */
    public static SqsFront start(long seed) {
        return new SqsFront(moody(new Random(seed)), true, new CountDownLatch(0));
    }

    /** The same without moods, and connections are kept, as SQS keeps them. Receives bring nothing, though they wait as long as they ask to, until {@link #open()}. */
    public static SqsFront holding() {
        return new SqsFront(_ -> Integer.MAX_VALUE, false, new CountDownLatch(1));
    }

    private SqsFront(Mood mood, boolean hasMoods, CountDownLatch open) {
        this.mood = mood;
        this.hasMoods = hasMoods;
        this.open = open;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /** From now on receives bring what is there, those that wait already included. */
    public void open() {
        open.countDown();
    }

    /** When the message of this id was first handed out; empty if it was not yet. */
    public Optional<Instant> handedOutAt(String messageId) {
        return Optional.ofNullable(handedOut.get(messageId));
    }

    /** When the message of this id was deleted in a batch, as SQS has confirmed; empty if it was not yet. */
    public Optional<Instant> deletedAt(String messageId) {
        return Optional.ofNullable(deleted.get(messageId));
    }

    /** How many messages were handed out, each counted once. */
    public int handedOut() {
        return handedOut.size();
    }

    /** Where it listens, as {@code AWS_ENDPOINT_URL_SQS} wants it; the queue's URL stays what it is. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** From now on it brings so many messages, and then none any more; a receive waits for them all the same. */
    public void bringNoMoreThan(int messages) {
        left.set(messages);
    }

    /** Refuses these from now on for want of the permission of this name, batches included. */
    public void deny(String... permissions) {
        denied.addAll(Set.of(permissions));
    }

    /** Refuses nothing any more for want of a permission. */
    public void allowAll() {
        denied.clear();
    }

    /** How many requests there were for one API action, such as {@code ReceiveMessage}. */
    public int requests(String action) {
        return requests.getOrDefault(action, 0);
    }

    /** All API actions there was a request for. */
    public Set<String> actions() {
        return Set.copyOf(requests.keySet());
    }

    /** How many messages were made visible to everybody at once, as SQS has confirmed. */
    public int released() {
        return released.get();
    }

    /** When the first receive came in. */
    public Instant firstReceiveAt() {
        return requireNonNull(firstReceiveAt.get(), "no receive yet");
    }

    /** When a receive was last answered with a message. */
    public Instant lastMessagesAt() {
        return requireNonNull(lastMessagesAt.get(), "no message yet");
    }

    /** Ends every connection through here. The queues stay. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        upstream.shutdownNow();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (hasMoods) {
                exchange.getResponseHeaders()
                        .set("Connection", "close"); // or a late request may meet one that is closing
            }
            String action = action(exchange);
            requests.merge(action, 1, Integer::sum);
            String permission = permissionFor(action);
            if (denied.contains(permission)) {
                refuse(exchange, permission);
            } else if (action.equals("ReceiveMessage")) {
                receive(exchange, body);
            } else {
                forward(exchange, body);
            }
        } catch (IOException gone) {
            // One of both sides is; the other sees its connection end.
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    /** As SQS does: an action of a batch has no permission of its own, and the whole request is refused. */
    private static void refuse(HttpExchange exchange, String permission) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
        exchange.getResponseHeaders().set("x-amzn-query-error", "AccessDenied;Sender");
        answer(
                exchange,
                403,
                JSON.writeValueAsBytes(Map.of(
                        "__type",
                        "com.amazon.coral.service#AccessDeniedException",
                        "message",
                        "User: arn:aws:sts::123456789012:assumed-role/glidepath/test is not authorized to perform: sqs:"
                                + permission.toLowerCase(Locale.ROOT))));
    }

    static String permissionFor(String action) {
        return action.endsWith("Batch") ? action.substring(0, action.length() - "Batch".length()) : action;
    }

    private void receive(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        firstReceiveAt.compareAndSet(null, Instant.now());
        ObjectNode request = (ObjectNode) JSON.readTree(body);
        int wait = request.path("WaitTimeSeconds").asInt();
        int most = mood.most(wait > 0);
        if (most > 0 && open.await(wait, TimeUnit.SECONDS)) {
            bring(exchange, request, most);
        } else {
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            answer(exchange, 200, "{}".getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Up to so many, those that are asked for, and those that may yet be brought; none is a receive from an empty queue. */
    private void bring(HttpExchange exchange, ObjectNode request, int most) throws IOException, InterruptedException {
        int wanted = Math.min(most, request.path("MaxNumberOfMessages").asInt(1));
        int taken = Math.min(wanted, left.getAndUpdate(some -> Math.max(0, some - wanted)));
        if (taken == 0) {
            request.put("QueueUrl", nothing.url().toString());
        } else {
            request.put("MaxNumberOfMessages", taken);
        }
        int brought = forward(exchange, JSON.writeValueAsBytes(request));
        left.addAndGet(taken - brought);
    }

    private static Mood moody(RandomGenerator random) {
        return waits -> switch (random.nextInt(waits ? 10 : 3)) {
            case 0 -> 0;
            case 1 -> random.nextInt(1, SHORT_BATCH + 1);
            default -> Integer.MAX_VALUE;
        };
    }

    /** @return how many messages the answer brought */
    private int forward(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        TestQueue.endpoint().resolve(exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (FaultProxy.isEndToEnd(name)) {
                values.forEach(value -> request.header(name, value));
            }
        });
        HttpResponse<byte[]> answer = upstream.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        answer.headers().map().forEach((name, values) -> {
            if (FaultProxy.isEndToEnd(name)) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        JsonNode content = JSON.readTree(answer.body());
        note(action(exchange), JSON.readTree(body), content);
        answer(exchange, answer.statusCode(), answer.body());
        return content.path("Messages").size();
    }

    private void note(String action, JsonNode request, JsonNode answer) {
        if (answer.path("Messages").size() > 0) {
            lastMessagesAt.set(Instant.now());
        }
        for (JsonNode message : answer.path("Messages")) {
            handedOut.putIfAbsent(message.path("MessageId").asText(), Instant.now());
            byReceipt.put(
                    message.path("ReceiptHandle").asText(),
                    message.path("MessageId").asText());
        }
        Set<String> done = ids(answer.path("Successful"));
        for (JsonNode entry : request.path("Entries")) {
            if (action.equals("DeleteMessageBatch")
                    && done.contains(entry.path("Id").asText())) {
                Optional.ofNullable(byReceipt.remove(entry.path("ReceiptHandle").asText()))
                        .ifPresent(id -> deleted.putIfAbsent(id, Instant.now()));
            }
            if (entry.path("VisibilityTimeout").asInt(-1) == 0
                    && done.contains(entry.path("Id").asText())) {
                released.incrementAndGet();
            }
        }
    }

    private static Set<String> ids(JsonNode entries) {
        Set<String> ids = new HashSet<>();
        entries.forEach(entry -> ids.add(entry.path("Id").asText()));
        return ids;
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    /** The protocol names it in a header, after the service's name and a dot. */
    static String action(HttpExchange exchange) {
        String target = Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Amz-Target"))
                .orElse("");
        return target.substring(target.indexOf('.') + 1);
    }
}
