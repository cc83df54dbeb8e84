package dev.glidepath.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.HeldReceipts.Receipt;
import dev.glidepath.queue.QueueException.Category;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Requests to SQS about one queue: each method sends one, and gives the answer in our own types. {@link Permissions} learns with each
 * answer which permissions our role has and lacks. Safe for use by many threads.
 */
final class SqsRequests {
    /** How much longer than its wait a receive may take. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    /** Little, since a shutdown waits for a change of visibility under way, and the next round comes soon. */
    private static final Duration VISIBILITY_ANSWER_WITHIN = Duration.ofSeconds(4);

    /** What SQS says of a handle that is not, or no longer, good for its message. */
    private static final Set<String> NOT_OURS_CODES =
            Set.of("ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight");

    /** SQS gives no such handle. */
    private static final Receipt OF_NO_MESSAGE = new Receipt(new MessageId("none"), "glidepath-permission-check", 0);

    private static final JsonMapper JSON = new JsonMapper();

    private final SqsClient sqs;
    private final URI queueUrl;
    private final Permissions permissions;

    /** A message as it was delivered. */
    record Delivered(Receipt receipt, String body, Optional<Instant> sentAt) {}

    /** One message of a request for which SQS did not do what was asked for. */
    record Failed(Receipt receipt, String code) {
        /** Whether the receipt is not good for its message any more. Throttled and 5xx entries may succeed at the next try. */
        boolean isNotOurs() {
            return NOT_OURS_CODES.contains(QueueException.shortCode(code));
        }
    }

    @FunctionalInterface
    private interface EntryForm<E> {
        E entry(String key, Receipt receipt);
    }

    SqsRequests(SqsClient sqs, URI queueUrl, Permissions permissions) {
        this.sqs = sqs;
        this.queueUrl = queueUrl;
        this.permissions = permissions;
    }

    /**
     * Finds out whether our role may change the visibility of messages and delete them, by a handle that SQS never gave: no
     * message is changed.
     *
     * @throws QueueException when SQS did not answer
     */
    void checkPermissions() {
        List<Receipt> none = List.of(OF_NO_MESSAGE);
        check(() -> changeVisibility(none, Duration.ZERO));
        check(() -> delete(none));
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

    /**
     * Asks what the queue is like.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html">GetQueueAttributes</a>
     */
    QueueTraits describe() {
        var traits = call(
                        "GetQueueAttributes",
                        Permission.GET_QUEUE_ATTRIBUTES,
                        () -> sqs.getQueueAttributes(request -> request.queueUrl(queueUrl.toString())
                                .attributeNames(QueueAttributeName.QUEUE_ARN, QueueAttributeName.REDRIVE_POLICY)))
                .attributes();
        return new QueueTraits(
                Optional.ofNullable(traits.get(QueueAttributeName.QUEUE_ARN)),
                Optional.ofNullable(traits.get(QueueAttributeName.REDRIVE_POLICY))
                        .map(SqsRequests::mostReceives)
                        .orElseGet(OptionalInt::empty));
    }

    /** Of a policy that cannot be read it is only known that there is one. */
    private static OptionalInt mostReceives(String redrivePolicy) {
        try {
            int most = JSON.readTree(redrivePolicy).path("maxReceiveCount").asInt();
            return OptionalInt.of(most > 0 ? most : QueueTraits.FEW_RECEIVES);
        } catch (JsonProcessingException unreadable) {
            return OptionalInt.of(QueueTraits.FEW_RECEIVES);
        }
    }

    /**
     * Receives up to ten messages.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html">ReceiveMessage</a>
     */
    List<Delivered> receive(Duration wait, Duration visibility) throws InterruptedException {
        var answer = interruptibly(
                "ReceiveMessage",
                Permission.RECEIVE_MESSAGE,
                () -> sqs.receiveMessage(request -> request.queueUrl(queueUrl.toString())
                        .maxNumberOfMessages(MessageQueue.BATCH)
                        .waitTimeSeconds((int) wait.toSeconds())
                        .visibilityTimeout((int) visibility.toSeconds())
                        .messageSystemAttributeNames(
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                MessageSystemAttributeName.SENT_TIMESTAMP)
                        .overrideConfiguration(limits -> limits.apiCallTimeout(wait.plus(ANSWER_WITHIN)))));
        return answer.messages().stream().map(SqsRequests::delivered).toList();
    }

    private static Delivered delivered(Message message) {
        var attributes = message.attributes();
        int receiveCount = (int) number(attributes.get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT), 1);
        long sentAt = number(attributes.get(MessageSystemAttributeName.SENT_TIMESTAMP), -1);
        return new Delivered(
                new Receipt(new MessageId(message.messageId()), message.receiptHandle(), receiveCount),
                message.body(),
                sentAt < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(sentAt)));
    }

    private static long number(@Nullable String text, long otherwise) {
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            return otherwise;
        }
    }

    /**
     * Deletes up to ten messages.
     *
     * @return those that SQS did not delete
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html">DeleteMessageBatch</a>
     */
    List<Failed> delete(List<Receipt> batch) {
        var answer = call(
                "DeleteMessageBatch",
                Permission.DELETE_MESSAGE,
                () -> sqs.deleteMessageBatch(request -> request.queueUrl(queueUrl.toString())
                        .entries(entries(
                                batch,
                                (key, receipt) -> DeleteMessageBatchRequestEntry.builder()
                                        .id(key)
                                        .receiptHandle(receipt.handle())
                                        .build()))));
        return failed(batch, answer.failed());
    }

    /**
     * Changes for how long up to ten messages are not seen by others.
     *
     * @return those of which SQS did not change it
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html">ChangeMessageVisibilityBatch</a>
     */
    List<Failed> changeVisibility(List<Receipt> batch, Duration timeout) {
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
        return failed(batch, answer.failed());
    }

    /** The entries' own ids are their places in the batch. */
    private static <E> List<E> entries(List<Receipt> batch, EntryForm<E> form) {
        List<E> entries = new ArrayList<>();
        for (int place = 0; place < batch.size(); place++) {
            entries.add(form.entry(Integer.toString(place), batch.get(place)));
        }
        return entries;
    }

    private static List<Failed> failed(List<Receipt> batch, List<BatchResultErrorEntry> entries) {
        return entries.stream()
                .map(entry -> new Failed(batch.get(Integer.parseInt(entry.id())), entry.code()))
                .toList();
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
}
