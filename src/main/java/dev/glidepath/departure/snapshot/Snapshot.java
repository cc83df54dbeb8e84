package dev.glidepath.departure.snapshot;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Outcome.Described;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that can be seen for one node of a departure at one moment.
 *
 * @param siblings the other nodes of its instance: more than one Node object may name it
 * @param claim whose it is
 * @param budgets those over the pods, less the evictions under way that they do not count yet
 * @param attached the volumes attached to the node
 * @param conditions what all departures share
 * @param notices the messages we hold that announce it
 * @param announced what messages said of the lifecycle actions in its journal, as far as we or other replicas received them
 */
public record Snapshot(
        InstanceId instance,
        NodeSight node,
        List<KubeNode> siblings,
        Claim claim,
        PodSight pods,
        List<Budget> budgets,
        Set<String> attached,
        ClusterConditions conditions,
        List<Notice> notices,
        Set<ActionNotice> announced,
        Attempts attempts) {

    /** So long after the pods were listed, what has not been read yet is done without. */
    private static final Duration INFORMED_WITHIN = Duration.ofSeconds(30);

    public Snapshot {
        siblings = List.copyOf(siblings);
        budgets = List.copyOf(budgets);
        attached = Set.copyOf(attached);
        notices = List.copyOf(notices);
        announced = Set.copyOf(announced);
    }

    /** Of an instance that no other node names. */
    public Snapshot(
            InstanceId instance,
            NodeSight node,
            Claim claim,
            PodSight pods,
            List<Budget> budgets,
            Set<String> attached,
            ClusterConditions conditions,
            List<Notice> notices,
            Set<ActionNotice> announced,
            Attempts attempts) {
        this(instance, node, List.of(), claim, pods, budgets, attached, conditions, notices, announced, attempts);
    }

    /** What the node remembers of this instance. */
    public Optional<Journal> journal() {
        return node instanceof Present(KubeNode present)
                ? present.journal().map(journal -> journal.about(instance))
                : Optional.empty();
    }

    /** Whether the journal was open and we did not open it; we may have settled it since. */
    public boolean isTakenOver() {
        boolean open =
                journal().filter(known -> known.state() == Journal.State.OPEN).isPresent();
        boolean settledByUs =
                attempts.succeeded(Action.SettleJournal.class).findAny().isPresent();
        return (open || settledByUs)
                && attempts.succeeded(Action.Cordon.class).findAny().isEmpty();
    }

    /**
     * Whether the requests of namespaces and the attached volumes are known, or have been waited for long enough: without the permission
     * drains without.
     */
    public boolean isInformed(Instant now) {
        return conditions.isInformed()
                || attempts.done(new Action.ListPods(1))
                        .filter(listed -> !now.isBefore(listed.at().plus(INFORMED_WITHIN)))
                        .isPresent();
    }

    /** Whether this replica can act: its Lease is good, and it sees the cluster as it is. */
    public boolean canAct(Instant now) {
        return claim.mayAct(now) && conditions.viewIsFresh();
    }

    /** Whether it may write: what it holds it goes on with though its view is old, and begins nothing on such a view. */
    public boolean mayWrite(Instant now) {
        return claim.mayAct(now) && (conditions.viewIsFresh() || claim.holding() instanceof Claim.Holding.Us);
    }

    /** The lifecycle actions that we are to complete, or to hand to the replica that is to: all but those whose hooks are known not to be ours. */
    public Set<LifecycleAction> actions(HookOwnership ownership) {
        Stream<Hook> announcedHooks = notices.stream()
                .flatMap(notice -> notice.interruption() instanceof AsgTermination asg
                        ? Stream.of(notice.hookOf(asg))
                        : Stream.empty());
        return Stream.concat(announcedHooks, journal().stream().flatMap(open -> open.hooks().stream()))
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
    public Told toldBeside(LifecycleAction action, boolean mayBeMore) {
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
    public boolean isAnnounced(LifecycleAction action) {
        return announcements().anyMatch(notice -> notice.action().equals(action));
    }

    private Stream<ActionNotice> announcements() {
        Stream<ActionNotice> ofMessages =
                notices.stream().flatMap(notice -> ActionNotice.of(notice.interruption()).stream());
        return Stream.concat(ofMessages, announced.stream());
    }

    /** Whether a lifecycle hook waits that is ours to complete, as far as is known. */
    public boolean hasPendingHooks() {
        boolean isAnnounced = notices.stream().anyMatch(notice -> notice.interruption() instanceof AsgTermination);
        boolean ours = claim.holding() instanceof Claim.Holding.Us
                && journal().filter(open -> !open.hooks().isEmpty()).isPresent();
        return isAnnounced || ours;
    }
}
