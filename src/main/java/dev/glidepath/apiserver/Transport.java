package dev.glidepath.apiserver;

import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.apiserver.ApiServer.Refused;
import dev.glidepath.apiserver.ApiServer.TimedOut;
import dev.glidepath.apiserver.ConnectionPool.Stream;
import dev.glidepath.apiserver.ConnectionSettings.Header;
import dev.glidepath.apiserver.RequestUnderWay.Patience;
import dev.glidepath.thread.LastingThread;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Sends requests over a few HTTP/2 connections, those of watches apart from the others, and notices when one has fallen silent. A
 * request is sent once; only what the server is known not to have processed is sent again.
 *
 * <p>Safe for use by many threads. It needs no closing: connections that nobody uses are closed, and so is its thread.
 */
final class Transport {
    private static final Logger LOG = Logger.getLogger(Transport.class);

    /** A refusal is a Status, far shorter than this. */
    private static final int LONGEST_REFUSAL = 65_536;

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private static final int UNAUTHORIZED = 401;
    private static final int MOST_CONNECTIONS_FOR_REQUESTS = 16;
    private static final int MOST_CONNECTIONS_FOR_WATCHES = 64;

    /** Connections that refuse a request as not processed; a server that goes on like this is not available. */
    private static final int MOST_REFUSALS = 3;

    /** How often connections, and streams that are read, are looked at. */
    private static final Duration TICK = Duration.ofMillis(500);

    private static final String PROBE = "/version";

    private final String url;
    private final Credentials credentials;
    private final String userAgent;
    private final Optional<String> proxyAuthorization;
    private final List<Header> headers;
    private final ConnectionPool forRequests;
    private final ConnectionPool forWatches;
    private final Set<Body> bodies = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean lookedAfter = new AtomicBoolean();
    private volatile ApiServer.Dated dated = (_, _) -> {};

    /** A request; the body may be empty. */
    record Call(String method, String path, String accept, String contentType, String body) {
        private static final String JSON = "application/json";

        static Call get(String path) {
            return get(path, JSON);
        }

        /** @param accept the media types in which it may be answered */
        static Call get(String path, String accept) {
            return new Call("GET", path, accept, "", "");
        }

        static Call of(String method, String path, String contentType, String body) {
            return new Call(method, path, JSON, contentType, body);
        }
    }

    /** How a body is read: nothing may come for as long as {@code usual} where all is well, and reading fails after {@code most}. */
    record Silence(Duration usual, Duration most) {}

    /** Nothing is sent yet. */
    Transport(Config config, String url) {
        ConnectionSettings.setProperties();
        this.url = url;
        this.credentials = new Credentials(config);
        this.userAgent = config.getUserAgent();
        this.headers = ConnectionSettings.headers(config);
        this.proxyAuthorization = ConnectionSettings.proxyAuthorization(config);
        ConnectionPool.Opener opener = () -> ConnectionSettings.newClient(credentials.config());
        this.forRequests = new ConnectionPool(opener, MOST_CONNECTIONS_FOR_REQUESTS);
        this.forWatches = new ConnectionPool(opener, MOST_CONNECTIONS_FOR_WATCHES);
    }

    void onDate(ApiServer.Dated listener) {
        dated = listener;
    }

    /**
     * Sends a request and reads its answer.
     *
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    Answer send(Call call, Duration timeout) throws IOException, InterruptedException {
        return exchange(forRequests, call, timeout, under -> {
            HttpResponse<String> answer = under.await(under.connection().send(under.request(), under.exchange()));
            under.end();
            return new Answered<>(
                    answer.statusCode(), new Answer(answer.statusCode(), answer.body(), retryAfter(answer)));
        });
    }

    /**
     * Reads a list as it comes in.
     *
     * @return to be closed by the caller
     * @throws Refused when another answer came than 200
     * @throws IOException when none came
     */
    Body list(Call call, Duration timeout) throws IOException, InterruptedException {
        return read(forRequests, call, timeout, new Silence(Exchange.SOON, timeout));
    }

    /**
     * Reads a watch as it comes in.
     *
     * @param silence after which a read fails
     * @return to be closed by the caller
     * @throws Refused when another answer came than 200
     * @throws IOException when none came
     */
    Body watch(Call call, Duration timeout, Duration silence) throws IOException, InterruptedException {
        return read(forWatches, call, timeout, new Silence(Exchange.NOW_AND_THEN, silence));
    }

    private Body read(ConnectionPool pool, Call call, Duration timeout, Silence silence)
            throws IOException, InterruptedException {
        return exchange(pool, call, timeout, under -> {
            HttpResponse<InputStream> answer = under.await(under.connection().open(under.request(), under.exchange()));
            String mediaType = answer.headers().firstValue("Content-Type").orElse("");
            Body body = new Body(answer.body(), mediaType, under, silence);
            if (answer.statusCode() == 200) {
                return new Answered<>(200, body);
            }
            try (body) {
                var _ = body.readNBytes(LONGEST_REFUSAL);
            }
            if (answer.statusCode() == UNAUTHORIZED) {
                return new Answered<>(UNAUTHORIZED, body);
            }
            throw new Refused(answer.statusCode(), retryAfter(answer));
        });
    }

    /** The API server says it in seconds. A date, as some proxy may, or nonsense counts as nothing said. */
    private static Duration retryAfter(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("Retry-After")
                .filter(value -> SECONDS.matcher(value).matches())
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .map(wanted ->
                        wanted.compareTo(ApiServer.LONGEST_RETRY_AFTER) < 0 ? wanted : ApiServer.LONGEST_RETRY_AFTER)
                .orElse(Duration.ZERO);
    }

    /** The code of an answer, and what is read of it. */
    private record Answered<T>(int code, T value) {}

    @FunctionalInterface
    private interface Reading<T> {
        Answered<T> read(RequestUnderWay underWay) throws IOException, InterruptedException;
    }

    /** Sends a request; once more with other credentials, if those were refused and there are others by now. */
    private <T> T exchange(ConnectionPool pool, Call call, Duration timeout, Reading<T> reading)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        credentials.renewInTime();
        Optional<String> authorization = credentials.authorization();
        Answered<T> answer = trySend(pool, call, authorization, new Patience(deadline, timeout), reading);
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        if (answer.code() == UNAUTHORIZED && credentials.renewAfter(authorization, left)) {
            answer = trySend(pool, call, credentials.authorization(), new Patience(deadline, timeout), reading);
        }
        if (answer.code() == UNAUTHORIZED && answer.value() instanceof Body) {
            throw new Refused(UNAUTHORIZED, Duration.ZERO);
        }
        return answer.value();
    }

    /** Sends a request on a connection that takes it: what one has not processed may be sent on another. */
    private <T> Answered<T> trySend(
            ConnectionPool pool, Call call, Optional<String> authorization, Patience patience, Reading<T> reading)
            throws IOException, InterruptedException {
        HttpRequest request = request(call, authorization);
        for (int notProcessed = 0; ; ) {
            RequestUnderWay underWay = begin(pool, request, patience);
            try {
                Answered<T> answer = reading.read(underWay);
                if (answer.code() == UNAUTHORIZED && authorization.isEmpty()) {
                    underWay.retire(); // it was shown a client certificate, and there may be another by now
                }
                return answer;
            } catch (NotProcessed refused) {
                if (!refused.isForLimit() && ++notProcessed == MOST_REFUSALS) {
                    throw refused;
                }
                LOG.debugf("a request is sent on another connection: %s", refused.getMessage());
            }
        }
    }

    private RequestUnderWay begin(ConnectionPool pool, HttpRequest request, Patience patience)
            throws IOException, InterruptedException {
        try {
            Stream stream = pool.take(patience.deadlineNanos())
                    .orElseThrow(() -> patience.timedOut(new TimeoutException("no connection has room")));
            lookAfterConnections();
            return new RequestUnderWay(
                    pool, stream, request, patience, bodies, (date, took) -> dated.answered(date, took));
        } catch (TimedOut slow) {
            throw slow;
        } catch (IOException broken) {
            throw RequestUnderWay.unreachable(broken);
        }
    }

    private HttpRequest request(Call call, Optional<String> authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + call.path()))
                .method(
                        call.method(),
                        call.body().isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(call.body()))
                .setHeader("Accept", call.accept())
                .setHeader("User-Agent", userAgent);
        if (!call.contentType().isEmpty()) {
            request.setHeader("Content-Type", call.contentType());
        }
        headers.forEach(header -> request.header(header.name(), header.value()));
        authorization.ifPresent(value -> request.setHeader("Authorization", value));
        proxyAuthorization.ifPresent(value -> request.setHeader("Proxy-Authorization", value));
        return request.build();
    }

    /** Begins to look after the connections, unless that has begun. */
    private void lookAfterConnections() {
        if (!lookedAfter.get() && lookedAfter.compareAndSet(false, true)) {
            new LastingThread("connections to the API server", this::lookAfterOnce).start();
        }
    }

    private boolean lookAfterOnce() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(TICK.toNanos());
        HttpRequest probe = request(Call.get(PROBE), credentials.authorization());
        forRequests.lookAfter(probe);
        forWatches.lookAfter(probe);
        long now = System.nanoTime();
        bodies.forEach(body -> body.closeIfSilent(now));
        if (forRequests.isEmpty() && forWatches.isEmpty()) {
            lookedAfter.set(false);
            // A connection added in between found that it was looked after; one added from now on begins this again.
            return !(forRequests.isEmpty() && forWatches.isEmpty()) && lookedAfter.compareAndSet(false, true);
        }
        return true;
    }
}
