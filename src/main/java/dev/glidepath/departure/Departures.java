package dev.glidepath.departure;

import dev.glidepath.departure.decision.Notice;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The departures under way: at most one an instance, whatever is told of it and however often. */
public final class Departures implements AutoCloseable {
    /** How long requests in flight may take to end when the program stops. */
    private static final Duration REQUESTS_END_WITHIN = Duration.ofSeconds(5);

    private final Tools tools;
    private final Policy policy;
    private final DecisionLog log;
    private final Metrics metrics;
    private final ClusterEvents events;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Rush rush;
    private final Map<InstanceId, Departure> inFlight = new ConcurrentHashMap<>();
    private final ExecutorService loops = Executors.newVirtualThreadPerTaskExecutor();
    private final ExecutorService acts = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param random spreads what is tried again; must be safe for use by many threads
     */
    public Departures(
            Tools tools,
            Policy policy,
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
        this.rush = new Rush(tools.gate());
        tools.nodes().onChange(this::nodeChanged);
        tools.budgets().onChange(budget -> {
            tools.gate().seen(budget);
            inFlight.values().forEach(departure -> departure.budgetChanged(budget.id()));
        });
        tools.budgets().onRemoval(budget -> {
            tools.gate().forgotten(budget);
            inFlight.values().forEach(departure -> departure.budgetChanged(budget));
        });
        tools.attachments().onChange(node -> inFlight.values().forEach(departure -> departure.attachmentChanged(node)));
    }

    /** How many are under way. */
    public int inFlight() {
        return inFlight.size();
    }

    /** Whether this may ask something of us: a state change does so only for an instance that is known here. */
    boolean concerns(Interruption interruption) {
        return switch (interruption) {
            case SpotInterruption _, AsgTermination _ -> true;
            case StateChange change ->
                inFlight.containsKey(change.instance())
                        || !(tools.nodes().sight(change.instance()) instanceof NeverSeen);
        };
    }

    /** A notice joins the departure of its instance, or begins one. */
    void accept(Notice notice) {
        inFlight.compute(
                notice.interruption().instance(),
                (instance, underWay) -> underWay != null && underWay.join(notice) ? underWay : begin(notice));
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
        Departure departure = new Departure(
                instance, tools, new DepartureLog(log, metrics, events), metrics, policy, rush, clock, random, acts);
        departure.join(notice);
        loops.execute(() -> carryOut(instance, departure));
        return departure;
    }

    private void carryOut(InstanceId instance, Departure departure) {
        try {
            departure.run();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException unforeseen) {
            if (!acts.isShutdown()) {
                brokeOff(instance, departure, unforeseen);
            }
        } finally {
            rush.owes(instance, 0);
            inFlight.remove(instance, departure);
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
        Departure departure = inFlight.get(instance);
        if (departure != null) {
            departure.nodeChanged();
        }
    }
}
