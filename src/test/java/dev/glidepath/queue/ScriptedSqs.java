package dev.glidepath.queue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/**
 * Answers receives one after the other as told, and then lets them wait for messages that never come. Answers deletes as told too, and
 * then carries them out. Remembers what was asked.
 */
final class ScriptedSqs implements SqsClient {
    /** The waits receives asked for, in seconds. */
    final List<Integer> waits = new CopyOnWriteArrayList<>();
    /** How long the messages of each receive were to be invisible, in seconds. */
    final List<Integer> invisible = new CopyOnWriteArrayList<>();
    /** How many receives are under way. */
    final AtomicInteger polling = new AtomicInteger();
    /** The visibilities asked for, in seconds. */
    final List<Integer> visibilities = new CopyOnWriteArrayList<>();
    /** The handles of each delete that was asked for. */
    final List<List<String>> deletes = new CopyOnWriteArrayList<>();
    /** How many deletes are under way. */
    final AtomicInteger deleting = new AtomicInteger();

    private final BlockingQueue<Callable<ReceiveMessageResponse>> receives = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Queue<Error> deaths = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<DeleteAnswer> deleteAnswers = new LinkedBlockingQueue<>();

    @FunctionalInterface
    private interface DeleteAnswer {
        DeleteMessageBatchResponse to(DeleteMessageBatchRequest request) throws InterruptedException;
    }

    /** The next receive brings these. */
    void answer(String... bodies) {
        receives.add(() -> response(bodies));
    }

    /** The next receive brings this once the condition holds. */
    void answerOnce(BooleanSupplier condition, String body) {
        receives.add(() -> {
            Instant end = Instant.now().plusSeconds(10);
            while (!condition.getAsBoolean() && Instant.now().isBefore(end)) {
                Thread.sleep(5); // a wait that an interrupt ends, as it does that for a socket
            }
            return response(body);
        });
    }

    /** The next receive brings this, with a handle and a receive count of its own. */
    void answerDelivery(String body, String handle, int receiveCount) {
        receives.add(() -> ReceiveMessageResponse.builder()
                .messages(message(body).toBuilder()
                        .receiptHandle(handle)
                        .attributes(Map.of(
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, Integer.toString(receiveCount)))
                        .build())
                .build());
    }

    /** The next receive brings this, with SQS' own stamp. */
    void answerSent(String body, Instant sentAt) {
        receives.add(() -> ReceiveMessageResponse.builder()
                .messages(message(body).toBuilder()
                        .attributes(
                                Map.of(MessageSystemAttributeName.SENT_TIMESTAMP, Long.toString(sentAt.toEpochMilli())))
                        .build())
                .build());
    }

    void fail(SdkException failure) {
        receives.add(() -> {
            throw failure;
        });
    }

    /** The time of all long polls is over: they bring nothing. */
    void endLongPolls() {
        ended.countDown();
    }

    /** The next change of visibility does not even fail. */
    void dieAtVisibility(Error death) {
        deaths.add(death);
    }

    /** The next delete fails. */
    void failDelete(SdkException failure) {
        deleteAnswers.add(request -> {
            throw failure;
        });
    }

    /** The next delete leaves its first messages, so many, with a fault of SQS' own as the answer. */
    void refuseDeletes(int entries) {
        deleteAnswers.add(request -> DeleteMessageBatchResponse.builder()
                .failed(request.entries().stream()
                        .limit(entries)
                        .map(entry -> BatchResultErrorEntry.builder()
                                .id(entry.id())
                                .code("InternalError")
                                .build())
                        .toList())
                .build());
    }

    /** The next delete is not answered until the latch is open. */
    void holdDelete(CountDownLatch until) {
        deleteAnswers.add(request -> {
            until.await();
            return DeleteMessageBatchResponse.builder().build();
        });
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        polling.incrementAndGet();
        waits.add(request.waitTimeSeconds());
        invisible.add(request.visibilityTimeout());
        Callable<ReceiveMessageResponse> next = receives.poll();
        try {
            return next == null ? atTheEnd() : next.call();
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
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        deleting.incrementAndGet();
        deletes.add(request.entries().stream()
                .map(DeleteMessageBatchRequestEntry::receiptHandle)
                .toList());
        DeleteAnswer next = deleteAnswers.poll();
        try {
            return next == null ? DeleteMessageBatchResponse.builder().build() : next.to(request);
        } catch (InterruptedException interrupted) {
            throw AbortedException.create("interrupted", interrupted);
        } finally {
            deleting.decrementAndGet();
        }
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        Error death = deaths.poll();
        if (death != null) {
            throw death;
        }
        request.entries().forEach(entry -> visibilities.add(entry.visibilityTimeout()));
        return ChangeMessageVisibilityBatchResponse.builder().build();
    }

    @Override
    public String serviceName() {
        return "sqs";
    }

    @Override
    public void close() {}

    private static ReceiveMessageResponse response(String... bodies) {
        return ReceiveMessageResponse.builder()
                .messages(List.of(bodies).stream().map(ScriptedSqs::message).toList())
                .build();
    }

    private static Message message(String body) {
        return Message.builder()
                .messageId("id of " + body)
                .receiptHandle("handle of " + body)
                .body(body)
                .build();
    }

    private ReceiveMessageResponse atTheEnd() throws InterruptedException {
        ended.await();
        return response();
    }
}
