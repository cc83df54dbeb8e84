package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.LastCall;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Act.PutBackInService;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Act.TakeOutOfService;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Policy.AtDeadline;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The whole story of a departure, as one question: given what can be seen, what is owed now? */
public final class Decider {
    /** A pod may yet be bound while the cordon travels to the scheduler. */
    private static final Duration CORDON_TRAVELS = Duration.ofSeconds(5);

    /** How often a hook is heartbeated while it is not known how long it waits. */
    private static final Duration BLIND_HEARTBEAT = Duration.ofSeconds(15);

    /** How long a machine that is off may take to be seen off by the cluster, and its pods and volumes to be freed. */
    private static final Duration FREEING_TAKES = Duration.ofMinutes(10);

    private final Sight sight;
    private final Policy policy;
    private final Attempts attempts;
    private final Instant now;
    private final Optional<Journal> journal;
    private final Deadlines deadlines;
    private final Horizon horizon;
    private final Presence presence;
    private final Agenda agenda;

    private Decider(Sight sight, Policy policy, Instant now) {
        this.sight = sight;
        this.policy = policy;
        this.attempts = sight.attempts();
        this.now = now;
        this.journal = sight.journal();
        this.deadlines = new Deadlines(sight, journal, policy);
        this.horizon = deadlines.horizon(now);
        this.presence = new Presence(sight, now);
        this.agenda = new Agenda(attempts, now);
    }

    /** What is owed now. Pure: the same sight at the same moment gives the same decision. */
    public static Decision decide(Sight sight, Policy policy, Instant now) {
        Decider decider = new Decider(sight, policy, now);
        return decider.agenda.decide(decider.stage());
    }

    private Stage stage() {
        return switch (sight.node()) {
            case NeverSeen _ -> awaitNode();
            case Gone _ -> settle(Ending.NODE_GONE);
            case Present _ when wasSettledBefore() -> settle(Ending.ALREADY_SETTLED);
            case Present(KubeNode node) when node.ready() && deadlines.allStale(now) -> settle(Ending.STALE);
            case Present(KubeNode node) when sight.machineOffSince().isPresent() -> machineOff(node);
            case Present(KubeNode node) -> depart(node);
        };
    }

    /** Spot instances are reclaimed while they boot: the node may appear yet. */
    private Stage awaitNode() {
        Instant until = deadlines.nodeMayAppearUntil();
        if (!now.isBefore(until)) {
            return settle(Ending.NOT_OUR_NODE);
        }
        agenda.lookAgainBy(until);
        return new Stage.AwaitingNode(until);
    }

    private Stage depart(KubeNode node) {
        Instant until = deadlines.earliest();
        DrainPlan plan = plan();
        Turns turns =
                new Turns(plan, horizon, presence, ownersOf(LastCall.class).keySet(), attempts, agenda, now);
        if (isListedTwice() && isDrained(plan)) {
            return settle(Ending.DRAINED);
        }
        if (isListedTwice() && isUnresponsive() && turns.allAnswered()) {
            return settle(Ending.UNRESPONSIVE);
        }
        if (!now.isBefore(until)) {
            return settle(Ending.DEADLINE_PASSED);
        }
        agenda.lookAgainBy(until);
        sight.hooks().forEach(this::keepWaiting);
        if (!isJournaled() && !agenda.owe(cordon(node))) {
            return new Stage.Cordoning(until);
        }
        journalTheTerm(node);
        drain(plan, turns);
        return new Stage.Draining(until, plan);
    }

    private void drain(DrainPlan plan, Turns turns) {
        switch (sight.pods()) {
            case NotListed _ -> agenda.owe(new ListPods(1));
            case Listed _ -> {
                plan.leaving()
                        .flatMap(planned -> Presence.claimsOf(planned.pod()).stream())
                        .forEach(agenda::owe);
                takeTurns(turns);
                Instant firstListed =
                        attempts.done(new ListPods(1)).map(Done::at).orElse(now);
                agenda.oweAt(firstListed.plus(CORDON_TRAVELS), new ListPods(2));
                plan.leaving()
                        .flatMap(planned -> Presence.stuckAt(planned.pod()).stream())
                        .forEach(agenda::lookAgainAfter);
                presence.unresponsiveAt().ifPresent(agenda::lookAgainAfter);
            }
        }
    }

    private void takeTurns(Turns turns) {
        if (horizon instanceof Horizon.Going) {
            turns.takeAllAtOnce();
        } else if (isUnresponsive()) {
            turns.askEachOnce();
        } else {
            turns.take();
        }
    }

    private boolean isListedTwice() {
        return sight.pods() instanceof Listed && attempts.isDone(new ListPods(2));
    }

    private boolean isDrained(DrainPlan plan) {
        return plan.leaving().noneMatch(presence::holds) && presence.volumesDetached();
    }

    private boolean isUnresponsive() {
        return presence.unresponsiveAt().filter(at -> !now.isBefore(at)).isPresent();
    }

    private DrainPlan plan() {
        return sight.pods() instanceof Listed(List<Pod> pods, var _, var _)
                ? DrainPlan.of(pods, given())
                : new DrainPlan(List.of());
    }

    private DrainPlan.Given given() {
        return new DrainPlan.Given(
                sight.budgets(), horizon, policy.drain(), atLastCall(), sight.rush(), evictedOwners());
    }

    private AtLastCall atLastCall() {
        if (policy.hooks().stay() && sight.onlyHooksEndIt()) {
            return AtLastCall.STAY;
        }
        return policy.drain().deletes() ? AtLastCall.EVICT_THEN_DELETE : AtLastCall.EVICT;
    }

    private Map<String, Instant> evictedOwners() {
        Map<String, Instant> owners = ownersOf(Act.Evict.class);
        ownersOf(LastCall.class).forEach(owners::putIfAbsent);
        return owners;
    }

    /** A pod that tolerates every taint would be evicted again and again: its owner is remembered, and since when. */
    private Map<String, Instant> ownersOf(Class<? extends OnPod> kind) {
        Map<String, Instant> owners = new HashMap<>();
        if (!(sight.pods() instanceof Listed(List<Pod> pods, List<Pod> gone, var _))) {
            return owners;
        }
        for (List<Pod> each : List.of(pods, gone)) {
            for (Pod pod : each) {
                if (pod.is(Pod.Trait.TOLERATES_ALL) && pod.owner() instanceof Owner.Controller owner) {
                    attempts.of(kind, pod.ref())
                            .filter(attempt -> attempt.state() instanceof Done)
                            .ifPresent(attempt -> owners.merge(
                                    owner.uid(), attempt.since(), (one, other) -> one.isBefore(other) ? one : other));
                }
            }
        }
        return owners;
    }

    /**
     * With leave, a node that is off is tainted as out of service, so that its pods' objects and volumes are freed without the
     * cluster's own wait of minutes. The taint is ours to take away again.
     *
     * @see <a href="https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown">Non-graceful
     *     node shutdown</a>
     */
    private Stage machineOff(KubeNode node) {
        Instant until = sight.machineOffSince().orElseThrow().plus(FREEING_TAKES);
        boolean late = !now.isBefore(until);
        boolean tainted = journal.filter(known -> known.changed().contains(Change.OUT_OF_SERVICE))
                .isPresent();
        boolean enough = late || isFreed() || attempts.isDone(new PutBackInService());
        if (!tainted && (enough || !policy.outOfServiceTaint())) {
            return settle(Ending.MACHINE_OFF);
        }
        if (tainted && (enough || node.ready())) {
            agenda.owe(new PutBackInService());
        } else if (!tainted && !node.ready()) {
            agenda.owe(new TakeOutOfService(owed(), node.journalText()));
        }
        agenda.owe(new ListPods(1));
        agenda.lookAgainAfter(until);
        return new Stage.OutOfService(until);
    }

    private boolean isFreed() {
        return sight.pods() instanceof Listed
                && plan().leaving().findAny().isEmpty()
                && sight.attached().isEmpty();
    }

    /** Hooks first, for they are what is waited for; then the journal, then the messages, without which nobody remembers. */
    private Stage settle(Ending ending) {
        boolean settled = hooksPaid(ending) && journalSettled() && agenda.owe(new DeleteMessages(sight.messages()));
        Set<LifecycleAction> hooksLeft = settled && ending.wasOurs() ? hooksLeft() : Set.of();
        Report report = Report.of(sight, given(), presence, hooksLeft, now);
        return settled ? new Stage.Settled(ending, report) : new Stage.Settling(ending, report);
    }

    /** Those that are left to their own time-out. */
    private Set<LifecycleAction> hooksLeft() {
        return sight.hooks().keySet().stream()
                .filter(action -> attempts.of(new CompleteHook(action, HookResult.CONTINUE))
                        .isEmpty())
                .collect(Collectors.toSet());
    }

    /** Whether more than the hooks is being settled: these were dealt with, though the last pod may go only now. */
    private boolean isPastHooks() {
        return attempts.of(new SettleJournal(sight.interruptions())).isPresent()
                || attempts.of(new DeleteMessages(sight.messages())).isPresent();
    }

    private boolean hooksPaid(Ending ending) {
        AtDeadline atDeadline = policy.hooks().atDeadline();
        boolean late = ending == Ending.DEADLINE_PASSED;
        if (!ending.wasOurs() || isPastHooks() || (late && atDeadline == AtDeadline.EXPIRE)) {
            return true;
        }
        HookResult result = late && atDeadline == AtDeadline.ABANDON ? HookResult.ABANDON : HookResult.CONTINUE;
        boolean allPaid = true;
        for (Map.Entry<LifecycleAction, Instant> hook : sight.hooks().entrySet()) {
            CompleteHook complete = new CompleteHook(hook.getKey(), result);
            allPaid &= agenda.owe(complete);
            boolean failedBefore = attempts.of(complete).map(Attempt::state).orElse(null) instanceof Waiting;
            if (failedBefore) {
                keepWaiting(hook.getKey(), hook.getValue());
            }
        }
        return allPaid;
    }

    /** Where the node has no open journal, and none was written that we do not see yet, there is nothing to settle. */
    private boolean journalSettled() {
        if (!(sight.node() instanceof Present(KubeNode node))) {
            return true;
        }
        boolean isOpen = journal.filter(open -> sight.interruptions().stream().anyMatch(open::isLive))
                .isPresent();
        boolean wasOpened = attempts.of(cordon(node)).isPresent();
        return !(isOpen || wasOpened) || agenda.owe(new SettleJournal(sight.interruptions()));
    }

    /** The first heartbeat comes at half the hook's time, each further one as long after the last; jitter only shortens. */
    private void keepWaiting(LifecycleAction action, Instant noticedAt) {
        agenda.owe(new DescribeHook(action));
        Heartbeat heartbeat = new Heartbeat(action);
        Optional<Done> last = attempts.done(heartbeat);
        if (isMoot(last) || isMoot(attempts.done(new DescribeHook(action)))) {
            return;
        }
        Optional<Described> times = Deadlines.timesOf(action, attempts);
        Duration every =
                times.map(known -> known.heartbeatTimeout().dividedBy(2)).orElse(BLIND_HEARTBEAT);
        Duration jitter = every.dividedBy(10)
                .multipliedBy(Math.floorMod(action.hashCode(), 100))
                .dividedBy(100);
        Instant due = last.map(Done::at).orElse(noticedAt).plus(every).minus(jitter);
        boolean pastTheLimit = times.map(known -> due.isAfter(noticedAt.plus(known.globalTimeout())))
                .orElse(false);
        if (!pastTheLimit) {
            agenda.repeatAt(due, heartbeat);
        }
    }

    private static boolean isMoot(Optional<Done> done) {
        return done.map(Done::outcome).filter(Moot.class::isInstance).isPresent();
    }

    private boolean isJournaled() {
        return journal.filter(open -> sight.interruptions().stream().allMatch(open::isLive))
                .isPresent();
    }

    /** A deadline that moved is journaled: a successor would reckon with the old one. */
    private void journalTheTerm(KubeNode node) {
        journal.filter(open -> horizon instanceof Horizon.Deadline)
                .map(open -> open.with(term(), deadlines.longestGrace()))
                .filter(moved -> !moved.term().equals(journal.flatMap(Journal::term)))
                .ifPresent(moved -> agenda.owe(new Rejournal(moved, node.journalText())));
    }

    /** Somebody paid for all of it, and only the messages are left over. What we settle ourselves is not "before". */
    private boolean wasSettledBefore() {
        return attempts.of(new SettleJournal(sight.interruptions())).isEmpty()
                && journal.filter(before -> sight.interruptions().stream().allMatch(before::isSettled))
                        .isPresent();
    }

    private Cordon cordon(KubeNode node) {
        return new Cordon(
                owed().with(term(), Optional.empty()),
                node.journalText(),
                inOrder().getFirst().interruption().kind());
    }

    /** The journal with all that is owed. */
    private Journal owed() {
        List<Notice> notices = inOrder();
        Journal owed = Journal.open(journal, notices.getFirst().receivedAt());
        for (Notice notice : notices) {
            var interruption = notice.interruption();
            owed = owed.with(new Journal.Cause(interruption.id(), interruption.kind(), notice.noticedAt()));
            if (interruption instanceof AsgTermination(LifecycleAction action, Instant noticedAt)) {
                owed = owed.with(new Journal.Hook(action, noticedAt, notice.receivedAt()));
            }
        }
        return owed;
    }

    private List<Notice> inOrder() {
        return sight.notices().stream()
                .sorted(Comparator.comparing(Notice::receivedAt)
                        .thenComparing(notice -> notice.interruption().id().value()))
                .toList();
    }

    private Optional<Journal.Term> term() {
        return horizon instanceof Horizon.Deadline(Instant start, Instant at)
                ? Optional.of(new Journal.Term(at, start))
                : Optional.empty();
    }
}
