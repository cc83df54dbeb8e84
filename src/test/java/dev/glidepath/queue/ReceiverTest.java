package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.queue.Receiver.State;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

class ReceiverTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final Instant NOW = Instant.parse("2026-08-24T11:00:00Z");

    private final ScriptedSqs sqs = new ScriptedSqs();
    private final MessageQueue queue =
            new MessageQueue(sqs, URI.create("https://sqs.eu-west-1.amazonaws.com/1/q"), InstantSource.fixed(NOW));
    private final List<Duration> backoffs = new CopyOnWriteArrayList<>();
    private final List<QueueException> failures = new CopyOnWriteArrayList<>();
    private final List<String> handled = new CopyOnWriteArrayList<>();
    /** A permit lets the keeper do one round. */
    private final BlockingQueue<String> rounds = new LinkedBlockingQueue<>();

    private final Receiver receiver =
            new Receiver(queue, InstantSource.fixed(NOW), new Random(1), this::sleep, failures::add);

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void handsOnWhatItReceives() {
        sqs.answer("a", "b");
        sqs.answer("c");

        receiver.start(this::handle);

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("a", "b", "c"));
        assertThat(receiver.state()).isEqualTo(new State.Polling(NOW));
        assertThat(receiver.lastPollAt()).contains(NOW);
    }

    @Test
    void asksFirstWithoutWaiting() {
        sqs.answer();
        sqs.answer("a");

        receiver.start(this::handle);

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("a"));
        assertThat(sqs.waits.subList(0, 2)).containsExactly(0, 20);
    }

    @Test
    void backsOffFromFailuresAndRecovers() {
        for (int i = 0; i < 10; i++) {
            sqs.fail(SdkClientException.create("Connection refused"));
        }
        sqs.answer("after all");

        receiver.start(this::handle);

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("after all"));
        assertThat(backoffs)
                .hasSize(10)
                .allSatisfy(wait ->
                        assertThat(wait).isBetween(Receiver.FIRST_BACKOFF.dividedBy(2), Receiver.LONGEST_BACKOFF));
        assertThat(backoffs.getLast()).isGreaterThanOrEqualTo(Receiver.LONGEST_BACKOFF.dividedBy(2));
        assertThat(failures)
                .hasSize(10)
                .allSatisfy(failure -> assertThat(failure.category()).isEqualTo(Category.UNREACHABLE));
        assertThat(receiver.state()).isInstanceOf(State.Polling.class);
    }

    @Test
    void showsTroubleWithItsRemedy() {
        sqs.fail(SqsException.builder()
                .statusCode(403)
                .awsErrorDetails(
                        AwsErrorDetails.builder().errorCode("AccessDenied").build())
                .build());

        receiver.start(this::handle);

        await().atMost(BOUND)
                .untilAsserted(() -> assertThat(receiver.state())
                        .isInstanceOfSatisfying(State.Troubled.class, state -> {
                            assertThat(state.since()).isEqualTo(NOW);
                            assertThat(state.category()).isEqualTo(Category.DENIED);
                            assertThat(state.why()).contains("sqs:ReceiveMessage");
                        }));
    }

    @Test
    void aHandlerThatThrowsDoesNotEndIt() {
        sqs.answer("bad");
        sqs.answer("good");

        receiver.start(messages -> {
            if (messages.getFirst().body().equals("bad")) {
                throw new StackOverflowError("on purpose");
            }
            handle(messages);
        });

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("good"));
        assertThat(queue.held()).as("the bad one is left to be delivered again").isEqualTo(1);
    }

    @Test
    void stopEndsALongPoll() {
        sqs.answer();
        receiver.start(this::handle);
        await().atMost(BOUND).until(() -> sqs.waits.size() == 2);

        receiver.stop();

        assertThat(sqs.polling.get()).as("receives under way").isZero();
        assertThat(receiver.state()).isEqualTo(new State.Stopped());
    }

    @Test
    void stopLetsAHandlerEnd() throws InterruptedException {
        sqs.answer("slow");
        sqs.answer("never asked for");
        var inHandler = new CountDownLatch(1);
        var finish = new CountDownLatch(1);
        receiver.start(messages -> {
            inHandler.countDown();
            try {
                finish.await();
                handle(messages);
            } catch (InterruptedException interrupted) {
                throw new AssertionError("a handler is never interrupted", interrupted);
            }
        });
        inHandler.await();
        Thread stopping = Thread.startVirtualThread(receiver::stop);
        await().atMost(BOUND).until(() -> receiver.state() instanceof State.Stopped);

        finish.countDown();

        assertThat(stopping.join(BOUND)).isTrue();
        assertThat(handled).containsExactly("slow");
        assertThat(sqs.waits).hasSize(1);
    }

    @Test
    void givesBackWhatCameWhileItStopped() throws InterruptedException {
        var inReceive = new CountDownLatch(1);
        sqs.answerWhenInterrupted(inReceive, "late");
        receiver.start(this::handle);
        inReceive.await();

        receiver.stop();

        assertThat(handled).isEmpty();
        assertThat(queue.held()).isZero();
        assertThat(sqs.visibilities).containsExactly(0);
    }

    @Test
    void keepsMessagesInvisibleUntilClosedNotOnlyUntilStopped() {
        sqs.answer("a", "b");
        receiver.start(this::handle);
        await().atMost(BOUND).until(() -> handled.size() == 2);

        rounds.add("one");
        await().atMost(BOUND).until(() -> sqs.visibilities.size() == 2);
        receiver.stop();
        rounds.add("another");
        await().atMost(BOUND).until(() -> sqs.visibilities.size() == 4);

        assertThat(sqs.visibilities).containsOnly(30);
    }

    private void handle(List<Message> messages) {
        messages.forEach(message -> handled.add(message.body()));
    }

    private void sleep(Duration time) throws InterruptedException {
        if (time.equals(Receiver.KEEP_EVERY)) {
            rounds.take();
        } else {
            backoffs.add(time);
        }
    }

    private static ReceiveMessageResponse response(String... bodies) {
        return ReceiveMessageResponse.builder()
                .messages(List.of(bodies).stream()
                        .map(body -> software.amazon.awssdk.services.sqs.model.Message.builder()
                                .messageId("id of " + body)
                                .receiptHandle("handle of " + body)
                                .body(body)
                                .build())
                        .toList())
                .build();
    }

    /** Answers receives one after the other as told, and then waits for messages that never come. */
    private static final class ScriptedSqs implements SqsClient {
        private final BlockingQueue<Callable<ReceiveMessageResponse>> script = new LinkedBlockingQueue<>();
        private final AtomicInteger polling = new AtomicInteger();
        private final List<Integer> waits = new CopyOnWriteArrayList<>();
        private final List<Integer> visibilities = new CopyOnWriteArrayList<>();

        void answer(String... bodies) {
            script.add(() -> response(bodies));
        }

        void fail(SdkException failure) {
            script.add(() -> {
                throw failure;
            });
        }

        void answerWhenInterrupted(CountDownLatch asked, String body) {
            script.add(() -> {
                asked.countDown();
                try {
                    return forever();
                } catch (InterruptedException interrupted) {
                    return response(body);
                }
            });
        }

        @Override
        public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
            polling.incrementAndGet();
            waits.add(request.waitTimeSeconds());
            Callable<ReceiveMessageResponse> next = script.poll();
            try {
                return next == null ? forever() : next.call();
            } catch (InterruptedException interrupted) {
                throw AbortedException.create("interrupted", interrupted);
            } catch (RuntimeException failure) {
                throw failure;
            } catch (Exception impossible) {
                throw new AssertionError(impossible);
            } finally {
                polling.decrementAndGet();
            }
        }

        @Override
        public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
                ChangeMessageVisibilityBatchRequest request) {
            request.entries().forEach(entry -> visibilities.add(entry.visibilityTimeout()));
            return ChangeMessageVisibilityBatchResponse.builder().build();
        }

        @Override
        public String serviceName() {
            return "sqs";
        }

        @Override
        public void close() {}

        private static ReceiveMessageResponse forever() throws InterruptedException {
            new CountDownLatch(1).await();
            throw new AssertionError("nobody counts down");
        }
    }
}
