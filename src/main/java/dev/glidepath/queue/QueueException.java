package dev.glidepath.queue;

import dev.glidepath.permission.Permission;
import dev.glidepath.trouble.Trouble;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** A request to SQS that did not succeed. The message names the queue, what was found and the remedy, and holds no secret. */
public final class QueueException extends RuntimeException {

    /** Why it did not: a closed list, fit for a metric label. */
    public enum Category implements Trouble.Kind {
        /** Our role lacks a permission, or our credentials are missing or not accepted. */
        DENIED,
        /** There is no queue of this URL in this region. */
        NO_SUCH_QUEUE,
        /** Too many requests. */
        THROTTLED,
        /** As many messages are held as we, or SQS, allow at once. */
        FULL,
        /** No connection, or no answer in time. */
        UNREACHABLE,
        /** SQS answered with a fault of its own (5xx). */
        UNAVAILABLE,
        /** This thread was interrupted, which is how a shutdown ends a request. */
        INTERRUPTED,
        /** None of the others. */
        UNEXPECTED;

        /** Whether waiting will not help: a person must change the configuration. */
        @Override
        public boolean needsPerson() {
            return this == DENIED || this == NO_SUCH_QUEUE;
        }
    }

    private static final long serialVersionUID = 1L;

    private static final Set<String> ACCESS_CODES = Set.of("AccessDenied", "AccessDeniedException", "KmsAccessDenied");
    private static final Set<String> NO_QUEUE_CODES =
            Set.of("NonExistentQueue", "QueueDoesNotExist", "InvalidAddress", "InvalidSecurity");

    private final Category category;
    private final String api;
    private final @Nullable Permission missing;

    QueueException(Category category, String api, String message) {
        super(message);
        this.category = category;
        this.api = api;
        this.missing = null;
    }

    QueueException(Category category, String api, String message, Throwable cause) {
        super(message, cause);
        this.category = category;
        this.api = api;
        this.missing = null;
    }

    /** A permission is missing. */
    private QueueException(Permission missing, String api, String message, Throwable cause) {
        super(message, cause);
        this.category = Category.DENIED;
        this.api = api;
        this.missing = missing;
    }

    /** Why, as a metric's label says it. */
    public Category category() {
        return category;
    }

    /** The SQS action that did not succeed, such as {@code ReceiveMessage}. */
    public String api() {
        return api;
    }

    /** The permission that our role lacks; empty where the request failed for another reason. */
    public Optional<Permission> missing() {
        return Optional.ofNullable(missing);
    }

    /**
     * What the SDK threw, in our words.
     *
     * @param permission the permission the action needs; the batch actions share those of the single ones
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html">Common errors</a>
     */
    static QueueException from(RuntimeException failure, String api, Permission permission, URI queueUrl) {
        return switch (failure) {
            case AwsServiceException refusal -> fromRefusal(refusal, api, permission, queueUrl);
            case ApiCallTimeoutException late ->
                new QueueException(
                        Category.UNREACHABLE, api, queueUrl + " did not answer " + api + " in time: retrying", late);
            case SdkClientException noCredentials
            when isAboutCredentials(noCredentials) ->
                new QueueException(
                        Category.DENIED,
                        api,
                        "no AWS credentials for " + queueUrl
                                + ": give the service account a role (EKS Pod Identity or IRSA), or set AWS_PROFILE: "
                                + noCredentials.getMessage(),
                        noCredentials);
            case SdkClientException lost ->
                new QueueException(
                        Category.UNREACHABLE,
                        api,
                        queueUrl + " cannot be reached for " + api
                                + ": check network and AWS_ENDPOINT_URL_SQS, if set: " + lost.getMessage(),
                        lost);
            default ->
                new QueueException(
                        Category.UNEXPECTED,
                        api,
                        api + " on " + queueUrl + " failed: " + failure.getMessage(),
                        failure);
        };
    }

    private static QueueException fromRefusal(
            AwsServiceException refusal, String api, Permission permission, URI queueUrl) {
        String code = shortCode(refusal);
        String found = api + " on " + queueUrl + " was answered with " + code + " (HTTP " + refusal.statusCode() + ")";
        if (refusal.isThrottlingException()) {
            return new QueueException(Category.THROTTLED, api, found + ": retrying more slowly", refusal);
        }
        if (NO_QUEUE_CODES.contains(code)) {
            return new QueueException(
                    Category.NO_SUCH_QUEUE,
                    api,
                    found + ": set GLIDEPATH_QUEUE_URL to the URL of a queue and AWS_REGION to the queue's region",
                    refusal);
        }
        if (ACCESS_CODES.contains(code)) {
            return new QueueException(
                    permission,
                    api,
                    permission.allowIt(queueUrl.toString())
                            + (permission == Permission.RECEIVE_MESSAGE
                                    ? " (and kms:Decrypt, if the queue is encrypted with a key of yours)"
                                    : ""),
                    refusal);
        }
        if (code.equals("OverLimit")) {
            return new QueueException(
                    Category.FULL, api, found + ": too many messages of this queue are in flight: waiting", refusal);
        }
        if (refusal.statusCode() == 401 || refusal.statusCode() == 403) {
            return new QueueException(
                    Category.DENIED, api, found + ": AWS does not accept our credentials: renew them", refusal);
        }
        if (refusal.statusCode() >= 500) {
            return new QueueException(Category.UNAVAILABLE, api, found + ": retrying", refusal);
        }
        return new QueueException(Category.UNEXPECTED, api, found, refusal);
    }

    /** The last word of the code, since the protocols spell it {@code AWS.SimpleQueueService.X}, {@code ns#X} and {@code X}. */
    static String shortCode(String code) {
        return code.substring(Math.max(code.lastIndexOf('.'), code.lastIndexOf('#')) + 1);
    }

    private static String shortCode(AwsServiceException refusal) {
        var details = refusal.awsErrorDetails();
        String code = details == null ? null : details.errorCode();
        return code == null ? "no error code" : shortCode(code);
    }

    /** The SDK has no type of its own for this; every provider's message says the word. */
    private static boolean isAboutCredentials(SdkClientException failure) {
        String message = failure.getMessage();
        return message != null && message.contains("credentials");
    }
}
