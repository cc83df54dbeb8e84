package dev.glidepath;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.config.ConfigCheck;
import dev.glidepath.config.ConfigCheck.Remarks;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.departure.Ability;
import dev.glidepath.departure.Brake;
import dev.glidepath.departure.Departures;
import dev.glidepath.departure.Intake;
import dev.glidepath.departure.Tools;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.eviction.Deleter;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.drain.volume.ClaimLookup;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.lifecycle.AutoScalingClients;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeletLeases;
import dev.glidepath.node.NodeSelector;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.queue.OwnQueue;
import dev.glidepath.queue.QueueException;
import dev.glidepath.queue.Receiver;
import dev.glidepath.queue.SqsClients;
import dev.glidepath.replica.Capabilities;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.ReplicaId;
import dev.glidepath.replica.Replicas;
import dev.glidepath.time.CorrectedClock;
import dev.glidepath.time.SteadyClock;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The object graph: reading this is reading what is made of what. */
@Singleton
final class Wiring {
    /** One eviction may take ten seconds while the API server settles conflicts over a shared budget. */
    private static final int REQUEST_TIMEOUT_MILLIS = 20_000;

    @Produces
    @Singleton
    Valid configuration() {
        return switch (ConfigCheck.ofThisProcess()) {
            case Valid valid -> valid;
            case Invalid(List<String> problems) -> throw new IllegalStateException(String.join("; ", problems));
        };
    }

    /** The cluster the program runs in, or that of KUBECONFIG. */
    static Config kubernetes() {
        return new ConfigBuilder(Config.autoConfigure(null))
                .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
                .withUserAgent("glidepath")
                .build();
    }

    @Produces
    @Singleton
    Daemon daemon(Valid configuration, MeterRegistry registry) {
        Config kubernetes = kubernetes();
        CorrectedClock time = new CorrectedClock(SteadyClock.ofThisMachine());
        SteadyClock clock = new SteadyClock(time, System::nanoTime);
        RandomGenerator random = new java.util.Random();
        Metrics metrics = new Metrics(registry);
        GlidepathConfig config = configuration.config();
        boolean dryRun = config.dryRun();
        DecisionLog log = dryRun ? DecisionLog.ofDryRun() : new DecisionLog();

        Consumer<QueueException> queueFailures = failure ->
                metrics.count(Metric.QUEUE_FAILURES, failure.category().name().toLowerCase(Locale.ROOT));
        SqsClient sqs = SqsClients.forRegion(configuration.region());
        URI queueUrl = config.queueUrl().value();
        Permissions permissions = new Permissions(change -> tell(change, log));
        MessageQueue queue = dryRun
                ? MessageQueue.ofDryRun(sqs, queueUrl, clock, permissions)
                : new MessageQueue(sqs, queueUrl, clock, permissions);
        queue.onSent(time::sent);
        OwnQueue ownQueue = new OwnQueue(queue);
        Supplier<Policy> policy = () -> ConfiguredPolicy.of(config, ownQueue.arn());

        ApiServer apiServer = new ApiServer(kubernetes);
        apiServer.onDate(time::answered);
        NodeSelector selector = config.node().selector().orElseGet(NodeSelector::all);
        Watcher watcher = new Watcher(apiServer, clock, random);
        Nodes nodes = new Nodes(watcher, selector);
        ReplicaId id = ReplicaId.startedIn(
                namespaceOf(config, kubernetes),
                config.pod().release(),
                config.pod().name().orElseGet(Wiring::hostName),
                random);
        Replica replica =
                new Replica(apiServer, id, new Capabilities(Journal.VERSION, selector.toString()), clock, random);
        Replicas replicas = new Replicas(watcher, replica);
        ActionTokens tokens = new ActionTokens();
        replica.onToken(tokens::learn);

        LifecycleHooks hooks =
                new LifecycleHooks(AutoScalingClients.forRegion(configuration.region()), tokens, clock, permissions);
        Gate gate = new Gate(config.drain().evictionsInFlight(), clock);
        OwedMessages owed = new OwedMessages();
        Tools tools = new Tools(
                watcher,
                nodes,
                new NodeWriter(apiServer, nodes::answered, config.node().excludeFromLoadBalancers()),
                new KubeletLeases(apiServer),
                replica,
                replicas,
                new Namespaces(watcher),
                new Budgets(watcher),
                new Attachments(watcher),
                new ClaimLookup(apiServer),
                gate,
                new Evictor(apiServer),
                new Deleter(apiServer, clock),
                hooks,
                tokens,
                queue,
                owed,
                dryRun);
        ClusterEvents events = dryRun
                ? ClusterEvents.ofDryRun(apiServer, metrics, clock)
                : new ClusterEvents(apiServer, metrics, clock);
        Watched watched = new Watched(nodes, replicas, tools.namespaces(), tools.budgets(), tools.attachments());
        Ability ability = new Ability(watched::unseen, replica, clock, dryRun);
        Departures departures = new Departures(
                tools, ability, policy, new Brake(config.drain().brake()), log, metrics, events, clock, random);
        replica.owes(departures::owingHooks);

        Disposal disposal = new Disposal(queue, clock, random, Thread::sleep, queueFailures);
        Receiver receiver = new Receiver(queue, config.queueReceivers(), clock, random, Thread::sleep, queueFailures);
        Intake intake = new Intake(
                queue,
                disposal,
                owed,
                departures,
                new Intake.Blocks(nodes, config.node().capacityBlockLabel()),
                policy,
                ownQueue::traits,
                ability,
                new Intake.Telling(log, metrics, events));

        metrics.measure(Metric.DEPARTURES_IN_FLIGHT, departures::underWay);
        metrics.measure(Metric.MESSAGES_HELD, queue::held);
        metrics.measure(Metric.CAN_ACT, () -> ability.canAct() ? 1 : 0);
        metrics.measure(
                Metric.LAST_POLL_TIMESTAMP_SECONDS,
                () -> receiver.lastPollAt().map(Instant::getEpochSecond).orElse(0L));
        metrics.measure(Metric.EVICTIONS_PER_SECOND, gate::perSecond);
        metrics.measure(Metric.PERMISSIONS_MISSING, permissions::missing);
        metrics.measure(Metric.CLOCK_SKEW_SECONDS, () -> time.skew().toMillis() / 1000.0);
        time.onChange(change -> tell(change, log));
        metrics.measure(Metric.NODES_WITHOUT_INSTANCE, nodes::nameless);
        tell(configuration.remarks(), log);
        return new Daemon(
                watched,
                replica,
                ability,
                new AbilityWatch(ability, departures::abilityChanged, log, clock),
                new Overlap(nodes, replicas, selector, log),
                new Nameless(nodes, log),
                ownQueue,
                new Daemon.Allowed(
                        permissions,
                        new PermissionChecks(
                                permissions,
                                ownQueue,
                                queue,
                                hooks,
                                !dryRun
                                        && Set.of(Response.CORDON, Response.DRAIN)
                                                .contains(policy.get().responseTo(Kind.ASG_TERMINATION)),
                                Thread::sleep)),
                new Daemon.Receiving(queue, receiver, disposal, intake),
                departures,
                log,
                dryRun);
    }

    private static void tell(Permissions.Change change, DecisionLog log) {
        switch (change) {
            case Permissions.Change.Began(Permission permission, String words) -> {
                LogEvent event = switch (permission.need()) {
                    case REQUIRED -> LogEvent.PERMISSION_REQUIRED;
                    case WANTED -> LogEvent.PERMISSION_MISSING;
                };
                log.tell(event, words, Map.of(Field.PERMISSION, permission.action()));
            }
            case Permissions.Change.Ended(Permission permission) ->
                log.tell(
                        LogEvent.PERMISSION_GRANTED,
                        permission.action() + " is allowed now",
                        Map.of(Field.PERMISSION, permission.action()));
        }
    }

    private static void tell(CorrectedClock.Change change, DecisionLog log) {
        switch (change) {
            case CorrectedClock.Change.Wrong(Duration ahead) ->
                log.tell(
                        LogEvent.CLOCK_WRONG,
                        "this machine's clock is %s s %s, and is corrected for: let it be set by NTP"
                                .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead"),
                        Map.of(Field.SKEW, ahead));
            case CorrectedClock.Change.Right _ ->
                log.tell(LogEvent.CLOCK_RIGHT, "this machine's clock is right again", Map.of());
        }
    }

    private static void tell(Remarks remarks, DecisionLog log) {
        remarks.unknown()
                .forEach(variable -> log.tell(
                        LogEvent.CONFIG_UNKNOWN, variable + " is no option of ours, and changes nothing", Map.of()));
        remarks.fromNth().forEach(line -> log.tell(LogEvent.NTH_CONFIG_TAKEN, line, Map.of()));
        remarks.notFromNth().forEach(line -> log.tell(LogEvent.NTH_CONFIG_MISSING, line, Map.of()));
    }

    /** In a pod that is its name. */
    private static String hostName() {
        return System.getenv().getOrDefault("HOSTNAME", "glidepath").toLowerCase(Locale.ROOT);
    }

    /** Where the daemon's own Leases are. */
    static String namespaceOf(GlidepathConfig configuration, Config kubernetes) {
        return configuration
                .pod()
                .namespace()
                .orElseGet(() -> Objects.requireNonNullElse(kubernetes.getNamespace(), "default"));
    }

    /** Whether work gets done; not being ready costs no traffic, and tells why. */
    @Produces
    @Readiness
    HealthCheck ready(Daemon daemon) {
        return () -> {
            List<String> reasons = daemon.notReadyBecause();
            List<String> degraded = daemon.degradedBecause();
            var response = HealthCheckResponse.named("receiving").status(reasons.isEmpty());
            if (!reasons.isEmpty()) {
                response.withData("reason", String.join("; ", reasons));
            }
            if (!degraded.isEmpty()) {
                response.withData("degraded", String.join("; ", degraded));
            }
            return response.build();
        };
    }

    /** Whether the process answers at all: trouble with AWS or the API server is not mended by a restart. */
    @Produces
    @Liveness
    HealthCheck live() {
        return () -> HealthCheckResponse.up("process");
    }

    void onStart(@Observes StartupEvent started, Daemon daemon, Valid configuration) {
        daemon.start(configuration.effective());
    }

    void onStop(@Observes ShutdownEvent stopped, Daemon daemon) {
        daemon.stop();
    }
}
