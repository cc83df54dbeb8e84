package dev.glidepath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.permission.Permissions;
import dev.glidepath.permission.Permissions.Change;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwnQueue;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.AutoScalingServiceClientConfiguration;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingException;
import software.amazon.awssdk.services.autoscaling.model.CompleteLifecycleActionRequest;
import software.amazon.awssdk.services.autoscaling.model.CompleteLifecycleActionResponse;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksRequest;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksResponse;
import software.amazon.awssdk.services.autoscaling.model.RecordLifecycleActionHeartbeatRequest;
import software.amazon.awssdk.services.autoscaling.model.RecordLifecycleActionHeartbeatResponse;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** With an AWS that allows and denies as it is told. */
class PermissionChecksTest {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final String ARN = "arn:aws:sqs:eu-west-1:1:q";
    private static final LifecycleToken TOKEN = new LifecycleToken("token");
    private static final LifecycleAction ACTION =
            LifecycleAction.of("workers", "drain", TOKEN, new InstanceId("i-0a1b2c3d4e5f60010"));

    private final List<String> changes = new CopyOnWriteArrayList<>();
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private final Semaphore rounds = new Semaphore(0);
    private final AtomicInteger receiving = new AtomicInteger();
    private final Aws aws = new Aws();
    private final Permissions permissions = new Permissions(change -> changes.add(
            switch (change) {
                case Change.Began(var permission, var _) -> "began " + permission.action();
                case Change.Ended(var permission) -> "ended " + permission.action();
            }));
    private final MessageQueue queue = new MessageQueue(
            aws.sqs, URI.create("https://sqs.eu-west-1.amazonaws.com/1/q"), InstantSource.system(), permissions);
    private final OwnQueue ownQueue = new OwnQueue(queue);
    private final LifecycleHooks hooks =
            new LifecycleHooks(aws.autoScaling, knowing(TOKEN), InstantSource.system(), permissions);
    private PermissionChecks checks = checks(true);

    private static ActionTokens knowing(LifecycleToken token) {
        ActionTokens known = new ActionTokens();
        known.learn(token, new ActionNotice(ACTION, Route.EVENT_BRIDGE));
        return known;
    }

    @AfterEach
    void close() {
        checks.close();
        aws.autoScaling.close();
    }

    @Test
    void whatIsAllowedIsAskedOnce() {
        start();
        anotherRound();
        anotherRound();

        assertThat(aws.asked)
                .containsExactly(
                        "GetQueueAttributes",
                        "ChangeMessageVisibilityBatch",
                        "DeleteMessageBatch",
                        "DescribeLifecycleHooks");
        assertThat(receiving).hasValue(1);
        assertThat(changes).isEmpty();
        assertThat(pauses).containsOnly(Duration.ofSeconds(30));
    }

    @Test
    void whatIsMissingIsReportedOnceAndKeepsNobodyFromReceiving() {
        aws.denied.addAll(Set.of(
                "GetQueueAttributes", "ChangeMessageVisibilityBatch", "DeleteMessageBatch", "DescribeLifecycleHooks"));

        start();
        anotherRound();
        anotherRound();

        assertThat(receiving).hasValue(1);
        assertThat(ownQueue.trouble()).as("why it is not ready").isEmpty();
        assertThat(ownQueue.traits().redrives()).as("what is assumed").isTrue();
        assertThat(changes)
                .containsExactly(
                        "began sqs:GetQueueAttributes",
                        "began sqs:ChangeMessageVisibility",
                        "began sqs:DeleteMessage",
                        "began autoscaling:DescribeLifecycleHooks");
    }

    @Test
    void whatIsGrantedLaterIsKnownWithoutARestart() {
        aws.denied.addAll(Set.of(
                "GetQueueAttributes", "ChangeMessageVisibilityBatch", "DeleteMessageBatch", "DescribeLifecycleHooks"));
        start();
        changes.clear();

        aws.denied.clear();
        anotherRound();

        assertThat(changes)
                .containsExactly(
                        "ended sqs:GetQueueAttributes",
                        "ended sqs:ChangeMessageVisibility",
                        "ended sqs:DeleteMessage",
                        "ended autoscaling:DescribeLifecycleHooks");
        assertThat(ownQueue.arn()).hasValue(ARN);
        assertThat(ownQueue.traits().redrives()).isFalse();
        assertThat(receiving).hasValue(1);
    }

    @Test
    void aQueueThatCannotBeReachedIsAskedForUntilItIsThere() {
        aws.unreachable.add("GetQueueAttributes");
        start();
        anotherRound();
        assertThat(receiving).hasValue(0);
        assertThat(ownQueue.trouble()).isPresent();
        assertThat(pauses).containsOnly(Duration.ofSeconds(5));

        aws.unreachable.clear();
        anotherRound();

        assertThat(receiving).hasValue(1);
        assertThat(ownQueue.trouble()).isEmpty();
    }

    @Test
    void whatMessagesAllowIsAskedUntilItIsAnswered() {
        aws.unreachable.add("DeleteMessageBatch");
        start();
        assertThat(receiving).as("nothing waits for it").hasValue(1);
        aws.unreachable.clear();
        aws.denied.add("DeleteMessageBatch");

        anotherRound();

        assertThat(changes).containsExactly("began sqs:DeleteMessage");
    }

    @Test
    void deniedHeartbeatsAndCompletionsAreCheckedWithAMadeUpToken() {
        start();
        aws.denied.addAll(Set.of("RecordLifecycleActionHeartbeat", "CompleteLifecycleAction"));
        hooks.heartbeat(ACTION);
        hooks.complete(ACTION, HookResult.CONTINUE);
        anotherRound();
        assertThat(permissions.missing()).isEqualTo(2);

        aws.denied.clear();
        anotherRound();

        assertThat(permissions.missing()).isZero();
        assertThat(aws.tokens.subList(2, aws.tokens.size())).hasSize(4).doesNotContain(TOKEN.value());
    }

    @Test
    void whereNothingIsDoneAboutHooksAutoScalingIsNotAsked() {
        checks = checks(false);
        start();
        anotherRound();

        assertThat(aws.asked).doesNotContain("DescribeLifecycleHooks");
    }

    private PermissionChecks checks(boolean withHooks) {
        return new PermissionChecks(permissions, ownQueue, queue, hooks, withHooks, pause -> {
            pauses.add(pause);
            rounds.acquire();
        });
    }

    private void start() {
        checks.start(receiving::incrementAndGet);
        await().atMost(BOUND).until(() -> pauses.size() == 1);
    }

    private void anotherRound() {
        int before = pauses.size();
        rounds.release();
        await().atMost(BOUND).until(() -> pauses.size() == before + 1);
    }

    /** Both services, as far as they are asked. */
    private static final class Aws {
        private final Set<String> denied = ConcurrentHashMap.newKeySet();
        private final Set<String> unreachable = ConcurrentHashMap.newKeySet();
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final List<String> tokens = new CopyOnWriteArrayList<>();
        private final Sqs sqs = new Sqs();
        private final AutoScaling autoScaling = new AutoScaling();

        private boolean isDenied(String action) {
            asked.add(action);
            if (unreachable.contains(action)) {
                throw SdkClientException.create("Connection refused");
            }
            return denied.contains(action);
        }

        private static AwsErrorDetails error(String code, String message) {
            return AwsErrorDetails.builder()
                    .errorCode(code)
                    .errorMessage(message)
                    .build();
        }

        private final class Sqs implements SqsClient {
            private void ask(String action) {
                if (isDenied(action)) {
                    throw SqsException.builder()
                            .statusCode(403)
                            .awsErrorDetails(error("AccessDenied", "no"))
                            .build();
                }
            }

            @Override
            public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
                ask("GetQueueAttributes");
                return GetQueueAttributesResponse.builder()
                        .attributes(Map.of(QueueAttributeName.QUEUE_ARN, ARN))
                        .build();
            }

            @Override
            public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
                    ChangeMessageVisibilityBatchRequest request) {
                ask("ChangeMessageVisibilityBatch");
                return ChangeMessageVisibilityBatchResponse.builder().build();
            }

            @Override
            public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
                ask("DeleteMessageBatch");
                return DeleteMessageBatchResponse.builder().build();
            }

            @Override
            public String serviceName() {
                return "sqs";
            }

            @Override
            public void close() {}
        }

        private final class AutoScaling implements AutoScalingClient {
            private final AutoScalingClient configured = AutoScalingClient.builder()
                    .region(Region.EU_WEST_1)
                    .credentialsProvider(AnonymousCredentialsProvider.create())
                    .build();

            /** There is no group and no action of that name. */
            private AutoScalingException refusal(String action, String otherwise) {
                AwsErrorDetails details =
                        isDenied(action) ? error("AccessDenied", "no") : error("ValidationError", otherwise);
                return (AutoScalingException) AutoScalingException.builder()
                        .statusCode(details.errorCode().equals("AccessDenied") ? 403 : 400)
                        .message(details.errorMessage())
                        .awsErrorDetails(details)
                        .build();
            }

            @Override
            public DescribeLifecycleHooksResponse describeLifecycleHooks(DescribeLifecycleHooksRequest request) {
                throw refusal("DescribeLifecycleHooks", "AutoScalingGroup name not found - null");
            }

            @Override
            public RecordLifecycleActionHeartbeatResponse recordLifecycleActionHeartbeat(
                    RecordLifecycleActionHeartbeatRequest request) {
                tokens.add(request.lifecycleActionToken());
                throw refusal("RecordLifecycleActionHeartbeat", "in words that nobody knows");
            }

            @Override
            public CompleteLifecycleActionResponse completeLifecycleAction(CompleteLifecycleActionRequest request) {
                tokens.add(request.lifecycleActionToken());
                throw refusal("CompleteLifecycleAction", "No active Lifecycle Action found with token");
            }

            @Override
            public AutoScalingServiceClientConfiguration serviceClientConfiguration() {
                return configured.serviceClientConfiguration();
            }

            @Override
            public String serviceName() {
                return "autoscaling";
            }

            @Override
            public void close() {
                configured.close();
            }
        }
    }
}
