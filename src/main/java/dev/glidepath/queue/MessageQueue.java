package dev.glidepath.queue;

import dev.glidepath.queue.QueueException.Category;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Gatherers;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
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
    /** The longest wait SQS grants a receive. */
    public static final Duration LONG_POLL = Duration.ofSeconds(20);
    /** How long a message stays unseen by others if nobody asks again; so long does a lost replica's message take to reappear. */
    static final Duration VISIBILITY = Duration.ofSeconds(30);
    /** As many messages go into one request. */
    static final int BATCH = 10;
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

    private static final Logger LOG = Logger.getLogger(MessageQueue.class);

    private final SqsClient sqs;
    private final URI queueUrl;
    private final InstantSource clock;
    private final boolean dryRun;
    private final Map<MessageId, Receipt> held = new ConcurrentHashMap<>();
    /** What has come out of a dry run's queue. */
    private final Set<MessageId> remembered =
            Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<MessageId, Boolean> eldest) {
                    return size() > REMEMBERED_AT_MOST;
                }
            }));
    /** Held for one request of {@link #keepInvisible}, so that none is under way when messages are released. */
    private final Lock visibility = new ReentrantLock();

    /**
     * @param sqs a client that does not retry and allows answers {@link SqsClients} allows; stays the caller's to close
     * @param queueUrl the queue, in the region of the client
     */
    public MessageQueue(SqsClient sqs, URI queueUrl, InstantSource clock) {
        this(sqs, queueUrl, clock, false);
    }

    private MessageQueue(SqsClient sqs, URI queueUrl, InstantSource clock, boolean dryRun) {
        this.sqs = sqs;
        this.queueUrl = queueUrl;
        this.clock = clock;
        this.dryRun = dryRun;
    }

    /**
     * A queue of which nothing is asked but messages and attributes. What would be deleted is let go of, and no message comes out
     * twice, though SQS delivers each again after 30 s: of the last {@value #REMEMBERED_AT_MOST}, that is.
     */
    public static MessageQueue ofDryRun(SqsClient sqs, URI queueUrl, InstantSource clock) {
        return new MessageQueue(sqs, queueUrl, clock, true);
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
                        "sqs:GetQueueAttributes",
                        () -> sqs.getQueueAttributes(request -> request.queueUrl(queueUrl.toString())
                                .attributeNames(QueueAttributeName.QUEUE_ARN, QueueAttributeName.REDRIVE_POLICY)))
                .attributes();
        return new QueueTraits(
                Optional.ofNullable(traits.get(QueueAttributeName.QUEUE_ARN)),
                traits.containsKey(QueueAttributeName.REDRIVE_POLICY));
    }

    /**
     * Waits up to 20 s for messages; see {@link #receive(Duration)}.
     *
     * @throws QueueException when SQS did not answer with messages
     * @throws InterruptedException when this thread was interrupted, which ends the wait at once on a virtual thread
     */
    public List<Message> receive() throws InterruptedException {
        return receive(LONG_POLL);
    }

    /**
     * Up to ten messages. Others do not see them for 30 s, or longer by {@link #keepInvisible}. Empty if none came, and now and
     * then though there are some, when the wait is zero.
     *
     * @param wait for the first of them, 0 to 20 s, whole seconds
     * @throws QueueException when SQS did not answer with messages, or as many are held as we can keep
     * @throws InterruptedException when this thread was interrupted, which ends the wait at once on a virtual thread
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html">ReceiveMessage</a>
     */
    public List<Message> receive(Duration wait) throws InterruptedException {
        if (held.size() > HELD_AT_MOST - BATCH) {
            throw new QueueException(
                    Category.FULL,
                    "ReceiveMessage",
                    held.size() + " messages of " + queueUrl
                            + " are being worked on, the most we hold at once: waiting");
        }
        var answer = interruptibly(
                "ReceiveMessage",
                "sqs:ReceiveMessage",
                () -> sqs.receiveMessage(request -> request.queueUrl(queueUrl.toString())
                        .maxNumberOfMessages(BATCH)
                        .waitTimeSeconds((int) wait.toSeconds())
                        .visibilityTimeout((int) VISIBILITY.toSeconds())
                        .messageSystemAttributeNames(
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                MessageSystemAttributeName.SENT_TIMESTAMP)
                        .overrideConfiguration(limits -> limits.apiCallTimeout(wait.plus(ANSWER_WITHIN)))));
        Instant receivedAt = clock.instant();
        List<Message> messages = new ArrayList<>();
        for (var delivered : answer.messages()) {
            var id = new MessageId(delivered.messageId());
            if (dryRun && !remembered.add(id)) {
                continue;
            }
            int receiveCount =
                    (int) number(delivered.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT), 1);
            hold(new Receipt(id, delivered.receiptHandle(), receiveCount));
            messages.add(new Message(
                    id,
                    delivered.body(),
                    receiveCount,
                    Instant.ofEpochMilli(number(
                            delivered.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP),
                            receivedAt.toEpochMilli())),
                    receivedAt));
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
            var answer = call(
                    "DeleteMessageBatch",
                    "sqs:DeleteMessage",
                    () -> sqs.deleteMessageBatch(request -> request.queueUrl(queueUrl.toString())
                            .entries(entries(
                                    batch,
                                    (key, receipt) -> DeleteMessageBatchRequestEntry.builder()
                                            .id(key)
                                            .receiptHandle(receipt.handle())
                                            .build()))));
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

    /**
     * Keeps what is held from others for 30 s from now; to be called well before they are over. A message whose handle is no
     * longer good is no longer held.
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
     * Gives messages back at once, for any replica to receive. Never throws: what cannot be given back reappears by itself
     * within 30 s.
     */
    public void release(Collection<MessageId> ids) {
        for (List<Receipt> batch : batches(giveUp(ids))) {
            try {
                changeVisibility(batch, Duration.ZERO);
            } catch (QueueException failure) {
                LOG.debugf("messages not released, they reappear by themselves: %s", failure.getMessage());
            }
        }
    }

    /** Lets go of messages without a word to SQS: they reappear within 30 s, and the redrive policy counts them. */
    public void leave(Collection<MessageId> ids) {
        var _ = giveUp(ids);
        remembered.removeAll(ids);
    }

    /** Gives everything back that is held, for any replica to receive. Never throws. */
    public void releaseAll() {
        release(held.keySet());
    }

    /** How many messages are held. */
    public int held() {
        return held.size();
    }

    private List<Receipt> giveUp(Collection<MessageId> ids) {
        visibility.lock();
        try {
            List<Receipt> receipts = receiptsOf(ids);
            receipts.forEach(this::forget);
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
                "sqs:ChangeMessageVisibility",
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

    private <T> T call(String api, String permission, Supplier<T> request) {
        try {
            return interruptibly(api, permission, request);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new QueueException(Category.INTERRUPTED, api, api + " on " + queueUrl + " was interrupted");
        }
    }

    private <T> T interruptibly(String api, String permission, Supplier<T> request) throws InterruptedException {
        try {
            return request.get();
        } catch (RuntimeException failure) {
            if (failure instanceof AbortedException || Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException(api + " interrupted").initCause(failure);
            }
            throw QueueException.from(failure, api, permission, queueUrl);
        }
    }

    private static long number(@Nullable String text, long otherwise) {
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            return otherwise;
        }
    }

    private record Receipt(MessageId id, String handle, int receiveCount) {}

    @FunctionalInterface
    private interface EntryForm<E> {
        E entry(String key, Receipt receipt);
    }
}
