package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.Finding.Level;
import dev.glidepath.event.InstanceId;
import dev.glidepath.lifecycle.HookOwnership;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingException;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingInstanceDetails;
import software.amazon.awssdk.services.autoscaling.model.DescribeAutoScalingInstancesRequest;
import software.amazon.awssdk.services.autoscaling.model.DescribeAutoScalingInstancesResponse;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksRequest;
import software.amazon.awssdk.services.autoscaling.model.DescribeLifecycleHooksResponse;
import software.amazon.awssdk.services.autoscaling.model.LifecycleHook;

class HooksCheckTest {
    private final ScriptedGroup group = new ScriptedGroup();

    @Test
    void acceptsAHookOfOurs() throws Exception {
        group.hooks.add(hook("glidepath-terminate", 300));

        assertThat(findings(2))
                .containsExactly(
                        Finding.ok("hooks", "group workers (2 nodes) waits for us by hook glidepath-terminate"));
    }

    @Test
    void warnsOfAGroupWithoutHooks() throws Exception {
        assertThat(findings(1)).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.WARN);
            assertThat(finding.found()).startsWith("group workers (1 nodes) has no hook for us");
        });
    }

    @Test
    void warnsOfAHookThatTimesOutSoon() throws Exception {
        group.hooks.add(hook("glidepath-terminate", 60));

        assertThat(findings(1))
                .extracting(Finding::level, Finding::remedy)
                .containsExactly(tuple(Level.WARN, "set HeartbeatTimeout to 300"));
    }

    @Test
    void leavesManagedNodeGroupsToEks() throws Exception {
        group.hooks.add(hook("Terminate-LC-Hook", 1800));

        assertThat(findings(1)).extracting(Finding::level).containsExactly(Level.OK);
    }

    @Test
    void asksForFiftyInstancesAtOnce() throws Exception {
        group.hooks.add(hook("glidepath-terminate", 300));

        assertThat(findings(120))
                .extracting(Finding::found)
                .singleElement()
                .asString()
                .contains("(120 nodes)");
        assertThat(group.batches).containsExactly(50, 50, 20);
    }

    @Test
    void warnsWhenHooksMayNotBeRead() throws Exception {
        group.denied = true;

        assertThat(findings(1)).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.WARN);
            assertThat(finding.remedy()).contains("autoscaling:DescribeAutoScalingInstances", "DoctorAccess");
        });
    }

    private List<Finding> findings(int nodes) throws Exception {
        List<InstanceId> instances = IntStream.range(0, nodes)
                .mapToObj(number -> new InstanceId("i-%017x".formatted(number)))
                .toList();
        return new HooksCheck(() -> instances, group, () -> new HookOwnership(Set.of(), List.of(), Optional.empty()))
                .run();
    }

    private static LifecycleHook hook(String name, int timeout) {
        return LifecycleHook.builder()
                .lifecycleHookName(name)
                .lifecycleTransition("autoscaling:EC2_INSTANCE_TERMINATING")
                .heartbeatTimeout(timeout)
                .build();
    }

    /** Auto Scaling with a single group, to which all instances belong. */
    private static final class ScriptedGroup implements AutoScalingClient {
        final List<LifecycleHook> hooks = new ArrayList<>();
        final List<Integer> batches = new ArrayList<>();
        boolean denied;

        @Override
        public DescribeAutoScalingInstancesResponse describeAutoScalingInstances(
                DescribeAutoScalingInstancesRequest request) {
            if (denied) {
                throw (AutoScalingException) AutoScalingException.builder()
                        .statusCode(403)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("AccessDenied")
                                .errorMessage("not authorized")
                                .build())
                        .build();
            }
            batches.add(request.instanceIds().size());
            return DescribeAutoScalingInstancesResponse.builder()
                    .autoScalingInstances(request.instanceIds().stream()
                            .map(instance -> AutoScalingInstanceDetails.builder()
                                    .instanceId(instance)
                                    .autoScalingGroupName("workers")
                                    .build())
                            .toList())
                    .build();
        }

        @Override
        public DescribeLifecycleHooksResponse describeLifecycleHooks(DescribeLifecycleHooksRequest request) {
            return DescribeLifecycleHooksResponse.builder()
                    .lifecycleHooks(hooks)
                    .build();
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }
}
