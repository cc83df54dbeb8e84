package dev.glidepath.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** What can go wrong between a client and its queue, made to order; everything else reaches the real queue. */
public final class SqsFaults implements ExecutionInterceptor {
    private static final ExecutionAttribute<String> REFUSED = new ExecutionAttribute<>("refused entry");

    private final AtomicReference<@Nullable Duration> visibility = new AtomicReference<>();
    private final AtomicInteger receives = new AtomicInteger();
    private final AtomicReference<@Nullable Duration> everyVisibility = new AtomicReference<>();
    private final AtomicInteger deletes = new AtomicInteger();
    private final AtomicInteger throttledDeletes = new AtomicInteger();
    private final AtomicBoolean refuseOne = new AtomicBoolean();
    private final AtomicBoolean spoilOne = new AtomicBoolean();
    private final Set<String> denied = ConcurrentHashMap.newKeySet();

    /** What is received from now on reappears after this time, whatever the receive asks for. */
    public void redeliverAfter(Duration time) {
        visibility.set(time);
    }

    /** Each visibility asked for from now on, when it is received and later, is this long instead; released is released. */
    public void shortenVisibility(Duration time) {
        everyVisibility.set(time);
        visibility.set(time);
    }

    /** The next batch deletes are refused as too many. */
    public void throttleDeletes(int requests) {
        throttledDeletes.set(requests);
    }

    /** The first message of the next batch delete stays, with a fault of SQS' own as the answer. */
    public void refuseOneDelete() {
        refuseOne.set(true);
    }

    /** The first message of the next batch delete is named by a handle SQS never gave. */
    public void spoilOneHandle() {
        spoilOne.set(true);
    }

    /** Refuses these from now on for want of the permission of this name, batches included. */
    public void deny(String... permissions) {
        denied.addAll(Set.of(permissions));
    }

    /** Refuses nothing any more for want of a permission. */
    public void allowAll() {
        denied.clear();
    }

    /** How many receives have begun and not ended, in whatever way. */
    public int receivesUnderWay() {
        return receives.get();
    }

    /** How many batch deletes have been asked for, those refused included. */
    public int deletes() {
        return deletes.get();
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
        if (context.request() instanceof DeleteMessageBatchRequest) {
            deletes.incrementAndGet();
        }
        if (context.request() instanceof ReceiveMessageRequest) {
            receives.incrementAndGet();
        }
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        if (context.request() instanceof ReceiveMessageRequest) {
            receives.decrementAndGet();
        }
    }

    @Override
    public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
        if (context.request() instanceof ReceiveMessageRequest) {
            receives.decrementAndGet();
        }
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        String action = context.request().getClass().getSimpleName().replaceFirst("Request$", "");
        if (denied.contains(SqsFront.permissionFor(action))) {
            throw refusal(403, "AccessDenied", "not authorized to perform: sqs:" + action);
        }
        return switch (context.request()) {
            case ReceiveMessageRequest receive -> {
                Duration time = visibility.get();
                yield time == null
                        ? receive
                        : receive.toBuilder()
                                .visibilityTimeout((int) time.toSeconds())
                                .build();
            }
            case ChangeMessageVisibilityBatchRequest change -> {
                Duration time = everyVisibility.get();
                yield time == null
                        ? change
                        : change.toBuilder()
                                .entries(change.entries().stream()
                                        .map(entry -> shortened(entry, time))
                                        .toList())
                                .build();
            }
            case DeleteMessageBatchRequest _
            when throttledDeletes.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ->
                throw refusal(400, "ThrottlingException", "Rate exceeded");
            case DeleteMessageBatchRequest delete
            when refuseOne.getAndSet(false) -> {
                attributes.putAttribute(REFUSED, delete.entries().getFirst().id());
                yield delete.toBuilder()
                        .entries(delete.entries().subList(1, delete.entries().size()))
                        .build();
            }
            case DeleteMessageBatchRequest delete
            when spoilOne.getAndSet(false) -> {
                List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>(delete.entries());
                entries.set(
                        0,
                        entries.getFirst().toBuilder()
                                .receiptHandle("never-given")
                                .build());
                yield delete.toBuilder().entries(entries).build();
            }
            default -> context.request();
        };
    }

    @Override
    public SdkResponse modifyResponse(Context.ModifyResponse context, ExecutionAttributes attributes) {
        String refused = attributes.getAttribute(REFUSED);
        if (refused == null || !(context.response() instanceof DeleteMessageBatchResponse answer)) {
            return context.response();
        }
        List<BatchResultErrorEntry> failed = new ArrayList<>(answer.failed());
        failed.add(BatchResultErrorEntry.builder()
                .id(refused)
                .code("InternalError")
                .message("We encountered an internal error. Please try again.")
                .senderFault(false)
                .build());
        return answer.toBuilder().failed(failed).build();
    }

    private static AwsServiceException refusal(int status, String code, String message) {
        return SqsException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .build();
    }

    private static ChangeMessageVisibilityBatchRequestEntry shortened(
            ChangeMessageVisibilityBatchRequestEntry entry, Duration time) {
        return entry.visibilityTimeout() == 0
                ? entry
                : entry.toBuilder().visibilityTimeout((int) time.toSeconds()).build();
    }
}
