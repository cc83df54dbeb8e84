package dev.glidepath.departure;

import dev.glidepath.departure.Ability.Standing;
import dev.glidepath.departure.Signals.Haste;
import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.action.Stage.Settled;
import dev.glidepath.departure.decision.Agreement;
import dev.glidepath.departure.decision.Decider;
import dev.glidepath.departure.execution.BegunAction;
import dev.glidepath.departure.execution.NodeAccess;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything done for one instance, from its first notice until nothing is pending. It looks, decides, starts what is
 * due, and sleeps until something changes or the decision says to look again. It never waits for an action: each runs on a
 * thread of its own once its turn has come, and its outcome is one more signal. More than one Node object may name the instance:
 * it is decided for each of them by itself, and they share what is done for the instance.
 */
final class Departure {
    private final InstanceId instance;
    private final Supplier<Policy> policy;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor threads;
    private final Shared shared;
    private final Signals<Arrival> signals;

    /** The budgets over pods that have yet to be asked: their changes wake it. */
    private volatile Set<Budget.Id> budgets = Set.of();

    private final Notices notices = new Notices();
    private final NodeWorks works;
    private final DepartureStatus status = new DepartureStatus();

    /** What comes in for a departure. */
    private sealed interface Arrival {
        record Noticed(Notice notice) implements Arrival {}

        /** An action, and for which node it was begun. */
        record Ended(NodeWork work, Action action, Outcome outcome) implements Arrival {}
    }

    /**
     * @param access asked for the view and the executor of each of its nodes, given what is called when the view changes
     * @param logs asked for the log of each
     * @param threads runs actions, each on a thread of its own
     * @param random spreads what is retried
     */
    Departure(
            InstanceId instance,
            Function<Runnable, NodeAccess> access,
            Supplier<DepartureLog> logs,
            Supplier<Policy> policy,
            Shared shared,
            InstantSource clock,
            RandomGenerator random,
            Executor threads) {
        this.instance = instance;
        this.policy = policy;
        this.shared = shared;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
        this.signals = new Signals<>(clock);
        this.works = new NodeWorks(
                attempts -> new NodeWork(access.apply(() -> signals.changed(Haste.SOON)), logs.get(), attempts));
    }

    /** One more message about this instance. Refused when the departure has ended meanwhile. */
    boolean join(Notice notice) {
        status.noticed();
        return signals.offer(new Arrival.Noticed(notice), Haste.AT_ONCE);
    }

    /** Something has changed that it may look at. */
    void changed() {
        signals.changed(Haste.AT_ONCE);
    }

    /** How far it is. */
    DepartureStatus status() {
        return status;
    }

    /** A budget has changed. */
    void budgetChanged(Budget.Id budget) {
        if (budgets.contains(budget)) {
            signals.changed(Haste.SOON);
        }
    }

    /** A volume was attached to this node, or detached. */
    void attachmentChanged(String nodeName) {
        boolean isOurs = works.all().stream()
                .flatMap(work -> work.view().nodeName().stream())
                .anyMatch(name -> name.value().equals(nodeName));
        if (isOurs) {
            signals.changed(Haste.SOON);
        }
    }

    /** Takes nothing more in, and gives the messages that are still held, those it did not get to among them; once {@link #run} is over. */
    Set<DeliveryId> end() {
        Stream<Notice> untaken = signals.close().stream().mapMulti((arrival, found) -> {
            if (arrival instanceof Arrival.Noticed(Notice notice)) {
                found.accept(notice);
            }
        });
        return Notices.deliveriesOf(
                Stream.concat(notices.all().stream(), untaken).toList());
    }

    /**
     * Runs the departure. Returns when nothing is pending any more; or, where it waits for a node that may never come, to be called once
     * more when something has changed, for there may be thousands that do.
     *
     * @param alarm wakes it in its time, where it has returned
     * @param again called when something has changed since, to have this called once more, on whatever thread: be brief
     * @return how it ended; empty where it is to be called once more
     */
    Optional<Ending> run(ScheduledExecutorService alarm, Runnable again) throws InterruptedException {
        boolean isAbsent = false;
        try {
            while (true) {
                Optional<Ending> ending;
                Instant lookAgainAt;
                shared.looks().begin(rank());
                try {
                    long began = System.nanoTime();
                    lookAndDecide();
                    ending = closeIfOver();
                    lookAgainAt = works.all().stream()
                            .map(work -> work.decision().lookAgainAt())
                            .min(Comparator.naturalOrder())
                            .orElseThrow();
                    shared.pace().looked(Duration.ofNanos(System.nanoTime() - began));
                } finally {
                    shared.looks().end();
                }
                if (ending.isPresent()) {
                    return ending;
                }
                // Another thread may carry it out from the moment at which it has left: nothing of it is touched here
                // any more.
                isAbsent = status.awaitsNodesAlone() && signals.leaveUntil(lookAgainAt, alarm, again);
                if (isAbsent) {
                    return Optional.empty();
                }
                signals.awaitUntil(lookAgainAt, shared.pace().pause());
            }
        } finally {
            if (!isAbsent) {
                works.close();
            }
        }
    }

    /** Looks once, decides, and starts what is due. */
    private void lookAndDecide() {
        status.looking();
        signals.take().forEach(this::takeIn);
        Instant now = clock.instant();
        List<KubeNode> there = works.any().view().nodes();
        works.follow(there);
        List<Snapshot> snapshots =
                works.all().stream().map(work -> look(work, there)).toList();
        List<Decision> decisions = Agreement.of(snapshots.stream()
                .map(snapshot -> Decider.decide(snapshot, policy.get(), now))
                .toList());
        for (int each = 0; each < snapshots.size(); each++) {
            decided(works.all().get(each), snapshots.get(each), decisions.get(each), now);
        }
        describe(snapshots);
        watchBudgets();
        works.all().forEach(work -> work.decision().givenUp().forEach(work::giveUp));
        works.shareStarted(clock.instant());
        works.all().forEach(work -> work.decision().actions().forEach(action -> start(work, action)));
        works.all().forEach(NodeWork::hasStarted);
    }

    private void decided(NodeWork work, Snapshot snapshot, Decision decision, Instant now) {
        shared.ability()
                .decided(new Standing(
                        snapshot.claim().mayAct(now), snapshot.conditions().viewIsFresh()));
        work.log().decided(snapshot, decision, now);
        work.decided(decision, now);
    }

    /** Takes nothing more in once nothing is pending for any of its nodes. Returns how it ended; empty while it goes on. */
    private Optional<Ending> closeIfOver() {
        List<Ending> endings = works.all().stream()
                .flatMap(work ->
                        work.stage() instanceof Settled(Ending ending, var _) ? Stream.of(ending) : Stream.empty())
                .toList();
        if (endings.size() < works.all().size() || !signals.closeIfEmpty()) {
            return Optional.empty();
        }
        return endings.stream()
                .filter(ending -> ending == Ending.HANDED_BACK || ending == Ending.LEFT_TO_NEWER)
                .findFirst()
                .or(() -> Optional.of(endings.getFirst()));
    }

    private Stage.Rank rank() {
        return works.any().view().node() instanceof NodeSight.NeverSeen
                ? Stage.Rank.WAITING // there may be thousands, and hardly one of them has a node
                : status.rank();
    }

    private Snapshot look(NodeWork work, List<KubeNode> there) {
        List<Notice> held = notices.all();
        return work.look(instance, there, node -> shared.conditions(instance, node, held), held, clock.instant());
    }

    /** For what looks at departures from outside. */
    private void describe(List<Snapshot> snapshots) {
        status.decided(
                works.all().stream().map(NodeWork::stage).toList(),
                snapshots.stream().anyMatch(Snapshot::hasPendingHooks),
                snapshots.stream()
                        .flatMap(snapshot ->
                                snapshot.actions(policy.get().hooks().ownership()).stream())
                        .collect(Collectors.toUnmodifiableSet()));
        shared.hookWaits().waits(instance, status.awaitsHooksAlone());
        if (!status.mayYetCordon()) { // else the next look says so
            shared.burst().cordoned(instance);
        }
    }

    /** Before anything is started: a budget that changes meanwhile is to wake us. */
    private void watchBudgets() {
        List<Planned> toBeAsked =
                works.all().stream().flatMap(work -> work.toBeAsked().stream()).toList();
        shared.backlog()
                .pending(
                        instance,
                        toBeAsked.stream()
                                .flatMap(planned -> planned.lastCall().stream())
                                .toList());
        Set<Budget.Id> known = budgets;
        budgets = toBeAsked.stream()
                .flatMap(planned -> planned.standing().budgets().stream())
                .map(Budget::id)
                .collect(Collectors.toUnmodifiableSet());
        if (!known.containsAll(budgets)) {
            signals.changed(Haste.SOON); // one that changed since we looked did not wake us
        }
    }

    private void takeIn(Arrival arrival) {
        switch (arrival) {
            case Arrival.Noticed(Notice notice) -> notices.add(notice);
            case Arrival.Ended(NodeWork work, Action action, Outcome outcome) -> {
                Instant now = clock.instant();
                work.ended(action, outcome, now, random);
                if (action.isOfInstance()) {
                    works.others(work).forEach(other -> other.othersEnded(action, outcome, now, random));
                }
                if (action instanceof DeleteMessages(Set<MessageId> deleted, var _) && outcome instanceof Succeeded) {
                    notices.deleted(deleted);
                }
                if (action instanceof HandBack(Set<DeliveryId> handedBack, var _) && outcome instanceof Succeeded) {
                    notices.handedBack(handedBack);
                }
            }
        }
    }

    private void start(NodeWork work, Action action) {
        BegunAction begun = work.begin(action);
        begun.onTurn(() -> threads.execute(() -> execute(work, action, begun)));
    }

    private void execute(NodeWork work, Action action, BegunAction begun) {
        Outcome outcome = new Retry("it died");
        try {
            outcome = begun.execute();
        } finally {
            signals.offer(new Arrival.Ended(work, action, outcome), hasteOf(action, outcome));
        }
    }

    /** That a pod was asked, or is gone, is seen of the pod as well, and what follows of it is the pods' own time. */
    private static Haste hasteOf(Action action, Outcome outcome) {
        boolean pressing =
                !(action instanceof OnPod) || !(outcome instanceof Succeeded || outcome instanceof NotNeeded);
        return pressing ? Haste.AT_ONCE : Haste.SOON;
    }
}
