package dev.glidepath.departure;

import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.decision.Decider;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
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
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.replica.Owed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The departures that concern this replica: at most one an instance, whatever is told of it and however often. One begins when
 * a message tells of it, or when a node's journal does, which may be another's: who waits beside it can take over.
 */
public final class Departures implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Departures.class);

    /** How long requests in flight may take to end when the program stops. */
    private static final Duration REQUESTS_END_WITHIN = Duration.ofSeconds(5);

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
    private final Rehearsal.Memory imagined = new Rehearsal.Memory();
    private final AtomicBoolean handsBack = new AtomicBoolean();
    private final Map<InstanceId, Departure> known = new ConcurrentHashMap<>();
    private final BreakOffs breakOffs = new BreakOffs();
    /** What was owed when the program began to stop: departures end then, and what they owe is still owed. */
    private volatile Optional<Owed> leftOwing = Optional.empty();

    private final ExecutorService loops = Executors.newVirtualThreadPerTaskExecutor();
    /** Wakes departures that wait without a thread; whatever one of them throws, it goes on for the others. */
    private final ScheduledThreadPoolExecutor alarm = new ScheduledThreadPoolExecutor(
            1, Thread.ofVirtual().name("departures-alarm").factory());

    private final ExecutorService actions = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param policy asked at each look: what is known of our own queue may come late
     * @param random spreads what is tried again; must be safe for use by many threads
     */
    public Departures(
            Tools tools,
            Ability ability,
            Supplier<Policy> policy,
            Brake brake,
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
        this.authority = new Authority(tools.replica()::mayActUntil, clock);
        this.shared = new Shared(
                new Rush(tools.gate()::perSecond),
                new Burst(clock, this::burstEnded),
                brake,
                new HookWaits(),
                new Admission(Runtime.getRuntime().availableProcessors()),
                new Pace(known::size),
                tools.nodes(),
                tools.namespaces(),
                tools.attachments(),
                ability);
        this.lists = new PodLists(
                shared.burst(), PodRoom.inHeapOf(Runtime.getRuntime().maxMemory(), clock));
        alarm.setRemoveOnCancelPolicy(true);
        tools.gate().yieldTo(shared.burst()::comesFirst);
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

    /** How many are under way here: not those that wait for their time, for a node, for a hook, or for another replica. */
    public int underWay() {
        return (int) known.values().stream().filter(Departure::isUnderWay).count();
    }

    /** Begins to look after what time alone changes, and to tell Kubernetes events; once only. */
    public void start() {
        tools.gate().start();
        events.start();
    }

    /** Why what is owed would not get done in time; empty while it would. */
    public Optional<String> trouble() {
        return tools.gate().trouble();
    }

    /** Whether there is room for more. */
    boolean haveRoom() {
        return known.size() < MOST_UNDER_WAY || underWay() < MOST_UNDER_WAY;
    }

    /**
     * The hooks that wait for us, or waited when {@link #stop} was called. Those of an instance that never was a node here are not
     * among them.
     */
    public Owed owingHooks() {
        return leftOwing.orElseGet(this::owingNow);
    }

    private Owed owingNow() {
        Map<String, Set<InstanceId>> byWitness = new HashMap<>();
        Map<LifecycleToken, ActionNotice> tokens = new HashMap<>();
        known.forEach((instance, departure) -> {
            Map<LifecycleToken, ActionNotice> held = tokensOf(departure); // though nobody saw the node: not forgotten
            if (departure.owesHooks()) {
                witnessOf(instance).ifPresent(witness -> {
                    byWitness.computeIfAbsent(witness, _ -> new HashSet<>()).add(instance);
                    tokens.putAll(held);
                });
            }
        });
        return new Owed(byWitness, tokens);
    }

    private Map<LifecycleToken, ActionNotice> tokensOf(Departure departure) {
        Map<LifecycleToken, ActionNotice> known = new HashMap<>();
        departure
                .actions()
                .forEach(action -> tools.tokens()
                        .of(action)
                        .ifPresent(token ->
                                tools.tokens().noticeOf(action).ifPresent(notice -> known.put(token, notice))));
        return known;
    }

    /** A lifecycle action was announced: its token is needed when it is completed. */
    void heard(LifecycleToken token, Interruption interruption) {
        ActionNotice.of(interruption).ifPresent(notice -> tools.tokens().learn(token, notice));
    }

    private Optional<String> witnessOf(InstanceId instance) {
        return tools.nodes().hasSeen(instance)
                ? Optional.of(tools.replica().id().holder())
                : tools.replicas().witnessOf(instance);
    }

    /** Whether more notices may be coming that belong to those just received. */
    boolean expectMore() {
        return shared.burst().isOn();
    }

    /** A receive was answered with so many messages. */
    void received(int messages) {
        shared.burst().received(messages);
    }

    /** Each looks again: whether this replica can act has changed, or what keeps it from that. */
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

    /** Whether nobody has seen a node of this instance, nor is anything under way for it. Accounts tell of thousands of them. */
    private boolean isStranger(InstanceId instance) {
        return !known.containsKey(instance)
                && tools.nodes().sight(instance) instanceof NeverSeen
                && !tools.replicas().owes(instance);
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
        tools.gate().close();
        leftOwing = Optional.of(owingHooks());
        loops.shutdownNow();
        alarm.shutdownNow();
        lists.close();
    }

    /** Stops, and lets requests in flight end. What is owed is still owed: its messages reappear. */
    @Override
    public void close() {
        stop();
        actions.shutdown();
        try {
            if (!actions.awaitTermination(REQUESTS_END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                actions.shutdownNow();
            }
        } catch (InterruptedException hurried) {
            actions.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void handBack(Notice notice) {
        if (handsBack.compareAndSet(false, true)) {
            log.tell(
                    LogEvent.LAUNCH_LEFT_IN_QUEUE,
                    "as many lifecycle hooks are waited for as can be; launches are left in the queue for now",
                    Map.of(Field.INSTANCE, notice.interruption().instance()));
        }
        leave(Set.of(notice.deliveryId()));
    }

    private Departure begin(Notice notice) {
        InstanceId instance = notice.interruption().instance();
        Departure departure = departureOf(instance);
        departure.join(notice);
        run(instance, departure);
        return departure;
    }

    private void run(InstanceId instance, Departure departure) {
        try {
            loops.execute(() -> carryOut(instance, departure));
        } catch (RejectedExecutionException stopping) {
            LOG.debugf("the departure of %s does not begin: the program stops", instance);
        }
    }

    private Departure departureOf(InstanceId instance) {
        return new Departure(
                instance,
                onChange -> worldOf(instance, onChange),
                () -> new DepartureLog(instance, denials, new StoryPublisher(log, metrics, events)),
                policy,
                shared,
                clock,
                random,
                actions);
    }

    private World worldOf(InstanceId instance, Runnable onChange) {
        Acts real = new Acts(instance, tools, authority, lists, metrics, clock, onChange);
        return tools.dryRun() ? new Rehearsal(instance, real, imagined, onChange) : real;
    }

    private void carryOut(InstanceId instance, Departure departure) {
        boolean paidHooks = false;
        boolean isOver = true;
        try {
            Optional<Ending> ending = departure.run(alarm, () -> run(instance, departure));
            isOver = ending.isPresent();
            if (ending.isPresent()) {
                breakOffs.forget(instance);
                boolean isLeft = ending.get() == Ending.HANDED_BACK || ending.get() == Ending.LEFT_TO_NEWER;
                paidHooks = departure.hadHooks() && !isLeft;
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error unforeseen) {
            brokeOff(instance, unforeseen);
            breakOffs.add(instance);
        } finally {
            if (isOver) {
                forget(instance, departure, paidHooks);
                handBackUnsettled(departure.end());
            }
        }
        if (isOver) {
            lookOnceMore(instance);
        }
    }

    /** What it shares with others is cleared while it is still known; not if another of its instance has begun, which shares anew. */
    private void forget(InstanceId instance, Departure departure, boolean paidHooks) {
        known.computeIfPresent(instance, (_, latest) -> {
            if (latest != departure) {
                return latest;
            }
            shared.rush().owes(instance, List.of());
            shared.burst().cordoned(instance);
            shared.hookWaits().waits(instance, false);
            if (paidHooks) {
                tools.replica().settled(instance);
            }
            return null;
        });
    }

    /**
     * What changed while it ended, it did not see. After a pause, so that nothing goes round and round where a departure ends and
     * its node's journal asks for one.
     */
    private void lookOnceMore(InstanceId instance) {
        BreakOffs.Pause pause = breakOffs.of(instance);
        try {
            Thread.sleep(pause.length()); // the departure is over: nobody waits for this thread
            breakOffs.end(instance, pause);
            nodeChanged(instance);
            if (breakOffs.of(instance).isOver() && !known.containsKey(instance)) {
                breakOffs.forget(instance);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void brokeOff(InstanceId instance, Throwable unforeseen) {
        if (authority.hasEnded()) {
            return;
        }
        log.about(Map.of(Field.INSTANCE, instance))
                .tell(
                        LogEvent.DEPARTURE_FAILED,
                        "the departure broke off; its messages will be delivered again",
                        unforeseen);
    }

    /** Nobody here looks after these any more. When the program stops they are given back with all that is held. */
    private void handBackUnsettled(Set<DeliveryId> deliveries) {
        if (!authority.hasEnded()) {
            leave(deliveries);
        }
    }

    private void leave(Set<DeliveryId> deliveries) {
        tools.owed().giveUp(deliveries);
        tools.queue().leave(deliveries);
    }

    private void nodeChanged(InstanceId instance) {
        @Nullable Departure departure = known.get(instance);
        if (departure != null) {
            departure.changed();
        } else if (tools.nodes().of(instance).stream().anyMatch(node -> Decider.concerns(node, this::mayTouch))
                && breakOffs.of(instance).isOver()
                && !loops.isShutdown()) {
            known.computeIfAbsent(instance, _ -> {
                Departure found = departureOf(instance);
                run(instance, found);
                return found;
            });
        }
    }

    private boolean mayTouch(KubeNode node) {
        return policy.get().nodes().selects(node.labels());
    }

    private void replicasChanged() {
        known.values().stream().filter(Departure::looksToReplicas).forEach(Departure::changed);
    }

    private void burstEnded() {
        known.values().stream().filter(Departure::looksToBursts).forEach(Departure::changed);
    }
}
