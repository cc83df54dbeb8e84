package dev.glidepath.departure;

import dev.glidepath.departure.decision.Decider;
import dev.glidepath.departure.decision.Notice;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The departures that concern this replica: at most one an instance, whatever is told of it and however often. One begins when
 * a message tells of it, or when a node's journal does, which may be another's: who waits beside it can take over.
 */
public final class Departures implements AutoCloseable {
    /** How long requests in flight may take to end when the program stops. */
    private static final Duration REQUESTS_END_WITHIN = Duration.ofSeconds(5);

    /** So that nothing goes round and round where a departure ends and its node's journal asks for one. */
    private static final Duration BEFORE_ONE_MORE_LOOK = Duration.ofSeconds(1);

    /** So many are worked on at once; each keeps the pods of a node in memory. */
    private static final int MOST_UNDER_WAY = 2_000;

    private final Tools tools;
    private final Supplier<Policy> policy;
    private final DecisionLog log;
    private final Metrics metrics;
    private final ClusterEvents events;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Shared shared;
    private final Rehearsal.Memory imagined = new Rehearsal.Memory();
    private final Map<InstanceId, Departure> known = new ConcurrentHashMap<>();
    private final ExecutorService loops = Executors.newVirtualThreadPerTaskExecutor();
    private final ExecutorService acts = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param policy asked at each look: what is known of our own queue may come late
     * @param random spreads what is tried again; must be safe for use by many threads
     */
    public Departures(
            Tools tools,
            Supplier<Policy> policy,
            Brake brake,
            DecisionLog log,
            Metrics metrics,
            ClusterEvents events,
            InstantSource clock,
            RandomGenerator random) {
        this.tools = tools;
        this.policy = policy;
        this.log = log;
        this.metrics = metrics;
        this.events = events;
        this.clock = clock;
        this.random = random;
        this.shared = new Shared(new Rush(tools.gate()), new Burst(clock, this::changed), brake, tools.nodes());
        tools.nodes().onChange(this::nodeChanged);
        tools.replicas().onChange(this::replicasChanged);
        tools.budgets().onChange(budget -> {
            tools.gate().seen(budget);
            known.values().forEach(departure -> departure.budgetChanged(budget.id()));
        });
        tools.budgets().onRemoval(budget -> {
            tools.gate().forgotten(budget);
            known.values().forEach(departure -> departure.budgetChanged(budget));
        });
        tools.attachments().onChange(node -> known.values().forEach(departure -> departure.attachmentChanged(node)));
    }

    /** How many are under way here: not those that wait for their time, for a node, or for another replica. */
    public int underWay() {
        return (int) known.values().stream().filter(Departure::isUnderWay).count();
    }

    /** Whether there is room for more. */
    boolean haveRoom() {
        return known.size() < MOST_UNDER_WAY || underWay() < MOST_UNDER_WAY;
    }

    /** The instances whose hooks wait for us. */
    public Set<InstanceId> owingHooks() {
        return known.entrySet().stream()
                .filter(entry -> entry.getValue().owesHooks())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether more notices may be coming that belong to those just received. */
    boolean expectMore() {
        return shared.burst().isOn();
    }

    /** A receive was answered with so many messages. */
    void received(int messages) {
        shared.burst().received(messages);
    }

    /** Whether this may ask something of us: a state change does so only for an instance that is known here. */
    boolean concerns(Interruption interruption) {
        return !(interruption instanceof StateChange change)
                || known.containsKey(change.instance())
                || !(tools.nodes().sight(change.instance()) instanceof NeverSeen)
                || tools.replicas().owes(change.instance());
    }

    /** A notice joins the departure of its instance, or begins one. */
    void accept(Notice notice) {
        InstanceId instance = notice.interruption().instance();
        if (!(notice.interruption() instanceof AsgLaunch)) {
            shared.burst().noticed(instance);
        }
        known.compute(instance, (_, underWay) -> underWay != null && underWay.join(notice) ? underWay : begin(notice));
    }

    /** Starts no more acts, and lets requests in flight end. What is owed is still owed: its messages reappear. */
    @Override
    public void close() {
        loops.shutdownNow();
        acts.shutdown();
        try {
            if (!acts.awaitTermination(REQUESTS_END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                acts.shutdownNow();
            }
        } catch (InterruptedException hurried) {
            acts.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private Departure begin(Notice notice) {
        InstanceId instance = notice.interruption().instance();
        Departure departure = departureOf(instance);
        departure.join(notice);
        loops.execute(() -> carryOut(instance, departure));
        return departure;
    }

    private Departure departureOf(InstanceId instance) {
        return new Departure(
                instance,
                onChange -> worldOf(instance, onChange),
                new DepartureLog(log, metrics, events),
                policy,
                shared,
                clock,
                random,
                acts);
    }

    private World worldOf(InstanceId instance, Runnable onChange) {
        Acts real = new Acts(instance, tools, metrics, clock, onChange);
        return tools.dryRun() ? new Rehearsal(instance, real, imagined, onChange) : real;
    }

    private void carryOut(InstanceId instance, Departure departure) {
        try {
            departure.run();
            tools.replica().settled(instance);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException unforeseen) {
            if (!acts.isShutdown()) {
                brokeOff(instance, departure, unforeseen);
            }
        } finally {
            shared.rush().owes(instance, 0);
            shared.burst().cordoned(instance);
            known.remove(instance, departure);
        }
        lookOnceMore(instance);
    }

    /** What changed while it ended, it did not see. */
    private void lookOnceMore(InstanceId instance) {
        try {
            Thread.sleep(BEFORE_ONE_MORE_LOOK); // the departure is over: nobody waits for this thread
            nodeChanged(instance);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void brokeOff(InstanceId instance, Departure departure, RuntimeException unforeseen) {
        log.about(Map.of(Field.INSTANCE, instance))
                .tell(
                        LogEvent.DEPARTURE_FAILED,
                        "the departure broke off; its messages will be delivered again",
                        unforeseen);
        tools.queue().leave(departure.messages());
    }

    private void nodeChanged(InstanceId instance) {
        @Nullable Departure departure = known.get(instance);
        if (departure != null) {
            departure.changed();
        } else if (tools.nodes().sight(instance) instanceof Present(KubeNode node)
                && Decider.concerns(node)
                && !loops.isShutdown()) {
            known.computeIfAbsent(instance, _ -> {
                Departure found = departureOf(instance);
                loops.execute(() -> carryOut(instance, found));
                return found;
            });
        }
    }

    private void replicasChanged() {
        known.values().stream().filter(Departure::looksToReplicas).forEach(Departure::changed);
    }

    private void changed() {
        known.values().forEach(Departure::changed);
    }
}
