package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The whole story of a departure, as one question: given what can be seen, what is owed now? */
public final class Decider {
    /** A pod may yet be bound while the cordon travels to the scheduler. */
    private static final Duration CORDON_TRAVELS = Duration.ofSeconds(5);

    /** How often a hook is heartbeated while it is not known how long it waits. */
    private static final Duration BLIND_HEARTBEAT = Duration.ofSeconds(15);

    private final Sight sight;
    private final Attempts attempts;
    private final Instant now;
    private final DrainPlan plan;
    private final Optional<Journal> journal;
    private final Deadlines deadlines;
    private final Agenda agenda;

    private Decider(Sight sight, Policy policy, Instant now) {
        this.sight = sight;
        this.attempts = sight.attempts();
        this.now = now;
        this.plan = sight.plan();
        this.journal = sight.journal();
        this.deadlines = new Deadlines(sight, plan, journal, policy);
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
            case Present _ when sight.machineIsOff() -> settle(Ending.MACHINE_OFF);
            case Present _ when isDrained() -> settle(Ending.DRAINED);
            case Present _ when !now.isBefore(deadlines.earliest()) -> settle(Ending.DEADLINE_PASSED);
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
        agenda.lookAgainBy(until);
        sight.hooks().forEach(this::keepWaiting);
        if (!isJournaled() && !agenda.owe(cordon(node))) {
            return new Stage.Cordoning(until);
        }
        drain();
        return new Stage.Draining(until, report());
    }

    private void drain() {
        switch (sight.pods()) {
            case NotListed _ -> agenda.owe(new ListPods(1));
            case Listed _ -> {
                evictHighestPriorityFirst();
                Instant firstListed =
                        attempts.done(new ListPods(1)).map(Done::at).orElse(now);
                agenda.oweAt(firstListed.plus(CORDON_TRAVELS), new ListPods(2));
            }
        }
    }

    /** A lower priority is asked when each pod of the higher ones has been answered once, whatever the answer. */
    private void evictHighestPriorityFirst() {
        int asking = Integer.MIN_VALUE;
        for (DrainPlan.Judged judged : plan.evict()) {
            int priority = judged.pod().priority();
            if (priority < asking) {
                return;
            }
            Evict evict = new Evict(judged.pod().ref());
            agenda.owe(evict);
            if (!wasAnswered(evict)) {
                asking = priority;
            }
        }
    }

    private boolean wasAnswered(Evict evict) {
        return attempts.of(evict)
                .filter(attempt -> attempt.tries() > 1 || !(attempt.state() instanceof InFlight))
                .isPresent();
    }

    private boolean isDrained() {
        return sight.pods() instanceof Listed && attempts.isDone(new ListPods(2)) && plan.isDrained();
    }

    /** Hooks first, for they are what is waited for; then the journal, then the messages, without which nobody remembers. */
    private Stage settle(Ending ending) {
        boolean settled = hooksPaid(ending) && journalSettled() && agenda.owe(new DeleteMessages(sight.messages()));
        return settled ? new Stage.Settled(ending, report()) : new Stage.Settling(ending, report());
    }

    private boolean hooksPaid(Ending ending) {
        if (!ending.wasOurs()) {
            return true;
        }
        boolean allPaid = true;
        for (Map.Entry<LifecycleAction, Instant> hook : sight.hooks().entrySet()) {
            CompleteHook complete = new CompleteHook(hook.getKey());
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

    /** Somebody paid for all of it, and only the messages are left over. What we settle ourselves is not "before". */
    private boolean wasSettledBefore() {
        return attempts.of(new SettleJournal(sight.interruptions())).isEmpty()
                && journal.filter(before -> sight.interruptions().stream().allMatch(before::isSettled))
                        .isPresent();
    }

    private Cordon cordon(KubeNode node) {
        List<Notice> inOrder = sight.notices().stream()
                .sorted(Comparator.comparing(Notice::receivedAt)
                        .thenComparing(notice -> notice.interruption().id().value()))
                .toList();
        Notice leading = inOrder.getFirst();
        Journal owed = Journal.open(journal, leading.receivedAt());
        for (Notice notice : inOrder) {
            var interruption = notice.interruption();
            owed = owed.with(new Journal.Cause(interruption.id(), interruption.kind(), interruption.noticedAt()));
            if (interruption instanceof AsgTermination(LifecycleAction action, Instant noticedAt)) {
                owed = owed.with(new Journal.Hook(action, noticedAt, notice.receivedAt()));
            }
        }
        return new Cordon(owed, node.journalText(), leading.interruption().kind());
    }

    private Report report() {
        return Report.of(plan, attempts);
    }
}
