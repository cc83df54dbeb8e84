package dev.glidepath.departure;

import dev.glidepath.departure.decision.Decider;
import dev.glidepath.departure.execution.Authority;
import dev.glidepath.departure.execution.ClusterAccess;
import dev.glidepath.departure.execution.ClusterSources;
import dev.glidepath.departure.execution.Tools;
import dev.glidepath.departure.sharing.Admission;
import dev.glidepath.departure.sharing.Burst;
import dev.glidepath.departure.sharing.EvictionBacklog;
import dev.glidepath.departure.sharing.HookWaits;
import dev.glidepath.departure.sharing.Pace;
import dev.glidepath.departure.sharing.PodLists;
import dev.glidepath.departure.sharing.PodRoom;
import dev.glidepath.departure.sharing.VoluntaryDisruptionLimit;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metrics;
import dev.glidepath.replica.Owed;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The departures that concern this replica: at most one an instance, whatever is announced about it and however often. One begins
 * with a message, or with a node's journal, which may be another replica's: one that waits beside it can take it over.
 */
public final class Departures implements AutoCloseable {
    /** So many are worked on at once; each keeps the pods of a node in memory. */
    private static final int MOST_UNDER_WAY = 2_000;

    private final Tools tools;
    private final Ability ability;
    private final Supplier<Policy> policy;
    private final DecisionLog log;
    private final Metrics metrics;
    private final ClusterEvents events;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Shared shared;
    private final Denials denials;
    private final Authority authority;
    private final PodLists lists;
    private final ClusterAccess access;
    private final PendingHookList pendingHooks;
    private final DepartureRuns runs;
    private final AtomicBoolean handsBack = new AtomicBoolean();
    private final Map<InstanceId, Departure> known = new ConcurrentHashMap<>();
    /**
     * @param policy asked at each look: what is known of our own queue may come late
     * @param random spreads what is retried; must be safe for use by many threads
     */
    public Departures(
            Tools tools,
            Ability ability,
            Supplier<Policy> policy,
            VoluntaryDisruptionLimit limit,
            DecisionLog log,
            Metrics metrics,
            ClusterEvents events,
            InstantSource clock,
            RandomGenerator random) {
        this.tools = tools;
        this.ability = ability;
        this.policy = policy;
        this.log = log;
        this.metrics = metrics;
        this.events = events;
        this.clock = clock;
        this.random = random;
        this.denials = new Denials(clock);
        ClusterSources sources = tools.sources();
        this.authority = new Authority(sources.replica()::mayActUntil, clock);
        this.shared = new Shared(
                new EvictionBacklog(tools.requests().gate()::perSecond),
                new Burst(clock, this::burstEnded),
                limit,
                new HookWaits(),
                new Admission(Runtime.getRuntime().availableProcessors()),
                new Pace(known::size),
                sources,
                ability);
        this.lists = new PodLists(
                shared.burst(), PodRoom.inHeapOf(Runtime.getRuntime().maxMemory(), clock));
        this.access = new ClusterAccess(tools, authority, lists, metrics, clock);
        this.pendingHooks = new PendingHookList(known, sources, tools.aws().tokens());
        this.runs = new DepartureRuns(known, shared, authority, tools, log, this::nodeChanged);
        listen(sources, tools.requests().gate());
    }

    private void listen(ClusterSources sources, Gate gate) {
        gate.yieldTo(shared.burst()::comesFirst);
        sources.nodes().onChange(this::nodeChanged);
        sources.replicas().onChange(this::replicasChanged);
        sources.budgets().onChange(budget -> {
            gate.seen(budget);
            known.values().forEach(departure -> departure.budgetChanged(budget.id()));
        });
        sources.budgets().onRemoval(budget -> {
            gate.forgotten(budget);
            known.values().forEach(departure -> departure.budgetChanged(budget));
        });
        sources.attachments().onChange(node -> known.values().forEach(departure -> departure.attachmentChanged(node)));
    }

    /** How many are under way here: not those that wait for their time, for a node, for a hook, or for another replica. */
    public int underWay() {
        return (int) known.values().stream()
                .filter(departure -> departure.status().isUnderWay())
                .count();
    }

    /** Begins to look after what time alone changes, and to publish Kubernetes events; once only. */
    public void start() {
        tools.requests().gate().start();
        events.start();
    }

    /** Why what is pending would not get done in time; empty while it would. */
    public Optional<String> trouble() {
        return tools.requests().gate().trouble();
    }

    /** Whether there is room for more. */
    boolean haveRoom() {
        return known.size() < MOST_UNDER_WAY || underWay() < MOST_UNDER_WAY;
    }

    /**
     * The hooks that wait for us, or waited when {@link #stop} was called. Those of an instance that never was a node here are not
     * among them.
     */
    public Owed pendingHooks() {
        return pendingHooks.now();
    }

    /** A lifecycle action was announced: its token is needed when it is completed. */
    void heard(LifecycleToken token, Interruption interruption) {
        ActionNotice.of(interruption).ifPresent(notice -> tools.aws().tokens().learn(token, notice));
    }

    /** Whether more notices may be coming that belong to those just received. */
    boolean expectMore() {
        return shared.burst().isOn();
    }

    /** A receive was answered with so many messages. */
    void received(int messages) {
        shared.burst().received(messages);
    }

    /** Each looks again: it has changed whether this replica can act, or what keeps it from that. */
    public void abilityChanged() {
        known.values().forEach(Departure::changed);
    }

    /**
     * Whether this may ask something of us: a state change does so only for an instance that is known here, or that may be
     * without our seeing it.
     */
    boolean concerns(Interruption interruption) {
        return !(interruption instanceof StateChange change) || !ability.canAct() || !isStranger(change.instance());
    }

    /** Whether no node of this instance was ever seen, nor is anything under way for it. Accounts announce thousands of them. */
    private boolean isStranger(InstanceId instance) {
        return !known.containsKey(instance)
                && tools.sources().nodes().sight(instance) instanceof NeverSeen
                && !tools.sources().replicas().owes(instance);
    }

    /** A notice joins the departure of its instance, or begins one. A launch that there is no room for waits in the queue. */
    void accept(Notice notice) {
        if (authority.hasEnded()) {
            return; // its message is given back with all that is held
        }
        InstanceId instance = notice.interruption().instance();
        boolean isFull = shared.hookWaits().areFull();
        if (notice.interruption() instanceof AsgLaunch && !known.containsKey(instance) && isFull) {
            handBack(notice);
            return;
        }
        if (!isFull) {
            handsBack.set(false);
        }
        // No drain waits for strangers: hardly one of them has a node.
        boolean mayWantCordon = !(notice.interruption() instanceof AsgLaunch) && !isStranger(instance);
        known.compute(instance, (_, underWay) -> {
            if (mayWantCordon) {
                shared.burst().noticed(instance);
            }
            return underWay != null && underWay.join(notice) ? underWay : begin(notice);
        });
    }

    /** Sends nothing more and decides nothing more, from this moment; requests in flight go on until {@link #close}. */
    public void stop() {
        authority.end();
        tools.requests().gate().close();
        pendingHooks.keep();
        runs.stop();
        lists.close();
    }

    /** Stops, and lets requests in flight end. What is pending stays pending: its messages reappear. */
    @Override
    public void close() {
        stop();
        runs.close();
    }

    private void handBack(Notice notice) {
        if (handsBack.compareAndSet(false, true)) {
            log.tell(
                    LogEvent.LAUNCH_LEFT_IN_QUEUE,
                    "as many lifecycle hooks are waited for as can be; launches are left in the queue for now",
                    Map.of(Field.INSTANCE, notice.interruption().instance()));
        }
        runs.leave(Set.of(notice.deliveryId()));
    }

    private Departure begin(Notice notice) {
        InstanceId instance = notice.interruption().instance();
        Departure departure = departureOf(instance);
        departure.join(notice);
        runs.run(instance, departure);
        return departure;
    }

    private Departure departureOf(InstanceId instance) {
        return new Departure(
                instance,
                onChange -> access.of(instance, onChange),
                () -> new DepartureLog(instance, denials, new StoryPublisher(log, metrics, events)),
                policy,
                shared,
                clock,
                random,
                runs.actions());
    }

    private void nodeChanged(InstanceId instance) {
        @Nullable Departure departure = known.get(instance);
        if (departure != null) {
            departure.changed();
        } else if (tools.sources().nodes().of(instance).stream()
                        .anyMatch(node -> Decider.concerns(node, this::mayTouch))
                && runs.mayBegin(instance)) {
            known.computeIfAbsent(instance, _ -> {
                Departure found = departureOf(instance);
                runs.run(instance, found);
                return found;
            });
        }
    }

    private boolean mayTouch(KubeNode node) {
        return policy.get().nodes().selects(node.labels());
    }

    private void replicasChanged() {
        known.values().stream()
                .filter(departure -> departure.status().mayAwaitReplica())
                .forEach(Departure::changed);
    }

    private void burstEnded() {
        known.values().stream()
                .filter(departure -> departure.status().mayAwaitBurst())
                .forEach(Departure::changed);
    }
}
