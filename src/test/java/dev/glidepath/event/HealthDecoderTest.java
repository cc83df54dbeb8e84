package dev.glidepath.event;

import static dev.glidepath.event.SampleBody.quoted;
import static dev.glidepath.event.SampleBody.with;
import static dev.glidepath.event.SampleBody.without;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Interruption.HealthNotice;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.Window;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthDecoderTest {
    private static final String TWO = "health-retirement-two-instances.json";
    private static final String START = "2026-09-14T15:05:00Z";

    @ParameterizedTest
    @ValueSource(strings = {"\"closed\"", "\"CLOSED\"", "\"Closed\""})
    void closedIsClosedForEachInstanceWhateverItsCase(String status) {
        assertThat(interruptions(with(TWO, "/detail", "statusCode", status)))
                .hasSize(2)
                .hasOnlyElementsOfType(ScheduledChangeClosed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"open\"", "\"upcoming\"", "\"UPCOMING\"", "\"\"", "null", "7", "\"later\""})
    void whatIsNotClosedIsOpen(String status) {
        assertThat(interruptions(with(TWO, "/detail", "statusCode", status)))
                .hasSize(2)
                .hasOnlyElementsOfType(ScheduledChange.class);
    }

    @Test
    void closedNeedsNoStart() {
        ObjectNode event = (ObjectNode) SampleBody.tree("health-closed.json");
        event.withObject("detail").remove("startTime");

        assertThat(interruptions(event.toString())).singleElement().isInstanceOf(ScheduledChangeClosed.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mon, 14 Sep 2026 15:05:00 GMT",
                "mon, 14 sep 2026 15:05:00 gmt",
                "Sat, 14 Sep 2026 15:05:00 GMT",
                "14 Sep 2026 15:05:00 GMT",
                " Mon, 14 Sep 2026 15:05 GMT ",
                "Mon, 14 Sep 2026 17:05:00 +0200",
                "2026-09-14 15:05:00",
                "1789398300",
                "2026-09-14T15:05:00Z"
            })
    void readsTheStartInEachSpelling(String start) {
        assertThat(interruptions(with(TWO, "/detail", "startTime", quoted(start))))
                .hasSize(2)
                .allSatisfy(
                        change -> assertThat(((ScheduledChange) change).window().map(Window::startsAt))
                                .contains(Instant.parse(START)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"\"", "null", "7", "\"soon\"", "\"Mon, 14 Sep 9999 15:05:00 GMT\"", "\"14 Sep\"", "\",\"", "[]"
            })
    void ofOneToComeWithoutAReadableStartNobodyKnowsTheWindow(String start) {
        String body = with(TWO, "/detail", "startTime", start);

        assertThat(interruptions(body))
                .hasSize(2)
                .allSatisfy(change ->
                        assertThat(((ScheduledChange) change).window()).isEmpty());
        assertThat(SampleBody.notes(body))
                .singleElement()
                .asString()
                .startsWith("startTime is ")
                .endsWith(": the node is drained now, within its pods' budgets and without a deadline");
    }

    @Test
    void oneUnderWayWithoutAReadableStartBeganWhenAwsSpoke() {
        ObjectNode event = (ObjectNode) SampleBody.tree(TWO);
        event.withObject("detail").put("statusCode", "open").put("startTime", "soon");

        assertThat(interruptions(event.toString()))
                .hasSize(2)
                .allSatisfy(change -> assertThat(((ScheduledChange) change).window())
                        .contains(new Window(
                                Instant.parse("2026-08-24T09:01:22Z"), Instant.parse("2026-09-14T17:05:00Z"))));
        assertThat(SampleBody.notes(event.toString()))
                .containsExactly("startTime is not a time: the window counts as begun when AWS spoke");
    }

    @Test
    void theWindowEndsWhenTheEventSays() {
        assertThat(windows(with(TWO, "/detail", "endTime", quoted("Mon, 14 Sep 2026 19:00:00 GMT"))))
                .containsOnly(new Window(Instant.parse(START), Instant.parse("2026-09-14T19:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "\"\"",
                "\"Mon, 14 Sep 2026 15:05:00 GMT\"",
                "\"Mon, 14 Sep 2026 10:00:00 GMT\"",
                "\"soon\""
            })
    void aWindowWithoutAnEndAfterItsStartLastsTwoHours(String end) {
        assertThat(windows(with(TWO, "/detail", "endTime", end)))
                .containsOnly(new Window(Instant.parse(START), Instant.parse("2026-09-14T17:05:00Z")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RESOLVED", "resolved"})
    void anEntityThatIsResolvedIsClosedForItsInstanceAlone(String status) {
        ObjectNode event = (ObjectNode) SampleBody.tree(TWO);
        ((ObjectNode) event.at("/detail/affectedEntities/0")).put("status", status);

        assertThat(interruptions(event.toString()))
                .satisfiesExactly(
                        first -> {
                            assertThat(first).isInstanceOf(ScheduledChangeClosed.class);
                            assertThat(first.instance()).isEqualTo(new InstanceId("i-0a1b2c3d4e5f60030"));
                        },
                        second -> assertThat(second).isInstanceOf(ScheduledChange.class));
    }

    @Test
    void anInstanceThatIsResolvedAndNamedAgainIsNotClosed() {
        assertThat(interruptions(with(TWO, "/detail", "affectedEntities", """
                        [{"entityValue": "i-0a1b2c3d4e5f60008", "status": "RESOLVED"},
                         {"entityValue": "i-0a1b2c3d4e5f60008", "status": "PENDING"}]""")))
                .singleElement()
                .isInstanceOf(ScheduledChange.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"issue", "accountNotification", "investigation", "something new"})
    void otherCategoriesAreNoticesOfEachInstance(String category) {
        assertThat(interruptions(with(TWO, "/detail", "eventTypeCategory", quoted(category))))
                .hasSize(2)
                .hasOnlyElementsOfType(HealthNotice.class);
    }

    @Test
    void noticeWithoutACodeIsOfAnUnknownOne() {
        assertThat(interruptions(without("health-issue-one-instance.json", "/detail", "eventTypeCode")))
                .singleElement()
                .isInstanceOfSatisfying(
                        HealthNotice.class, notice -> assertThat(notice.code()).isEqualTo("unknown"));
    }

    @Test
    void entitiesThatAreNoInstancesAreSkipped() {
        assertThat(interruptions(with(TWO, "/detail", "affectedEntities", """
                        [{"entityValue": "h-0a1b2c3d4e5f60001"}, {"entityValue": "AWS_ACCOUNT"}, {"entityValue": 7}, {},
                         "i-0a1b2c3d4e5f60008", null, {"entityValue": "i-0a1b2c3d4e5f60009"},
                         {"entityValue": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0a1b2c3d"}]""")))
                .extracting(Interruption::instance)
                .containsExactly(new InstanceId("i-0a1b2c3d4e5f60009"), new InstanceId("i-0a1b2c3d"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "\"i-0a1b2c3d\"", "{}"})
    void withoutEntitiesTheResourcesNameTheInstances(String entities) {
        assertThat(interruptions(with(TWO, "/detail", "affectedEntities", entities)))
                .extracting(Interruption::instance)
                .containsExactly(new InstanceId("i-0a1b2c3d4e5f60030"), new InstanceId("i-0a1b2c3d4e5f60031"));
    }

    @Test
    void resourcesMayBeASingleText() {
        assertThat(interruptions(with("health-older-form.json", "", "resources", quoted("i-0a1b2c3d4e5f60001"))))
                .extracting(Interruption::instance)
                .containsExactly(new InstanceId("i-0a1b2c3d4e5f60001"));
    }

    @Test
    void whatNamesNoInstanceInformsOnly() {
        ObjectNode event = (ObjectNode) SampleBody.tree(TWO);
        event.remove("resources");
        event.withObject("detail").remove("affectedEntities");

        assertThat(SampleBody.decoded(event.toString()))
                .isEqualTo(new Ignored(Reason.INFORMATIONAL, "AWS Health Event"));
    }

    @Test
    void everyPageHasAnIdOfItsOwnAndOneCause() {
        Interruption first = interruptions(with(TWO, "/detail", "communicationId", quoted("one-1")))
                .getFirst();
        Interruption second = interruptions(with(TWO, "/detail", "communicationId", quoted("one-2")))
                .getFirst();

        assertThat(first.id()).isNotEqualTo(second.id());
        assertThat(first.id().cause()).isEqualTo(second.id().cause());
    }

    @Test
    void withoutCommunicationItIsKnownByItsEnvelope() {
        ObjectNode event = (ObjectNode) SampleBody.tree(TWO);
        event.withObject("detail").remove("communicationId");
        assertThat(communication(event)).isEqualTo("7bf73129-1428-4cd3-a780-000000000030");

        event.remove("id");
        assertThat(communication(event)).isEqualTo("2026-08-24T09:01:22Z");
    }

    @Test
    void anEventThatSaysNotWhichItIsCannotBeRead() {
        assertThat(SampleBody.decoded(without(TWO, "/detail", "eventArn")))
                .isEqualTo(new Undecodable("eventArn is missing"));
        assertThat(SampleBody.decoded(without(TWO, "/detail", "service")))
                .isEqualTo(new Undecodable("service is missing"));
        assertThat(SampleBody.decoded(with(TWO, "/detail", "eventArn", "\"an event\"")))
                .isEqualTo(new Undecodable("eventArn is not an id"));
    }

    @Test
    void aTypeNobodyKnowsIsReportedAsSuch() {
        assertThat(SampleBody.decoded(with(TWO, "", "detail-type", quoted("AWS Health Weather Event"))))
                .isEqualTo(new Ignored(Reason.UNKNOWN_KIND, "AWS Health Weather Event"));
    }

    private static String communication(ObjectNode event) {
        return ((ScheduledChange) interruptions(event.toString()).getFirst()).communication();
    }

    private static List<Window> windows(String body) {
        return interruptions(body).stream()
                .map(change -> ((ScheduledChange) change).window().orElseThrow())
                .toList();
    }

    private static List<Interruption> interruptions(String body) {
        return ((Announced) SampleBody.decoded(body)).interruptions();
    }
}
