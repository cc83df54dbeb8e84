package dev.glidepath.apiserver;

import dev.glidepath.apiserver.ApiServer.TimedOut;
import dev.glidepath.apiserver.ConnectionPool.Stream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** A request under way on its connection, until {@link #end}. */
final class RequestUnderWay {
    private static final Logger LOG = Logger.getLogger(RequestUnderWay.class);

    private final ConnectionPool pool;
    private final Stream stream;
    private final HttpRequest request;
    private final Exchange exchange = new Exchange();
    private final Patience patience;
    private final Set<Body> bodies;
    private final ApiServer.Dated dated;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final long begunAtNanos = System.nanoTime();

    /** How long its answer is waited for. */
    record Patience(long deadlineNanos, Duration whole) {
        TimedOut timedOut(Throwable cause) {
            return new TimedOut(whole.toMillis(), cause);
        }
    }

    /**
     * Nothing is sent yet.
     *
     * @param bodies those that are read now; its own is among them from {@link #begin} on, until it is done with
     */
    RequestUnderWay(
            ConnectionPool pool,
            Stream stream,
            HttpRequest request,
            Patience patience,
            Set<Body> bodies,
            ApiServer.Dated dated) {
        this.pool = pool;
        this.stream = stream;
        this.request = request;
        this.patience = patience;
        this.bodies = bodies;
        this.dated = dated;
    }

    Connection connection() {
        return stream.connection();
    }

    HttpRequest request() {
        return request;
    }

    Exchange exchange() {
        return exchange;
    }

    /** Notes that its body is read. */
    void begin(Body body) {
        bodies.add(body);
    }

    /** Forgets a body that is done with. */
    void end(Body body) {
        bodies.remove(body);
        end();
    }

    /** Gives its stream back; once only, whatever is called. */
    void end() {
        if (ended.compareAndSet(false, true)) {
            connection().end(exchange);
            pool.giveBack(stream);
        }
    }

    /** Takes no more requests on its connection, which is broken. */
    void retire() {
        pool.retire(stream.member());
    }

    /** Waits for the answer, or what can be read of it; ends with a failure. */
    <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> sent) throws IOException, InterruptedException {
        boolean answered = false;
        try {
            long left = patience.deadlineNanos() - System.nanoTime();
            HttpResponse<T> answer = sent.get(Math.max(0, left), TimeUnit.NANOSECONDS);
            exchange.received();
            answered = true;
            reportDate(answer.headers());
            connection().answered(answer);
            if (connection().isReplaced()) {
                retire(); // or each request that comes together with others would open one more
            }
            return answer;
        } catch (TimeoutException slow) {
            connection().givenUp(exchange);
            throw patience.timedOut(slow);
        } catch (ExecutionException broken) {
            throw failed(
                    broken.getCause() instanceof IOException cause
                            ? NotProcessed.reason(cause)
                            : new IOException(broken.getCause()));
        } finally {
            if (!answered) {
                abandon(sent);
            }
        }
    }

    private void reportDate(HttpHeaders headers) {
        Duration took = Duration.ofNanos(System.nanoTime() - begunAtNanos);
        headers.firstValue("Date").ifPresent(date -> {
            try {
                dated.answered(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from), took);
            } catch (DateTimeParseException notADate) {
                LOG.debugf("an answer has a date that is none");
            }
        });
    }

    static IOException unreachable(Throwable broken) {
        return new IOException("the API server cannot be reached: " + broken, broken);
    }

    /** Its connection is not used again, unless it merely had no room. */
    private IOException failed(IOException cause) {
        if (connection().isDead()) {
            return patience.timedOut(cause);
        }
        if (NotProcessed.isMeantBy(cause)) {
            NotProcessed notProcessed = new NotProcessed(cause);
            if (notProcessed.isForLimit()) {
                pool.lowerLimit(stream);
            } else {
                retire();
            }
            return notProcessed;
        }
        retire();
        connection().failToOpen(Optional.of(cause));
        return unreachable(cause);
    }

    /** An answer that comes too late is not read. */
    private <T> void abandon(CompletableFuture<HttpResponse<T>> sent) {
        sent.cancel(true);
        var _ = sent.thenAccept(late -> {
            if (late.body() instanceof InputStream body) {
                closeQuietly(body);
            }
        });
        if (!connection().isOpen()) {
            retire();
            connection().failToOpen(Optional.empty());
        }
        end();
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException alreadyBroken) {
            LOG.tracef(alreadyBroken, "closing an answer that came too late");
        }
    }
}
