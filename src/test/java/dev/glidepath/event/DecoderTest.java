package dev.glidepath.event;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
    private static final Path EVENTS = Path.of("src", "test", "resources", "events");
    private static final JsonMapper JSON = new JsonMapper();

    /** What each of the sample bodies says. */
    private static final Map<String, Decoded> OUTCOMES = Map.ofEntries(
            entry("asg-direct-sqs-launch.json", notYet("lifecycle action sent without EventBridge")),
            entry("asg-direct-sqs-terminate.json", notYet("lifecycle action sent without EventBridge")),
            entry(
                    "asg-instance-refresh-checkpoint.json",
                    new Ignored(Reason.INFORMATIONAL, "EC2 Auto Scaling Instance Refresh Checkpoint Reached")),
            entry("asg-launch.json", notYet("EC2 Instance-launch Lifecycle Action")),
            entry("asg-sns-wrapped.json", notYet("notification wrapped by SNS")),
            entry("asg-terminate-to-warmpool.json", termination("11", "2026-08-24T11:00:05Z")),
            entry("asg-terminate.json", termination("10", "2026-08-24T11:00:00Z")),
            entry("asg-test-notification.json", new Ignored(Reason.TEST_NOTIFICATION, "notification of Auto Scaling")),
            entry("capacity-block-expiration.json", notYet("Capacity Block Expiration Warning")),
            entry(
                    "capacity-reservation-interruption-interruptible.json",
                    notYet("EC2 Capacity Reservation Instance Interruption Warning")),
            entry("health-closed.json", notYet("AWS Health Event")),
            entry("health-other-service.json", new Ignored(Reason.OTHER_SERVICE, "AWS Health Event")),
            entry("health-public-issue-no-entities.json", new Ignored(Reason.INFORMATIONAL, "AWS Health Event")),
            entry("health-retirement-two-instances.json", notYet("AWS Health Event")),
            entry(
                    "interruptible-reclamation-completed.json",
                    new Ignored(
                            Reason.INFORMATIONAL,
                            "EC2 Interruptible Capacity Reservation Allocation Reclamation Completed")),
            entry("missing-instance-id.json", new Undecodable("instance-id is missing")),
            entry("not-json.txt", new Undecodable("not JSON")),
            entry("rebalance.json", notYet("EC2 Instance Rebalance Recommendation")),
            entry(
                    "spot-request-fulfillment.json",
                    new Ignored(Reason.INFORMATIONAL, "EC2 Spot Instance Request Fulfillment")),
            entry("spot-stop.json", spot("02", "2026-08-24T10:15:01Z", SpotAction.STOP)),
            entry("spot-terminate.json", spot("01", "2026-08-24T10:15:00Z", SpotAction.TERMINATE)),
            entry("stale-spot.json", spot("44", "2026-08-23T22:00:00Z", SpotAction.TERMINATE)),
            entry("state-stopping.json", state("02", "2026-08-24T10:17:00Z", InstanceState.STOPPING)),
            entry("state-terminated.json", state("01", "2026-08-24T10:17:30Z", InstanceState.TERMINATED)),
            entry("unknown-detail-type.json", new Ignored(Reason.UNKNOWN_KIND, "EC2 Something New")));

    static Stream<String> filesAndRows() throws IOException {
        try (Stream<Path> files = Files.list(EVENTS)) {
            var names = files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
            names.addAll(OUTCOMES.keySet());
            return names.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("filesAndRows")
    void everySampleHasItsOutcome(String file) {
        assertThat(OUTCOMES).as("a row for each file").containsKey(file);
        assertThat(EVENTS.resolve(file)).as("a file for each row").exists();

        assertThat(Decoder.decode(body(file))).isEqualTo(OUTCOMES.get(file));
    }

    @ParameterizedTest
    @EnumSource(InstanceState.class)
    void knowsEveryStateWhateverItsCase(InstanceState state) {
        Decoded expected = switch (state) {
            case PENDING, RUNNING -> new Ignored(Reason.INSTANCE_IS_UP, state.label());
            case STOPPING, SHUTTING_DOWN, STOPPED, TERMINATED -> state("02", "2026-08-24T10:17:00Z", state);
        };
        for (String text : List.of(state.label(), state.label().toUpperCase(Locale.ROOT))) {
            assertThat(Decoder.decode(with("state-stopping.json", "/detail", "state", JSON.valueToTree(text))))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"hibernate\"", "\"Hibernate\"", "\"HIBERNATE\""})
    void knowsHibernationWhateverItsCase(String action) {
        assertThat(decodedSpotAction(action)).isEqualTo(SpotAction.HIBERNATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"terminate\"", "\"explode\"", "\"\"", "null", "7", "[\"stop\"]", "{\"stop\": true}"})
    void takesAnActionItDoesNotKnowForTheWorst(String action) {
        assertThat(decodedSpotAction(action)).isEqualTo(SpotAction.TERMINATE);
    }

    @Test
    void takesAMissingActionForTheWorst() {
        assertThat(Decoder.decode(without("spot-stop.json", "/detail", "instance-action")))
                .isEqualTo(spot("02", "2026-08-24T10:15:01Z", SpotAction.TERMINATE));
    }

    @Test
    void timeOfTheEventIsOneMomentInWhateverZoneItIsTold() {
        assertThat(Decoder.decode(
                        with("spot-terminate.json", "", "time", JSON.valueToTree("2026-08-24T12:15:00.000+02:00"))))
                .isEqualTo(OUTCOMES.get("spot-terminate.json"));
    }

    @Test
    void looksAtNothingItDoesNotNeed() {
        ObjectNode event = (ObjectNode) tree("spot-terminate.json");
        event.retain("detail-type", "source", "time", "detail");
        event.put("something", "new").putArray("resources").add(7).addNull();

        assertThat(Decoder.decode(event.toString())).isEqualTo(OUTCOMES.get("spot-terminate.json"));
    }

    @Test
    void knowsBothNamesOfTheCapacityBlocksWarning() {
        String type = "Capacity Block Reservation Expiration Warning";

        assertThat(Decoder.decode(with("capacity-block-expiration.json", "", "detail-type", JSON.valueToTree(type))))
                .isEqualTo(notYet(type));
    }

    static Stream<Arguments> oddFields() {
        return Stream.of(
                odd("spot-terminate.json", "", "detail-type", "\"\"", "detail-type is missing"),
                odd("spot-terminate.json", "", "detail-type", "{\"secret\": 1}", "detail-type is missing"),
                odd("spot-terminate.json", "", "source", "7", "source is missing"),
                odd("spot-terminate.json", "", "source", "null", "source is missing"),
                odd("spot-terminate.json", "", "time", "1756030500", "time is missing"),
                odd("spot-terminate.json", "", "time", "\"secret\"", "time is not an RFC 3339 time"),
                odd("spot-terminate.json", "", "time", "\"2026-08-24\"", "time is not an RFC 3339 time"),
                odd("spot-terminate.json", "", "time", "\"2026-08-24T10:15:00\"", "time is not an RFC 3339 time"),
                odd("spot-terminate.json", "", "detail", "null", "instance-id is missing"),
                odd("spot-terminate.json", "", "detail", "[\"secret\"]", "instance-id is missing"),
                odd("spot-terminate.json", "", "detail", "\"secret\"", "instance-id is missing"),
                odd("spot-terminate.json", "/detail", "instance-id", "\"secret\"", "instance-id is not an instance id"),
                odd("spot-terminate.json", "/detail", "instance-id", "[]", "instance-id is missing"),
                odd("state-stopping.json", "/detail", "state", "\"secret\"", "state is none that EC2 documents"),
                odd("state-stopping.json", "/detail", "state", "null", "state is missing"),
                odd("state-stopping.json", "/detail", "instance-id", "\"\"", "instance-id is missing"),
                odd("asg-terminate.json", "/detail", "AutoScalingGroupName", "null", "AutoScalingGroupName is missing"),
                odd("asg-terminate.json", "/detail", "LifecycleHookName", "1", "LifecycleHookName is missing"),
                odd("asg-terminate.json", "/detail", "LifecycleActionToken", "\"\"", "LifecycleActionToken is missing"),
                odd("asg-terminate.json", "/detail", "EC2InstanceId", "null", "EC2InstanceId is missing"),
                odd("asg-terminate.json", "/detail", "EC2InstanceId", "\"i-1\"", "EC2InstanceId is not an instance id"),
                odd("asg-terminate.json", "", "time", "\"soon\"", "time is not an RFC 3339 time"));
    }

    @ParameterizedTest
    @MethodSource("oddFields")
    void oddFieldIsNamedAndNotQuoted(String file, String at, String field, JsonNode value, String why) {
        assertThat(Decoder.decode(with(file, at, field, value))).isEqualTo(new Undecodable(why));
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "time", "detail"})
    void missingFieldIsNamed(String field) {
        assertThat(Decoder.decode(without("spot-terminate.json", "", field)))
                .isEqualTo(new Undecodable((field.equals("detail") ? "instance-id" : field) + " is missing"));
    }

    static Stream<Arguments> garbage() {
        return Stream.of(
                arguments(named("empty", "")),
                arguments(named("blank", " \n\t")),
                arguments(named("null", "null")),
                arguments(named("a truth", "true")),
                arguments(named("a number", "7")),
                arguments(named("a text", "\"secret\"")),
                arguments(named("an empty array", "[]")),
                arguments(named("an array of events", "[" + body("spot-terminate.json") + "]")),
                arguments(named("an empty object", "{}")),
                arguments(named("an object of nobody's", "{\"secret\": {\"secret\": \"secret\"}}")),
                arguments(named("a number too large for any type", "1e999999999")),
                arguments(named("a number of a million digits", "9".repeat(1_000_000))),
                arguments(named("the same in an event", "{\"detail-type\": " + "9".repeat(1_000_000) + "}")),
                arguments(named("100,000 arrays deep", "[".repeat(100_000) + "]".repeat(100_000))),
                arguments(named("100,000 arrays never closed", "[".repeat(100_000))),
                arguments(named("100,000 objects deep", "{\"detail\":".repeat(100_000) + "1" + "}".repeat(100_000))),
                arguments(named("NULs", "\0".repeat(1000))),
                arguments(named("a NUL in a text", "{\"detail-type\": \"\0\"}")),
                arguments(named("a byte order mark", "\uFEFF{}")),
                arguments(named("lone surrogates", "\uD800\uDC00\uD800")),
                arguments(named("a lone surrogate in a key", "{\"\\uD800\": \"\uDC00\"}")),
                arguments(named("a key of 256 KiB", "{\"" + "k".repeat(256 * 1024) + "\": 1}")),
                arguments(named("256 KiB of noise", noise(256 * 1024))),
                arguments(named("half an event", body("spot-terminate.json").substring(0, 200))),
                arguments(named("an event and more", body("spot-terminate.json") + " secret")),
                arguments(named("two events", body("spot-terminate.json") + body("spot-stop.json"))),
                arguments(named("XML", "<detail-type>secret</detail-type>")));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void garbageIsAnOutcomeAndNoException(String body) {
        assertThat(Decoder.decode(body))
                .isInstanceOfSatisfying(
                        Undecodable.class,
                        undecodable -> assertThat(undecodable.why())
                                .isNotBlank()
                                .hasSizeLessThan(100)
                                .doesNotContain("secret"));
    }

    @Test
    void anEventOfAnotherServiceIsIgnored() {
        assertThat(Decoder.decode(with("spot-terminate.json", "", "source", JSON.valueToTree("aws.s3"))))
                .isEqualTo(new Ignored(Reason.OTHER_SERVICE, "EC2 Spot Instance Interruption Warning"));
    }

    @Test
    void testNotificationOverEventBridgeIsIgnored() {
        assertThat(Decoder.decode(with(
                        "asg-terminate.json",
                        "/detail",
                        "LifecycleTransition",
                        JSON.valueToTree("autoscaling:TEST_NOTIFICATION"))))
                .isEqualTo(new Ignored(Reason.TEST_NOTIFICATION, "EC2 Instance-terminate Lifecycle Action"));
    }

    private static Announced spot(String instance, String time, SpotAction action) {
        return new Announced(List.of(new SpotInterruption(instance(instance), Instant.parse(time), action)));
    }

    private static Announced state(String instance, String time, InstanceState state) {
        return new Announced(List.of(new StateChange(instance(instance), Instant.parse(time), state)));
    }

    private static Announced termination(String number, String time) {
        return new Announced(List.of(new AsgTermination(
                new LifecycleAction(
                        "workers-a", "drain-hook", "87654321-4321-4321-4321-2109876543" + number, instance(number)),
                Instant.parse(time))));
    }

    private static Ignored notYet(String what) {
        return new Ignored(Reason.NOT_ACTED_ON_YET, what);
    }

    private static InstanceId instance(String number) {
        return new InstanceId("i-0a1b2c3d4e5f600" + number);
    }

    private static Object decodedSpotAction(String action) {
        Decoded decoded = Decoder.decode(with("spot-stop.json", "/detail", "instance-action", json(action)));
        return decoded instanceof Announced(List<Interruption> all)
                        && all.getFirst() instanceof SpotInterruption(var _, var _, SpotAction found)
                ? found
                : decoded;
    }

    private static Arguments odd(String file, String at, String field, String value, String why) {
        return arguments(file, at, field, json(value), why);
    }

    private static String with(String file, String at, String field, JsonNode value) {
        JsonNode event = tree(file);
        ((ObjectNode) event.at(at)).set(field, value);
        return event.toString();
    }

    private static String without(String file, String at, String field) {
        JsonNode event = tree(file);
        ((ObjectNode) event.at(at)).remove(field);
        return event.toString();
    }

    private static String noise(int length) {
        return new Random(1)
                .ints(length, 0, 0x10000)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private static JsonNode tree(String file) {
        return json(body(file));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static String body(String file) {
        try {
            return Files.readString(EVENTS.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
