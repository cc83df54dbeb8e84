package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.Finding.Level;
import dev.glidepath.lab.TestFile;
import java.net.URI;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** Answers of SQS that a moto server does not give. */
class QueueCheckTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:123456789012:glidepath";
    private static final String LETTERS = QUEUE + "-dlq";

    @Test
    void warnsOfABacklog() {
        assertThat(queue(attributes("1000"), attributes("0")))
                .filteredOn(finding -> finding.level() == Level.WARN)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.found()).contains("holds 1000 messages");
                    assertThat(finding.remedy()).contains("docs/runbooks/queue-unread.md");
                });
    }

    @Test
    void warnsWhenTheQueueMayNotBeRead() {
        assertThat(queue(
                        () -> {
                            throw denied();
                        },
                        attributes("0")))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.WARN);
                    assertThat(finding.found()).startsWith("sqs:GetQueueAttributes on ");
                });
    }

    @Test
    void failsWithoutDeleteAndWarnsWithoutVisibility() {
        assertThat(queue(attributes("0"), attributes("0"), () -> {
                    throw denied();
                }))
                .filteredOn(finding -> finding.level() != Level.OK)
                .satisfiesExactlyInAnyOrder(
                        delete -> {
                            assertThat(delete.level()).isEqualTo(Level.FAIL);
                            assertThat(delete.found()).startsWith("sqs:DeleteMessage on ");
                        },
                        keep -> {
                            assertThat(keep.level()).isEqualTo(Level.WARN);
                            assertThat(keep.found()).startsWith("sqs:ChangeMessageVisibility on ");
                            assertThat(keep.remedy()).contains("iam/");
                        });
    }

    @Test
    void warnsWhenDeadLettersMayNotBeRead() {
        assertThat(queue(attributes("0"), () -> {
                    throw denied();
                }))
                .last()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.WARN);
                    assertThat(finding.about()).isEqualTo("dead letters");
                    assertThat(finding.remedy()).contains("sqs:GetQueueUrl", "DoctorAccess");
                });
    }

    @Test
    void failsWhenTheDeadLetterQueueIsGone() {
        assertThat(queue(attributes("0"), () -> {
                    throw QueueDoesNotExistException.builder().build();
                }))
                .last()
                .isEqualTo(Finding.fail(
                        "dead letters",
                        LETTERS + " is not there",
                        "make it anew, or change the queue's redrive policy"));
    }

    private static RuntimeException denied() {
        return SqsException.builder()
                .statusCode(403)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("AccessDenied")
                        .errorMessage("not authorized")
                        .build())
                .build();
    }

    private static Supplier<Map<QueueAttributeName, String>> attributes(String messages) {
        Map<QueueAttributeName, String> attributes = new EnumMap<>(QueueAttributeName.class);
        attributes.put(QueueAttributeName.QUEUE_ARN, QUEUE);
        attributes.put(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, messages);
        attributes.put(
                QueueAttributeName.REDRIVE_POLICY,
                "{\"deadLetterTargetArn\": \"%s\", \"maxReceiveCount\": \"20\"}".formatted(LETTERS));
        attributes.put(QueueAttributeName.POLICY, TestFile.read("doctor/queue-policy.json"));
        return () -> attributes;
    }

    private static List<Finding> queue(
            Supplier<Map<QueueAttributeName, String>> ours, Supplier<Map<QueueAttributeName, String>> letters) {
        return queue(ours, letters, () -> {});
    }

    /** @param onMessages runs at each request about messages */
    private static List<Finding> queue(
            Supplier<Map<QueueAttributeName, String>> ours,
            Supplier<Map<QueueAttributeName, String>> letters,
            Runnable onMessages) {
        URI url = URI.create("https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath");
        SqsClient sqs = new SqsClient() {
            @Override
            public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
                boolean isOurs = request.queueUrl().equals(url.toString());
                return GetQueueAttributesResponse.builder()
                        .attributes(isOurs ? ours.get() : letters.get())
                        .build();
            }

            @Override
            public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest request) {
                assertThat(request.queueName()).isEqualTo("glidepath-dlq");
                return GetQueueUrlResponse.builder().queueUrl(url + "-dlq").build();
            }

            @Override
            public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
                onMessages.run();
                return DeleteMessageBatchResponse.builder().build();
            }

            @Override
            public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
                    ChangeMessageVisibilityBatchRequest request) {
                onMessages.run();
                return ChangeMessageVisibilityBatchResponse.builder().build();
            }

            @Override
            public String serviceName() {
                return SERVICE_NAME;
            }

            @Override
            public void close() {}
        };
        return new QueueCheck(new Queue(sqs, url), true).run();
    }
}
