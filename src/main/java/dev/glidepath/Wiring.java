package dev.glidepath;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.config.ConfigCheck;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.departure.Ability;
import dev.glidepath.departure.Departures;
import dev.glidepath.departure.Intake;
import dev.glidepath.departure.IntakeLog;
import dev.glidepath.departure.execution.AwsRequests;
import dev.glidepath.departure.execution.ClusterRequests;
import dev.glidepath.departure.execution.ClusterSources;
import dev.glidepath.departure.execution.Tools;
import dev.glidepath.departure.sharing.VoluntaryDisruptionLimit;
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
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
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
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
        Basics basics = Basics.of(configuration, registry);
        Config kubernetes = kubernetes();
        ApiServer apiServer = new ApiServer(kubernetes);
        apiServer.onDate(basics.time()::answered);
        AwsRequests aws = aws(basics);
        ClusterSources sources = sources(basics, apiServer, replica(basics, apiServer, kubernetes, aws.tokens()));
        ClusterRequests requests = requests(basics, apiServer, sources.nodes());

        boolean dryRun = basics.config().dryRun();
        OwnQueue ownQueue = new OwnQueue(aws.queue());
        Supplier<Policy> policy = () -> ConfiguredPolicy.of(basics.config(), ownQueue.arn());
        ClusterEvents events = dryRun
                ? ClusterEvents.ofDryRun(apiServer, basics.metrics(), basics.clock())
                : new ClusterEvents(apiServer, basics.metrics(), basics.clock());
        Watched watched = new Watched(
                sources.nodes(), sources.replicas(), sources.namespaces(), sources.budgets(), sources.attachments());
        Ability ability = new Ability(watched::unseen, sources.replica(), basics.clock(), dryRun);
        Departures departures = new Departures(
                new Tools(sources, requests, aws, dryRun),
                ability,
                policy,
                new VoluntaryDisruptionLimit(basics.config().drain().brake()),
                basics.log(),
                basics.metrics(),
                events,
                basics.clock(),
                basics.random());
        sources.replica().owes(departures::pendingHooks);
        Daemon.Receiving receiving = receiving(basics, aws, sources, departures, policy, ownQueue, ability, events);

        measure(basics, departures, receiving, ability, requests.gate(), sources.nodes());
        new EnvironmentLog(basics.log()).report(configuration.remarks());
        return new Daemon(
                watched,
                sources.replica(),
                ability,
                new AbilityWatch(ability, departures::abilityChanged, basics.log(), basics.clock()),
                new Overlap(sources.nodes(), sources.replicas(), selector(basics), basics.log()),
                new Nameless(sources.nodes(), basics.log()),
                ownQueue,
                new Daemon.Allowed(
                        basics.permissions(),
                        new PermissionChecks(
                                basics.permissions(),
                                ownQueue,
                                aws.queue(),
                                aws.hooks(),
                                !dryRun
                                        && Set.of(Response.CORDON, Response.DRAIN)
                                                .contains(policy.get().responseTo(Kind.ASG_TERMINATION)),
                                Thread::sleep)),
                receiving,
                departures,
                basics.log(),
                dryRun);
    }

    private static AwsRequests aws(Basics basics) {
        SqsClient sqs = SqsClients.forRegion(basics.region());
        URI url = basics.config().queueUrl().value();
        MessageQueue queue = basics.config().dryRun()
                ? MessageQueue.ofDryRun(sqs, url, basics.clock(), basics.permissions())
                : new MessageQueue(sqs, url, basics.clock(), basics.permissions());
        queue.onSent(basics.time()::sent);
        ActionTokens tokens = new ActionTokens();
        LifecycleHooks hooks = new LifecycleHooks(
                AutoScalingClients.forRegion(basics.region()), tokens, basics.clock(), basics.permissions());
        return new AwsRequests(hooks, tokens, queue, new OwedMessages());
    }

    private static Replica replica(Basics basics, ApiServer apiServer, Config kubernetes, ActionTokens tokens) {
        GlidepathConfig config = basics.config();
        ReplicaId id = ReplicaId.startedIn(
                namespaceOf(config, kubernetes),
                config.pod().release(),
                config.pod().name().orElseGet(Wiring::hostName),
                basics.random());
        Replica replica = new Replica(
                apiServer,
                id,
                new Capabilities(Journal.VERSION, selector(basics).toString()),
                basics.clock(),
                basics.random());
        replica.onToken(tokens::learn);
        return replica;
    }

    private static NodeSelector selector(Basics basics) {
        return basics.config().node().selector().orElseGet(NodeSelector::all);
    }

    private static ClusterSources sources(Basics basics, ApiServer apiServer, Replica replica) {
        Watcher watcher = new Watcher(apiServer, basics.clock(), basics.random());
        return new ClusterSources(
                watcher,
                new Nodes(watcher, selector(basics)),
                replica,
                new Replicas(watcher, replica),
                new Namespaces(watcher),
                new Budgets(watcher),
                new Attachments(watcher));
    }

    private static ClusterRequests requests(Basics basics, ApiServer apiServer, Nodes nodes) {
        return new ClusterRequests(
                new NodeWriter(
                        apiServer, nodes::answered, basics.config().node().excludeFromLoadBalancers()),
                new KubeletLeases(apiServer),
                new ClaimLookup(apiServer),
                new Gate(basics.config().drain().evictionsInFlight(), basics.clock()),
                new Evictor(apiServer),
                new Deleter(apiServer, basics.clock()));
    }

    private static Daemon.Receiving receiving(
            Basics basics,
            AwsRequests aws,
            ClusterSources sources,
            Departures departures,
            Supplier<Policy> policy,
            OwnQueue ownQueue,
            Ability ability,
            ClusterEvents events) {
        Consumer<QueueException> queueFailures = failure -> basics.metrics()
                .count(Metric.QUEUE_FAILURES, failure.category().name().toLowerCase(Locale.ROOT));
        Disposal disposal = new Disposal(aws.queue(), basics.clock(), basics.random(), Thread::sleep, queueFailures);
        Receiver receiver = new Receiver(
                aws.queue(),
                basics.config().queueReceivers(),
                basics.clock(),
                basics.random(),
                Thread::sleep,
                queueFailures);
        Intake intake = new Intake(
                aws.queue(),
                disposal,
                aws.owed(),
                departures,
                new Intake.Blocks(sources.nodes(), basics.config().node().capacityBlockLabel()),
                policy,
                ownQueue::traits,
                ability,
                new IntakeLog(basics.log(), basics.metrics(), events));
        return new Daemon.Receiving(aws.queue(), receiver, disposal, intake);
    }

    private static void measure(
            Basics basics, Departures departures, Daemon.Receiving receiving, Ability ability, Gate gate, Nodes nodes) {
        Metrics metrics = basics.metrics();
        metrics.measure(Metric.DEPARTURES_IN_FLIGHT, departures::underWay);
        metrics.measure(Metric.MESSAGES_HELD, receiving.queue()::held);
        metrics.measure(Metric.CAN_ACT, () -> ability.canAct() ? 1 : 0);
        metrics.measure(
                Metric.LAST_POLL_TIMESTAMP_SECONDS,
                () -> receiving
                        .receiver()
                        .lastPollAt()
                        .map(Instant::getEpochSecond)
                        .orElse(0L));
        metrics.measure(Metric.EVICTIONS_PER_SECOND, gate::perSecond);
        metrics.measure(Metric.PERMISSIONS_MISSING, basics.permissions()::missing);
        metrics.measure(Metric.CLOCK_SKEW_SECONDS, () -> basics.time().skew().toMillis() / 1000.0);
        metrics.measure(Metric.NODES_WITHOUT_INSTANCE, nodes::nameless);
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
