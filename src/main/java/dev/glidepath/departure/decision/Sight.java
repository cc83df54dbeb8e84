package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.lifecycle.HookOwnership.Told;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Hook;
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
import java.util.stream.Stream;

/**
 * All that can be seen of one departure at one moment.
 *
 * @param siblings the other nodes of its instance: more than one Node object may name it
 * @param claim whose it is
 * @param budgets those over the pods, less the evictions under way that they do not count yet
 * @param attached the volumes attached to the node
 * @param surroundings what all departures share
 * @param notices the messages we hold that tell of it
 * @param announced what messages said of the lifecycle actions in its journal, as far as we or other replicas received them
 */
public record Sight(
        InstanceId instance,
        NodeSight node,
        List<KubeNode> siblings,
        Claim claim,
        PodSight pods,
        List<Budget> budgets,
        Set<String> attached,
        Surroundings surroundings,
        List<Notice> notices,
        Set<ActionNotice> announced,
        Attempts attempts) {

    /** So long after the pods were listed, what has not been read yet is done without. */
    private static final Duration INFORMED_WITHIN = Duration.ofSeconds(30);

    public Sight {
        siblings = List.copyOf(siblings);
        budgets = List.copyOf(budgets);
        attached = Set.copyOf(attached);
        notices = List.copyOf(notices);
        announced = Set.copyOf(announced);
    }

    /** Of an instance that no other node names. */
    public Sight(
            InstanceId instance,
            NodeSight node,
            Claim claim,
            PodSight pods,
            List<Budget> budgets,
            Set<String> attached,
            Surroundings surroundings,
            List<Notice> notices,
            Set<ActionNotice> announced,
            Attempts attempts) {
        this(instance, node, List.of(), claim, pods, budgets, attached, surroundings, notices, announced, attempts);
    }

    /**
     * What all departures share.
     *
     * @param rush how long the calls may take that are due, in all of them together, by the last one of this departure
     * @param drainsFrom no eviction before, while a burst of notices is being cordoned; long past where there is none
     * @param tooManyDepart whether so many other nodes depart, or are not Ready, that nobody else should go without need
     * @param tooManyWait whether more departures wait for nothing but a hook than are kept
     * @param viewIsFresh whether the watches of the cluster show it as it is now
     * @param isInformed whether namespaces' wishes and volumes' attachments have been read once: before that, one that is not seen
     *     may yet be there
     */
    public record Surroundings(
            Duration rush,
            Instant drainsFrom,
            boolean tooManyDepart,
            boolean tooManyWait,
            boolean viewIsFresh,
            boolean isInformed) {
        /** Nothing else happens. */
        public static final Surroundings QUIET = new Surroundings(Duration.ZERO, Instant.MIN, false, false, true, true);
    }

    /** What the node remembers of this instance. */
    Optional<Journal> journal() {
        return node instanceof Present(KubeNode present)
                ? present.journal().map(journal -> journal.about(instance))
                : Optional.empty();
    }

    /** Whether the journal was open though it was not we who opened it; it may be we who have settled it since. */
    boolean isTakenOver() {
        boolean open =
                journal().filter(known -> known.state() == Journal.State.OPEN).isPresent();
        boolean settledByUs = attempts.landed(Act.SettleJournal.class).findAny().isPresent();
        return (open || settledByUs)
                && attempts.landed(Act.Cordon.class).findAny().isEmpty();
    }

    /**
     * Whether what namespaces wish and which volumes are attached is known, or has been waited for long enough: who may not read them
     * drains without.
     */
    boolean isInformed(Instant now) {
        return surroundings.isInformed()
                || attempts.done(new Act.ListPods(1))
                        .filter(listed -> !now.isBefore(listed.at().plus(INFORMED_WITHIN)))
                        .isPresent();
    }

    /** Whether this replica can act: its Lease is good, and it sees the cluster as it is. */
    boolean canAct(Instant now) {
        return claim.mayAct(now) && surroundings.viewIsFresh();
    }

    /** Whether it may write: what it holds it goes on with though its view is old, and begins nothing on such a view. */
    boolean mayWrite(Instant now) {
        return claim.mayAct(now) && (surroundings.viewIsFresh() || claim.holding() instanceof Claim.Holding.Us);
    }

    Set<MessageId> messages() {
        return notices.stream().map(Notice::message).collect(Collectors.toUnmodifiableSet());
    }

    /** The lifecycle actions that we are to complete, or to tell whoever is to: all of whose hooks it is not known that they are not ours. */
    public Set<LifecycleAction> actions(HookOwnership ownership) {
        Stream<Hook> told = notices.stream()
                .flatMap(notice -> notice.interruption() instanceof AsgTermination asg
                        ? Stream.of(notice.hookOf(asg))
                        : Stream.empty());
        return Stream.concat(told, journal().stream().flatMap(open -> open.hooks().stream()))
                .filter(hook -> ownership.of(
                                hook.action().hook(),
                                toldBeside(hook.action(), true),
                                attempts.timesOf(hook.action()).map(Described::group))
                        != Verdict.NOT_OURS)
                .map(Hook::action)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Which hooks of its group themselves announced actions, by messages that we or other replicas received: its own hook only if it
     * announced this very action, for what it notifies may have changed since another.
     */
    Told toldBeside(LifecycleAction action, boolean mayBeMore) {
        Set<String> hooks = announcements()
                .filter(ActionNotice::isDirect)
                .map(ActionNotice::action)
                .filter(direct -> direct.group().equals(action.group()))
                .filter(direct -> !direct.hook().equals(action.hook()) || direct.equals(action))
                .map(LifecycleAction::hook)
                .collect(Collectors.toUnmodifiableSet());
        return new Told(hooks, mayBeMore);
    }

    /** Whether a message about this action is known: before that only the journal says that there is one, and not which way it came. */
    boolean isAnnounced(LifecycleAction action) {
        return announcements().anyMatch(notice -> notice.action().equals(action));
    }

    private Stream<ActionNotice> announcements() {
        Stream<ActionNotice> ofMessages =
                notices.stream().flatMap(notice -> ActionNotice.of(notice.interruption()).stream());
        return Stream.concat(ofMessages, announced.stream());
    }

    /** Whether a lifecycle hook waits that is ours to complete, as far as is known. */
    public boolean owesHooks() {
        boolean told = notices.stream().anyMatch(notice -> notice.interruption() instanceof AsgTermination);
        boolean ours = claim.holding() instanceof Claim.Holding.Us
                && journal().filter(open -> !open.hooks().isEmpty()).isPresent();
        return told || ours;
    }
}
