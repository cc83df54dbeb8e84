package dev.glidepath;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.KubernetesClients;
import dev.glidepath.config.ConfigCheck;
import dev.glidepath.config.ConfigCheck.Remarks;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.departure.Brake;
import dev.glidepath.departure.Departures;
import dev.glidepath.departure.Intake;
import dev.glidepath.departure.Tools;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.eviction.Deleter;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.eviction.Gate;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.drain.volume.ClaimLookup;
import dev.glidepath.lifecycle.AutoScalingClients;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.node.KubeletLeases;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.queue.QueueException;
import dev.glidepath.queue.Receiver;
import dev.glidepath.queue.SqsClients;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.ReplicaId;
import dev.glidepath.replica.Replicas;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
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
        return switch (ConfigCheck.of(System.getenv())) {
            case Valid valid -> valid;
            case Invalid(List<String> problems) -> throw new IllegalStateException(String.join("; ", problems));
        };
    }

    @Produces
    @Singleton
    KubernetesClient kubernetes(Valid configuration) {
        return kubernetes(configuration.config());
    }

    /** The cluster we run in, or that of KUBECONFIG. Who calls tries again by himself: the client must not do so unseen. */
    static KubernetesClient kubernetes(GlidepathConfig configuration) {
        int requests = configuration.drain().evictionsInFlight() * 2;
        Config config = new ConfigBuilder(Config.autoConfigure(null))
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
                .withMaxConcurrentRequests(requests)
                .withMaxConcurrentRequestsPerHost(requests)
                .withUserAgent("glidepath")
                .build();
        return KubernetesClients.of(config);
    }

    @Produces
    @Singleton
    Daemon daemon(Valid configuration, KubernetesClient kubernetes, MeterRegistry registry) {
        InstantSource clock = Clock.systemUTC();
        RandomGenerator random = new java.util.Random();
        Metrics metrics = new Metrics(registry);
        GlidepathConfig config = configuration.config();
        boolean dryRun = config.dryRun();
        DecisionLog log = dryRun ? DecisionLog.ofDryRun() : new DecisionLog();

        Consumer<QueueException> queueFailures = failure ->
                metrics.count(Metric.QUEUE_FAILURES, failure.category().name().toLowerCase(Locale.ROOT));
        SqsClient sqs = SqsClients.forRegion(configuration.region());
        URI queueUrl = config.queueUrl().value();
        MessageQueue queue =
                dryRun ? MessageQueue.ofDryRun(sqs, queueUrl, clock) : new MessageQueue(sqs, queueUrl, clock);
        OwnQueue ownQueue = new OwnQueue(queue);
        Supplier<Policy> policy = () -> ConfiguredPolicy.of(config, ownQueue.arn());

        ApiServer apiServer = new ApiServer(kubernetes);
        Nodes nodes = new Nodes(kubernetes);
        String namespace = namespaceOf(config, kubernetes);
        ReplicaId id = ReplicaId.startedIn(config.pod().name().orElseGet(Wiring::hostName), random);
        Replica replica = new Replica(apiServer, namespace, id, clock, random);
        Replicas replicas = new Replicas(kubernetes, apiServer, namespace, replica, clock);

        Gate gate = new Gate(config.drain().evictionsInFlight(), clock);
        OwedMessages owed = new OwedMessages();
        Tools tools = new Tools(
                apiServer,
                nodes,
                new NodeWriter(apiServer, config.node().excludeFromLoadBalancers()),
                new KubeletLeases(apiServer),
                replica,
                replicas,
                new Namespaces(kubernetes),
                new Budgets(kubernetes, clock),
                new Attachments(kubernetes),
                new ClaimLookup(apiServer),
                gate,
                new Evictor(apiServer),
                new Deleter(apiServer, clock),
                new LifecycleHooks(AutoScalingClients.forRegion(configuration.region()), clock),
                queue,
                owed,
                dryRun);
        ClusterEvents events = dryRun
                ? ClusterEvents.ofDryRun(apiServer, metrics, clock)
                : new ClusterEvents(apiServer, metrics, Executors.newVirtualThreadPerTaskExecutor(), clock);
        Departures departures =
                new Departures(tools, policy, new Brake(config.drain().brake()), log, metrics, events, clock, random);
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
                ownQueue::redrives,
                new Intake.Telling(log, metrics, events));

        metrics.measure(Metric.DEPARTURES_IN_FLIGHT, departures::underWay);
        metrics.measure(Metric.MESSAGES_HELD, queue::held);
        metrics.measure(
                Metric.LAST_POLL_TIMESTAMP_SECONDS,
                () -> receiver.lastPollAt().map(Instant::getEpochSecond).orElse(0L));
        metrics.measure(Metric.EVICTIONS_PER_SECOND, gate::perSecond);
        tell(configuration.remarks(), log);
        return new Daemon(
                new Watched(nodes, replicas, tools.namespaces(), tools.budgets(), tools.attachments()),
                replica,
                ownQueue,
                new Daemon.Receiving(queue, receiver, disposal, intake),
                departures,
                log,
                dryRun);
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
    static String namespaceOf(GlidepathConfig configuration, KubernetesClient kubernetes) {
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
            var response = HealthCheckResponse.named("receiving").status(reasons.isEmpty());
            return reasons.isEmpty()
                    ? response.build()
                    : response.withData("reason", String.join("; ", reasons)).build();
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
