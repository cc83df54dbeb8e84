package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.SqsFaults;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.QueueException.Category;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** On ElasticMQ, with everything that may go wrong on the way to it. */
class DisposalIT {
    private static final Duration BOUND = Duration.ofMinutes(3);

    private final TestQueue queue = TestQueue.create();
    private final SqsFaults faults = new SqsFaults();
    private final SqsClient sqs = TestQueue.newClient(faults);
    private final MessageQueue messages =
            new MessageQueue(sqs, queue.url(), InstantSource.system(), new Permissions(_ -> {}));
    private final List<Category> failures = new CopyOnWriteArrayList<>();
    private final Disposal disposal = new Disposal(
            messages,
            InstantSource.system(),
            RandomGenerator.getDefault(),
            Thread::sleep,
            failure -> failures.add(failure.category()));
    private final Receiver receiver = new Receiver(
            messages, 3, InstantSource.system(), RandomGenerator.getDefault(), Thread::sleep, failure -> {});
    private final Set<MessageId> received = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        receiver.close();
        disposal.close();
        sqs.close();
    }

    @Test
    void twoThousandMessagesAreGoneInFewMoreRequestsThanTheyNeed() {
        send(2_000);

        receiveAndDelete();

        await().atMost(BOUND).until(() -> received.size() == 2_000 && disposal.pending() == 0);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(messages.held()).isZero();
        assertThat(faults.deletes()).isBetween(200, 210);
        assertThat(failures).isEmpty();
    }

    @Test
    void deletesInTheEndWhatSqsRefusedOrFoundTooMuchAtFirst() {
        send(60);
        faults.refuseOneDelete();
        faults.throttleDeletes(3);

        receiveAndDelete();

        await().atMost(BOUND).until(() -> received.size() == 60 && disposal.pending() == 0);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(failures)
                .containsExactlyInAnyOrder(
                        Category.THROTTLED, Category.THROTTLED, Category.THROTTLED, Category.UNAVAILABLE);
    }

    private void receiveAndDelete() {
        receiver.start(new Eager(batch -> {
            List<MessageId> ids = batch.stream().map(Message::id).toList();
            received.addAll(ids);
            disposal.delete(ids);
        }));
    }

    private void send(int count) {
        for (int first = 0; first < count; first += MessageQueue.BATCH) {
            List<SendMessageBatchRequestEntry> entries = IntStream.range(first, first + MessageQueue.BATCH)
                    .mapToObj(number -> SendMessageBatchRequestEntry.builder()
                            .id(Integer.toString(number))
                            .messageBody("noise")
                            .build())
                    .toList();
            assertThat(sqs.sendMessageBatch(request ->
                                    request.queueUrl(queue.url().toString()).entries(entries))
                            .failed())
                    .isEmpty();
        }
    }
}
