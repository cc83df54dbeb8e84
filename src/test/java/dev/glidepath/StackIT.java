package dev.glidepath;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.IamStack;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * From the event bus to the drained node, by the stack that a user makes of the template: what matters comes into its queue, noise does
 * not, and the daemon empties that queue. {@code iam/check} looks at each delivery in detail.
 */
@RunsTheProgram
class StackIT {
    private static final Path SAMPLES = Path.of("src", "test", "resources", "events");
    private static final String GROUP = "workers-a";

    /** Sent by EventBridge, and of no use. */
    private static final Set<String> NOISE = Set.of(
            "asg-instance-refresh-checkpoint.json",
            "asg-test-notification-eventbridge.json",
            "health-abuse.json",
            "health-other-service.json",
            "health-public-issue-no-entities.json",
            "interruptible-reclamation-completed.json",
            "spot-request-fulfillment.json",
            "state-running.json",
            "unknown-detail-type.json");

    /** Sent by hooks and topics, straight to the queue. */
    private static final Set<String> DIRECT = Set.of(
            "asg-direct-sqs-launch.json",
            "asg-direct-sqs-terminate.json",
            "asg-eventbridge-in-sns.json",
            "asg-launched-notification.json",
            "asg-sns-wrapped.json",
            "asg-test-notification.json",
            "malformed-sns-in-sns.json",
            "not-json.txt",
            "sns-subscription-confirmation.json");

    /** Nobody can read them; the dead-letter queue keeps them for a person. */
    private static final Set<String> UNREADABLE = Set.of(
            "malformed-sns-in-sns.json",
            "missing-instance-id.json",
            "not-json.txt",
            "sns-subscription-confirmation.json");

    /** Say that an instance is about to go; most others, that theirs is gone or its time is over. */
    private static final Set<String> AHEAD = Set.of("asg-terminate.json", "rebalance.json", "spot-terminate.json");

    private static final JsonMapper JSON = new JsonMapper();

    private final ControlPlane plane = ControlPlane.shared();
    private final TestCluster cluster = TestCluster.create(plane);
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final IamStack stack = IamStack.start("AutoScalingGroups=workers-*");
    private final SqsClient sqs = stack.client(SqsClient.builder());
    private final EventBridgeClient bus = stack.client(EventBridgeClient.builder());
    private final LabNode doomed = cluster.node("doomed");
    private final LabNode gone = cluster.node("gone");
    private final LabNode spare = cluster.node("spare");

    @AfterEach
    void end() {
        bus.close();
        sqs.close();
        stack.close();
        autoScaling.close();
        cluster.close();
    }

    @Test
    void deliversOnlyWhatMattersToTheQueueAndTheDaemonEmptiesIt() throws IOException {
        Workload web =
                cluster.deployment("web").replicas(3).exitAfter(ofSeconds(3)).createOn(doomed);
        LifecycleAction action = holdByHook();

        var arrived = new TreeSet<String>();
        for (String name : fileNames()) {
            int before = inQueue();
            announce(name, action);
            if (inQueue() == before + 1) {
                arrived.add(name);
            }
        }

        assertThat(fileNames()).containsAll(NOISE).containsAll(DIRECT).containsAll(UNREADABLE);
        assertThat(arrived)
                .containsExactlyElementsOf(fileNames().stream()
                        .filter(name -> !NOISE.contains(name))
                        .toList());
        assertThat(inQueue()).isEqualTo(arrived.size());

        try (DaemonProcess daemon = DaemonProcess.start(environment()).awaitReady()) {
            // What Auto Scaling does not find is asked for again for two minutes.
            await("an empty queue, but for what nobody can read")
                    .atMost(ofMinutes(8))
                    .pollInterval(ofSeconds(1))
                    .until(() -> inQueue() == UNREADABLE.size());

            assertThat(daemon.told(LogEvent.INTERRUPTION_RECEIVED))
                    .extracting(line -> line.get(Field.KIND))
                    .contains(Stream.of(Kind.values()).map(Kind::label).toArray(String[]::new));
            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(cluster.isCordoned(doomed)).isTrue();
            assertThat(cluster.isCordoned(spare)).isFalse();
            assertThat(autoScaling.stateOf(action)).isInstanceOf(AutoScalingStandIn.ActionState.Completed.class);
            assertThat(daemon.told(LogEvent.POD_EVICTED)).hasSize(3);
            assertThat(daemon.told(LogEvent.DEPARTURE_SETTLED))
                    .as("departures of the node")
                    .filteredOn(line -> line.get(Field.DEPARTURE)
                            .startsWith(doomed.instance().value()))
                    .singleElement()
                    .satisfies(line -> assertThat(line.get(Field.OUTCOME)).isEqualTo("drained"));
            assertThat(daemon.told(LogEvent.MESSAGE_UNDECODABLE)).hasSizeGreaterThanOrEqualTo(UNREADABLE.size());
        }
    }

    /** The group's hook holds the doomed instance; who is to tell of it is the sample. */
    private LifecycleAction holdByHook() {
        autoScaling.addHook(Hook.of(GROUP, "drain-hook").withHeartbeatTimeout(ofMinutes(5)));
        return autoScaling
                .terminate(GROUP, doomed.instance(), TestQueue.create())
                .getFirst();
    }

    private void announce(String name, LifecycleAction action) throws IOException {
        String body = Files.readString(SAMPLES.resolve(name))
                .replaceAll("i-[0-9a-f]{17}", instanceIn(name))
                .replace("87654321-4321-4321-4321-210987654310", autoScaling.tokenOf(action));
        if (DIRECT.contains(name)) {
            sqs.sendMessage(
                    request -> request.queueUrl(stack.queueUrl().toString()).messageBody(body));
            return;
        }
        JsonNode event = JSON.readTree(body);
        var put = bus.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                .source(event.path("source").asText())
                // One file spells it as a page of AWS does; no event comes with that.
                .detailType(event.path("detail-type")
                        .asText(event.path("detail_type").asText()))
                .detail(event.path("detail").toString())
                .resources(StreamSupport.stream(event.path("resources").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList())
                .time(Instant.now())
                .build()));
        assertThat(put.failedEntryCount()).as(name).isZero();
    }

    private String instanceIn(String name) {
        LabNode node = AHEAD.contains(name) ? doomed : name.contains("launch") ? spare : gone;
        return node.instance().value();
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(stack.environment());
        environment.put("AWS_ENDPOINT_URL_AUTO_SCALING", autoScaling.endpoint().toString());
        environment.put(
                "KUBECONFIG", plane.kubeconfigFor("glidepath", "glidepath").toString());
        environment.put("GLIDEPATH_QUEUE_URL", stack.queueUrl().toString());
        environment.put("GLIDEPATH_LOG_LEVEL", "DEBUG");
        return environment;
    }

    /** How many messages are there, in work or not. */
    private int inQueue() {
        var counts = List.of(
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
        var attributes = sqs.getQueueAttributes(
                        request -> request.queueUrl(stack.queueUrl().toString()).attributeNames(counts))
                .attributes();
        return counts.stream()
                .mapToInt(count -> Integer.parseInt(requireNonNull(attributes.get(count))))
                .sum();
    }

    private static Set<String> fileNames() throws IOException {
        try (Stream<Path> files = Files.list(SAMPLES)) {
            var names = new TreeSet<String>();
            files.map(file -> file.getFileName().toString()).forEach(names::add);
            return names;
        }
    }
}
