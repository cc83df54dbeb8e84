package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.departure.execution.Authority;
import dev.glidepath.departure.execution.AwsRequests;
import dev.glidepath.departure.execution.ClusterAccess;
import dev.glidepath.departure.execution.ClusterRequests;
import dev.glidepath.departure.execution.ClusterSources;
import dev.glidepath.departure.execution.Tools;
import dev.glidepath.departure.sharing.Burst;
import dev.glidepath.departure.sharing.PodLists;
import dev.glidepath.departure.sharing.PodRoom;
import dev.glidepath.departure.sharing.VoluntaryDisruptionLimit;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.eviction.Deleter;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.drain.volume.ClaimLookup;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Term;
import dev.glidepath.node.KubeletLeases;
import dev.glidepath.node.NodeSelector;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.Message;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.queue.QueueTraits;
import dev.glidepath.queue.Receiver;
import dev.glidepath.replica.Capabilities;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.ReplicaId;
import dev.glidepath.replica.Replicas;
import dev.glidepath.time.SteadyClock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.awaitility.core.ConditionFactory;

/**
 * The program between its edges: what takes messages in, departures, and what acts for them, made as {@code Wiring} makes it, over a
 * cluster, a queue and an Auto Scaling in memory. Receives are made by the test, one at a time, and the clock goes on as the test says,
 * beside the time that passes.
 */
public final class ShellSetup implements AutoCloseable {
    public static final String NODE = "node-1";
    public static final InstanceId WORKER = new InstanceId("i-0a1b2c3d4e5f60001");
    public static final InstanceId OTHER_WORKER = new InstanceId("i-0a1b2c3d4e5f60002");

    /** Another replica of the same release. */
    public static final String DEAD = "pod-9/dead@glidepath:glidepath";

    private static final Duration BOUND = Duration.ofSeconds(20);

    public final ClusterStandIn cluster = new ClusterStandIn();
    public final QueueStandIn sqs = new QueueStandIn();
    public final HooksStandIn autoScaling = new HooksStandIn();
    public final LoggedEvents log = new LoggedEvents();
    public final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    public final SteadyClock clock;
    public final MessageQueue queue;
    public final OwedMessages owed = new OwedMessages();
    public final Nodes nodes;
    public final Replica replica;
    public final Replicas replicas;
    public final Ability ability;
    public final Gate gate;
    public final ActionTokens tokens = new ActionTokens();
    public final Departures departures;
    public final Intake intake;

    /** What is decided by those who run the cluster, as departures know it; asked at each look. */
    public volatile Supplier<Policy> policy = Policy::standard;

    /** The same, as it is known where messages come in; asked at each message. */
    public volatile Supplier<Policy> intakePolicy = Policy::standard;

    /** Whether actions may still be sent, outside of all departures. */
    public final Authority authority;

    /** What is known of the queue. */
    public volatile QueueTraits traits = new QueueTraits(Optional.empty(), OptionalInt.empty());

    /** What the watches do not show as it is now. */
    public volatile List<String> unseen = List.of();

    /** So often the departures' clock breaks when it is read. */
    public final AtomicInteger clockBreaks = new AtomicInteger();

    private final AtomicLong passedNanos = new AtomicLong();

    /** When the clock was stopped; empty while it goes. */
    private volatile Optional<Instant> frozenAt = Optional.empty();

    /** How far the clock of the Lease is ahead: so long it is good without a renewal, however much time the test lets pass. */
    private volatile Duration leaseAhead = Duration.ofHours(1);

    private final Metrics metrics = new Metrics(registry);
    private final ClusterSources sources;
    private final Tools tools;
    private final Disposal disposal;
    private final boolean dryRun;

    private ShellSetup(boolean dryRun, int evictionsInFlight) {
        this.dryRun = dryRun;
        clock = new SteadyClock(
                () -> frozenAt.orElseGet(Instant::now).plusNanos(passedNanos.get()),
                () -> System.nanoTime() + passedNanos.get());
        Random random = new Random(7);
        Permissions permissions = new Permissions(_ -> {});
        URI url = URI.create("https://sqs.eu-west-1.amazonaws.com/1/q");
        queue = dryRun
                ? MessageQueue.ofDryRun(sqs, url, clock, permissions)
                : new MessageQueue(sqs, url, clock, permissions);
        ApiServer apiServer = cluster.apiServer();
        Watcher watcher = new Watcher(apiServer, clock, random);
        nodes = new Nodes(watcher, NodeSelector.all());
        replica = new Replica(
                apiServer,
                new ReplicaId("glidepath", "glidepath", "pod-0", "5eed"),
                new Capabilities(Journal.VERSION, ""),
                new SteadyClock(() -> clock.instant().plus(leaseAhead), System::nanoTime),
                random);
        replicas = new Replicas(watcher, replica);
        gate = new Gate(evictionsInFlight, clock);
        sources = new ClusterSources(
                watcher,
                nodes,
                replica,
                replicas,
                new Namespaces(watcher),
                new Budgets(watcher),
                new Attachments(watcher));
        tools = new Tools(
                sources,
                new ClusterRequests(
                        new NodeWriter(apiServer, nodes::answered, true),
                        new KubeletLeases(apiServer),
                        new ClaimLookup(apiServer),
                        gate,
                        new Evictor(apiServer),
                        new Deleter(apiServer, clock)),
                new AwsRequests(new LifecycleHooks(autoScaling, tokens, clock, permissions), tokens, queue, owed),
                dryRun);
        authority = new Authority(replica::mayActUntil, clock);
        DecisionLog decisions = dryRun ? DecisionLog.ofDryRun() : new DecisionLog();
        ClusterEvents events = dryRun
                ? ClusterEvents.ofDryRun(apiServer, metrics, clock)
                : new ClusterEvents(apiServer, metrics, clock);
        ability = new Ability(() -> unseen, replica, clock, dryRun);
        departures = new Departures(
                tools,
                ability,
                () -> policy.get(),
                new VoluntaryDisruptionLimit(100),
                decisions,
                metrics,
                events,
                this::now,
                random);
        disposal = new Disposal(queue, clock, random, Thread::sleep, _ -> {});
        intake = new Intake(
                queue,
                disposal,
                owed,
                departures,
                new Intake.Blocks(nodes, "block"),
                () -> intakePolicy.get(),
                () -> traits,
                ability,
                new IntakeLog(decisions, metrics, events));
    }

    /** One that acts: its Lease is good, and its watches have shown what there is. */
    public static ShellSetup live() {
        return new ShellSetup(false, 10).start();
    }

    /** One that acts, with so many evictions at a time. */
    public static ShellSetup live(int evictionsInFlight) {
        return new ShellSetup(false, evictionsInFlight).start();
    }

    /** One that writes nothing. */
    public static ShellSetup dryRun() {
        return new ShellSetup(true, 10).start();
    }

    private ShellSetup start() {
        if (!dryRun) {
            replica.owes(departures::pendingHooks);
            replica.start();
        }
        departures.start();
        replicas.start();
        sources.namespaces().start();
        sources.budgets().start();
        sources.attachments().start();
        nodes.start(() -> {});
        until(() -> nodes.isSynced()
                && replicas.isSynced()
                && sources.namespaces().isSynced()
                && sources.attachments().isSynced()
                && ability.canAct());
        pass(Duration.ofSeconds(1)); // or the next question for all nodes would wait so long
        return this;
    }

    /** Gives views of the cluster and executors, outside of all departures. */
    public ClusterAccess access() {
        PodLists lists = new PodLists(new Burst(clock, () -> {}), PodRoom.inHeapOf(64_000_000, clock));
        return new ClusterAccess(tools, authority, lists, metrics, clock);
    }

    /** A node of this instance has joined. */
    public ShellSetup withNode(String name, InstanceId instance) {
        cluster.node(name, instance);
        until(() -> nodes.hasSeen(instance));
        return this;
    }

    /** {@link #NODE} has joined, with these pods. */
    public ShellSetup withNode(String... pods) {
        withNode(NODE, WORKER);
        for (String pod : pods) {
            cluster.pod(NODE, pod);
        }
        return this;
    }

    // What comes in.

    /** Messages come in, and are received. */
    public void receive(String id, String body) {
        sqs.send(id, body);
        receive();
    }

    /** What is visible in the queue is received. */
    public void receive() {
        intake.accept(receiveOnly(), Receiver.Pace.FREELY);
    }

    /** Received by a replica that receives seldom, for it cannot act. */
    public void receiveSeldom() {
        intake.accept(receiveOnly(), Receiver.Pace.SELDOM);
    }

    /** Received, and not taken in. */
    public List<Message> receiveOnly() {
        try {
            return queue.receive(Duration.ZERO);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** EC2 takes {@link #WORKER} in two minutes. */
    public String spotNotice() {
        return Announcement.spotInterruption(WORKER, clock.instant());
    }

    /** Auto Scaling's hook holds this terminating instance. */
    public String terminationNotice(InstanceId instance, String token) {
        return """
                {"version": "0", "id": "%s", "detail-type": "EC2 Instance-terminate Lifecycle Action",
                 "source": "aws.autoscaling", "account": "123456789012", "time": "%s", "region": "eu-west-1",
                 "resources": [], "detail": {"LifecycleActionToken": "%s", "AutoScalingGroupName": "workers",
                 "LifecycleHookName": "%s", "EC2InstanceId": "%s",
                 "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                 "Origin": "AutoScalingGroup", "Destination": "EC2"}}""".formatted(token, clock.instant(), token, HooksStandIn.HOOK, instance);
    }

    /** The action that such a notice announces. */
    public static LifecycleAction action(InstanceId instance, String token) {
        return LifecycleAction.of("workers", HooksStandIn.HOOK, new LifecycleToken(token), instance);
    }

    /** The journal of a departure under way, held by this replica. */
    public Journal openJournal(String holder) {
        Instant began = clock.instant().minusSeconds(10);
        Instant deadline = began.plusSeconds(120);
        Cause spot = new Cause(
                new InterruptionId("spot-interruption/" + WORKER),
                Kind.SPOT_INTERRUPTION,
                Effect.ENDS,
                began,
                began,
                Optional.of(deadline),
                false);
        return Journal.empty(began)
                .in(Journal.State.OPEN)
                .heldBy(holder)
                .with(spot)
                .with(Optional.of(new Term(deadline, began)), Optional.empty());
    }

    // How time passes.

    /** So much time passes at once, and each departure looks again. */
    public void pass(Duration time) {
        passedNanos.addAndGet(time.toNanos());
        departures.abilityChanged();
    }

    /** From now on no time passes by itself: what happens then is not waited for, but signalled. */
    public void freeze() {
        frozenAt = Optional.of(Instant.now());
    }

    /** The Lease is not renewed for so long that it is good no more. */
    public void lapseLease() {
        leaseAhead = Duration.ofHours(-1);
    }

    /** Waits for it, for as long as a test may take. */
    public void until(BooleanSupplier holds) {
        awaiting().until(holds::getAsBoolean);
    }

    /** The same, with time passing in small steps: for what is done after pauses. */
    public void untilInTime(BooleanSupplier holds) {
        awaiting().until(() -> {
            if (holds.getAsBoolean()) {
                return true;
            }
            pass(Duration.ofMillis(10));
            return false;
        });
    }

    private static ConditionFactory awaiting() {
        return await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(BOUND);
    }

    /** The burst of notices is over: drains begin. */
    public void passBurst() {
        pass(Duration.ofSeconds(2));
    }

    /** The cordon has reached the scheduler: pods are listed for the last time. */
    public void passCordonTravel() {
        pass(Duration.ofSeconds(5));
    }

    // What it looks like.

    /** The journal of {@link #NODE}, once there is one. */
    public Optional<Journal> journal() {
        return Journal.parse(cluster.journal(NODE));
    }

    public boolean isSettled() {
        return journal()
                .filter(journal -> journal.state() == Journal.State.SETTLED)
                .isPresent();
    }

    /** Whether somebody has yet to be done with this message. */
    public boolean isOwed(String message) {
        InstanceId nobody = new InstanceId("i-0a1b2c3d4e5f6ffff");
        return owed.pay(Set.of(new MessageId(message)), nobody).isEmpty();
    }

    /** How often this was counted, with these labels or some of them. */
    public double count(Metric metric, String... labels) {
        return registry.find(metric.id()).counters().stream()
                .filter(counter -> counter.getId().getTags().stream()
                        .map(Tag::getValue)
                        .toList()
                        .containsAll(List.of(labels)))
                .mapToDouble(Counter::count)
                .sum();
    }

    private Instant now() {
        if (clockBreaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("on purpose");
        }
        return clock.instant();
    }

    @Override
    public void close() {
        departures.close();
        disposal.close();
        replica.release();
        nodes.close();
        replicas.close();
        sources.namespaces().close();
        sources.budgets().close();
        sources.attachments().close();
        cluster.close();
        log.close();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
