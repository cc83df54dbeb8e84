package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.time.CorrectedClock;
import dev.glidepath.time.SteadyClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** What no real queue does when it is told to; the rest is in {@link QueueContract}. */
class MessageQueueTest {
    private static final URI URL = URI.create("https://sqs.eu-west-1.amazonaws.com/1/q");
    private final Permissions permissions = new Permissions(_ -> {});

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-08-24T11:00:00Z"));

    @Test
    void anOlderDeliveryAnsweredLaterDoesNotReplaceTheNewestHandle() throws InterruptedException {
        var sqs = new ScriptedSqs();
        var queue = new MessageQueue(sqs, URL, CLOCK, permissions);
        sqs.answerDelivery("a", "the newest", 2);
        sqs.answerDelivery("a", "overtaken", 1);
        queue.receive(Duration.ZERO);
        MessageId id = queue.receive(Duration.ZERO).getFirst().id();

        queue.delete(List.of(id));

        assertThat(sqs.deletes).containsExactly(List.of("the newest"));
        assertThat(queue.held()).isZero();
    }

    @Test
    void aMessageIsStampedByTheTimeThatItProves() throws InterruptedException {
        var sqs = new ScriptedSqs();
        var clock = new CorrectedClock(new SteadyClock(CLOCK, () -> 0));
        var queue = new MessageQueue(sqs, URL, clock, permissions);
        queue.onSent(clock::sent);
        Instant sentAt = CLOCK.instant().plusSeconds(120);
        sqs.answerSent("a", sentAt);

        assertThat(queue.receive(Duration.ZERO)).singleElement().satisfies(message -> {
            assertThat(message.sentAt()).isEqualTo(sentAt);
            assertThat(message.receivedAt()).isEqualTo(sentAt);
        });
    }

    @Test
    void givingUpAnEarlierDeliveryGivesUpNoLaterOne() throws InterruptedException {
        var sqs = new ScriptedSqs();
        var queue = new MessageQueue(sqs, URL, CLOCK, permissions);
        sqs.answerDelivery("a", "first", 1);
        sqs.answerDelivery("a", "again", 2);
        DeliveryId first = queue.receive(Duration.ZERO).getFirst().deliveryId();
        DeliveryId again = queue.receive(Duration.ZERO).getFirst().deliveryId();

        queue.release(List.of(first));
        queue.leave(List.of(first));

        assertThat(queue.held()).isEqualTo(1);
        assertThat(sqs.visibilities).isEmpty();
        queue.release(List.of(first, again));
        assertThat(queue.held()).isZero();
        assertThat(sqs.visibilities).containsExactly(0);
    }

    @Test
    void aDryRunHandsEachMessageOutOnceAndAsksForNoChange() throws InterruptedException {
        var sqs = new ScriptedSqs();
        var queue = MessageQueue.ofDryRun(sqs, URL, CLOCK, permissions);
        sqs.answerDelivery("a", "first", 1);
        sqs.answerDelivery("a", "again", 2);
        MessageId id = queue.receive(Duration.ZERO).getFirst().id();

        queue.keepInvisible();
        assertThat(queue.receive(Duration.ZERO)).isEmpty();
        assertThat(queue.delete(List.of(id))).isEmpty();
        queue.releaseAll();

        assertThat(queue.held()).isZero();
        assertThat(sqs.deletes).isEmpty();
        assertThat(sqs.visibilities).isEmpty();
    }

    @Test
    void aDryRunHandsOutAgainWhatWasLeft() throws InterruptedException {
        var sqs = new ScriptedSqs();
        var queue = MessageQueue.ofDryRun(sqs, URL, CLOCK, permissions);
        sqs.answerDelivery("a", "first", 1);
        sqs.answerDelivery("a", "again", 2);

        queue.leave(List.of(queue.receive(Duration.ZERO).getFirst().deliveryId()));

        assertThat(queue.receive(Duration.ZERO)).hasSize(1);
    }

    @Test
    void receivesForLongerWhileVisibilityMayNotBeChanged() throws InterruptedException {
        var sqs = new ScriptedSqs();
        var queue = new MessageQueue(sqs, URL, CLOCK, permissions);
        sqs.answer("a");
        sqs.answer("b");
        sqs.answer("c");
        queue.receive(Duration.ZERO);

        permissions.denied(Permission.CHANGE_MESSAGE_VISIBILITY, URL.toString(), "not allowed");
        queue.receive(Duration.ZERO);
        queue.keepInvisible();
        queue.receive(Duration.ZERO);

        assertThat(sqs.invisible).containsExactly(30, 300, 30);
    }

    @Test
    void namesThePermissionToDescribeTheQueue() {
        try (SqsClient refusing = new Refusing()) {
            assertThatThrownBy(() -> new MessageQueue(refusing, URL, CLOCK, permissions).describe())
                    .isInstanceOfSatisfying(
                            QueueException.class,
                            failure -> assertThat(failure.category()).isEqualTo(Category.DENIED))
                    .hasMessageContaining("sqs:GetQueueAttributes");
            assertThat(permissions.isMissing(Permission.GET_QUEUE_ATTRIBUTES)).isTrue();
        }
    }

    private static final class Refusing implements SqsClient {
        @Override
        public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
            throw SqsException.builder()
                    .statusCode(403)
                    .awsErrorDetails(
                            AwsErrorDetails.builder().errorCode("AccessDenied").build())
                    .build();
        }

        @Override
        public String serviceName() {
            return "sqs";
        }

        @Override
        public void close() {}
    }
}
