package dev.glidepath.departure;

import dev.glidepath.departure.Ability.Standing;
import dev.glidepath.departure.Signals.Haste;
import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.HandBack;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Attempts;
import dev.glidepath.departure.decision.Decider;
import dev.glidepath.departure.decision.Decision;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Decision.Stage.Draining;
import dev.glidepath.departure.decision.Decision.Stage.Settled;
import dev.glidepath.departure.decision.Notice;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.departure.decision.Sight;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * thread of its own once its turn has come, and its outcome is one more signal.
 */
final class Departure {
    private final InstanceId instance;
    private final World world;
    private final DepartureLog log;
    private final Supplier<Policy> policy;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor threads;
    private final Shared shared;
    private final Signals<Arrival> signals;

    /** The budgets over pods that have yet to be asked: their changes wake it. */
    private volatile Set<Budget.Id> budgets = Set.of();

    /** Touched by the loop alone, as are those below. */
    private final List<Notice> notices = new ArrayList<>();

    /** What has been begun and has no outcome yet. */
    private final Map<Act.Key, Begun> underWay = new HashMap<>();

    private Attempts attempts = Attempts.none();

    private volatile Stage stage = new Stage.Examining();
    /** Whether a message has come that it has not looked at. */
    private volatile boolean isNoticed;

    private volatile boolean owesHooks;
    private volatile Set<LifecycleAction> actions = Set.of();
    private volatile boolean hadHooks;

    /** What comes in for a departure. */
    private sealed interface Arrival {
        record Noticed(Notice notice) implements Arrival {}

        record Ended(Act act, Outcome outcome) implements Arrival {}
    }

    /**
     * @param worlds asked for its world, given what is called when that changes
     * @param threads runs acts, each on a thread of its own
     * @param random spreads what is tried again
     */
    Departure(
            InstanceId instance,
            Function<Runnable, World> worlds,
            DepartureLog log,
            Supplier<Policy> policy,
            Shared shared,
            InstantSource clock,
            RandomGenerator random,
            Executor threads) {
        this.instance = instance;
        this.log = log;
        this.policy = policy;
        this.shared = shared;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
        this.signals = new Signals<>(clock);
        this.world = worlds.apply(() -> signals.changed(Haste.SOON));
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
        if (world.nodeName().filter(name -> name.value().equals(nodeName)).isPresent()) {
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
                    Decision decision = lookAndDecide();
                    ending = endingOf(decision);
                    lookAgainAt = decision.lookAgainAt();
                    shared.pace().looked(Duration.ofNanos(System.nanoTime() - began));
                } finally {
                    shared.looks().end();
                }
                if (ending.isPresent()) {
                    return ending;
                }
                // Another thread may carry it out from the moment at which it has left: nothing of it is touched here
                // any more.
                isAbsent = stage instanceof Stage.AwaitingNode && signals.leaveUntil(lookAgainAt, alarm, again);
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
        try (world) {
            List.copyOf(underWay.keySet()).forEach(this::giveUp);
        }
    }

    /** Looks once, decides, and starts what is due. */
    private Decision lookAndDecide() {
        isNoticed = false;
        signals.take().forEach(this::takeIn);
        Instant now = clock.instant();
        Sight sight = look();
        Decision decision = Decider.decide(sight, policy.get(), now);
        shared.ability()
                .decided(new Standing(
                        sight.claim().mayAct(now), sight.surroundings().viewIsFresh()));
        log.decided(sight, decision, now);
        tellOthers(sight, decision);
        watchOut(decision);
        decision.givenUp().forEach(this::giveUp);
        attempts = attempts.heldBack(decision.held(), now).started(decision.acts(), now);
        decision.acts().forEach(this::start);
        attempts = attempts.after(decision);
        if (decision.isResting()) {
            world.rest();
        }
        return decision;
    }

    private Optional<Ending> endingOf(Decision decision) {
        return decision.stage() instanceof Settled(Ending ending, var _) && signals.closeIfEmpty()
                ? Optional.of(ending)
                : Optional.empty();
    }

    private Admission.Rank rank() {
        if (world.node() instanceof NodeSight.NeverSeen) {
            return Admission.Rank.WAITING; // there may be thousands, and hardly one of them has a node
        }
        if (isNoticed) {
            return Admission.Rank.CORDONING;
        }
        return switch (stage) {
            case Stage.Examining _, Stage.Cordoning _, Stage.AwaitingNode _, Stage.Elsewhere _ ->
                Admission.Rank.CORDONING;
            case Stage.Draining _, Stage.OutOfService _, Stage.Settling _, Stage.Settled _ -> Admission.Rank.UNDER_WAY;
            case Stage.Planned _, Stage.AwaitingHook _ -> Admission.Rank.WAITING;
        };
    }

    private Sight look() {
        PodSight pods = world.pods();
        NodeSight node = world.node();
        if (node instanceof NodeSight.Present(KubeNode present)) {
            attempts = attempts.seen(present.journalText(), clock.instant());
        }
        return new Sight(
                instance,
                node,
                world.claim(node),
                pods,
                world.budgets(pods),
                world.attached(),
                shared.surroundings(instance, node, notices),
                notices,
                world.announced(actionsOf(node)),
                attempts);
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

    private void tellOthers(Sight sight, Decision decision) {
        stage = decision.stage();
        owesHooks = sight.owesHooks();
        shared.hookWaits().waits(instance, stage instanceof Stage.AwaitingHook);
        actions = sight.actions(policy.get().hooks().ownership());
        if (!actions.isEmpty()) {
            hadHooks = true;
        }
        boolean mayYetBeCordoned = stage instanceof Stage.Examining || stage instanceof Stage.Cordoning;
        if (!mayYetBeCordoned && !isNoticed) { // else the next look says so
            shared.burst().cordoned(instance);
        }
    }

    /** Before anything is started: a budget that changes meanwhile is to wake us. */
    private void watchOut(Decision decision) {
        List<Planned> toBeAsked = decision.stage() instanceof Draining(var _, DrainPlan plan)
                ? plan.pods().stream()
                        .filter(planned -> planned.verdict().asks())
                        .toList()
                : List.of();
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
            case Arrival.Ended(Act act, Outcome outcome) -> {
                underWay.remove(act.key());
                log.ended(act, outcome, attempts);
                attempts = attempts.ended(act, outcome, clock.instant(), random);
                if (act instanceof DeleteMessages(Set<MessageId> deleted, var _) && outcome instanceof Landed) {
                    notices.removeIf(notice -> deleted.contains(notice.message()));
                }
                if (act instanceof HandBack(Set<Notice> handedBack, var _) && outcome instanceof Landed) {
                    notices.removeAll(handedBack); // but not one that has been delivered again since
                }
            }
        }
    }

    private void start(Act act) {
        Begun begun = world.begin(act);
        underWay.put(act.key(), begun);
        begun.onTurn(() -> threads.execute(() -> carryOut(act, begun)));
    }

    private void carryOut(Act act, Begun begun) {
        Outcome outcome = new TryAgain("it died");
        try {
            outcome = world.carryOut(act, begun);
        } finally {
            signals.offer(new Arrival.Ended(act, outcome), hasteOf(act, outcome));
        }
    }

    /** That a pod was asked, or is gone, is seen of the pod as well, and what follows of it is the pods' own time. */
    private static Haste hasteOf(Act act, Outcome outcome) {
        boolean pressing = !(act instanceof OnPod) || !(outcome instanceof Landed || outcome instanceof Moot);
        return pressing ? Haste.AT_ONCE : Haste.SOON;
    }

    /** What waits for its turn is not sent any more; what was sent has its outcome. */
    private void giveUp(Act.Key key) {
        Begun begun = underWay.get(key);
        if (begun != null) {
            begun.giveUp();
        }
    }
}
