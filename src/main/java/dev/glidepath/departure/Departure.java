package dev.glidepath.departure;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Attempts;
import dev.glidepath.departure.decision.Decider;
import dev.glidepath.departure.decision.Decision;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Decision.Stage.Draining;
import dev.glidepath.departure.decision.Notice;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.departure.decision.Sight;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Everything done for one instance, from its first notice until nothing is owed to anyone. It looks, decides, starts what is
 * due, and sleeps until something changes or the decision says to look again. It never waits for an act: each runs on a
 * thread of its own, and its outcome is one more signal.
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

    /** Touched by the loop alone, as is {@link #attempts}. */
    private final List<Notice> notices = new ArrayList<>();

    private Attempts attempts = Attempts.none();

    private volatile Stage stage = new Stage.Examining();
    private volatile boolean owesHooks;

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
        this.world = worlds.apply(signals::changed);
    }

    /** One more message about this instance. Refused when the departure has ended meanwhile. */
    boolean join(Notice notice) {
        return signals.offer(new Arrival.Noticed(notice));
    }

    /** Something has changed that it may look at. */
    void changed() {
        signals.changed();
    }

    /** Whether it works, rather than waits for its time, for a node, or for another replica. */
    boolean isUnderWay() {
        return switch (stage) {
            case Stage.AwaitingNode _, Stage.Planned _, Stage.Elsewhere _ -> false;
            case Stage.Examining _,
                    Stage.Cordoning _,
                    Stage.Draining _,
                    Stage.OutOfService _,
                    Stage.Settling _,
                    Stage.Settled _ -> true;
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
                    Stage.Settling _,
                    Stage.Settled _ -> false;
        };
    }

    /** Whether a hook waits for us to complete it. */
    boolean owesHooks() {
        return owesHooks;
    }

    /** A budget has changed. */
    void budgetChanged(Budget.Id budget) {
        if (budgets.contains(budget)) {
            signals.changed();
        }
    }

    /** A volume was attached to this node, or detached. */
    void attachmentChanged(String nodeName) {
        if (world.nodeName().filter(name -> name.value().equals(nodeName)).isPresent()) {
            signals.changed();
        }
    }

    /** The messages owed; for whoever ran it, once it has ended. */
    Set<MessageId> messages() {
        return notices.stream().map(Notice::message).collect(Collectors.toUnmodifiableSet());
    }

    /** Carries the departure out. Returns when nothing is owed any more. */
    void run() throws InterruptedException {
        try (world) {
            while (true) {
                signals.take().forEach(this::takeIn);
                Instant now = clock.instant();
                Sight sight = look();
                Decision decision = Decider.decide(sight, policy.get(), now);
                log.decided(sight, decision, now);
                tellOthers(sight, decision);
                watchOut(decision);
                attempts = attempts.heldBack(decision.held(), now).started(decision.acts(), now);
                decision.acts().forEach(this::start);
                if (decision.isResting()) {
                    attempts = attempts.whenResting();
                    world.rest();
                }
                if (decision.isSettled() && signals.closeIfEmpty()) {
                    return;
                }
                signals.awaitUntil(decision.lookAgainAt());
            }
        }
    }

    private Sight look() {
        PodSight pods = world.pods();
        NodeSight node = world.node();
        if (node instanceof NodeSight.Present(KubeNode present)) {
            attempts = attempts.seen(present.journalText());
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
                attempts);
    }

    private void tellOthers(Sight sight, Decision decision) {
        stage = decision.stage();
        owesHooks = sight.owesHooks();
        boolean mayYetBeCordoned = stage instanceof Stage.Examining || stage instanceof Stage.Cordoning;
        if (!mayYetBeCordoned) {
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
        shared.rush().owes(instance, toBeAsked.size());
        Set<Budget.Id> known = budgets;
        budgets = toBeAsked.stream()
                .flatMap(planned -> planned.standing().budgets().stream())
                .map(Budget::id)
                .collect(Collectors.toUnmodifiableSet());
        if (!known.containsAll(budgets)) {
            signals.changed(); // one that changed since we looked did not wake us
        }
    }

    private void takeIn(Arrival arrival) {
        switch (arrival) {
            case Arrival.Noticed(Notice notice) -> {
                boolean redelivered = notices.stream()
                        .anyMatch(known -> known.message().equals(notice.message())
                                && known.interruption()
                                        .id()
                                        .equals(notice.interruption().id()));
                if (!redelivered) {
                    notices.add(notice);
                }
            }
            case Arrival.Ended(Act act, Outcome outcome) -> {
                log.ended(act, outcome, attempts);
                attempts = attempts.ended(act, outcome, clock.instant(), random);
                if (act instanceof DeleteMessages(Set<MessageId> deleted, var _) && outcome instanceof Landed) {
                    notices.removeIf(notice -> deleted.contains(notice.message()));
                }
            }
        }
    }

    private void start(Act act) {
        World.Begun begun = world.begin(act);
        threads.execute(() -> signals.offer(new Arrival.Ended(act, world.carryOut(act, begun))));
    }
}
