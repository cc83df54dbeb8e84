package dev.glidepath.lab;

import static dev.glidepath.lab.SampleEvents.assertHasShapeOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AutoScalingStandIn.ActionState;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.AutoScalingStandIn.Place;
import dev.glidepath.lifecycle.HookResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingException;
import software.amazon.awssdk.services.autoscaling.model.CompleteLifecycleActionRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** The stand-in as the real SDK sees it. */
class AutoScalingStandInTest {
    private static final Instant START = Instant.parse("2026-08-24T11:00:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60010");
    private static final Hook HOOK = Hook.of("workers-a", "drain-hook")
            .withTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(150))
            .withDefaultResult(HookResult.CONTINUE);

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final TestQueue queue = TestQueue.create();
    private AutoScalingStandIn autoScaling;
    private AutoScalingClient client;

    @BeforeEach
    void start() {
        autoScaling = AutoScalingStandIn.start(now::get);
        autoScaling.addHook(HOOK);
        client = AutoScalingClient.builder()
                .region(Region.of(TestQueue.REGION))
                .endpointOverride(autoScaling.endpoint())
                .credentialsProvider(TestQueue.credentials())
                .httpClientBuilder(Loopback.http())
                .overrideConfiguration(calls -> calls.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        autoScaling.close();
    }

    @Test
    void announcesATerminationInTheShapeOfEventBridge() {
        Hook withMetadata = HOOK.withNotificationMetadata("{\"cluster\":\"demo\"}");
        autoScaling.addHook(withMetadata);

        LifecycleAction action =
                autoScaling.terminate("workers-a", INSTANCE, queue).getFirst();

        JsonNode sent = assertHasShapeOf("asg-terminate.json", receive(1).getFirst());
        assertThat(sent.at("/time").textValue()).isEqualTo("2026-08-24T11:00:00Z");
        assertThat(sent.at("/detail/LifecycleActionToken").textValue()).isEqualTo(autoScaling.tokenOf(action));
        assertThat(sent.at("/detail/EC2InstanceId").textValue()).isEqualTo(INSTANCE.value());
        assertThat(sent.at("/detail/NotificationMetadata").textValue()).isEqualTo("{\"cluster\":\"demo\"}");
    }

    @Test
    void announcesALaunchToTheLaunchingHooksAlone() {
        autoScaling.addHook(Hook.launching("workers-a", "launch-hook").withNotificationMetadata("rack=1"));

        LifecycleAction action =
                autoScaling.launch("workers-a", INSTANCE, queue).getFirst();

        JsonNode sent = assertHasShapeOf("asg-launch.json", receive(1).getFirst());
        assertThat(sent.at("/detail/LifecycleHookName").textValue()).isEqualTo("launch-hook");
        assertThat(sent.at("/detail/Origin").textValue()).isEqualTo("EC2");
        assertThat(sent.at("/detail/Destination").textValue()).isEqualTo("AutoScalingGroup");
        assertThat(lifecycleState()).isEqualTo("Pending:Wait");
        complete(action);
        assertThat(lifecycleState()).isEqualTo("InService");
    }

    @Test
    void sendsInstancesToTheWarmPoolAndTakesThemBack() {
        autoScaling.addHook(Hook.launching("workers-a", "launch-hook"));

        autoScaling.terminate("workers-a", INSTANCE, Place.WARM_POOL, queue);
        autoScaling.launch("workers-a", INSTANCE, Place.WARM_POOL, Place.AUTO_SCALING_GROUP, queue);

        List<String> sent = receive(2);
        JsonNode away = assertHasShapeOf("asg-terminate-to-warmpool.json", containing("drain-hook", sent));
        assertThat(away.at("/detail/Destination").textValue()).isEqualTo("WarmPool");
        assertThat(containing("launch-hook", sent))
                .contains("\"Origin\":\"WarmPool\"")
                .contains("EC2_INSTANCE_LAUNCHING");
    }

    @Test
    void hookWhoseTargetIsTheQueueTellsItBesidesEventBridge() {
        autoScaling.addHook(HOOK.withNotificationTarget(queue.arn()).withNotificationMetadata("rack=1"));

        LifecycleAction action = terminate();

        List<String> sent = receive(2);
        JsonNode direct = assertHasShapeOf("asg-direct-sqs-terminate.json", containing("\"Service\"", sent));
        assertThat(direct.at("/LifecycleActionToken").textValue()).isEqualTo(autoScaling.tokenOf(action));
        assertThat(direct.at("/Time").textValue()).isEqualTo("2026-08-24T11:00:00.000Z");
        assertThat(containing("detail-type", sent)).contains(autoScaling.tokenOf(action));
    }

    @Test
    void hookWhoseTargetIsASubscribedTopicTellsTheQueueByIt() {
        String topic = "arn:aws:sns:eu-west-1:123456789012:hooks";
        autoScaling.addHook(HOOK.withNotificationTarget(topic));
        autoScaling.subscribe(topic, queue);

        LifecycleAction action = terminate();

        JsonNode wrapped = assertHasShapeOf("asg-sns-wrapped.json", containing("Signature", receive(2)));
        assertThat(wrapped.at("/TopicArn").textValue()).isEqualTo(topic);
        assertThat(wrapped.at("/Message").textValue())
                .contains(autoScaling.tokenOf(action))
                .startsWith("{");
    }

    @Test
    void hookOfAnotherTargetReachesTheQueueByEventBridgeAlone() {
        autoScaling.addHook(HOOK.withNotificationTarget("arn:aws:sqs:eu-west-1:123456789012:theirs"));

        terminate();

        assertThat(receive(1)).singleElement().asString().contains("detail-type");
    }

    @Test
    void eachHookOfAGroupHoldsTheInstance() {
        autoScaling.addHook(Hook.of("workers-a", "backup-hook"));

        var actions = autoScaling.terminate("workers-a", INSTANCE, queue);

        assertThat(actions).extracting(LifecycleAction::hook).containsExactly("drain-hook", "backup-hook");
        assertThat(queue.visible()).isEqualTo(2);
    }

    @Test
    void acceptsOneCompletionAndRefusesTheNext() {
        LifecycleAction action = terminate();

        complete(action);

        assertThat(autoScaling.stateOf(action)).isEqualTo(new ActionState.Completed(HookResult.CONTINUE, START));
        assertThat(lifecycleState()).isEqualTo("Terminating:Proceed");
        assertThatThrownBy(() -> complete(action)).isInstanceOfSatisfying(AutoScalingException.class, refusal -> {
            assertThat(refusal.statusCode()).isEqualTo(400);
            assertThat(refusal.awsErrorDetails().errorCode()).isEqualTo("ValidationError");
            assertThat(refusal.awsErrorDetails().errorMessage())
                    .isEqualTo("No active Lifecycle Action found with token " + autoScaling.tokenOf(action));
            assertThat(refusal.requestId()).isNotBlank();
        });
        assertThat(autoScaling.completionsOf(action)).hasSize(2);
    }

    @Test
    void knowsAnActionByItsInstanceToo() {
        LifecycleAction action = terminate();

        var answer = client.completeLifecycleAction(request -> request.autoScalingGroupName(action.group())
                .lifecycleHookName(action.hook())
                .instanceId(INSTANCE.value())
                .lifecycleActionResult("ABANDON"));

        assertThat(answer.sdkHttpResponse().isSuccessful()).isTrue();
        assertThat(autoScaling.stateOf(action)).isEqualTo(new ActionState.Completed(HookResult.ABANDON, START));
    }

    @Test
    void refusesATokenItNeverGave() {
        LifecycleAction action = terminate();

        assertThatThrownBy(() -> complete(action, "made-up")).hasMessageContaining("No active Lifecycle Action found");
    }

    @Test
    void anActionExpiresWithItsDefaultWhenNoHeartbeatComes() {
        LifecycleAction action = terminate();
        assertThat(autoScaling.stateOf(action)).isEqualTo(new ActionState.Waiting(START.plusSeconds(60)));

        now.set(START.plusSeconds(60));

        assertThat(autoScaling.stateOf(action))
                .isEqualTo(new ActionState.Expired(HookResult.CONTINUE, START.plusSeconds(60)));
        assertThatThrownBy(() -> heartbeat(action)).hasMessageContaining("No active Lifecycle Action found");
    }

    @Test
    void heartbeatsExtendAnActionUpToTheGlobalTimeout() {
        LifecycleAction action = terminate();

        now.set(START.plusSeconds(50));
        heartbeat(action);
        assertThat(autoScaling.stateOf(action)).isEqualTo(new ActionState.Waiting(START.plusSeconds(110)));
        now.set(START.plusSeconds(100));
        heartbeat(action);

        assertThat(autoScaling.stateOf(action)).isEqualTo(new ActionState.Waiting(START.plusSeconds(150)));
        assertThat(autoScaling.heartbeatsOf(action))
                .extracting(AutoScalingStandIn.Call::at)
                .containsExactly(START.plusSeconds(50), START.plusSeconds(100));
        now.set(START.plusSeconds(150));
        assertThat(autoScaling.stateOf(action)).isInstanceOf(ActionState.Expired.class);
    }

    @Test
    void describesHooksAndInstances() {
        autoScaling.addHook(HOOK.withNotificationTarget("arn:aws:sqs:eu-west-1:123456789012:hooks"));
        autoScaling.addInstance("workers-a", INSTANCE);

        var hooks = client.describeLifecycleHooks(request -> request.autoScalingGroupName("workers-a"))
                .lifecycleHooks();

        assertThat(hooks).singleElement().satisfies(hook -> {
            assertThat(hook.lifecycleHookName()).isEqualTo("drain-hook");
            assertThat(hook.heartbeatTimeout()).isEqualTo(60);
            assertThat(hook.globalTimeout()).isEqualTo(150);
            assertThat(hook.defaultResult()).isEqualTo("CONTINUE");
            assertThat(hook.notificationTargetARN()).isEqualTo("arn:aws:sqs:eu-west-1:123456789012:hooks");
        });
        assertThat(lifecycleState()).isEqualTo("InService");
    }

    @Test
    void throttlesAndFailsAsOftenAsToldAndOnlyWhatItIsToldTo() {
        LifecycleAction action = terminate();
        autoScaling.faults().throttleNext(1, "CompleteLifecycleAction");
        autoScaling.faults().failNext(1, "CompleteLifecycleAction");

        heartbeat(action);
        assertThatThrownBy(() -> complete(action)).isInstanceOfSatisfying(AutoScalingException.class, refusal -> {
            assertThat(refusal.isThrottlingException()).isTrue();
            assertThat(refusal.statusCode()).isEqualTo(400);
        });
        assertThatThrownBy(() -> complete(action))
                .isInstanceOfSatisfying(
                        AutoScalingException.class,
                        refusal -> assertThat(refusal.statusCode()).isEqualTo(500));
        complete(action);

        assertThat(autoScaling.completionsOf(action)).hasSize(3);
    }

    @Test
    void anActionIsNotFoundBeforeItIsSoOldThoughItIsThere() {
        autoScaling.findActionsAfter(Duration.ofSeconds(20));
        LifecycleAction action = terminate();

        assertThatThrownBy(() -> heartbeat(action)).hasMessageContaining("No active Lifecycle Action found");
        assertThatThrownBy(() -> complete(action)).hasMessageContaining("No active Lifecycle Action found");
        assertThat(autoScaling.stateOf(action)).isInstanceOf(ActionState.Waiting.class);

        now.set(START.plusSeconds(20));
        complete(action);

        assertThat(autoScaling.stateOf(action)).isInstanceOf(ActionState.Completed.class);
    }

    private LifecycleAction terminate() {
        return autoScaling.terminate("workers-a", INSTANCE, queue).getFirst();
    }

    private void complete(LifecycleAction action) {
        complete(action, autoScaling.tokenOf(action));
    }

    private void complete(LifecycleAction action, String token) {
        var _ = client.completeLifecycleAction(CompleteLifecycleActionRequest.builder()
                .autoScalingGroupName(action.group())
                .lifecycleHookName(action.hook())
                .lifecycleActionToken(token)
                .lifecycleActionResult("CONTINUE")
                .build());
    }

    private void heartbeat(LifecycleAction action) {
        var _ = client.recordLifecycleActionHeartbeat(request -> request.autoScalingGroupName(action.group())
                .lifecycleHookName(action.hook())
                .lifecycleActionToken(autoScaling.tokenOf(action)));
    }

    private String lifecycleState() {
        return client.describeAutoScalingInstances(request -> request.instanceIds(INSTANCE.value()))
                .autoScalingInstances()
                .getFirst()
                .lifecycleState();
    }

    private List<String> receive(int messages) {
        List<String> bodies = new ArrayList<>();
        try (SqsClient sqs = TestQueue.newClient()) {
            while (bodies.size() < messages) {
                List<Message> received = sqs.receiveMessage(
                                request -> request.queueUrl(queue.url().toString())
                                        .maxNumberOfMessages(10)
                                        .waitTimeSeconds(5))
                        .messages();
                assertThat(received).as("more messages").isNotEmpty();
                received.forEach(message -> bodies.add(message.body()));
            }
        }
        assertThat(bodies).hasSize(messages);
        assertThat(queue.visible()).as("even more messages").isZero();
        return bodies;
    }

    /** Messages come in any order. */
    private static String containing(String text, List<String> bodies) {
        return bodies.stream().filter(body -> body.contains(text)).findFirst().orElseThrow();
    }
}
