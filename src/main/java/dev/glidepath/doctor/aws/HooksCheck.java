package dev.glidepath.doctor.aws;

import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.aws.AwsChecks.NodeInstances;
import dev.glidepath.event.InstanceId;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.lifecycle.HookOwnership.Told;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import dev.glidepath.permission.Permission;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingException;
import software.amazon.awssdk.services.autoscaling.model.LifecycleHook;

/**
 * Checks that the Auto Scaling groups behind the nodes have a lifecycle hook for us, which holds an instance before its termination.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
final class HooksCheck implements Check {
    /** The most instances that one request may name. */
    private static final int BATCH = 50;

    private static final String TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMinutes(2);

    /** How long the daemon waits for the node of a booting instance; it sends no heartbeat before the node has joined. */
    private static final Duration NODE_AWAITED_FOR = Duration.ofMinutes(5);

    private final NodeInstances nodes;
    private final AutoScalingClient autoScaling;
    private final Supplier<HookOwnership> ownership;

    /** @param ownership read after the check of the queue, since a hook that notifies the queue is ours */
    HooksCheck(NodeInstances nodes, AutoScalingClient autoScaling, Supplier<HookOwnership> ownership) {
        this.nodes = nodes;
        this.autoScaling = autoScaling;
        this.ownership = ownership;
    }

    @Override
    public String about() {
        return "hooks";
    }

    @Override
    public Set<String> after() {
        return Set.of(CREDENTIALS, CLUSTER);
    }

    @Override
    public List<Finding> run() throws IOException, InterruptedException {
        List<String> instances = nodes.read().stream().map(InstanceId::value).toList();
        try {
            Map<String, Integer> groups = groupsOf(instances);
            int grouped = groups.values().stream().mapToInt(Integer::intValue).sum();
            List<Finding> findings = new ArrayList<>();
            groups.forEach((group, size) -> findings.addAll(ofGroup(group, size)));
            if (grouped < instances.size()) {
                findings.add(Finding.ok(
                        about(),
                        "%d nodes are of no Auto Scaling group, such as Karpenter's: they have no hook and need none"
                                .formatted(instances.size() - grouped)));
            }
            return findings;
        } catch (AutoScalingException refused) {
            if (!AwsFailures.isDenied(refused)) {
                throw refused;
            }
            return List.of(Finding.warn(
                    about(),
                    "AWS does not let us look at them: " + AwsFailures.words(refused),
                    "allow " + Permission.DESCRIBE_LIFECYCLE_HOOKS.action() + ", which the daemon needs, and"
                            + " autoscaling:DescribeAutoScalingInstances: DoctorAccess of the template in iam/"));
        }
    }

    /** The groups of the instances, each with the number of its instances. */
    private Map<String, Integer> groupsOf(List<String> instances) {
        Map<String, Integer> groups = new TreeMap<>();
        for (int from = 0; from < instances.size(); from += BATCH) {
            List<String> some = instances.subList(from, Math.min(from + BATCH, instances.size()));
            autoScaling
                    .describeAutoScalingInstancesPaginator(ask -> ask.instanceIds(some))
                    .autoScalingInstances()
                    .forEach(instance -> groups.merge(instance.autoScalingGroupName(), 1, Integer::sum));
        }
        return groups;
    }

    private List<Finding> ofGroup(String group, int size) {
        List<LifecycleHook> all = autoScaling
                .describeLifecycleHooks(ask -> ask.autoScalingGroupName(group))
                .lifecycleHooks();
        List<GroupHook> known = all.stream().map(GroupHook::of).toList();
        List<LifecycleHook> hooks = all.stream()
                .filter(hook -> TERMINATING.equals(hook.lifecycleTransition()))
                .toList();
        List<LifecycleHook> ours = with(Verdict.OURS, hooks, known);
        if (!ours.isEmpty()) {
            return ours.stream().map(hook -> ofHook(group, size, hook)).toList();
        }
        List<LifecycleHook> undecided = with(Verdict.UNDECIDED, hooks, known);
        if (!undecided.isEmpty()) {
            return List.of(Finding.warn(
                    about(),
                    "nobody can tell which of the hooks %s of group %s (%d nodes) is for us, so none is completed"
                            .formatted(names(undecided), group, size),
                    "list those that are in GLIDEPATH_LIFECYCLE_HOOKS (config.lifecycle.hooks), or name one"
                            + " glidepath-terminate"));
        }
        return List.of(
                hooks.stream().anyMatch(hook -> HookOwnership.isOfEks(hook.lifecycleHookName()))
                        ? Finding.ok(
                                about(),
                                "group %s (%d nodes) is of an EKS managed node group, which EKS drains itself"
                                        .formatted(group, size))
                        : Finding.warn(
                                about(),
                                "group %s (%d nodes) has no hook for us: when it scales in, its instances go undrained"
                                        .formatted(group, size),
                                "add a lifecycle hook for %s: iam/hooks/group.sh %s".formatted(TERMINATING, group)));
    }

    private Finding ofHook(String group, int size, LifecycleHook hook) {
        if (hook.heartbeatTimeout() < SHORTEST_TIMEOUT.toSeconds()) {
            return Finding.warn(
                    about(),
                    "hook %s of group %s times out after %d s: if no replica runs for so long, the instance is lost"
                            .formatted(hook.lifecycleHookName(), group, hook.heartbeatTimeout()),
                    "set HeartbeatTimeout to 300");
        }
        if (hook.heartbeatTimeout() < NODE_AWAITED_FOR.toSeconds()
                && !ownership.get().isOfOurGroups(group)) {
            return Finding.warn(
                    about(),
                    ("hook %s of group %s times out after %d s: the node of an instance that is terminated while it"
                                    + " boots is waited for %d s, and before it joins no heartbeat is sent")
                            .formatted(
                                    hook.lifecycleHookName(),
                                    group,
                                    hook.heartbeatTimeout(),
                                    NODE_AWAITED_FOR.toSeconds()),
                    "set HeartbeatTimeout to 300, or list the group in GLIDEPATH_LIFECYCLE_GROUPS"
                            + " (config.lifecycle.groups)");
        }
        return Finding.ok(
                about(),
                "group %s (%d nodes) waits for us by hook %s".formatted(group, size, hook.lifecycleHookName()));
    }

    private List<LifecycleHook> with(Verdict verdict, List<LifecycleHook> hooks, List<GroupHook> group) {
        return hooks.stream()
                .filter(hook ->
                        ownership.get().of(hook.lifecycleHookName(), Told.BY_NONE, Optional.of(group)) == verdict)
                .toList();
    }

    private static String names(List<LifecycleHook> hooks) {
        return hooks.stream().map(LifecycleHook::lifecycleHookName).sorted().collect(Collectors.joining(", "));
    }
}
