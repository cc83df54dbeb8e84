package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.LogLines;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.QueueException.Category;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;

class DisposalTest {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-08-24T11:00:00Z"));

    private final ScriptedSqs sqs = new ScriptedSqs();
    private final MessageQueue queue = new MessageQueue(
            sqs, URI.create("https://sqs.eu-west-1.amazonaws.com/1/q"), CLOCK, new Permissions(_ -> {}));
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private final List<QueueException> failures = new CopyOnWriteArrayList<>();
    /** Pauses are over at once, unless told otherwise. */
    private volatile CountDownLatch sleepUntil = new CountDownLatch(0);

    private final Disposal disposal = new Disposal(queue, CLOCK, new Random(1), this::sleep, failures::add);

    @AfterEach
    void close() {
        disposal.close();
    }

    @Test
    void collectsWhatComesInBitsIntoFullRequests() throws InterruptedException {
        List<MessageId> ids = hold(20);

        disposal.delete(ids.subList(0, 19));
        await().atMost(BOUND).until(() -> queue.held() == 1);
        disposal.delete(ids.subList(19, 20));
        await().atMost(BOUND).until(() -> queue.held() == 0);

        assertThat(sqs.deletes).extracting(List::size).containsExactlyInAnyOrder(10, 9, 1);
        assertThat(pauses).as("while two requests were not full").hasSize(2).containsOnly(Disposal.COLLECT_FOR);
    }

    @Test
    void doesNotMakeAnybodyWait() throws InterruptedException {
        var open = new CountDownLatch(1);
        sqs.holdDelete(open);
        List<MessageId> ids = hold(10);

        disposal.delete(ids);

        await().atMost(BOUND).until(() -> sqs.deleting.get() == 1);
        assertThat(disposal.pending()).isEqualTo(10);
        open.countDown();
        await().atMost(BOUND).until(() -> disposal.pending() == 0);
    }

    @Test
    void hasFourRequestsUnderWayAtMost() throws InterruptedException {
        var open = new CountDownLatch(1);
        for (int i = 0; i < 6; i++) {
            sqs.holdDelete(open);
        }
        List<MessageId> ids = hold(60);

        disposal.delete(ids);

        await().during(Duration.ofMillis(300)).atMost(BOUND).until(() -> sqs.deleting.get() == 4);
        assertThat(disposal.pending()).isEqualTo(60);
        open.countDown();
        await().atMost(BOUND).until(() -> disposal.pending() == 0);
        assertThat(sqs.deletes).hasSize(6);
    }

    @Test
    void triesAgainAfterABackOffThatGrows() throws InterruptedException {
        for (int i = 0; i < 8; i++) {
            sqs.failDelete(SdkClientException.create("Connection refused"));
        }
        List<MessageId> ids = hold(10);

        disposal.delete(ids);

        await().atMost(BOUND).until(() -> disposal.pending() == 0);
        assertThat(sqs.deletes).hasSize(9);
        assertThat(pauses)
                .hasSize(8)
                .allSatisfy(pause ->
                        assertThat(pause).isBetween(Receiver.FIRST_BACKOFF.dividedBy(2), Receiver.LONGEST_BACKOFF));
        assertThat(pauses.getLast()).isGreaterThanOrEqualTo(Receiver.LONGEST_BACKOFF.dividedBy(2));
        assertThat(failures)
                .hasSize(8)
                .allSatisfy(failure -> assertThat(failure.category()).isEqualTo(Category.UNREACHABLE));
    }

    @Test
    void triesAgainWhatSqsLeftAndThatAlone() throws InterruptedException {
        sqs.refuseDeletes(2);
        List<MessageId> ids = hold(10);

        disposal.delete(ids);

        await().atMost(BOUND).until(() -> disposal.pending() == 0);
        assertThat(sqs.deletes).hasSize(2);
        assertThat(sqs.deletes.getLast())
                .containsExactlyInAnyOrderElementsOf(sqs.deletes.getFirst().subList(0, 2));
        assertThat(failures).singleElement().satisfies(failure -> {
            assertThat(failure.category()).isEqualTo(Category.UNAVAILABLE);
            assertThat(failure.api()).isEqualTo("DeleteMessageBatch");
            assertThat(failure).hasMessageContaining("2 of 10");
        });
    }

    @Test
    void theBackOffDoesNotGrowAsLongAsSomethingIsDeleted() throws InterruptedException {
        sqs.refuseDeletes(5);
        sqs.refuseDeletes(2);
        sqs.refuseDeletes(1);
        List<MessageId> ids = hold(10);

        disposal.delete(ids);

        await().atMost(BOUND).until(() -> disposal.pending() == 0);
        assertThat(sqs.deletes).extracting(List::size).containsExactly(10, 5, 2, 1);
        assertThat(pauses)
                .hasSize(3)
                .allSatisfy(pause -> assertThat(pause).isLessThanOrEqualTo(Receiver.FIRST_BACKOFF));
    }

    @Test
    void doesNotTryAgainWhatIsNoLongerHeld() throws InterruptedException {
        var open = new CountDownLatch(1);
        List<MessageId> ids = hold(10);
        sqs.failDelete(SdkClientException.create("Connection refused"));
        sleepUntil = open;

        disposal.delete(ids);
        await().atMost(BOUND).until(() -> pauses.size() == 1);
        queue.leave(ids.stream().map(id -> new DeliveryId(id, 1)).toList());
        open.countDown();

        await().atMost(BOUND).until(() -> disposal.pending() == 0);
        assertThat(sqs.deletes).hasSize(1);
    }

    @Test
    void tellsOfTroubleWhenItBeginsAndWhenItEnds() throws InterruptedException {
        var lines = new LogLines(Disposal.class);
        for (int i = 0; i < 5; i++) {
            sqs.failDelete(SdkClientException.create("Connection refused"));
        }
        List<MessageId> ids = hold(10);

        try (lines) {
            disposal.delete(ids);
            await().atMost(BOUND).until(() -> disposal.pending() == 0);
        }

        assertThat(lines.atLeast(Level.INFO))
                .satisfiesExactly(
                        began -> assertThat(began).startsWith("WARN trouble deleting messages: https://sqs."),
                        ended -> assertThat(ended).startsWith("INFO no more trouble deleting messages"));
    }

    @Test
    void closingTriesOnceMoreWithoutWaitingForTheBackOff() throws InterruptedException {
        sqs.failDelete(SdkClientException.create("Connection refused"));
        sleepUntil = new CountDownLatch(1);
        List<MessageId> ids = hold(10);
        disposal.delete(ids);
        await().atMost(BOUND).until(() -> pauses.size() == 1);

        disposal.close();

        assertThat(disposal.pending()).isZero();
        assertThat(queue.held()).isZero();
        assertThat(sqs.deletes).hasSize(2);
    }

    @Test
    void closingLeavesWhatCannotBeDeletedHeld() throws InterruptedException {
        for (int i = 0; i < 7; i++) {
            sqs.failDelete(SdkClientException.create("Connection refused"));
        }
        sleepUntil = new CountDownLatch(1);
        List<MessageId> ids = hold(60);
        disposal.delete(ids.subList(0, 10));
        await().atMost(BOUND).until(() -> pauses.size() == 1);
        disposal.delete(ids.subList(10, 60));

        disposal.close();

        assertThat(sqs.deletes).as("each once more").hasSize(1 + 6);
        assertThat(disposal.pending()).isEqualTo(60);
        assertThat(queue.held()).isEqualTo(60);
    }

    @Test
    void closingEndsRequestsThatHang() throws InterruptedException {
        sqs.holdDelete(new CountDownLatch(1));
        List<MessageId> ids = hold(10);
        disposal.delete(ids);
        await().atMost(BOUND).until(() -> sqs.deleting.get() == 1);

        assertThat(Thread.startVirtualThread(disposal::close).join(BOUND)).isTrue();

        await().atMost(BOUND).until(() -> sqs.deleting.get() == 0);
        assertThat(queue.held()).isEqualTo(10);
        assertThat(failures).as("an end we made ourselves is no failure").isEmpty();
    }

    private void sleep(Duration time) throws InterruptedException {
        pauses.add(time);
        sleepUntil.await();
    }

    private List<MessageId> hold(int messages) throws InterruptedException {
        List<MessageId> ids = new ArrayList<>();
        for (int first = 0; first < messages; first += MessageQueue.BATCH) {
            sqs.answer(IntStream.range(first, Math.min(messages, first + MessageQueue.BATCH))
                    .mapToObj(Integer::toString)
                    .toArray(String[]::new));
            queue.receive(Duration.ZERO).forEach(message -> ids.add(message.id()));
        }
        return ids;
    }
}
