package dev.glidepath.queue;

import dev.glidepath.memory.Recent;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.HeldReceipts.Receipt;
import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.queue.SqsRequests.Delivered;
import dev.glidepath.queue.SqsRequests.Failed;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Gatherers;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The queue AWS announces interruptions in. Remembers, of every message handed out and not yet given back, the newest receipt
 * handle, since only that one is sure to work. Safe for use by many threads.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html">Visibility timeout</a>
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html">Receipt handles</a>
 */
public final class MessageQueue {
    /**
     * How long a receive waits for messages. SQS grants 20 s, but stopping waits for the receives that are under way, and a killed
     * process leaves them behind: so long SQS may give a message to a receive that is not read any more.
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

    private static final Logger LOG = Logger.getLogger(MessageQueue.class);

    private final SqsRequests requests;
    private final URI queueUrl;
    private final InstantSource clock;
    private final Permissions permissions;
    private final boolean dryRun;
    private volatile Consumer<Instant> sentTimes = _ -> {};
    private final HeldReceipts held = new HeldReceipts();
    /** What has come out of a dry run's queue, and when. */
    private final Recent<MessageId, Instant> remembered = new Recent<>(REMEMBERED_AT_MOST);
    /** Held for one request of {@link #keepInvisible}, so that none is under way when messages are released. */
    private final Lock visibility = new ReentrantLock();

    /**
     * @param sqs a client that does not retry and allows answers {@link SqsClients} allows; stays the caller's to close
     * @param queueUrl the queue, in the region of the client
     * @param permissions learns with each answer which permissions our role has and lacks
     */
    public MessageQueue(SqsClient sqs, URI queueUrl, InstantSource clock, Permissions permissions) {
        this(sqs, queueUrl, clock, permissions, false);
    }

    private MessageQueue(SqsClient sqs, URI queueUrl, InstantSource clock, Permissions permissions, boolean dryRun) {
        this.requests = new SqsRequests(sqs, queueUrl, permissions);
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
            requests.checkPermissions();
        }
    }

    /** Tells this one at each receive, before what is received is stamped with our time, when SQS says that each message was sent. */
    public void onSent(Consumer<Instant> listener) {
        sentTimes = listener;
    }

    /**
     * Asks SQS what the queue is like.
     *
     * @throws QueueException when SQS did not answer
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html">GetQueueAttributes</a>
     */
    public QueueTraits describe() {
        return requests.describe();
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
        List<Delivered> answer = requests.receive(wait, visibility);
        answer.forEach(delivered -> delivered.sentAt().ifPresent(sentTimes));
        Instant receivedAt = clock.instant(); // which may be another clock once it is told when they were sent
        List<Message> messages = new ArrayList<>();
        for (Delivered delivered : answer) {
            Receipt receipt = delivered.receipt();
            if (dryRun && remembered.putIfAbsent(receipt.id(), receivedAt).isPresent()) {
                continue;
            }
            held.hold(receipt);
            messages.add(new Message(
                    receipt.id(),
                    delivered.body(),
                    receipt.receiveCount(),
                    delivered.sentAt().orElse(receivedAt),
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
            held.of(ids).forEach(held::forget);
            return Set.of();
        }
        Set<MessageId> left = new HashSet<>();
        for (List<Receipt> batch : batches(held.of(ids))) {
            Set<Receipt> deleted = new HashSet<>(batch);
            for (Failed failed : requests.delete(batch)) {
                if (!isNotOurs(failed)) {
                    LOG.debugf("message %s not deleted: %s", failed.receipt().id(), failed.code());
                    deleted.remove(failed.receipt());
                    left.add(failed.receipt().id());
                }
            }
            deleted.forEach(held::forget);
        }
        return left;
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
        for (List<Receipt> batch : batches(held.all())) {
            visibility.lock();
            try {
                changeVisibility(batch.stream().filter(held::isHeld).toList(), VISIBILITY);
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
        release(held.all().stream().map(Receipt::delivery).toList());
    }

    /** How many messages are held. */
    public int held() {
        return held.size();
    }

    private List<Receipt> giveUp(Collection<DeliveryId> deliveries) {
        visibility.lock();
        try {
            List<Receipt> receipts = held.ofNewest(deliveries);
            receipts.forEach(held::forget);
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
        for (Failed failed : requests.changeVisibility(batch, timeout)) {
            LOG.debugf(
                    "visibility of message %s not changed: %s", failed.receipt().id(), failed.code());
            if (isNotOurs(failed)) {
                held.forget(failed.receipt());
            }
        }
    }

    private static boolean isNotOurs(Failed failed) {
        boolean notOurs = failed.isNotOurs();
        if (notOurs) {
            LOG.debugf(
                    "message %s is gone or was delivered again: %s",
                    failed.receipt().id(), failed.code());
        }
        return notOurs;
    }

    private static List<List<Receipt>> batches(List<Receipt> receipts) {
        return receipts.stream().gather(Gatherers.windowFixed(BATCH)).toList();
    }
}
