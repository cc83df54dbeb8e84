package dev.glidepath.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.Loopback;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lifecycle.HookLookup.Found;
import dev.glidepath.lifecycle.HookLookup.HookTimes;
import dev.glidepath.lifecycle.HookLookup.NoSuchHook;
import dev.glidepath.lifecycle.HookOutcome.Done;
import dev.glidepath.lifecycle.HookOutcome.NoActiveAction;
import dev.glidepath.lifecycle.HookTrouble.Denied;
import dev.glidepath.lifecycle.HookTrouble.Failed;
import dev.glidepath.lifecycle.HookTrouble.Throttled;
import dev.glidepath.permission.Permissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;

/** Through the real SDK, against a server that speaks Auto Scaling's protocol. */
class LifecycleHooksIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-08-24T11:00:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60010");
    private static final Hook HOOK = Hook.of("workers-a", "drain-hook").withHeartbeatTimeout(Duration.ofMinutes(10));

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final TestQueue queue = TestQueue.create();
    private final Permissions permissions = new Permissions(_ -> {});
    private AutoScalingStandIn autoScaling;
    private AutoScalingClient client;
    private final ActionTokens tokens = new ActionTokens();
    private LifecycleHooks hooks;

    @BeforeEach
    void start() {
        autoScaling = AutoScalingStandIn.start(now::get);
        autoScaling.addHook(HOOK);
        client = client(BOUND);
        hooks = new LifecycleHooks(client, tokens, now::get, permissions);
    }

    @AfterEach
    void stop() {
        client.close();
        autoScaling.close();
    }

    @Test
    void aHeartbeatRestartsTheTimer() {
        LifecycleAction action = terminate();
        now.set(START.plusSeconds(300));

        HookOutcome outcome = hooks.heartbeat(action);

        assertThat(outcome).isEqualTo(new Done());
        assertThat(autoScaling.stateOf(action)).isEqualTo(new ActionState.Waiting(START.plusSeconds(900)));
    }

    @Test
    void completesWithTheResultAndTheMessagesToken() {
        LifecycleAction action = terminate();

        HookOutcome outcome = hooks.complete(action, HookResult.ABANDON);

        assertThat(outcome).isEqualTo(new Done());
        assertThat(autoScaling.stateOf(action)).isEqualTo(new ActionState.Completed(HookResult.ABANDON, START));
        assertThat(autoScaling.completionsOf(action))
                .singleElement()
                .satisfies(call -> assertThat(call.parameters())
                        .containsEntry("LifecycleHookName", "drain-hook")
                        .doesNotContainKey("InstanceId"));
    }

    @Test
    void asksNothingAsLongAsTheTokenIsNotKnown() {
        LifecycleAction action = LifecycleAction.of("workers-a", "drain-hook", new LifecycleToken("later"), INSTANCE);

        assertThat(hooks.complete(action, HookResult.CONTINUE))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.why()).contains("not known here yet"));
        assertThat(hooks.heartbeat(action)).isInstanceOf(Failed.class);
        assertThat(autoScaling.calls()).isEmpty();
    }

    @Test
    void tellsWhenThereIsNothingToCompleteAnyMore() {
        LifecycleAction action = terminate();
        assertThat(hooks.complete(action, HookResult.CONTINUE)).isEqualTo(new Done());

        assertThat(hooks.complete(action, HookResult.CONTINUE)).isEqualTo(new NoActiveAction());
        assertThat(hooks.heartbeat(action)).isEqualTo(new NoActiveAction());
        LifecycleToken token = new LifecycleToken("token");
        LifecycleAction ofNoGroup = LifecycleAction.of("deleted-group", "drain-hook", token, INSTANCE);
        tokens.learn(token, new ActionNotice(ofNoGroup, Route.EVENT_BRIDGE));
        assertThat(hooks.complete(ofNoGroup, HookResult.CONTINUE)).isEqualTo(new NoActiveAction());
    }

    @Test
    void asksOnceWhenThrottledOrFailed() {
        LifecycleAction action = terminate();
        autoScaling.faults().throttleNext(1);
        autoScaling.faults().failNext(1);

        assertThat(hooks.complete(action, HookResult.CONTINUE)).isEqualTo(new Throttled());
        assertThat(hooks.complete(action, HookResult.CONTINUE))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.why())
                                .contains("autoscaling:CompleteLifecycleAction", "HTTP 500", "drain-hook")
                                .doesNotContain(autoScaling.tokenOf(action)));

        assertThat(autoScaling.completionsOf(action)).hasSize(2);
        assertThat(hooks.complete(action, HookResult.CONTINUE)).isEqualTo(new Done());
    }

    @Test
    void namesTheMissingPermission() {
        LifecycleAction action = terminate();
        autoScaling.faults().deny();

        assertThat(hooks.heartbeat(action))
                .isInstanceOfSatisfying(
                        Denied.class,
                        denied -> assertThat(denied.why())
                                .contains("autoscaling:RecordLifecycleActionHeartbeat", "workers-a")
                                .doesNotContain(autoScaling.tokenOf(action)));
        assertThat(hooks.describe(action))
                .isInstanceOfSatisfying(
                        Denied.class,
                        denied -> assertThat(denied.why()).contains("autoscaling:DescribeLifecycleHooks"));
    }

    @Test
    void deniedPermissionIsKnownUntilItIsGrantedEvenWhenIdle() {
        LifecycleAction action = terminate();
        autoScaling.faults().deny();
        hooks.heartbeat(action);
        hooks.complete(action, HookResult.CONTINUE);
        hooks.checkPermissions();
        assertThat(permissions.missing()).isEqualTo(3);

        hooks.checkWhatWasDenied();
        hooks.checkPermissions();
        assertThat(permissions.missing()).isEqualTo(3);
        autoScaling.faults().heal();
        hooks.checkWhatWasDenied();
        hooks.checkPermissions();

        assertThat(permissions.missing()).isZero();
        assertThat(autoScaling.stateOf(action)).as("nothing was done to it").isInstanceOf(ActionState.Waiting.class);
        assertThat(autoScaling.heartbeatsOf(action)).hasSize(1);
    }

    @Test
    void givesUpOnAServerThatHangs() throws InterruptedException, ExecutionException, TimeoutException {
        LifecycleAction action = terminate();
        try (AutoScalingClient impatient = client(Duration.ofMillis(300));
                var _ = autoScaling.faults().hang()) {
            var heartbeat = new FutureTask<>(
                    () -> new LifecycleHooks(impatient, tokens, now::get, permissions).heartbeat(action));
            Thread.startVirtualThread(heartbeat);

            assertThat(heartbeat.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Failed.class);
        }
    }

    @Test
    void failsWhenNobodyListens() {
        LifecycleAction action = terminate();
        autoScaling.close();

        assertThat(hooks.complete(action, HookResult.CONTINUE)).isInstanceOf(Failed.class);
    }

    @Test
    void describesAHookWithItsTimesAndTheHooksOfItsGroup() {
        LifecycleAction action = terminate();
        autoScaling.addHook(HOOK.withNotificationTarget("arn:aws:sns:eu-west-1:123456789012:theirs"));
        autoScaling.addHook(Hook.launching("workers-a", "join").withNotificationMetadata("glidepath of shop"));

        assertThat(hooks.describe(action))
                .isEqualTo(new Found(
                        new HookTimes(Duration.ofMinutes(10), Duration.ofMinutes(1000)),
                        List.of(
                                new GroupHook("drain-hook", true, "arn:aws:sns:eu-west-1:123456789012:theirs", ""),
                                new GroupHook("join", false, "", "glidepath of shop"))));
    }

    @Test
    void asksForTheHooksOfAGroupOnceInFiveMinutes() {
        LifecycleAction action = terminate();
        autoScaling.addHook(Hook.of("workers-a", "other-hook"));

        hooks.describe(action);
        hooks.describe(new LifecycleAction("workers-a", "other-hook", "token", INSTANCE));
        now.set(START.plusSeconds(299));
        hooks.describe(action);
        assertThat(descriptions()).isEqualTo(1);

        now.set(START.plusSeconds(300));
        hooks.describe(action);
        assertThat(descriptions()).isEqualTo(2);
    }

    @Test
    void asksAgainForAHookThatMayHaveBeenMadeSince() {
        terminate();
        var later = new LifecycleAction("workers-a", "later-hook", "token", INSTANCE);
        assertThat(hooks.describe(later)).isEqualTo(new NoSuchHook());
        autoScaling.addHook(Hook.of("workers-a", "later-hook"));

        assertThat(hooks.describe(later)).as("at once").isEqualTo(new NoSuchHook());
        now.set(START.plusSeconds(15));

        assertThat(hooks.describe(later)).isInstanceOf(Found.class);
        assertThat(descriptions()).isEqualTo(2);
    }

    @Test
    void knowsNoHookOfAGroupThatIsGone() {
        assertThat(hooks.describe(new LifecycleAction("deleted-group", "drain-hook", "token", INSTANCE)))
                .isEqualTo(new NoSuchHook());
    }

    @Test
    void remembersNoFailure() {
        LifecycleAction action = terminate();
        autoScaling.faults().failNext(1);

        assertThat(hooks.describe(action)).isInstanceOf(Failed.class);
        assertThat(hooks.describe(action)).isInstanceOf(Found.class);
    }

    @Test
    void manyCallersAtOnceShareOneRequest() throws InterruptedException {
        LifecycleAction action = terminate();
        List<Thread> askers = new ArrayList<>();
        try (var _ = autoScaling.faults().hang()) {
            for (int i = 0; i < 20; i++) {
                askers.add(Thread.startVirtualThread(() -> hooks.describe(action)));
            }
            await().atMost(BOUND)
                    .until(() -> descriptions() == 1
                            && askers.stream()
                                    .allMatch(asker -> asker.getState() == Thread.State.WAITING
                                            || asker.getState() == Thread.State.TIMED_WAITING));
        }
        for (Thread asker : askers) {
            assertThat(asker.join(BOUND)).isTrue();
        }

        assertThat(descriptions()).isEqualTo(1);
    }

    @Test
    void threeHundredActionsOfOneGroupAreOneQuestion() {
        List<LifecycleAction> actions = IntStream.range(0, 300)
                .mapToObj(number -> new LifecycleAction(
                        "workers-a", "drain-hook", "token " + number, new InstanceId("i-%08x".formatted(number))))
                .toList();

        List<HookLookup> answers = new CopyOnWriteArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            actions.forEach(action -> threads.execute(() -> answers.add(hooks.describe(action))));
        }

        assertThat(answers).hasSize(300).hasOnlyElementsOfType(Found.class);
        assertThat(descriptions()).isEqualTo(1);
    }

    @Test
    void letsSixteenRequestsThroughAtATime() throws InterruptedException {
        LifecycleAction action = terminate();
        List<HookOutcome> outcomes = new CopyOnWriteArrayList<>();
        List<Thread> callers = new ArrayList<>();
        try (var _ = autoScaling.faults().hang()) {
            for (int i = 0; i < 40; i++) {
                callers.add(Thread.startVirtualThread(() -> outcomes.add(hooks.heartbeat(action))));
            }
            await().during(Duration.ofMillis(500))
                    .atMost(BOUND)
                    .until(() -> autoScaling.calls().size() == LifecycleHooks.REQUESTS_AT_MOST);
        }
        for (Thread caller : callers) {
            assertThat(caller.join(BOUND)).isTrue();
        }

        assertThat(outcomes).hasSize(40).containsOnly(new Done());
        assertThat(autoScaling.heartbeatsOf(action)).hasSize(40);
    }

    @Test
    void anInterruptEndsEachWait() throws InterruptedException, ExecutionException, TimeoutException {
        LifecycleAction action = terminate();
        List<Thread> crowd = new ArrayList<>();
        try (var _ = autoScaling.faults().hang()) {
            for (int i = 0; i < LifecycleHooks.REQUESTS_AT_MOST; i++) {
                crowd.add(Thread.startVirtualThread(() -> hooks.heartbeat(action)));
            }
            await().atMost(BOUND).until(() -> autoScaling.calls().size() == LifecycleHooks.REQUESTS_AT_MOST);
            var waits = new FutureTask<>(() -> hooks.complete(action, HookResult.CONTINUE));
            Thread waiting = Thread.startVirtualThread(waits);
            await().atMost(BOUND).until(() -> waiting.getState() == Thread.State.TIMED_WAITING);

            waiting.interrupt();
            assertThat(waits.get(20, TimeUnit.SECONDS)).as("before its turn").isInstanceOf(Failed.class);
            for (Thread caller : crowd) {
                caller.interrupt();
                assertThat(caller.join(Duration.ofSeconds(20)))
                        .as("before its answer")
                        .isTrue();
            }
        }
    }

    private long descriptions() {
        return autoScaling.calls("DescribeLifecycleHooks").size();
    }

    private LifecycleAction terminate() {
        LifecycleAction action =
                autoScaling.terminate("workers-a", INSTANCE, queue).getFirst();
        tokens.learn(new LifecycleToken(autoScaling.tokenOf(action)), new ActionNotice(action, Route.EVENT_BRIDGE));
        return action;
    }

    private AutoScalingClient client(Duration answerWithin) {
        return AutoScalingClient.builder()
                .region(Region.of(TestQueue.REGION))
                .endpointOverride(autoScaling.endpoint())
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClientBuilder(Loopback.http())
                .overrideConfiguration(calls ->
                        calls.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(answerWithin))
                .build();
    }
}
