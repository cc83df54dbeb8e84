package dev.glidepath.apiserver;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One HTTP/2 connection: a client of the JDK's keeps one. Where the server offers HTTP/1.1 only, the client keeps as many as there
 * are requests. Safe for use by many threads.
 *
 * <p>The first request opens it, and the others wait for its answer: else each of them would make a connection of its own, and
 * the server's limit of streams would not be known yet.
 */
final class Connection {
    /** A probe that is not answered within this time was sent on a dead connection. */
    static final Duration PROBE_TIMEOUT = Duration.ofSeconds(10);

    private static final long NOT_PROBED = Long.MIN_VALUE;

    private final HttpClient client;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch decided = new CountDownLatch(1);
    private final AtomicReference<Optional<IOException>> openFailure = new AtomicReference<>(Optional.empty());
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
    private final AtomicReference<String> firstLabel = new AtomicReference<>("");
    private volatile Protocol protocol = Protocol.UNKNOWN;
    private volatile long heardAtNanos = System.nanoTime();
    private volatile boolean replaced;
    private volatile boolean doubted;
    private volatile boolean dead;

    /** Touched by the pool's probing thread alone. */
    private long probedAtNanos = NOT_PROBED;

    /** What is known of how the server speaks. */
    private enum Protocol {
        UNKNOWN,
        ONE_REQUEST_AT_A_TIME,
        STREAMS
    }

    /** Nothing is sent yet. */
    Connection(HttpClient client) {
        this.client = client;
        if (client.version() == HttpClient.Version.HTTP_1_1) {
            opened(Protocol.ONE_REQUEST_AT_A_TIME);
        }
    }

    /**
     * Waits until requests may be sent: the first one at once, the others when that is answered.
     *
     * @return whether they may be; not when that takes too long, or the first was given up
     * @throws IOException when the connection could not be opened
     */
    boolean awaitOpen(Duration atMost) throws IOException, InterruptedException {
        if (begun.compareAndSet(false, true)) {
            return true;
        }
        if (isOpen()) {
            return true;
        }
        if (!decided.await(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS)) {
            return false;
        }
        Optional<IOException> failure = openFailure.get();
        if (!isOpen() && failure.isPresent()) {
            throw new IOException(failure.get().getMessage(), failure.get());
        }
        return isOpen();
    }

    /** Whether a request was answered. */
    boolean isOpen() {
        return protocol != Protocol.UNKNOWN;
    }

    /** Whether it carries one request at a time, and the client makes more of them as needed. */
    boolean isUnlimited() {
        return protocol == Protocol.ONE_REQUEST_AT_A_TIME;
    }

    /** Ends the wait for its first answer: none comes, for that reason or because it was given up. */
    void failToOpen(Optional<IOException> why) {
        openFailure.compareAndSet(Optional.empty(), why);
        decided.countDown();
    }

    /** Sends a request; the exchange counts as under way until {@link #end}. */
    CompletableFuture<HttpResponse<String>> send(HttpRequest request, Exchange exchange) {
        exchanges.add(exchange);
        return client.sendAsync(request, head -> {
            heard(head.version());
            return new Heard<>(BodySubscribers.ofString(StandardCharsets.UTF_8));
        });
    }

    /** Sends a request whose answer is read as it comes; the exchange counts as under way until {@link #end}. */
    CompletableFuture<HttpResponse<InputStream>> open(HttpRequest request, Exchange exchange) {
        exchanges.add(exchange);
        return client.sendAsync(request, head -> {
            heard(head.version());
            return new Heard<>(BodySubscribers.ofInputStream());
        });
    }

    /** A request on it was given up: where no byte has come since it was sent, the next ones had better go elsewhere. */
    void givenUp(Exchange exchange) {
        if (exchange.isUnheardSince(heardAtNanos)) {
            doubted = true;
        }
    }

    /** Forgets an exchange that is over. */
    void end(Exchange exchange) {
        exchanges.remove(exchange);
    }

    /**
     * Whether a caller waits on it, or has given up, and no byte has come for longer than is usual. Requests that wait on separate
     * connections say nothing about each other.
     */
    boolean isSuspect(long nowNanos) {
        return !isUnlimited() && (doubted || isOverdue(nowNanos));
    }

    private boolean isOverdue(long nowNanos) {
        long heard = heardAtNanos;
        return nowNanos - heard > Exchange.SOON.toNanos()
                && exchanges.stream().anyMatch(exchange -> exchange.isOverdue(nowNanos, heard));
    }

    /**
     * Probes it where it is suspect. To be called again and again, by one thread.
     *
     * @return whether a probe was not answered in time, nor did anything else come
     */
    boolean probe(HttpRequest probe, long nowNanos) {
        if (probedAtNanos == NOT_PROBED) {
            if (isOpen() && isSuspect(nowNanos)) {
                probedAtNanos = nowNanos;
                var _ = client.sendAsync(probe, head -> {
                    heard(head.version());
                    return BodySubscribers.discarding();
                });
            }
            return false;
        }
        if (heardAtNanos - probedAtNanos > 0) {
            probedAtNanos = NOT_PROBED;
            return false;
        }
        return nowNanos - probedAtNanos > PROBE_TIMEOUT.toNanos();
    }

    /** Whether it was closed because it had fallen silent. */
    boolean isDead() {
        return dead;
    }

    /** Closes it, because it has fallen silent: all that is under way on it fails. */
    void closeAsDead() {
        dead = true;
        close();
    }

    /** Closes it: all that is under way on it fails. */
    void close() {
        client.shutdownNow();
    }

    /** Notes by which of the client's connections an answer came. */
    void answered(HttpResponse<?> answer) {
        String label = answer.connectionLabel().orElse("");
        if (!firstLabel.compareAndSet("", label) && !firstLabel.get().equals(label)) {
            replaced = true;
        }
    }

    /** Whether the client has opened another in its place: the server has closed it, or is about to. */
    boolean isReplaced() {
        return replaced && !isUnlimited();
    }

    private void heard() {
        heardAtNanos = System.nanoTime();
        doubted = false;
    }

    private void heard(HttpClient.Version version) {
        heard();
        if (!isOpen()) {
            opened(version == HttpClient.Version.HTTP_2 ? Protocol.STREAMS : Protocol.ONE_REQUEST_AT_A_TIME);
        }
    }

    private void opened(Protocol spoken) {
        protocol = spoken;
        begun.set(true);
        decided.countDown();
    }

    /** Notes when a byte has come, and passes it on. */
    private final class Heard<T> implements BodySubscriber<T> {
        private final BodySubscriber<T> body;

        Heard(BodySubscriber<T> body) {
            this.body = body;
        }

        @Override
        public CompletionStage<T> getBody() {
            return body.getBody();
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            body.onSubscribe(subscription);
        }

        @Override
        public void onNext(List<ByteBuffer> bytes) {
            heard();
            body.onNext(bytes);
        }

        @Override
        public void onError(Throwable broken) {
            body.onError(broken);
        }

        @Override
        public void onComplete() {
            body.onComplete();
        }
    }
}
