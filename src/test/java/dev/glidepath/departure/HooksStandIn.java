package dev.glidepath.departure;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.AutoScalingServiceClientConfiguration;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingException;
import software.amazon.awssdk.services.autoscaling.model.CompleteLifecycleActionRequest;
import software.amazon.awssdk.services.autoscaling.model.CompleteLifecycleActionResponse;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksRequest;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksResponse;
import software.amazon.awssdk.services.autoscaling.model.LifecycleHook;
import software.amazon.awssdk.services.autoscaling.model.RecordLifecycleActionHeartbeatRequest;
import software.amazon.awssdk.services.autoscaling.model.RecordLifecycleActionHeartbeatResponse;

/** Auto Scaling in memory: each group has one hook, which holds terminating instances. Remembers what it was asked. */
public final class HooksStandIn implements AutoScalingClient {
    /** The hook that each group has. */
    public static final String HOOK = "drain";

    public static final int HEARTBEAT_SECONDS = 600;
    public static final int GLOBAL_SECONDS = 7_200;

    private final List<String> completed = new CopyOnWriteArrayList<>();
    private final List<String> heartbeats = new CopyOnWriteArrayList<>();
    private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

    /** The tokens of the actions that were completed, in that order. */
    public List<String> completed() {
        return List.copyOf(completed);
    }

    /** The tokens of the actions whose timers were restarted, in that order. */
    public List<String> heartbeats() {
        return List.copyOf(heartbeats);
    }

    /** The next request fails. */
    public void fail(RuntimeException failure) {
        failures.add(failure);
    }

    /** What Auto Scaling answers. */
    public static RuntimeException answer(int status, String code, String message) {
        return AutoScalingException.builder()
                .statusCode(status)
                .message(message)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .build();
    }

    private void failIfAsked() {
        Optional.ofNullable(failures.poll()).ifPresent(failure -> {
            throw failure;
        });
    }

    @Override
    public CompleteLifecycleActionResponse completeLifecycleAction(CompleteLifecycleActionRequest request) {
        failIfAsked();
        completed.add(request.lifecycleActionToken());
        return CompleteLifecycleActionResponse.builder().build();
    }

    @Override
    public RecordLifecycleActionHeartbeatResponse recordLifecycleActionHeartbeat(
            RecordLifecycleActionHeartbeatRequest request) {
        failIfAsked();
        heartbeats.add(request.lifecycleActionToken());
        return RecordLifecycleActionHeartbeatResponse.builder().build();
    }

    @Override
    public DescribeLifecycleHooksResponse describeLifecycleHooks(DescribeLifecycleHooksRequest request) {
        failIfAsked();
        return DescribeLifecycleHooksResponse.builder()
                .lifecycleHooks(LifecycleHook.builder()
                        .lifecycleHookName(HOOK)
                        .autoScalingGroupName(request.autoScalingGroupName())
                        .lifecycleTransition("autoscaling:EC2_INSTANCE_TERMINATING")
                        .heartbeatTimeout(HEARTBEAT_SECONDS)
                        .globalTimeout(GLOBAL_SECONDS)
                        .build())
                .build();
    }

    @Override
    public AutoScalingServiceClientConfiguration serviceClientConfiguration() {
        return AutoScalingServiceClientConfiguration.builder().build();
    }

    @Override
    public String serviceName() {
        return "autoscaling";
    }

    @Override
    public void close() {}
}
