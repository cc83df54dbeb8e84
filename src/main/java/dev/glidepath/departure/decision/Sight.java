package dev.glidepath.departure.decision;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that can be seen of one departure at one moment.
 *
 * @param claim whose it is
 * @param budgets those over the pods, less the evictions under way that they do not count yet
 * @param attached the volumes attached to the node
 * @param surroundings what all departures share
 * @param notices the messages we hold that tell of it
 */
public record Sight(
        InstanceId instance,
        NodeSight node,
        Claim claim,
        PodSight pods,
        List<Budget> budgets,
        Set<String> attached,
        Surroundings surroundings,
        List<Notice> notices,
        Attempts attempts) {

    public Sight {
        budgets = List.copyOf(budgets);
        attached = Set.copyOf(attached);
        notices = List.copyOf(notices);
    }

    /**
     * What all departures share.
     *
     * @param rush how long the calls may take that all of them together still owe
     * @param drainsFrom no eviction before, while a burst of notices is being cordoned; long past where there is none
     * @param tooManyDepart whether so many other nodes depart, or are not Ready, that nobody else should go without need
     */
    public record Surroundings(Duration rush, Instant drainsFrom, boolean tooManyDepart) {
        /** Nothing else happens. */
        public static final Surroundings QUIET = new Surroundings(Duration.ZERO, Instant.MIN, false);
    }

    /** What the node remembers. */
    Optional<Journal> journal() {
        return node instanceof Present(KubeNode present) ? present.journal() : Optional.empty();
    }

    Set<MessageId> messages() {
        return notices.stream().map(Notice::message).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a lifecycle hook waits that is ours to complete, as far as is known. */
    public boolean owesHooks() {
        boolean told = notices.stream().anyMatch(notice -> notice.interruption() instanceof AsgTermination);
        boolean ours = claim.holding() instanceof Claim.Holding.Us
                && journal().filter(open -> !open.hooks().isEmpty()).isPresent();
        return told || ours;
    }
}
