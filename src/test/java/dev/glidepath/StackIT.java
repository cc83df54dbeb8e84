package dev.glidepath;

import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.event.Decoded;
import dev.glidepath.event.Decoder;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Kind;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.IamStack;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * From the event bus to the empty node: every sample is announced to the stack of the template, as EventBridge, a hook or a topic would;
 * what matters comes to its queue, the rest does not, and the program empties that queue.
 */
class StackIT {
    private static final Path SAMPLES = Path.of("src", "test", "resources", "events");
    private static final Duration LIMIT = ofSeconds(90);
    private static final JsonMapper JSON = new JsonMapper();

    /** Asks nothing of us and comes nevertheless: an entity may be an ARN, so that no pattern tells a host from an instance for sure. */
    private static final String OF_A_HOST = "health-dedicated-host.json";

    /** The one that is about a node of ours. */
    private static final String RECLAIM = "spot-terminate.json";

    private static final String STRANGER = "i-0a1b2c3d4e5f6ffff";

    private final ControlPlane plane = ControlPlane.shared();
    private final IamStack stack = IamStack.start("AutoScalingGroups=workers-*");
    private final SqsClient sqs = stack.client(SqsClient.builder());
    private final EventBridgeClient bus = stack.client(EventBridgeClient.builder());
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);
    private final Map<String, String> samples = new TreeMap<>();
    private LabNode doomed;

    @BeforeEach
    void samplesOfWhichOneIsAboutANode() throws IOException {
        doomed = cluster.node("doomed");
        cluster.node("spare");
        try (Stream<Path> files = Files.list(SAMPLES)) {
            for (Path file : files.toList()) {
                samples.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        String instance = JSON.readTree(samples.get(RECLAIM))
                .path("detail")
                .path("instance-id")
                .asText();
        // A state change is of use only where something else was announced before: let theirs be of another instance.
        samples.replaceAll((name, body) -> body.replace(
                instance,
                name.equals(RECLAIM) ? doomed.instance().value() : name.startsWith("state-") ? STRANGER : instance));
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
        bus.close();
        sqs.close();
        stack.close();
    }

    @Test
    void whatMattersComesToTheQueueIsReadByTheProgramAndANodeIsDrainedOfItsPods() {
        Workload web = cluster.deployment("web").replicas(3).createOn(doomed);
        samples.values().forEach(this::announce);
        List<Decoded> expected = samples.entrySet().stream()
                .filter(sample -> sample.getKey().equals(OF_A_HOST)
                        || !isOfTheBus(sample.getValue())
                        || !(Decoder.decode(sample.getValue()) instanceof Decoded.Ignored))
                .map(sample -> Decoder.decode(sample.getValue()))
                .toList();
        assertThat(expected.stream().flatMap(StackIT::kinds)).contains(Kind.values());
        assertThat(messages(stack.queueUrl().toString())).isEqualTo(expected.size());

        try (DaemonProcess daemon = startDaemon()) {
            daemon.awaitThat("did not read them all", LIMIT, () -> told(daemon).size() >= expected.size());
            assertThat(told(daemon))
                    .containsExactlyInAnyOrderElementsOf(
                            expected.stream().flatMap(StackIT::words).toList());
            daemon.awaitThat(
                    "did not settle the departure",
                    LIMIT,
                    () -> daemon.told(LogEvent.DEPARTURE_SETTLED).stream()
                            .anyMatch(line -> line.get(Field.NODE).equals(doomed.name())
                                    && line.get(Field.OUTCOME).equals("drained")));
            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(cluster.isCordoned(doomed)).isTrue();
            assertThat(daemon.told(LogEvent.DEPARTURE_FAILED)).isEmpty();
        }
    }

    @Test
    void theProgramEmptiesTheQueue() {
        announce(requireNonNull(samples.get(RECLAIM)));
        assertThat(messages(stack.queueUrl().toString())).isEqualTo(1);

        try (DaemonProcess daemon = startDaemon()) {
            daemon.await1(LogEvent.DEPARTURE_SETTLED);
            await("the queue to be empty")
                    .atMost(LIMIT)
                    .until(() -> messages(stack.queueUrl().toString()) == 0);
            assertThat(messages(stack.deadLetterQueueUrl().toString())).isZero();
        }
    }

    private DaemonProcess startDaemon() {
        Map<String, String> environment = new HashMap<>(stack.environment());
        environment.put(
                "KUBECONFIG", plane.kubeconfigFor("glidepath", "glidepath").toString());
        environment.put("GLIDEPATH_QUEUE_URL", stack.queueUrl().toString());
        environment.put("GLIDEPATH_LOG_LEVEL", "DEBUG");
        environment.put("AWS_ENDPOINT_URL_AUTO_SCALING", autoScaling.endpoint().toString());
        return DaemonProcess.start(environment);
    }

    /** To the bus what EventBridge sends, as of now; all else straight to the queue. */
    private void announce(String body) {
        if (!isOfTheBus(body)) {
            sqs.sendMessage(
                    request -> request.queueUrl(stack.queueUrl().toString()).messageBody(body));
            return;
        }
        JsonNode event = read(body).orElseThrow();
        var answer = bus.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                .time(Instant.now())
                .source(event.path("source").asText())
                // As a page of AWS spells it; no event comes with that.
                .detailType(event.path("detail-type")
                        .asText(event.path("detail_type").asText()))
                .detail(event.path("detail").toString())
                .resources(StreamSupport.stream(event.path("resources").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList())
                .build()));
        assertThat(answer.failedEntryCount()).isZero();
    }

    private int messages(String queueUrl) {
        return sqs
                .getQueueAttributes(request -> request.queueUrl(queueUrl)
                        .attributeNames(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .attributes()
                .values()
                .stream()
                .mapToInt(Integer::parseInt)
                .sum();
    }

    private static boolean isOfTheBus(String body) {
        return read(body).filter(json -> json.has("source")).isPresent();
    }

    private static Optional<JsonNode> read(String body) {
        try {
            return Optional.of(JSON.readTree(body));
        } catch (JsonProcessingException noJson) {
            return Optional.empty();
        }
    }

    private static Stream<Kind> kinds(Decoded decoded) {
        return decoded instanceof Decoded.Announced(var interruptions)
                ? interruptions.stream().map(Interruption::kind)
                : Stream.empty();
    }

    /** What the program ought to tell of a message; but for one they are about instances that are no nodes here. */
    private static Stream<String> words(Decoded decoded) {
        return switch (decoded) {
            case Decoded.Announced(var interruptions) ->
                interruptions.stream()
                        .map(interruption -> interruption.kind() == Kind.STATE_CHANGE
                                ? "ignored not-our-node"
                                : interruption.kind().label() + " " + interruption.instance());
            case Decoded.BlockExpires _ -> Stream.of("ignored not-our-node");
            case Decoded.Ignored(var reason, var _) ->
                Stream.of("ignored " + reason.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            case Decoded.Undecodable(String why) -> Stream.of("undecodable " + why);
        };
    }

    private static List<String> told(DaemonProcess daemon) {
        return daemon.lines().stream().flatMap(StackIT::words).toList();
    }

    private static Stream<String> words(Line line) {
        if (line.is(LogEvent.INTERRUPTION_RECEIVED)) {
            return Stream.of(line.get(Field.KIND) + " " + line.get(Field.INSTANCE));
        }
        if (line.is(LogEvent.INTERRUPTION_IGNORED)) {
            return Stream.of("ignored " + line.get(Field.REASON));
        }
        return line.is(LogEvent.MESSAGE_UNDECODABLE)
                ? Stream.of("undecodable " + line.get(Field.REASON))
                : Stream.empty();
    }
}
