package dev.glidepath.apiserver;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.apiserver.ApiServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many requests share a few HTTP/2 connections, and each gets its own outcome, whatever becomes of a stream or a connection. */
class MultiplexingTest {
    private static final int MANY = 200;
    private static final int INTERNAL_ERROR = 2;

    private final Http2Server server = new Http2Server();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        threads.shutdownNow();
        server.close();
    }

    @Test
    void manyRequestsShareAFewConnections() throws Exception {
        server.answering(MultiplexingTest::slow).start();

        Map<String, Optional<Answer>> outcomes =
                postMany(new ApiServer(server.config().build()));

        outcomes.forEach((path, outcome) -> assertThat(outcome).contains(new Answer(200, path)));
        assertThat(server.paths()).containsExactlyInAnyOrderElementsOf(outcomes.keySet());
        assertThat(server.requests()).extracting(RecordedRequest::getVersion).containsOnly("HTTP/2");
        assertThat(server.connections()).isLessThanOrEqualTo(4);
    }

    /** Else it would hand everything over to other threads, for twice the price. */
    @Test
    void threadThatReadsIsCalledAsWeThink() throws InterruptedException {
        server.answering(MultiplexingTest::slow).start();

        assertThat(post(new ApiServer(server.config().build()), "/one")).isPresent();

        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .anyMatch(name -> name.endsWith(ConnectionSettings.READING_THREAD));
    }

    @Test
    void speaksTheOlderProtocolWhereTheServerOffersNoOther() throws Exception {
        server.server().setProtocols(List.of(Protocol.HTTP_1_1));
        server.start();

        Map<String, Optional<Answer>> outcomes =
                postMany(new ApiServer(server.config().build()));

        outcomes.forEach((path, outcome) -> assertThat(outcome).contains(new Answer(200, path)));
        assertThat(server.paths()).containsExactlyInAnyOrderElementsOf(outcomes.keySet());
        assertThat(server.requests()).extracting(RecordedRequest::getVersion).containsOnly("HTTP/1.1");
    }

    @Test
    void watchesThatNobodyReadsHoldUpNoRequest() throws Exception {
        String megabyte = "x".repeat(1 << 20);
        server.answering(request -> request.getTarget().startsWith("/watch")
                        ? Http2Server.answer(200, megabyte).build()
                        : slow(request))
                .start();
        ApiServer apiServer = new ApiServer(server.config().build());
        List<InputStream> unread = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            unread.add(apiServer.watch("/watch/" + i));
        }

        Map<String, Optional<Answer>> outcomes = postMany(apiServer);
        try (InputStream another = apiServer.watch("/watch/another")) {
            assertThat(another.readAllBytes()).hasSize(megabyte.length());
        }

        outcomes.forEach((path, outcome) -> assertThat(outcome).contains(new Answer(200, path)));
        for (InputStream watch : unread) {
            watch.close();
        }
    }

    @Test
    void streamThatIsResetFailsAloneAndIsNotSentAgain() throws Exception {
        server.answering(request ->
                        endsWithSeven(request) ? broken(new SocketEffect.CloseStream(INTERNAL_ERROR)) : slow(request))
                .start();

        Map<String, Optional<Answer>> outcomes =
                postMany(new ApiServer(server.config().build()));

        outcomes.forEach((path, outcome) -> assertThat(outcome)
                .as(path)
                .isEqualTo(path.endsWith("7") ? Optional.empty() : Optional.of(new Answer(200, path))));
        assertThat(server.paths()).containsExactlyInAnyOrderElementsOf(outcomes.keySet());
    }

    @Test
    void firstStreamThatIsResetFailsAlone() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        server.answering(request -> {
                    if (!request.getTarget().equals("/first")) {
                        return slow(request);
                    }
                    arrived.countDown();
                    pause(Duration.ofMillis(500)); // the others wait meanwhile for the connection to be open
                    return broken(new SocketEffect.CloseStream(INTERNAL_ERROR));
                })
                .start();
        ApiServer apiServer = new ApiServer(server.config().build());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Optional<Answer>> first = threads.submit(() -> post(apiServer, "/first"));
            assertThat(arrived.await(1, TimeUnit.MINUTES)).isTrue();

            Map<String, Optional<Answer>> outcomes = postMany(apiServer);

            assertThat(first.get()).isEmpty();
            outcomes.forEach((path, outcome) -> assertThat(outcome).as(path).contains(new Answer(200, path)));
        }
    }

    private static void pause(Duration length) {
        try {
            Thread.sleep(length);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void streamThatTheServerRefusedToProcessIsSentAgain() throws Exception {
        AtomicInteger streams = new AtomicInteger();
        server.answering(MultiplexingTest::slow)
                .refusing(() -> streams.incrementAndGet() % 51 == 0)
                .start();

        Map<String, Optional<Answer>> outcomes =
                postMany(new ApiServer(server.config().build()));

        outcomes.forEach((path, outcome) -> assertThat(outcome).contains(new Answer(200, path)));
        assertThat(server.refused()).isPositive();
        assertThat(timesSent().values()).containsOnly(1L);
    }

    @Test
    void serverThatRefusesForeverIsAFailure() throws Exception {
        server.refusing(() -> true).start();

        assertThat(post(new ApiServer(server.config().build()), "/refused")).isEmpty();

        assertThat(server.refused()).isEqualTo(3);
        assertThat(server.paths()).isEmpty();
    }

    @Test
    void connectionThatIsClosedLosesNothingAndSendsNothingTwice() throws Exception {
        AtomicInteger count = new AtomicInteger();
        server.answering(request ->
                        count.incrementAndGet() == MANY / 2 ? broken(new SocketEffect.CloseSocket()) : slow(request))
                .start();
        ApiServer apiServer = new ApiServer(server.config().build());

        Map<String, Optional<Answer>> outcomes = postMany(apiServer);

        assertThat(outcomes).hasSize(MANY);
        outcomes.forEach((path, outcome) ->
                outcome.ifPresent(answer -> assertThat(answer).isEqualTo(new Answer(200, path))));
        assertThat(outcomes.values()).contains(Optional.empty());
        assertThat(timesSent().values()).containsOnly(1L);
        assertThat(post(apiServer, "/later")).contains(new Answer(200, "/later"));
    }

    @Test
    void serverThatGoesAwayLosesNothingAndProcessesNothingTwice() throws Exception {
        AtomicInteger count = new AtomicInteger();
        server.answering(request -> count.incrementAndGet() % 50 == 0
                        ? Http2Server.answer(200, request.getTarget())
                                .onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE)
                                .build()
                        : slow(request))
                .start();

        Map<String, Optional<Answer>> outcomes =
                postMany(new ApiServer(server.config().build()));

        outcomes.forEach((path, outcome) ->
                outcome.ifPresent(answer -> assertThat(answer).isEqualTo(new Answer(200, path))));
        assertThat(outcomes).hasSize(MANY);
        assertThat(timesSent().values()).containsOnly(1L);
    }

    private Map<String, Long> timesSent() {
        return server.paths().stream().collect(groupingBy(path -> path, counting()));
    }

    /** Each with its answer; without one, where it failed. */
    private Map<String, Optional<Answer>> postMany(ApiServer apiServer) throws Exception {
        return postMany(apiServer, MANY);
    }

    private Map<String, Optional<Answer>> postMany(ApiServer apiServer, int count) throws Exception {
        Map<String, Future<Optional<Answer>>> sent = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String path = "/pods/" + i;
            sent.put(path, threads.submit(() -> post(apiServer, path)));
        }
        Map<String, Optional<Answer>> outcomes = new LinkedHashMap<>();
        for (Map.Entry<String, Future<Optional<Answer>>> each : sent.entrySet()) {
            outcomes.put(each.getKey(), each.getValue().get(60, SECONDS));
        }
        return outcomes;
    }

    private static Optional<Answer> post(ApiServer apiServer, String path) throws InterruptedException {
        try {
            return Optional.of(apiServer.post(path, "{}"));
        } catch (IOException failed) {
            return Optional.empty();
        }
    }

    private static boolean endsWithSeven(RecordedRequest request) {
        return request.getTarget().endsWith("7");
    }

    /** In the midst of the answer's body. */
    private static MockResponse broken(SocketEffect how) {
        return Http2Server.answer(200, "half an answer").onResponseBody(how).build();
    }

    /** So that many of them are under way at once. */
    private static MockResponse slow(RecordedRequest request) {
        return Http2Server.answer(200, request.getTarget())
                .headersDelay(200, MILLISECONDS)
                .build();
    }
}
