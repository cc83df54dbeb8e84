package dev.glidepath.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.Loopback;
import dev.glidepath.lifecycle.HookLookup.Found;
import dev.glidepath.lifecycle.HookOutcome.Done;
import dev.glidepath.lifecycle.HookTrouble.Failed;
import dev.glidepath.permission.Permissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.AutoScalingServiceClientConfiguration;
import software.amazon.awssdk.services.autoscaling.model.CompleteLifecycleActionRequest;
import software.amazon.awssdk.services.autoscaling.model.CompleteLifecycleActionResponse;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksRequest;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksResponse;
import software.amazon.awssdk.services.autoscaling.model.LifecycleHook;
import software.amazon.awssdk.services.autoscaling.model.RecordLifecycleActionHeartbeatRequest;
import software.amazon.awssdk.services.autoscaling.model.RecordLifecycleActionHeartbeatResponse;

/** With a client that outlasts its time limit, as none does that keeps it; the rest is in {@link LifecycleHooksIT}. */
class LifecycleHooksTest {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final LifecycleToken TOKEN = new LifecycleToken("token");
    private static final LifecycleAction ACTION =
            LifecycleAction.of("workers-a", "drain-hook", TOKEN, new InstanceId("i-0a1b2c3d4e5f60010"));

    private final Outlasting client = new Outlasting(Duration.ofMillis(200));
    private final LifecycleHooks hooks =
            new LifecycleHooks(client, knowing(TOKEN), InstantSource.system(), new Permissions(_ -> {}));

    private static ActionTokens knowing(LifecycleToken token) {
        ActionTokens tokens = new ActionTokens();
        tokens.learn(token, new ActionNotice(ACTION, Route.EVENT_BRIDGE));
        return tokens;
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void aCallThatGetsNoTurnWithinTheTimeLimitHasFailed() throws InterruptedException {
        List<Thread> crowd = new ArrayList<>();
        for (int i = 0; i < LifecycleHooks.REQUESTS_AT_MOST; i++) {
            crowd.add(Thread.startVirtualThread(() -> hooks.heartbeat(ACTION)));
        }
        await().atMost(BOUND).until(() -> client.heartbeats.get() == LifecycleHooks.REQUESTS_AT_MOST);

        assertThat(hooks.complete(ACTION, HookResult.CONTINUE))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.why())
                                .contains("autoscaling:CompleteLifecycleAction", "no turn within PT0.2S"));
        assertThat(hooks.describe(ACTION))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.why())
                                .contains("autoscaling:DescribeLifecycleHooks", "no turn within PT0.2S"));

        client.answers.countDown();
        for (Thread caller : crowd) {
            assertThat(caller.join(BOUND)).isTrue();
        }
        assertThat(hooks.complete(ACTION, HookResult.CONTINUE)).isEqualTo(new Done());
        assertThat(hooks.describe(ACTION)).isInstanceOf(Found.class);
    }

    /** Has a real client's time limit, and heartbeats that are not answered until it is told to. */
    private static final class Outlasting implements AutoScalingClient {
        private final CountDownLatch answers = new CountDownLatch(1);
        private final AtomicInteger heartbeats = new AtomicInteger();
        private final AutoScalingClient limited;

        Outlasting(Duration answerWithin) {
            limited = AutoScalingClient.builder()
                    .region(Region.EU_WEST_1)
                    .credentialsProvider(AnonymousCredentialsProvider.create())
                    .httpClientBuilder(Loopback.http())
                    .overrideConfiguration(calls -> calls.apiCallTimeout(answerWithin))
                    .build();
        }

        @Override
        public AutoScalingServiceClientConfiguration serviceClientConfiguration() {
            return limited.serviceClientConfiguration();
        }

        @Override
        public RecordLifecycleActionHeartbeatResponse recordLifecycleActionHeartbeat(
                RecordLifecycleActionHeartbeatRequest request) {
            heartbeats.incrementAndGet();
            try {
                answers.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            return RecordLifecycleActionHeartbeatResponse.builder().build();
        }

        @Override
        public CompleteLifecycleActionResponse completeLifecycleAction(CompleteLifecycleActionRequest request) {
            return CompleteLifecycleActionResponse.builder().build();
        }

        @Override
        public DescribeLifecycleHooksResponse describeLifecycleHooks(DescribeLifecycleHooksRequest request) {
            return DescribeLifecycleHooksResponse.builder()
                    .lifecycleHooks(LifecycleHook.builder()
                            .lifecycleHookName(ACTION.hook())
                            .build())
                    .build();
        }

        @Override
        public String serviceName() {
            return "autoscaling";
        }

        @Override
        public void close() {
            answers.countDown();
            limited.close();
        }
    }
}
