package dev.glidepath.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.memory.Recent;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.QueueException.Category;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Gatherers;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The queue AWS announces interruptions in. Remembers, of every message handed out and not yet given back, the newest receipt
 * handle, since only that one is sure to work. Safe for use by many threads.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html">Visibility timeout</a>
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html">Receipt handles</a>
 */
public final class MessageQueue {
    /**
     * How long a receive waits for messages. SQS grants 20 s, but who stops waits for the receives that are under way, and a killed
     * process leaves them behind: so long SQS may give a message to a receive that nobody reads any more.
     */
    public static final Duration LONG_POLL = Duration.ofSeconds(5);
    /** How long a message stays unseen by others if nobody asks again; so long does a lost replica's message take to reappear. */
    static final Duration VISIBILITY = Duration.ofSeconds(30);
    /**
     * The same where we may not ask again: a usual drain takes three of them, so that few receives count towards the dead-letter
     * queue, and a hook's own timeout is rarely shorter.
     */
    static final Duration VISIBILITY_ONCE = Duration.ofMinutes(5);
    /** As many messages go into one request. */
    public static final int BATCH = 10;
    /** Beyond this, give or take what is being received, a round of {@link #keepInvisible} could last {@link #VISIBILITY}. */
    static final int HELD_AT_MOST = 10_000;

    /** About a megabyte. */
    private static final int REMEMBERED_AT_MOST = 10_000;

    /** How much longer than its wait a receive may take. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    /** Little, since a shutdown waits for a change of visibility under way, and the next round comes soon. */
    private static final Duration VISIBILITY_ANSWER_WITHIN = Duration.ofSeconds(4);

    /** What SQS says of a handle that is not, or no longer, good for its message. */
    private static final Set<String> NOT_OURS_CODES =
            Set.of("ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight");

    private static final JsonMapper JSON = new JsonMapper();

    private static final Logger LOG = Logger.getLogger(MessageQueue.class);

    /** SQS gives no such handle. */
    private static final Receipt OF_NO_MESSAGE = new Receipt(new MessageId("none"), "glidepath-permission-check", 0);

    private final SqsClient sqs;
    private final URI queueUrl;
    private final InstantSource clock;
    private final Permissions permissions;
    private final boolean dryRun;
    private volatile Consumer<Instant> sentTimes = _ -> {};
    private final Map<MessageId, Receipt> held = new ConcurrentHashMap<>();
    /** What has come out of a dry run's queue, and when. */
    private final Recent<MessageId, Instant> remembered = new Recent<>(REMEMBERED_AT_MOST);
    /** Held for one request of {@link #keepInvisible}, so that none is under way when messages are released. */
    private final Lock visibility = new ReentrantLock();

    /**
     * @param sqs a client that does not retry and allows answers {@link SqsClients} allows; stays the caller's to close
     * @param queueUrl the queue, in the region of the client
     * @param permissions is told with each answer which permissions our role has and lacks
     */
    public MessageQueue(SqsClient sqs, URI queueUrl, InstantSource clock, Permissions permissions) {
        this(sqs, queueUrl, clock, permissions, false);
    }

    private MessageQueue(SqsClient sqs, URI queueUrl, InstantSource clock, Permissions permissions, boolean dryRun) {
        this.sqs = sqs;
        this.queueUrl = queueUrl;
        this.clock = clock;
        this.permissions = permissions;
        this.dryRun = dryRun;
    }

    /**
     * A queue of which nothing is asked but messages and attributes. What would be deleted is let go of, and no message comes out
     * twice, though SQS delivers each again after 30 s: of the last {@value #REMEMBERED_AT_MOST}, that is.
     */
    public static MessageQueue ofDryRun(SqsClient sqs, URI queueUrl, InstantSource clock, Permissions permissions) {
        return new MessageQueue(sqs, queueUrl, clock, permissions, true);
    }

    /**
     * Finds out whether our role may change the visibility of messages and delete them, by a handle that SQS never gave: no
     * message is changed. {@link Permissions} knows the result. In a dry run nothing is asked.
     *
     * @throws QueueException when SQS did not answer
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html">SQS
     *     API permissions</a>
     */
    public void checkPermissions() {
        if (!dryRun) {
            List<Receipt> none = List.of(OF_NO_MESSAGE);
            check(() -> changeVisibility(none, Duration.ZERO));
            check(() -> requestDeletion(none));
        }
    }

    private static void check(Runnable request) {
        try {
            request.run();
        } catch (QueueException failure) {
            boolean answered = failure.missing().isPresent() || failure.category() == Category.UNEXPECTED;
            if (!answered) {
                throw failure;
            }
        }
    }

    /** Tells this one at each receive, before what is received is stamped with our time, when SQS says that each message was sent. */
    public void onSent(Consumer<Instant> listener) {
        sentTimes = listener;
    }

    /**
     * Asks SQS what the queue is like.
     *
     * @throws QueueException when SQS did not tell
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html">GetQueueAttributes</a>
     */
    public QueueTraits describe() {
        var traits = call(
                        "GetQueueAttributes",
                        Permission.GET_QUEUE_ATTRIBUTES,
                        () -> sqs.getQueueAttributes(request -> request.queueUrl(queueUrl.toString())
                                .attributeNames(QueueAttributeName.QUEUE_ARN, QueueAttributeName.REDRIVE_POLICY)))
                .attributes();
        return new QueueTraits(
                Optional.ofNullable(traits.get(QueueAttributeName.QUEUE_ARN)),
                Optional.ofNullable(traits.get(QueueAttributeName.REDRIVE_POLICY))
                        .map(MessageQueue::mostReceives)
                        .orElseGet(OptionalInt::empty));
    }

    /** Of a policy that nobody understands it is only known that there is one. */
    private static OptionalInt mostReceives(String redrivePolicy) {
        try {
            int told = JSON.readTree(redrivePolicy).path("maxReceiveCount").asInt();
            return OptionalInt.of(told > 0 ? told : QueueTraits.FEW_RECEIVES);
        } catch (JsonProcessingException unreadable) {
            return OptionalInt.of(QueueTraits.FEW_RECEIVES);
        }
    }

    /**
     * Waits a while for messages; see {@link #receive(Duration)}.
     *
     * @throws QueueException when SQS did not answer with messages
     * @throws InterruptedException when this thread was interrupted, which ends the wait at once on a virtual thread
     */
    public List<Message> receive() throws InterruptedException {
        return receive(LONG_POLL);
    }

    /**
     * Up to ten messages, to be worked on. Others do not see them for 30 s, or longer by {@link #keepInvisible}; for five minutes
     * where we may not change that later.
     *
     * @see #receive(Duration, Duration)
     */
    public List<Message> receive(Duration wait) throws InterruptedException {
        boolean once = permissions.isMissing(Permission.CHANGE_MESSAGE_VISIBILITY);
        return receive(wait, once ? VISIBILITY_ONCE : VISIBILITY);
    }

    /**
     * Up to ten messages, most of which others are to receive soon: where they cannot be handed back, others do not see them for
     * 30 s all the same.
     *
     * @see #receive(Duration, Duration)
     */
    List<Message> receiveForOthers(Duration wait) throws InterruptedException {
        return receive(wait, VISIBILITY);
    }

    /**
     * Up to ten messages. Empty if none came, and now and then though there are some, when the wait is zero.
     *
     * @param wait for the first of them, 0 to 20 s, whole seconds
     * @param visibility for how long others do not see them, unless that is changed later
     * @throws QueueException when SQS did not answer with messages, or as many are held as we can keep
     * @throws InterruptedException when this thread was interrupted, which ends the wait at once on a virtual thread
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html">ReceiveMessage</a>
     */
    private List<Message> receive(Duration wait, Duration visibility) throws InterruptedException {
        if (held.size() > HELD_AT_MOST - BATCH) {
            throw new QueueException(
                    Category.FULL,
                    "ReceiveMessage",
                    held.size() + " messages of " + queueUrl
                            + " are being worked on, the most we hold at once: waiting");
        }
        var answer = interruptibly(
                "ReceiveMessage",
                Permission.RECEIVE_MESSAGE,
                () -> sqs.receiveMessage(request -> request.queueUrl(queueUrl.toString())
                        .maxNumberOfMessages(BATCH)
                        .waitTimeSeconds((int) wait.toSeconds())
                        .visibilityTimeout((int) visibility.toSeconds())
                        .messageSystemAttributeNames(
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                MessageSystemAttributeName.SENT_TIMESTAMP)
                        .overrideConfiguration(limits -> limits.apiCallTimeout(wait.plus(ANSWER_WITHIN)))));
        answer.messages().forEach(delivered -> sentAt(delivered).ifPresent(sentTimes));
        Instant receivedAt = clock.instant(); // which may be another clock once it is told when they were sent
        List<Message> messages = new ArrayList<>();
        for (var delivered : answer.messages()) {
            var id = new MessageId(delivered.messageId());
            if (dryRun && remembered.putIfAbsent(id, receivedAt).isPresent()) {
                continue;
            }
            int receiveCount =
                    (int) number(delivered.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT), 1);
            hold(new Receipt(id, delivered.receiptHandle(), receiveCount));
            messages.add(new Message(
                    id, delivered.body(), receiveCount, sentAt(delivered).orElse(receivedAt), receivedAt));
        }
        return List.copyOf(messages);
    }

    /**
     * Deletes messages, ten a request, with their newest handles. Calling it again for the same messages is safe.
     *
     * @return those SQS did not delete though it may yet: still held, to be tried again. Not among them are messages that are
     *     not held, and those whose handle is no longer good: such a message is gone, or comes again, to us or to another.
     * @throws QueueException when SQS did not answer a request; what was not deleted is still held
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html">DeleteMessageBatch</a>
     */
    public Set<MessageId> delete(Collection<MessageId> ids) {
        if (dryRun) {
            receiptsOf(ids).forEach(this::forget);
            return Set.of();
        }
        Set<MessageId> left = new HashSet<>();
        for (List<Receipt> batch : batches(receiptsOf(ids))) {
            var answer = requestDeletion(batch);
            Set<Receipt> deleted = new HashSet<>(batch);
            for (BatchResultErrorEntry failed : answer.failed()) {
                Receipt receipt = batch.get(Integer.parseInt(failed.id()));
                if (!isNotOurs(failed, receipt)) {
                    LOG.debugf("message %s not deleted: %s", receipt.id(), failed.code());
                    deleted.remove(receipt);
                    left.add(receipt.id());
                }
            }
            deleted.forEach(this::forget);
        }
        return left;
    }

    private DeleteMessageBatchResponse requestDeletion(List<Receipt> batch) {
        return call(
                "DeleteMessageBatch",
                Permission.DELETE_MESSAGE,
                () -> sqs.deleteMessageBatch(request -> request.queueUrl(queueUrl.toString())
                        .entries(entries(
                                batch,
                                (key, receipt) -> DeleteMessageBatchRequestEntry.builder()
                                        .id(key)
                                        .receiptHandle(receipt.handle())
                                        .build()))));
    }

    /**
     * Keeps what is held from others for 30 s from now; to be called well before they are over. A message whose handle is no
     * longer good is no longer held. Where we may not, that is no failure: what is received then stays invisible for longer.
     *
     * @throws QueueException the first failure to get an answer; one message's failure does not keep the others from their turn
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html">ChangeMessageVisibilityBatch</a>
     */
    public void keepInvisible() {
        @Nullable QueueException first = null;
        for (List<Receipt> batch : batches(receiptsOf(Set.copyOf(held.keySet())))) {
            visibility.lock();
            try {
                List<Receipt> stillHeld = batch.stream()
                        .filter(receipt -> receipt.equals(held.get(receipt.id())))
                        .toList();
                changeVisibility(stillHeld, VISIBILITY);
            } catch (QueueException failure) {
                if (failure.missing().isPresent()) {
                    return;
                }
                first = first == null ? failure : first;
                if (failure.category() == Category.UNREACHABLE || failure.category() == Category.INTERRUPTED) {
                    break;
                }
            } finally {
                visibility.unlock();
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /**
     * Gives messages back at once, for any replica to receive, unless they have been delivered to us again since. Never throws:
     * what cannot be given back reappears by itself when its time is over.
     */
    public void release(Collection<DeliveryId> deliveries) {
        release(giveUp(deliveries));
    }

    private void release(List<Receipt> receipts) {
        for (List<Receipt> batch : batches(receipts)) {
            try {
                changeVisibility(batch, Duration.ZERO);
            } catch (QueueException failure) {
                LOG.debugf("messages not released, they reappear by themselves: %s", failure.getMessage());
                if (failure.missing().isPresent() || failure.category() == Category.UNREACHABLE) {
                    return; // nor would the others be, and we may be about to end
                }
            }
        }
    }

    /**
     * Lets go of messages without a word to SQS, unless they have been delivered to us again since: they reappear within 30 s, and
     * the redrive policy counts them.
     */
    public void leave(Collection<DeliveryId> deliveries) {
        var _ = giveUp(deliveries);
    }

    /** Gives everything back that is held, for any replica to receive. Never throws. */
    public void releaseAll() {
        release(held.values().stream().map(Receipt::delivery).toList());
    }

    /** How many messages are held. */
    public int held() {
        return held.size();
    }

    private List<Receipt> giveUp(Collection<DeliveryId> deliveries) {
        visibility.lock();
        try {
            List<Receipt> receipts = deliveries.stream()
                    .flatMap(delivery -> Optional.ofNullable(held.get(delivery.message())).stream()
                            .filter(receipt -> !receipt.delivery().isLaterThan(delivery)))
                    .distinct()
                    .toList();
            receipts.forEach(this::forget);
            deliveries.forEach(delivery -> remembered.remove(delivery.message()));
            return receipts;
        } finally {
            visibility.unlock();
        }
    }

    private void changeVisibility(List<Receipt> batch, Duration timeout) {
        if (dryRun || batch.isEmpty()) {
            return;
        }
        var answer = call(
                "ChangeMessageVisibilityBatch",
                Permission.CHANGE_MESSAGE_VISIBILITY,
                () -> sqs.changeMessageVisibilityBatch(request -> request.queueUrl(queueUrl.toString())
                        .entries(entries(
                                batch,
                                (key, receipt) -> ChangeMessageVisibilityBatchRequestEntry.builder()
                                        .id(key)
                                        .receiptHandle(receipt.handle())
                                        .visibilityTimeout((int) timeout.toSeconds())
                                        .build()))
                        .overrideConfiguration(limits -> limits.apiCallTimeout(VISIBILITY_ANSWER_WITHIN))));
        for (BatchResultErrorEntry failed : answer.failed()) {
            Receipt receipt = batch.get(Integer.parseInt(failed.id()));
            LOG.debugf("visibility of message %s not changed: %s", receipt.id(), failed.code());
            if (isNotOurs(failed, receipt)) {
                forget(receipt);
            }
        }
    }

    /** Throttled and 5xx entries may succeed at the next try, these cannot. */
    private static boolean isNotOurs(BatchResultErrorEntry failed, Receipt receipt) {
        boolean notOurs = NOT_OURS_CODES.contains(QueueException.shortCode(failed.code()));
        if (notOurs) {
            LOG.debugf("message %s is gone or was delivered again: %s", receipt.id(), failed.code());
        }
        return notOurs;
    }

    /** The newest only: of two receives under way at once, the one answered last need not be the later one. */
    private void hold(Receipt receipt) {
        held.merge(receipt.id(), receipt, (before, now) -> now.receiveCount() < before.receiveCount() ? before : now);
    }

    /** Only this handle: meanwhile the message may have been delivered again, with a newer one. */
    private void forget(Receipt receipt) {
        held.remove(receipt.id(), receipt);
    }

    private List<Receipt> receiptsOf(Collection<MessageId> ids) {
        List<Receipt> receipts = new ArrayList<>();
        for (MessageId id : Set.copyOf(ids)) {
            Receipt receipt = held.get(id);
            if (receipt != null) {
                receipts.add(receipt);
            }
        }
        return receipts;
    }

    private static List<List<Receipt>> batches(List<Receipt> receipts) {
        return receipts.stream().gather(Gatherers.windowFixed(BATCH)).toList();
    }

    /** The entries' own ids are their places in the batch. */
    private static <E> List<E> entries(List<Receipt> batch, EntryForm<E> form) {
        List<E> entries = new ArrayList<>();
        for (int place = 0; place < batch.size(); place++) {
            entries.add(form.entry(Integer.toString(place), batch.get(place)));
        }
        return entries;
    }

    private <T> T call(String api, Permission permission, Supplier<T> request) {
        try {
            return interruptibly(api, permission, request);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new QueueException(Category.INTERRUPTED, api, api + " on " + queueUrl + " was interrupted");
        }
    }

    private <T> T interruptibly(String api, Permission permission, Supplier<T> request) throws InterruptedException {
        try {
            T answer = request.get();
            permissions.granted(permission, queueUrl.toString());
            return answer;
        } catch (RuntimeException failure) {
            if (failure instanceof AbortedException || Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException(api + " interrupted").initCause(failure);
            }
            QueueException known = QueueException.from(failure, api, permission, queueUrl);
            if (known.missing().isPresent()) {
                permissions.denied(permission, queueUrl.toString(), String.valueOf(known.getMessage()));
            } else if (known.category() == Category.UNEXPECTED) { // what is refused for another reason is allowed
                permissions.granted(permission, queueUrl.toString());
            }
            throw known;
        }
    }

    private static Optional<Instant> sentAt(software.amazon.awssdk.services.sqs.model.Message delivered) {
        long millis = number(delivered.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP), -1);
        return millis < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    private static long number(@Nullable String text, long otherwise) {
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            return otherwise;
        }
    }

    private record Receipt(MessageId id, String handle, int receiveCount) {
        DeliveryId delivery() {
            return new DeliveryId(id, receiveCount);
        }
    }

    @FunctionalInterface
    private interface EntryForm<E> {
        E entry(String key, Receipt receipt);
    }
}
