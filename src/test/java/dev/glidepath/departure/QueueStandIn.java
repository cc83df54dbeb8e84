package dev.glidepath.departure;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.Collectors;
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
 * A queue in memory. It delivers what is visible, with a new handle each time, and remembers what became of each message. A handle of
 * an earlier delivery deletes and releases nothing.
 */
public final class QueueStandIn implements SqsClient {
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<String> deleted = new ArrayList<>();
    private final List<String> released = new ArrayList<>();
    private final Queue<Function<DeleteMessageBatchRequest, DeleteMessageBatchResponse>> deletes =
            new ConcurrentLinkedQueue<>();

    private static final class Entry {
        private final String body;
        private int deliveries;
        private boolean isVisible = true;

        Entry(String body) {
            this.body = body;
        }
    }

    /** A message comes in. */
    public synchronized void send(String id, String body) {
        entries.put(id, new Entry(body));
    }

    /** The time for which others do not see it is over. */
    public synchronized void showAgain(String id) {
        entry(id).orElseThrow().isVisible = true;
    }

    /** What was deleted, in that order. */
    public synchronized List<String> deleted() {
        return List.copyOf(deleted);
    }

    /** The handles by which messages were made visible at once, in that order. */
    public synchronized List<String> released() {
        return List.copyOf(released);
    }

    /** What is neither deleted nor visible. */
    public synchronized Set<String> inFlight() {
        return entries.entrySet().stream()
                .filter(entry -> !entry.getValue().isVisible)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The next delete fails. */
    public void failDelete(RuntimeException failure) {
        deletes.add(_ -> {
            throw failure;
        });
    }

    /** The next delete does not even fail. */
    public void dieAtDelete() {
        deletes.add(_ -> {
            throw new StackOverflowError("on purpose");
        });
    }

    /** The next delete leaves all its messages, for a fault of the queue's own. */
    public void refuseDelete() {
        deletes.add(request -> DeleteMessageBatchResponse.builder()
                .failed(request.entries().stream()
                        .map(entry -> BatchResultErrorEntry.builder()
                                .id(entry.id())
                                .code("InternalError")
                                .build())
                        .toList())
                .build());
    }

    @Override
    public synchronized ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        List<Message> delivered = entries.entrySet().stream()
                .filter(entry -> entry.getValue().isVisible)
                .limit(request.maxNumberOfMessages())
                .map(entry -> deliver(entry.getKey(), entry.getValue()))
                .toList();
        return ReceiveMessageResponse.builder().messages(delivered).build();
    }

    private static Message deliver(String id, Entry entry) {
        entry.deliveries++;
        entry.isVisible = false;
        return Message.builder()
                .messageId(id)
                .receiptHandle(handle(id, entry.deliveries))
                .body(entry.body)
                .attributes(Map.of(
                        MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                        Integer.toString(entry.deliveries),
                        MessageSystemAttributeName.SENT_TIMESTAMP,
                        Long.toString(Instant.now().toEpochMilli())))
                .build();
    }

    /** Of that delivery of that message. */
    public static String handle(String id, int delivery) {
        return id + "#" + delivery;
    }

    @Override
    public synchronized DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        var scripted = Optional.ofNullable(deletes.poll());
        if (scripted.isPresent()) {
            return scripted.get().apply(request);
        }
        request.entries().stream()
                .map(DeleteMessageBatchRequestEntry::receiptHandle)
                .forEach(this::delete);
        return DeleteMessageBatchResponse.builder().build();
    }

    private void delete(String handle) {
        String id = idOf(handle);
        if (isNewest(handle)) {
            entries.remove(id);
            deleted.add(id);
        }
    }

    @Override
    public synchronized ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        request.entries().stream()
                .filter(entry -> entry.visibilityTimeout() == 0 && isNewest(entry.receiptHandle()))
                .forEach(entry -> {
                    released.add(entry.receiptHandle());
                    entry(idOf(entry.receiptHandle())).orElseThrow().isVisible = true;
                });
        return ChangeMessageVisibilityBatchResponse.builder().build();
    }

    private boolean isNewest(String handle) {
        String id = idOf(handle);
        return entry(id)
                .filter(entry -> handle.equals(handle(id, entry.deliveries)))
                .isPresent();
    }

    private Optional<Entry> entry(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    private static String idOf(String handle) {
        return handle.substring(0, handle.lastIndexOf('#'));
    }

    @Override
    public String serviceName() {
        return "sqs";
    }

    @Override
    public void close() {}
}
