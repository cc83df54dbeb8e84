package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.SqsFaults;
import dev.glidepath.permission.Permission.Need;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.QueueException.Category;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What {@link MessageQueue} promises, whoever speaks SQS on the other side. */
abstract class QueueContract {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final Duration SHORT_POLL = Duration.ofSeconds(1);

    private final SqsFaults faults = new SqsFaults();
    private final Permissions permissions = new Permissions(_ -> {});
    private SqsClient sqs;
    private URI url;
    private MessageQueue queue;

    abstract SqsClient newClient(ExecutionInterceptor interceptor);

    abstract URI newQueue(SqsClient sqs);

    @BeforeEach
    void create() {
        sqs = newClient(faults);
        url = newQueue(sqs);
        queue = queueAt(url);
    }

    @AfterEach
    void close() {
        sqs.close();
    }

    @Test
    void receivesWhatWasSentAndWhen() throws InterruptedException {
        Instant before = Instant.now().minusSeconds(1);
        send("Grüße \"{}\"\n");

        List<Message> messages = receive(1);

        assertThat(messages).singleElement().satisfies(message -> {
            assertThat(message.body()).isEqualTo("Grüße \"{}\"\n");
            assertThat(message.receiveCount()).isEqualTo(1);
            assertThat(message.sentAt()).isBetween(before, Instant.now().plusSeconds(1));
            assertThat(message.receivedAt()).isBetween(before, Instant.now());
            assertThat(message.toString()).doesNotContain("Gr");
        });
        assertThat(queue.held()).isEqualTo(1);
    }

    @Test
    void isEmptyWhenNothingWasSent() throws InterruptedException {
        assertThat(queue.receive(Duration.ZERO)).isEmpty();
    }

    @Test
    void deletesMoreThanOneBatch() throws InterruptedException {
        for (int i = 0; i < 23; i++) {
            send("message " + i);
        }
        List<Message> messages = receive(23);

        Set<MessageId> left = queue.delete(idsOf(messages));

        assertThat(left).isEmpty();
        assertThat(queue.held()).isZero();
        awaitEmpty();
    }

    @Test
    void takesUnknownMessagesForDeleted() {
        assertThat(queue.delete(List.of(new MessageId("never-seen")))).isEmpty();
    }

    @Test
    void deletesWithTheNewestHandle() throws InterruptedException {
        send("redelivered");
        faults.redeliverAfter(SHORT_POLL);
        Message first = receive(1).getFirst();
        faults.redeliverAfter(MessageQueue.VISIBILITY);
        Message second = receive(1).getFirst();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.receiveCount()).isEqualTo(2);
        assertThat(queue.held()).isEqualTo(1);

        Set<MessageId> left = queue.delete(List.of(first.id()));

        assertThat(left).isEmpty();
        awaitEmpty();
    }

    @Test
    void keepsInvisibleWhatIsHeld() throws InterruptedException {
        for (int i = 0; i < 12; i++) {
            send("message " + i);
        }
        faults.redeliverAfter(Duration.ofSeconds(9));
        receive(12);

        queue.keepInvisible();

        // Without the call all would be visible again after 9 s.
        await().during(Duration.ofSeconds(10)).atMost(BOUND).untilAsserted(() -> {
            assertThat(visible()).isZero();
            assertThat(inFlight()).isEqualTo(12);
        });
    }

    @Test
    void releasedMessagesAreThereAtOnce() throws InterruptedException {
        send("released");
        Message message = receive(1).getFirst();

        queue.release(List.of(message.deliveryId()));

        assertThat(queue.held()).isZero();
        assertThat(receive(1)).extracting(Message::id).containsExactly(message.id());
    }

    @Test
    void leftMessagesReappearByThemselves() throws InterruptedException {
        send("left");
        faults.redeliverAfter(SHORT_POLL);
        Message message = receive(1).getFirst();

        queue.leave(List.of(message.deliveryId()));

        assertThat(queue.held()).isZero();
        queue.keepInvisible();
        assertThat(receive(1)).extracting(Message::receiveCount).containsExactly(2);
    }

    @Test
    void namesWhatCouldNotBeDeletedAndHoldsIt() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            send("message " + i);
        }
        List<MessageId> ids = idsOf(receive(3));
        faults.refuseOneDelete();

        Set<MessageId> left = queue.delete(ids);

        assertThat(left).hasSize(1).isSubsetOf(ids);
        assertThat(queue.held()).isEqualTo(1);
        assertThat(inFlight()).isEqualTo(1);
        assertThat(queue.delete(left)).isEmpty();
        awaitEmpty();
    }

    @Test
    void forgetsAMessageWhoseHandleIsNoLongerGood() throws InterruptedException {
        send("another's by now");
        send("ours");
        faults.redeliverAfter(Duration.ofSeconds(6));
        List<MessageId> ids = idsOf(receive(2));
        faults.spoilOneHandle();

        Set<MessageId> left = queue.delete(ids);

        assertThat(left).as("to be tried again").isEmpty();
        assertThat(queue.held()).isZero();
        assertThat(receive(1)).as("delivered again").hasSize(1);
    }

    @Test
    void anInterruptEndsALongPoll() throws InterruptedException {
        var polled = new FutureTask<>(() -> queue.receive(MessageQueue.LONG_POLL));
        Thread poller = Thread.ofVirtual().start(polled);
        await().atMost(BOUND)
                .until(() ->
                        poller.getState() == Thread.State.WAITING || poller.getState() == Thread.State.TIMED_WAITING);

        poller.interrupt();

        assertThat(poller.join(MessageQueue.LONG_POLL.minusSeconds(2)))
                .as("ended before the poll would")
                .isTrue();
        assertThatThrownBy(() -> polled.get(0, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void stoppingAReceiverWaitsForItsLongPolls() {
        try (Receiver receiver = receiver(Thread::sleep)) {
            receiver.start(new Eager(messages -> {}));
            await().atMost(BOUND).until(() -> receiver.lastPollAt().isPresent() && faults.receivesUnderWay() == 3);

            receiver.stop();

            assertThat(faults.receivesUnderWay()).isZero();
            assertThat(receiver.state()).isEqualTo(new Receiver.State.Stopped());
        }
    }

    /** SQS may give a message to a receive whose connection is closed, and then nobody sees it for half a minute. */
    @Test
    void whatIsReleasedOrSentAfterAStopComesToAnotherAtOnce() throws InterruptedException {
        send("held when it stops");
        List<Message> received = new CopyOnWriteArrayList<>();
        Receiver receiver = receiver(Thread::sleep);
        receiver.start(new Eager(received::addAll));
        await().atMost(BOUND).until(() -> !received.isEmpty() && faults.receivesUnderWay() == 3);

        receiver.close();
        queue.releaseAll();
        send("sent after it");

        assertThat(receive(2))
                .extracting(Message::body)
                .containsExactlyInAnyOrder("held when it stops", "sent after it");
    }

    @Test
    void severalPollersBringEachMessageOnce() {
        List<String> sent = IntStream.range(0, 60).mapToObj(i -> "message " + i).toList();
        sent.forEach(this::send);
        List<Message> received = new CopyOnWriteArrayList<>();
        try (Receiver receiver = receiver(Thread::sleep)) {
            receiver.start(new Eager(received::addAll));

            await().atMost(BOUND).until(() -> received.size() >= 60);
        }

        assertThat(received).extracting(Message::body).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(queue.held()).isEqualTo(60);
    }

    @Test
    void aDrainThatLastsThreeTimesTheVisibilityBringsItsMessageOnce() {
        send("drain it");
        faults.shortenVisibility(Duration.ofSeconds(6));
        List<Message> received = new CopyOnWriteArrayList<>();
        try (Receiver receiver = receiver(time -> Thread.sleep(time.dividedBy(15)))) {
            receiver.start(new Eager(received::addAll));
            await().atMost(BOUND).until(() -> !received.isEmpty());

            // Without being kept, or kept with an old handle, it would have come again, to one of three who ask.
            await().during(Duration.ofSeconds(18))
                    .atMost(BOUND)
                    .untilAsserted(() -> assertThat(received).hasSize(1));
            assertThat(queue.delete(idsOf(received))).isEmpty();
            awaitEmpty();
        }
    }

    @Test
    void aRedeliveredMessageIsKeptWithItsNewestHandle() throws InterruptedException {
        send("redelivered");
        faults.redeliverAfter(SHORT_POLL);
        MessageId first = receive(1).getFirst().id();
        faults.redeliverAfter(Duration.ofSeconds(9));
        MessageId second = receive(1).getFirst().id();
        assertThat(second).isEqualTo(first);

        queue.keepInvisible();

        // With the old handle it would be visible again after 9 s.
        await().during(Duration.ofSeconds(10)).atMost(BOUND).untilAsserted(() -> {
            assertThat(visible()).isZero();
            assertThat(inFlight()).isEqualTo(1);
        });
    }

    @Test
    void describesAQueueWithoutARedrivePolicy() {
        assertThat(queue.describe()).isEqualTo(new QueueTraits(Optional.of(arnOf(url)), OptionalInt.empty()));
    }

    @Test
    void describesAQueueWithARedrivePolicy() {
        URI deadLetters = newQueue(sqs);
        sqs.setQueueAttributes(request -> request.queueUrl(url.toString())
                .attributes(Map.of(
                        QueueAttributeName.REDRIVE_POLICY,
                        "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":\"3\"}".formatted(arnOf(deadLetters)))));

        assertThat(queue.describe()).isEqualTo(new QueueTraits(Optional.of(arnOf(url)), OptionalInt.of(3)));
    }

    @Test
    void saysWhichVariableNamesAQueueThatIsNotThere() {
        URI wrong = URI.create(url + "-wrong");

        assertThatThrownBy(() -> queueAt(wrong).receive(Duration.ZERO))
                .isInstanceOfSatisfying(
                        QueueException.class,
                        failure -> assertThat(failure.category()).isEqualTo(Category.NO_SUCH_QUEUE))
                .hasMessageContainingAll("GLIDEPATH_QUEUE_URL", wrong.toString());
    }

    @Test
    void checkingPermissionsChangesNoMessageAndKnowsNoneThatIsMissing() throws InterruptedException {
        send("a");
        send("b");
        receive(2);

        queue.checkPermissions();

        assertThat(permissions.missing()).isZero();
        assertThat(queue.held()).isEqualTo(2);
        assertThat(inFlight()).isEqualTo(2);
    }

    @Test
    void whatIsDeniedIsKnownFromACheckUntilAnotherSucceeds() {
        faults.deny("ChangeMessageVisibility", "DeleteMessage");

        queue.checkPermissions();
        assertThat(permissions.missing(Need.REQUIRED))
                .singleElement()
                .satisfies(words -> assertThat(words)
                        .startsWith("sqs:DeleteMessage on " + url + " is not allowed: ")
                        .endsWith("; allow it to our role"));
        assertThat(permissions.missing(Need.WANTED))
                .singleElement()
                .satisfies(words -> assertThat(words).startsWith("sqs:ChangeMessageVisibility on " + url));
        faults.allowAll();
        queue.checkPermissions();

        assertThat(permissions.missing()).isZero();
    }

    @Test
    void whatMayNotBeKeptInvisibleIsStillHeldAndCanBeDeleted() throws InterruptedException {
        send("a");
        faults.deny("ChangeMessageVisibility");
        queue.checkPermissions();
        List<MessageId> ids = idsOf(receive(1));

        queue.keepInvisible();

        assertThat(queue.held()).isEqualTo(1);
        assertThat(queue.delete(ids)).isEmpty();
        awaitEmpty();
    }

    private Receiver receiver(Receiver.Sleeper sleeper) {
        return new Receiver(queue, 3, InstantSource.system(), RandomGenerator.getDefault(), sleeper, failure -> {});
    }

    private String arnOf(URI address) {
        return String.valueOf(attribute(address, QueueAttributeName.QUEUE_ARN));
    }

    private MessageQueue queueAt(URI address) {
        return new MessageQueue(sqs, address, InstantSource.system(), permissions);
    }

    private void send(String body) {
        sqs.sendMessage(request -> request.queueUrl(url.toString()).messageBody(body));
    }

    /** So many different messages, or fewer when the bound is over. */
    private List<Message> receive(int count) throws InterruptedException {
        List<Message> messages = new ArrayList<>();
        Set<MessageId> seen = new HashSet<>();
        Instant end = Instant.now().plus(BOUND);
        while (seen.size() < count && Instant.now().isBefore(end)) {
            for (Message message : queue.receive(SHORT_POLL)) {
                seen.add(message.id());
                messages.add(message);
            }
        }
        return messages;
    }

    private static List<MessageId> idsOf(List<Message> messages) {
        return messages.stream().map(Message::id).toList();
    }

    private void awaitEmpty() {
        await().atMost(BOUND)
                .untilAsserted(() -> assertThat(visible() + inFlight()).isZero());
    }

    private int visible() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
    }

    private int inFlight() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
    }

    private int count(QueueAttributeName attribute) {
        return Integer.parseInt(String.valueOf(attribute(url, attribute)));
    }

    private @Nullable String attribute(URI address, QueueAttributeName attribute) {
        return sqs.getQueueAttributes(
                        request -> request.queueUrl(address.toString()).attributeNames(attribute))
                .attributes()
                .get(attribute);
    }
}
