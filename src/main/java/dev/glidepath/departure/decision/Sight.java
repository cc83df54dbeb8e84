package dev.glidepath.departure.decision;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that can be seen of one departure at one moment.
 *
 * @param budgets those over the pods, less the evictions under way that they do not count yet
 * @param attached the volumes attached to the node
 * @param rush how long the calls may take that all departures together still owe
 */
public record Sight(
        InstanceId instance,
        NodeSight node,
        PodSight pods,
        List<Budget> budgets,
        Set<String> attached,
        Duration rush,
        List<Notice> notices,
        Attempts attempts) {

    public Sight {
        budgets = List.copyOf(budgets);
        attached = Set.copyOf(attached);
        notices = List.copyOf(notices);
    }

    /** What the node remembers. */
    Optional<Journal> journal() {
        return node instanceof Present(KubeNode present) ? present.journal() : Optional.empty();
    }

    /** The lifecycle actions owed and when each began, once however many messages told of it; EKS' own are not ours. */
    Map<LifecycleAction, Instant> hooks() {
        Map<LifecycleAction, Instant> hooks = new LinkedHashMap<>();
        for (Notice notice : notices) {
            if (notice.interruption() instanceof AsgTermination(LifecycleAction action, var _)
                    && !action.belongsToEks()) {
                hooks.putIfAbsent(action, notice.noticedAt());
            }
        }
        return hooks;
    }

    Set<InterruptionId> interruptions() {
        return notices.stream().map(notice -> notice.interruption().id()).collect(Collectors.toUnmodifiableSet());
    }

    Set<MessageId> messages() {
        return notices.stream().map(Notice::message).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether nothing but a lifecycle action ends the instance. */
    boolean onlyHooksEndIt() {
        return notices.stream().allMatch(notice -> notice.interruption() instanceof AsgTermination);
    }

    /** When EC2 said that the machine is off: nobody on it can be asked anything any more. */
    Optional<Instant> machineOffSince() {
        return notices.stream()
                .filter(notice -> notice.interruption() instanceof StateChange change
                        && (change.state() == InstanceState.STOPPED || change.state() == InstanceState.TERMINATED))
                .map(Notice::receivedAt)
                .findFirst();
    }
}
