package dev.glidepath.lab;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every request the API server answered, by whomever: one line each, a watch counted when it begins. Made to count calls:
 *
 * <pre>{@code
 *   var mark = audit.mark();
 *   // … what is to be counted …
 *   audit.since(mark).stream().filter(by("system:serviceaccount:glidepath:glidepath")).filter(to("create", "pods/eviction")).count()
 * }</pre>
 *
 * A line may land a moment after its answer; {@link #mark()} and {@link #since} both wait for the stragglers first. May be called from any thread.
 */
public final class AuditLog {
    private static final String MARKER = "/version?marker=";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration STRAGGLERS = Duration.ofMinutes(1);

    private final Path file;
    private final KubernetesClient client;

    AuditLog(Path file, KubernetesClient client) {
        this.file = file;
        this.client = client;
    }

    /**
     * One answered request. What does not apply to it is an empty text.
     *
     * @param user as authenticated, such as {@code system:serviceaccount:NAMESPACE:NAME}
     * @param verb of Kubernetes: get, list, watch, create, update, patch, delete, deletecollection
     * @param resource in plural
     * @param subresource such as {@code eviction} or {@code status}
     * @param code the answer's HTTP status
     * @param at when the request came in, by the API server's clock
     * @param answeredAt when the answer was complete, by the same clock; of a watch, when it began
     * @param uri path and query
     * @param decision of RBAC: allow or forbid
     * @param body what was sent, for the few requests that {@code lab/audit-policy.yaml} keeps it of
     */
    public record Request(
            String user,
            String verb,
            String resource,
            String subresource,
            String namespace,
            String name,
            int code,
            Instant at,
            Instant answeredAt,
            String uri,
            String decision,
            JsonNode body) {

        private static Request of(JsonNode line) {
            var object = line.path("objectRef");
            return new Request(
                    line.path("user").path("username").asText(),
                    line.path("verb").asText(),
                    object.path("resource").asText(),
                    object.path("subresource").asText(),
                    object.path("namespace").asText(),
                    object.path("name").asText(),
                    line.path("responseStatus").path("code").asInt(),
                    Instant.parse(line.path("requestReceivedTimestamp").asText()),
                    Instant.parse(line.path("stageTimestamp").asText()),
                    line.path("requestURI").asText(),
                    line.path("annotations")
                            .path("authorization.k8s.io/decision")
                            .asText(),
                    line.path("requestObject"));
        }
    }

    /** A point in time, to be given to {@link #since}. */
    public record Mark(long position) {}

    /** Requests of that user. */
    public static Predicate<Request> by(String user) {
        return request -> request.user().equals(user);
    }

    /** Requests with that verb to that resource; a subresource is written {@code pods/eviction}. */
    public static Predicate<Request> to(String verb, String resource) {
        return request -> request.verb().equals(verb)
                && resource.equals(
                        request.subresource().isEmpty()
                                ? request.resource()
                                : request.resource() + "/" + request.subresource());
    }

    /** The user name of a ServiceAccount. */
    public static String serviceAccount(String namespace, String name) {
        return "system:serviceaccount:" + namespace + ":" + name;
    }

    /** Now: after every request that was answered before this call. */
    public Mark mark() {
        settle();
        return new Mark(size());
    }

    /** What was answered between the mark and this call, in the order of the answers. */
    public List<Request> since(Mark mark) {
        settle();
        return linesFrom(mark.position())
                .map(AuditLog::parse)
                .map(Request::of)
                .filter(request -> !request.uri().startsWith(MARKER))
                .toList();
    }

    /** What a log's file says that user has asked for, each kind of request once: whatever is kept of it tells them apart. */
    public static <T> Set<T> allOf(Path file, String user, Function<Request, T> kept) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(user))
                    .map(AuditLog::parse)
                    .map(Request::of)
                    .filter(by(user))
                    .map(kept)
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * Waits until the lines of all requests answered so far have landed, at most a minute: a request of our own, sent after them, is awaited.
     *
     * @throws org.awaitility.core.ConditionTimeoutException when the API server writes no lines
     */
    public void settle() {
        var from = size();
        var marker = MARKER + UUID.randomUUID();
        client.raw(marker);
        await().atMost(STRAGGLERS)
                .pollDelay(Duration.ZERO)
                .pollInterval(5, MILLISECONDS)
                .until(() -> linesFrom(from).anyMatch(line -> line.contains(marker)));
    }

    Path file() {
        return file;
    }

    private long size() {
        return Files.exists(file) ? file.toFile().length() : 0;
    }

    /** Whole lines only; the last one may still be being written. */
    private Stream<String> linesFrom(long position) {
        try (var channel = FileChannel.open(file)) {
            var bytes = ByteBuffer.allocate(Math.toIntExact(channel.size() - position));
            channel.position(position);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            var text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            return text.substring(0, text.lastIndexOf('\n') + 1).lines();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException("not an audit line: " + line, e);
        }
    }
}
