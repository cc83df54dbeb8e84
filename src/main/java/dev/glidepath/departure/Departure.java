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
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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
 * Everything done for one instance, from its first notice until nothing is owed to anyone. It looks, decides, starts what is
 * due, and sleeps until something changes or the decision says to look again. It never waits for an act: each runs on a
 * thread of its own once its turn has come, and its outcome is one more signal. More than one Node object may name the instance:
 * it is decided for each of them by itself, and they share what is done for the instance.
 */
final class Departure {
    private final InstanceId instance;
    private final Function<Runnable, World> worlds;
    private final Supplier<DepartureLog> logs;
    private final Supplier<Policy> policy;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor threads;
    private final Shared shared;
    private final Signals<Arrival> signals;

    /** The budgets over pods that have yet to be asked: their changes wake it. */
    private volatile Set<Budget.Id> budgets = Set.of();

    /** Touched by the loop alone. */
    private final List<Notice> notices = new ArrayList<>();

    /** One for each node that there is, by name; where there is none, one all the same. Replaced by the loop alone. */
    private volatile List<NodeWork> works;

    /** How far each of them is. */
    private volatile List<Stage> stages = List.of(new Stage.Examining());
    /** Whether a message has come that it has not looked at. */
    private volatile boolean isNoticed;

    private volatile boolean owesHooks;
    private volatile Set<LifecycleAction> actions = Set.of();
    private volatile boolean hadHooks;

    /** What comes in for a departure. */
    private sealed interface Arrival {
        record Noticed(Notice notice) implements Arrival {}

        /** An act, and for which node it was begun. */
        record Ended(NodeWork work, Action action, Outcome outcome) implements Arrival {}
    }

    /**
     * @param worlds asked for the world of each of its nodes, given what is called when that changes
     * @param logs asked for the log of each
     * @param threads runs acts, each on a thread of its own
     * @param random spreads what is tried again
     */
    Departure(
            InstanceId instance,
            Function<Runnable, World> worlds,
            Supplier<DepartureLog> logs,
            Supplier<Policy> policy,
            Shared shared,
            InstantSource clock,
            RandomGenerator random,
            Executor threads) {
        this.instance = instance;
        this.worlds = worlds;
        this.logs = logs;
        this.policy = policy;
        this.shared = shared;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
        this.signals = new Signals<>(clock);
        this.works = List.of(work(Attempts.none()));
    }

    private NodeWork work(Attempts attempts) {
        return new NodeWork(worlds.apply(() -> signals.changed(Haste.SOON)), logs.get(), attempts);
    }

    /** One more message about this instance. Refused when the departure has ended meanwhile. */
    boolean join(Notice notice) {
        isNoticed = true;
        return signals.offer(new Arrival.Noticed(notice), Haste.AT_ONCE);
    }

    /** Something has changed that it may look at. */
    void changed() {
        signals.changed(Haste.AT_ONCE);
    }

    /** Whether it works, rather than waits for its time, for a node, for a hook, or for another replica. */
    boolean isUnderWay() {
        return stages.stream().anyMatch(Departure::isUnderWay);
    }

    private static boolean isUnderWay(Stage stage) {
        return switch (stage) {
            case Stage.AwaitingNode _, Stage.Planned _, Stage.Elsewhere _, Stage.AwaitingHook _ -> false;
            case Stage.Examining _,
                    Stage.Cordoning _,
                    Stage.Draining _,
                    Stage.OutOfService _,
                    Stage.Settling _,
                    Stage.Settled _ -> true;
        };
    }

    /** Whether it may wait for the end of a burst. */
    boolean looksToBursts() {
        return stages.stream().anyMatch(Departure::looksToBursts);
    }

    private static boolean looksToBursts(Stage stage) {
        return switch (stage) {
            case Stage.Examining _, Stage.Cordoning _, Stage.Draining _ -> true;
            case Stage.AwaitingNode _,
                    Stage.Planned _,
                    Stage.Elsewhere _,
                    Stage.OutOfService _,
                    Stage.AwaitingHook _,
                    Stage.Settling _,
                    Stage.Settled _ -> false;
        };
    }

    /** Whether a replica's Lease may tell it more: that its holder is gone, or that its instance had a node. */
    boolean looksToReplicas() {
        return stages.stream().anyMatch(Departure::looksToReplicas);
    }

    private static boolean looksToReplicas(Stage stage) {
        return switch (stage) {
            case Stage.Examining _, Stage.AwaitingNode _, Stage.Elsewhere _ -> true;
            case Stage.Planned _,
                    Stage.Cordoning _,
                    Stage.Draining _,
                    Stage.OutOfService _,
                    Stage.AwaitingHook _,
                    Stage.Settling _,
                    Stage.Settled _ -> false;
        };
    }

    /** Whether a hook waits for us to complete it. */
    boolean owesHooks() {
        return owesHooks;
    }

    /** The lifecycle actions of those hooks, and of those that another replica is to complete. */
    Set<LifecycleAction> actions() {
        return actions;
    }

    /** Whether it ever had such a hook. */
    boolean hadHooks() {
        return hadHooks;
    }

    /** A budget has changed. */
    void budgetChanged(Budget.Id budget) {
        if (budgets.contains(budget)) {
            signals.changed(Haste.SOON);
        }
    }

    /** A volume was attached to this node, or detached. */
    void attachmentChanged(String nodeName) {
        boolean isOurs = works.stream()
                .flatMap(work -> work.world().nodeName().stream())
                .anyMatch(name -> name.value().equals(nodeName));
        if (isOurs) {
            signals.changed(Haste.SOON);
        }
    }

    /** Takes nothing more in, and gives the messages still owed, those it did not get to among them; once {@link #run} is over. */
    Set<DeliveryId> end() {
        Stream<Notice> untaken = signals.close().stream().mapMulti((arrival, found) -> {
            if (arrival instanceof Arrival.Noticed(Notice notice)) {
                found.accept(notice);
            }
        });
        return Stream.concat(notices.stream(), untaken).map(Notice::deliveryId).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Carries the departure out. Returns when nothing is owed any more; or, where it waits for a node that may never come, to be called once
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
                    ending = ending();
                    lookAgainAt = works.stream()
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
                isAbsent = stages.stream().allMatch(Stage.AwaitingNode.class::isInstance)
                        && signals.leaveUntil(lookAgainAt, alarm, again);
                if (isAbsent) {
                    return Optional.empty();
                }
                signals.awaitUntil(lookAgainAt, shared.pace().pause());
            }
        } finally {
            if (!isAbsent) {
                close();
            }
        }
    }

    private void close() {
        works.forEach(NodeWork::close);
    }

    /** Looks once, decides, and starts what is due. */
    private void lookAndDecide() {
        isNoticed = false;
        signals.take().forEach(this::takeIn);
        Instant now = clock.instant();
        List<KubeNode> there = works.getFirst().world().nodes();
        follow(there);
        List<Snapshot> snapshots = works.stream().map(work -> look(work, there)).toList();
        List<Decision> decisions = Agreement.of(snapshots.stream()
                .map(snapshot -> Decider.decide(snapshot, policy.get(), now))
                .toList());
        for (int each = 0; each < works.size(); each++) {
            decided(works.get(each), snapshots.get(each), decisions.get(each), now);
        }
        describe(snapshots);
        watchOut();
        works.forEach(work -> work.decision().givenUp().forEach(work::giveUp));
        works.forEach(this::shareStarted);
        works.forEach(work -> work.decision().actions().forEach(action -> start(work, action)));
        works.forEach(NodeWork::hasStarted);
    }

    private void decided(NodeWork work, Snapshot snapshot, Decision decision, Instant now) {
        shared.ability()
                .decided(new Standing(
                        snapshot.claim().mayAct(now), snapshot.conditions().viewIsFresh()));
        work.log().decided(snapshot, decision, now);
        work.decided(decision, now);
    }

    private void shareStarted(NodeWork work) {
        List<Action> ofInstance =
                work.decision().actions().stream().filter(Action::isOfInstance).toList();
        others(work).forEach(other -> other.othersStart(ofInstance, clock.instant()));
    }

    private Stream<NodeWork> others(NodeWork work) {
        return works.stream().filter(other -> other != work);
    }

    /**
     * One for each node. The first node takes the place of none; a node that is gone while others are there is done with; of the
     * last one it is decided what follows from its being gone.
     */
    private void follow(List<KubeNode> there) {
        List<NodeWork> before = works;
        List<NodeWork> next = new ArrayList<>();
        for (KubeNode node : there) {
            next.add(Stream.concat(
                            before.stream().filter(work -> work.isOf(node.name())),
                            before.stream().filter(NodeWork::isOfNone))
                    .findFirst()
                    .orElseGet(
                            () -> work(Attempts.none().sharing(before.getFirst().attempts())))
                    .about(node.name()));
        }
        if (next.isEmpty()) {
            next.add(before.getFirst());
        }
        before.stream().filter(work -> !next.contains(work)).forEach(NodeWork::close);
        works = List.copyOf(next);
    }

    private Optional<Ending> ending() {
        List<Ending> endings = works.stream()
                .flatMap(work ->
                        work.stage() instanceof Settled(Ending ending, var _) ? Stream.of(ending) : Stream.empty())
                .toList();
        if (endings.size() < works.size() || !signals.closeIfEmpty()) {
            return Optional.empty();
        }
        return endings.stream()
                .filter(ending -> ending == Ending.HANDED_BACK || ending == Ending.LEFT_TO_NEWER)
                .findFirst()
                .or(() -> Optional.of(endings.getFirst()));
    }

    private Admission.Rank rank() {
        if (works.getFirst().world().node() instanceof NodeSight.NeverSeen) {
            return Admission.Rank.WAITING; // there may be thousands, and hardly one of them has a node
        }
        if (isNoticed) {
            return Admission.Rank.CORDONING;
        }
        return stages.stream()
                .map(Departure::rankOf)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Admission.Rank rankOf(Stage stage) {
        return switch (stage) {
            case Stage.Examining _, Stage.Cordoning _, Stage.AwaitingNode _, Stage.Elsewhere _ ->
                Admission.Rank.CORDONING;
            case Stage.Draining _, Stage.OutOfService _, Stage.Settling _, Stage.Settled _ -> Admission.Rank.UNDER_WAY;
            case Stage.Planned _, Stage.AwaitingHook _ -> Admission.Rank.WAITING;
        };
    }

    private Snapshot look(NodeWork work, List<KubeNode> there) {
        World world = work.world();
        PodSight pods = world.pods();
        Optional<KubeNode> present =
                there.stream().filter(node -> work.isOf(node.name())).findFirst();
        present.ifPresent(node -> work.journalReads(node.journalText(), clock.instant()));
        NodeSight node = present.<NodeSight>map(NodeSight.Present::new).orElseGet(world::node);
        List<KubeNode> siblings =
                there.stream().filter(other -> !work.isOf(other.name())).toList();
        return new Snapshot(
                instance,
                node,
                siblings,
                world.claim(node),
                pods,
                world.budgets(pods),
                world.attached(),
                shared.conditions(instance, node, notices),
                notices,
                world.announced(actionsOf(node)),
                work.attempts());
    }

    private Set<LifecycleAction> actionsOf(NodeSight node) {
        Stream<LifecycleAction> journaled = node instanceof NodeSight.Present(KubeNode present)
                ? present.journal().stream()
                        .flatMap(journal -> journal.hooks().stream())
                        .map(Journal.Hook::action)
                : Stream.empty();
        Stream<LifecycleAction> held = notices.stream()
                .flatMap(notice -> ActionNotice.of(notice.interruption()).stream())
                .map(ActionNotice::action);
        return Stream.concat(journaled, held).collect(Collectors.toUnmodifiableSet());
    }

    /** To those who look at departures from without. */
    private void describe(List<Snapshot> snapshots) {
        stages = works.stream().map(NodeWork::stage).toList();
        owesHooks = snapshots.stream().anyMatch(Snapshot::owesHooks);
        shared.hookWaits().waits(instance, waitsForHookAlone());
        actions = snapshots.stream()
                .flatMap(snapshot -> snapshot.actions(policy.get().hooks().ownership()).stream())
                .collect(Collectors.toUnmodifiableSet());
        if (!actions.isEmpty()) {
            hadHooks = true;
        }
        boolean mayYetBeCordoned =
                stages.stream().anyMatch(stage -> stage instanceof Stage.Examining || stage instanceof Stage.Cordoning);
        if (!mayYetBeCordoned && !isNoticed) { // else the next look says so
            shared.burst().cordoned(instance);
        }
    }

    private boolean waitsForHookAlone() {
        return stages.stream().anyMatch(Stage.AwaitingHook.class::isInstance)
                && stages.stream()
                        .allMatch(stage -> stage instanceof Stage.AwaitingHook || stage instanceof Stage.Settled);
    }

    /** Before anything is started: a budget that changes meanwhile is to wake us. */
    private void watchOut() {
        List<Planned> toBeAsked =
                works.stream().flatMap(work -> work.toBeAsked().stream()).toList();
        shared.rush()
                .owes(
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
            case Arrival.Noticed(Notice notice) -> {
                Notice latest = notices.stream()
                        .filter(notice::isSameAs)
                        .findFirst()
                        .map(notice::after)
                        .orElse(notice);
                notices.removeIf(notice::isSameAs);
                notices.add(latest);
            }
            case Arrival.Ended(NodeWork work, Action action, Outcome outcome) -> {
                Instant now = clock.instant();
                work.ended(action, outcome, now, random);
                if (action.isOfInstance()) {
                    others(work).forEach(other -> other.othersEnded(action, outcome, now, random));
                }
                if (action instanceof DeleteMessages(Set<MessageId> deleted, var _) && outcome instanceof Succeeded) {
                    notices.removeIf(notice -> deleted.contains(notice.message()));
                }
                if (action instanceof HandBack(Set<DeliveryId> handedBack, var _) && outcome instanceof Succeeded) {
                    // but not one that has been delivered again since
                    notices.removeIf(notice -> handedBack.contains(notice.deliveryId()));
                }
            }
        }
    }

    private void start(NodeWork work, Action action) {
        Begun begun = work.begin(action);
        begun.onTurn(() -> threads.execute(() -> carryOut(work, action, begun)));
    }

    private void carryOut(NodeWork work, Action action, Begun begun) {
        Outcome outcome = new Retry("it died");
        try {
            outcome = work.world().carryOut(action, begun);
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
