package dev.glidepath.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** What can go wrong between a client and its queue, made to order; everything else reaches the real queue. */
public final class SqsFaults implements ExecutionInterceptor {
    private static final ExecutionAttribute<String> REFUSED = new ExecutionAttribute<>("refused entry");

    private final AtomicReference<@Nullable Duration> visibility = new AtomicReference<>();
    private final AtomicBoolean refuseOne = new AtomicBoolean();
    private final AtomicBoolean spoilOne = new AtomicBoolean();

    /** What is received from now on reappears after this time, whatever the receive asks for. */
    public void redeliverAfter(Duration time) {
        visibility.set(time);
    }

    /** The first message of the next batch delete stays, with a fault of SQS' own as the answer. */
    public void refuseOneDelete() {
        refuseOne.set(true);
    }

    /** The first message of the next batch delete is named by a handle SQS never gave. */
    public void spoilOneHandle() {
        spoilOne.set(true);
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        return switch (context.request()) {
            case ReceiveMessageRequest receive -> {
                Duration time = visibility.get();
                yield time == null
                        ? receive
                        : receive.toBuilder()
                                .visibilityTimeout((int) time.toSeconds())
                                .build();
            }
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
}
