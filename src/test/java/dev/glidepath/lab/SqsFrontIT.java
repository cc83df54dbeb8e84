package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** The front as the real SDK sees it. */
class SqsFrontIT {
    private static final long SEED = 42;

    private final TestQueue queue = TestQueue.create();

    @Test
    void receivesComeEmptyAndShortAndLoseNothing() {
        send(40);

        try (SqsFront front = SqsFront.start(SEED);
                SqsClient sqs = clientOf(front)) {
            Set<String> received = new HashSet<>();
            List<Integer> sizes = new ArrayList<>();
            while (received.size() < 40 && sizes.size() < 200) {
                List<Message> batch = receive(sqs, queue, 0);
                sizes.add(batch.size());
                batch.forEach(message ->
                        assertThat(received.add(message.body())).as("new").isTrue());
            }

            assertThat(received).hasSize(40);
            assertThat(sizes).contains(0);
            assertThat(sizes.subList(0, sizes.size() - 1))
                    .as("while there were more")
                    .containsAnyOf(1, 2, 3);
            assertThat(queue.inFlight()).isEqualTo(40);
            assertThat(front.requests("ReceiveMessage")).isEqualTo(sizes.size());
        }
    }

    @Test
    void holdsEverythingBackUntilItIsOpened() {
        List<String> ids =
                queue.sendAll(IntStream.range(0, 25).mapToObj(Integer::toString).toList());

        try (SqsFront front = SqsFront.holding();
                SqsClient sqs = clientOf(front)) {
            assertThat(sizesOf(sqs, queue, 0, 5)).containsOnly(0);
            assertThat(front.handedOutAt(ids.getFirst())).isEmpty();

            front.open();

            assertThat(sizesOf(sqs, queue, 0, 3)).containsExactly(10, 10, 5);
            assertThat(ids)
                    .hasSize(25)
                    .allSatisfy(id -> assertThat(front.handedOutAt(id)).isPresent());
        }
    }

    @Test
    void receivesThatWaitAreMoodyNowAndThenOnly() {
        send(400);

        try (SqsFront front = SqsFront.start(SEED);
                SqsClient sqs = clientOf(front)) {
            List<Integer> sizes = sizesOf(sqs, queue, 1, 30);

            assertThat(sizes).contains(0).containsAnyOf(1, 2, 3);
            assertThat(sizes.stream().filter(size -> size == 10)).hasSizeGreaterThan(15);
        }
    }

    @Test
    void theSameSeedBringsTheSame() {
        send(400);
        TestQueue other = TestQueue.create();
        IntStream.range(0, 400).forEach(number -> other.send("message " + number));

        assertThat(sizesOf(SEED, other)).isEqualTo(sizesOf(SEED, queue)).isNotEqualTo(sizesOf(SEED + 1, queue));
    }

    @Test
    void bringsNoMoreThanItIsToAndWaitsAllTheSame() {
        send(20);

        try (SqsFront front = SqsFront.start(SEED);
                SqsClient sqs = clientOf(front)) {
            front.bringNoMoreThan(12);

            List<Integer> sizes = sizesOf(sqs, queue, 1, 15);

            assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(12);
            assertThat(queue.visible()).isEqualTo(8);
        }
    }

    @Test
    void passesOnAndCountsWhatElseIsAsked() {
        try (SqsFront front = SqsFront.start(SEED);
                SqsClient sqs = clientOf(front)) {
            var _ = sqs.sendMessage(
                    request -> request.queueUrl(queue.url().toString()).messageBody("Grüße"));
            Message message = receive(queue);
            var _ = sqs.deleteMessage(
                    request -> request.queueUrl(queue.url().toString()).receiptHandle(message.receiptHandle()));

            assertThat(message.body()).isEqualTo("Grüße");
            assertThat(queue.isEmpty()).isTrue();
            assertThat(front.requests("SendMessage")).isEqualTo(1);
            assertThat(front.requests("DeleteMessage")).isEqualTo(1);
            assertThat(front.requests("ReceiveMessage")).isZero();
            assertThatThrownBy(() -> sqs.deleteMessage(
                            request -> request.queueUrl(queue.url() + "-not").receiptHandle("none")))
                    .isInstanceOf(QueueDoesNotExistException.class);
        }
    }

    @Test
    void countsWhatIsMadeVisibleAtOnceAndMessagesRatherThanRequests() {
        send(2);
        try (SqsFront front = SqsFront.start(SEED);
                SqsClient sqs = clientOf(front)) {
            List<Message> both = new ArrayList<>();
            while (both.size() < 2) {
                both.addAll(receive(sqs, queue, 1));
            }

            changeVisibility(sqs, both, 30);
            assertThat(front.released()).isZero();

            changeVisibility(sqs, both, 0);
            assertThat(front.released()).isEqualTo(2);
            assertThat(queue.inFlight()).isZero();
        }
    }

    private void changeVisibility(SqsClient sqs, List<Message> messages, int timeout) {
        var _ = sqs.changeMessageVisibilityBatch(request -> request.queueUrl(
                        queue.url().toString())
                .entries(messages.stream()
                        .map(message -> ChangeMessageVisibilityBatchRequestEntry.builder()
                                .id(message.messageId())
                                .receiptHandle(message.receiptHandle())
                                .visibilityTimeout(timeout)
                                .build())
                        .toList()));
    }

    private void send(int messages) {
        IntStream.range(0, messages).forEach(number -> queue.send("message " + number));
    }

    private static List<Integer> sizesOf(long seed, TestQueue queue) {
        try (SqsFront front = SqsFront.start(seed);
                SqsClient sqs = clientOf(front)) {
            return sizesOf(sqs, queue, 0, 15);
        }
    }

    private static List<Integer> sizesOf(SqsClient sqs, TestQueue queue, int wait, int receives) {
        return IntStream.range(0, receives)
                .mapToObj(_ -> receive(sqs, queue, wait).size())
                .toList();
    }

    private static Message receive(TestQueue queue) {
        try (SqsClient straight = TestQueue.newClient()) {
            return receive(straight, queue, 5).getFirst();
        }
    }

    private static List<Message> receive(SqsClient sqs, TestQueue queue, int wait) {
        return sqs.receiveMessage(request -> request.queueUrl(queue.url().toString())
                        .maxNumberOfMessages(10)
                        .waitTimeSeconds(wait))
                .messages();
    }

    private static SqsClient clientOf(SqsFront front) {
        return TestQueue.newClient(front.endpoint(), TestQueue.credentials());
    }
}
