package dev.glidepath.event;

import static dev.glidepath.event.SampleBody.bySns;
import static dev.glidepath.event.SampleBody.quoted;
import static dev.glidepath.event.SampleBody.with;
import static dev.glidepath.event.SampleBody.without;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.BlockExpires;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.HealthNotice;
import dev.glidepath.event.Interruption.RebalanceRecommendation;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.Interruption.Window;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
    private static final String HEALTH = "arn:aws:health:eu-west-1::event/";
    private static final String RETIREMENT = "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED";
    private static final String RETIRED = HEALTH + "EC2/" + RETIREMENT + "/" + RETIREMENT + "_90353408594353980";
    private static final String DEGRADED = "AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED";
    private static final String COMMUNICATION = "01b0993207d81a09dcd552ebd1e633e36cf1f09";

    /** What each of the sample bodies says. */
    private static final Map<String, Decoded> OUTCOMES = Map.ofEntries(
            entry("asg-direct-sqs-launch.json", launch("14", "2026-08-24T11:06:00.456Z", Route.DIRECT, false, false)),
            entry("asg-direct-sqs-terminate.json", termination("13", "2026-08-24T11:05:00.123Z", Route.DIRECT, false)),
            entry("asg-eventbridge-in-sns.json", termination("50", "2026-08-24T11:00:00Z", Route.EVENT_BRIDGE, false)),
            entry(
                    "asg-instance-refresh-checkpoint.json",
                    informs("EC2 Auto Scaling Instance Refresh Checkpoint Reached")),
            entry("asg-launch.json", launch("12", "2026-08-24T11:02:00Z", Route.EVENT_BRIDGE, false, false)),
            entry(
                    "asg-launch-from-warmpool.json",
                    launch("51", "2026-08-24T11:02:00Z", Route.EVENT_BRIDGE, true, false)),
            entry("asg-launch-to-warmpool.json", launch("52", "2026-08-24T11:02:00Z", Route.EVENT_BRIDGE, false, true)),
            entry("asg-launched-notification.json", informs("notification of Auto Scaling")),
            entry("asg-sns-wrapped.json", termination("16", "2026-08-24T11:07:00Z", Route.DIRECT, false)),
            entry(
                    "asg-terminate-to-warmpool.json",
                    termination("11", "2026-08-24T11:00:05Z", Route.EVENT_BRIDGE, true)),
            entry("asg-terminate.json", termination("10", "2026-08-24T11:00:00Z", Route.EVENT_BRIDGE, false)),
            entry("asg-test-notification.json", new Ignored(Reason.TEST_NOTIFICATION, "notification of Auto Scaling")),
            entry(
                    "asg-test-notification-eventbridge.json",
                    new Ignored(Reason.TEST_NOTIFICATION, "EC2 Instance-terminate Lifecycle Action")),
            entry(
                    "capacity-block-expiration.json",
                    new BlockExpires("cr-0a1b2c3d4e5f60022", at("2026-08-25T10:50:00Z"), at("2026-08-25T11:00:00Z"))),
            entry(
                    "capacity-block-reservation-expiration.json",
                    new BlockExpires("cr-0a1b2c3d4e5f60061", at("2026-08-25T10:50:00Z"), at("2026-08-25T11:00:00Z"))),
            entry(
                    "capacity-reservation-interruption-interruptible.json",
                    announced(new CapacityInterruption(
                            instance("20"), at("2026-08-24T12:00:00Z"), "", at("2026-08-24T12:02:00Z")))),
            entry(
                    "capacity-reservation-interruption-no-time.json",
                    announced(new CapacityInterruption(
                            instance("60"),
                            at("2026-08-24T12:00:00Z"),
                            "cr-0a1b2c3d4e5f60060",
                            at("2026-08-24T12:02:00Z")))),
            entry("health-abuse.json", informs("AWS Health Abuse Event")),
            entry(
                    "health-closed.json",
                    announced(new ScheduledChangeClosed(
                            instance("30"), at("2026-08-28T08:00:00Z"), RETIRED, COMMUNICATION + "b-1"))),
            entry("health-dedicated-host.json", informs("AWS Health Event")),
            entry(
                    "health-issue-one-instance.json",
                    announced(new HealthNotice(
                            instance("74"),
                            at("2026-08-24T09:01:22Z"),
                            HEALTH + "EC2/" + DEGRADED + "/" + DEGRADED + "_000074",
                            COMMUNICATION + "a-1",
                            DEGRADED))),
            entry(
                    "health-no-start-time.json",
                    announced(new ScheduledChange(
                            instance("73"),
                            at("2026-08-24T09:01:22Z"),
                            HEALTH + "EC2/" + RETIREMENT + "/" + RETIREMENT + "_00000000000000073",
                            COMMUNICATION + "a-1",
                            Optional.empty()))),
            entry(
                    "health-older-form.json",
                    announced(change(
                            "70",
                            HEALTH + "AWS_EC2_INSTANCE_STOP_SCHEDULED_000070",
                            "7bf73129-1428-4cd3-a780-000000000070"))),
            entry("health-other-service.json", new Ignored(Reason.OTHER_SERVICE, "AWS Health Event")),
            entry("health-public-issue-no-entities.json", informs("AWS Health Event")),
            entry(
                    "health-retirement-two-instances.json",
                    announced(
                            change("30", RETIRED, COMMUNICATION + "a-1"),
                            change("31", RETIRED, COMMUNICATION + "a-1"))),
            entry("health-second-page.json", announced(change("71", RETIRED, COMMUNICATION + "a-2"))),
            entry(
                    "interruptible-reclamation-completed.json",
                    informs("EC2 Interruptible Capacity Reservation Allocation Reclamation Completed")),
            entry(
                    "malformed-sns-in-sns.json",
                    new Undecodable("neither an EventBridge event nor a notification of Auto Scaling")),
            entry("missing-instance-id.json", new Undecodable("instance-id is missing")),
            entry("not-json.txt", new Undecodable("not JSON")),
            entry("rebalance.json", announced(new RebalanceRecommendation(instance("01"), at("2026-08-24T10:05:00Z")))),
            entry(
                    "sns-subscription-confirmation.json",
                    new Undecodable("SNS asks for its subscription to be confirmed")),
            entry("spot-hibernate.json", spot("76", "2026-08-24T10:15:01Z", SpotAction.HIBERNATE)),
            entry("spot-request-fulfillment.json", informs("EC2 Spot Instance Request Fulfillment")),
            entry("spot-stop.json", spot("02", "2026-08-24T10:15:01Z", SpotAction.STOP)),
            entry("spot-terminate.json", spot("01", "2026-08-24T10:15:00Z", SpotAction.TERMINATE)),
            entry("stale-spot.json", spot("44", "2026-08-23T22:00:00Z", SpotAction.TERMINATE)),
            entry("state-running.json", new Ignored(Reason.INSTANCE_IS_UP, "running")),
            entry("state-stopping.json", state("02", "2026-08-24T10:17:00Z", InstanceState.STOPPING)),
            entry("state-terminated.json", state("01", "2026-08-24T10:17:30Z", InstanceState.TERMINATED)),
            entry("unknown-detail-type.json", new Ignored(Reason.UNKNOWN_KIND, "EC2 Something New")));

    static Stream<String> filesAndRows() {
        var names = new TreeSet<>(SampleBody.names());
        names.addAll(OUTCOMES.keySet());
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("filesAndRows")
    void everySampleHasItsOutcome(String file) {
        assertThat(OUTCOMES).as("a row for each file").containsKey(file);
        assertThat(SampleBody.FOLDER.resolve(file)).as("a file for each row").exists();

        assertThat(SampleBody.decoded(SampleBody.of(file))).isEqualTo(OUTCOMES.get(file));
    }

    static Stream<String> unwrapped() {
        return SampleBody.names().stream()
                .filter(name -> !SampleBody.of(name).contains("TopicArn"))
                .filter(name -> !name.startsWith("not-json"));
    }

    @ParameterizedTest
    @MethodSource("unwrapped")
    void snsAroundItChangesNothing(String file) {
        assertThat(SampleBody.decoded(bySns(SampleBody.of(file)))).isEqualTo(OUTCOMES.get(file));
    }

    @Test
    void snsAroundNothingSaysNothing() {
        assertThat(SampleBody.decoded(bySns("secret"))).isEqualTo(new Undecodable("not JSON"));
        assertThat(SampleBody.decoded(without("asg-sns-wrapped.json", "", "Message")))
                .isEqualTo(new Undecodable("Message is missing"));
        assertThat(SampleBody.decoded(with("asg-sns-wrapped.json", "", "Message", "{}")))
                .isEqualTo(new Undecodable("Message is missing"));
    }

    @Test
    void snsAroundSnsEndsAfterTheFirst() {
        String body = SampleBody.of("spot-terminate.json");
        for (int depth = 0; depth < 12; depth++) {
            body = bySns(body);
        }

        assertThat(SampleBody.decoded(body)).isInstanceOf(Undecodable.class);
    }

    @Test
    void timeOfTheEventIsOneMomentInWhateverZoneItIsTold() {
        assertThat(SampleBody.decoded(with("spot-terminate.json", "", "time", quoted("2026-08-24T12:15:00.000+02:00"))))
                .isEqualTo(OUTCOMES.get("spot-terminate.json"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2026-08-24T10:15:00Z\"",
                "\"2026-08-24t10:15:00z\"",
                "\"2026-08-24T10:15Z\"",
                "\"2026-08-24T10:15:00.000000Z\"",
                "\"2026-08-24 10:15:00\"",
                "\"2026-08-24T10:15:00\"",
                "\"2026-08-24 10:15:00 UTC\"",
                "\"2026-08-24 10:15:00,000 +0000\"",
                "\"2026-08-24T10:15:00+0000\"",
                "\"2026-08-24T10:15:00+00\"",
                "\"2026-08-24T12:15:00+0200\"",
                "\"2026-08-24T04:45:00-05:30\"",
                "\"Mon, 24 Aug 2026 10:15:00 GMT\"",
                "\"Tue, 24 aug 2026 10:15:00 utc\"",
                "\"24 Aug 2026 12:15:00 +0200\"",
                "1787566500",
                "1787566500.0",
                "1787566500000",
                "\"1787566500\""
            })
    void timeIsReadInEachUsualSpelling(String time) {
        String body = with("spot-terminate.json", "", "time", time);

        assertThat(SampleBody.decoded(body)).isEqualTo(OUTCOMES.get("spot-terminate.json"));
        assertThat(SampleBody.notes(body)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"secret\"",
                "\"2026-08-24\"",
                "\"2026-13-24T10:15:00Z\"",
                "\"+999999999-12-31T23:59:59Z\"",
                "\"-999999999-01-01T00:00:00Z\"",
                "\"2026-08-24T10:15:00 Europe/Berlin\"",
                "7",
                "1e300",
                "17875665000000000",
                "[]",
                "{}",
                "true"
            })
    void whenTheMessageWasSentStandsForATimeThatCannotBeRead(String time) {
        String body = with("spot-terminate.json", "", "time", time);

        assertThat(SampleBody.decoded(body)).isEqualTo(spotAsOfItsSending());
        assertThat(SampleBody.notes(body))
                .containsExactly("time is not a time: the message counts as of when it came into the queue");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"\""})
    void whenTheMessageWasSentStandsForATimeThatIsMissing(String time) {
        for (String body :
                List.of(with("spot-terminate.json", "", "time", time), without("spot-terminate.json", "", "time"))) {
            assertThat(SampleBody.decoded(body)).isEqualTo(spotAsOfItsSending());
            assertThat(SampleBody.notes(body))
                    .containsExactly("time is missing: the message counts as of when it came into the queue");
        }
    }

    private static Announced spotAsOfItsSending() {
        return new Announced(List.of(new SpotInterruption(instance("01"), SampleBody.SENT_AT, SpotAction.TERMINATE)));
    }

    @Test
    void whatCannotBeReadAtAllHasNoNotes() {
        assertThat(SampleBody.notes(without("missing-instance-id.json", "", "time")))
                .isEmpty();
    }

    @Test
    void looksAtNothingItDoesNotNeed() {
        ObjectNode event = (ObjectNode) SampleBody.tree("spot-terminate.json");
        event.retain("detail-type", "source", "time", "detail");
        event.put("something", "new").putArray("resources").add(7).addNull();

        assertThat(SampleBody.decoded(event.toString())).isEqualTo(OUTCOMES.get("spot-terminate.json"));
    }

    static Stream<Arguments> oddFields() {
        return Stream.of(
                arguments("", "detail-type", "\"\"", "detail-type is missing"),
                arguments("", "detail-type", "{\"secret\": 1}", "detail-type is missing"),
                arguments("", "detail-type", quoted("\0secret"), "detail-type is not plain text"),
                arguments("", "detail-type", quoted("secret".repeat(300)), "detail-type is not plain text"),
                arguments("", "source", "7", "source is missing"),
                arguments("", "source", "null", "source is missing"),
                arguments("", "detail", "null", "instance-id is missing"),
                arguments("", "detail", "[\"secret\"]", "instance-id is missing"),
                arguments("", "detail", "\"secret\"", "instance-id is missing"),
                arguments("/detail", "instance-id", "\"secret\"", "instance-id is not an instance id"),
                arguments("/detail", "instance-id", "[]", "instance-id is missing"));
    }

    @ParameterizedTest
    @MethodSource("oddFields")
    void oddFieldIsNamedAndNotQuoted(String at, String field, String value, String why) {
        assertThat(SampleBody.decoded(with("spot-terminate.json", at, field, value)))
                .isEqualTo(new Undecodable(why));
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "detail"})
    void missingFieldIsNamed(String field) {
        assertThat(SampleBody.decoded(without("spot-terminate.json", "", field)))
                .isEqualTo(new Undecodable((field.equals("detail") ? "instance-id" : field) + " is missing"));
    }

    static Stream<Arguments> garbage() {
        String spot = SampleBody.of("spot-terminate.json");
        return Stream.of(
                arguments(named("empty", "")),
                arguments(named("blank", " \n\t")),
                arguments(named("null", "null")),
                arguments(named("a truth", "true")),
                arguments(named("a number", "7")),
                arguments(named("a text", "\"secret\"")),
                arguments(named("an empty array", "[]")),
                arguments(named("an array of events", "[" + spot + "]")),
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
                arguments(named("half an event", spot.substring(0, 200))),
                arguments(named("an event and more", spot + " secret")),
                arguments(named("two events", spot + SampleBody.of("spot-stop.json"))),
                arguments(named("XML", "<detail-type>secret</detail-type>")));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void garbageIsAnOutcomeAndNoException(String body) {
        assertThat(SampleBody.decoded(body))
                .isInstanceOfSatisfying(
                        Undecodable.class,
                        undecodable -> assertThat(undecodable.why())
                                .isNotBlank()
                                .hasSizeLessThan(100)
                                .doesNotContain("secret"));
    }

    @Test
    void anEventOfAnotherServiceIsIgnored() {
        assertThat(SampleBody.decoded(with("spot-terminate.json", "", "source", quoted("aws.s3"))))
                .isEqualTo(new Ignored(Reason.OTHER_SERVICE, "EC2 Spot Instance Interruption Warning"));
    }

    private static Announced announced(Interruption... interruptions) {
        return new Announced(List.of(interruptions));
    }

    private static Announced spot(String number, String time, SpotAction action) {
        return announced(new SpotInterruption(instance(number), at(time), action));
    }

    private static Announced state(String number, String time, InstanceState state) {
        return announced(new StateChange(instance(number), at(time), state));
    }

    private static Announced termination(String number, String time, Route route, boolean toWarmPool) {
        return new Announced(
                List.of(new AsgTermination(action("drain-hook", number), at(time), route, toWarmPool)),
                Optional.of(token(number)));
    }

    private static Announced launch(String number, String time, Route route, boolean fromWarmPool, boolean toWarmPool) {
        return new Announced(
                List.of(new AsgLaunch(action("launch-hook", number), at(time), route, fromWarmPool, toWarmPool)),
                Optional.of(token(number)));
    }

    private static LifecycleToken token(String number) {
        return new LifecycleToken("87654321-4321-4321-4321-2109876543" + number);
    }

    private static LifecycleAction action(String hook, String number) {
        return LifecycleAction.of("workers-a", hook, token(number), instance(number));
    }

    private static ScheduledChange change(String number, String event, String communication) {
        return new ScheduledChange(
                instance(number),
                at("2026-08-24T09:01:22Z"),
                event,
                communication,
                Optional.of(Window.startingAt(at("2026-09-14T15:05:00Z"))));
    }

    private static Ignored informs(String what) {
        return new Ignored(Reason.INFORMATIONAL, what);
    }

    private static InstanceId instance(String number) {
        return new InstanceId("i-0a1b2c3d4e5f600" + number);
    }

    private static Instant at(String time) {
        return Instant.parse(time);
    }

    private static String noise(int length) {
        return new Random(1)
                .ints(length, 0, 0x10000)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }
}
