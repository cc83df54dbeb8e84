package dev.glidepath.lab;

import static dev.glidepath.lab.SampleEvents.assertHasShapeOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.event.InstanceId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What we announce looks like what AWS does. */
class AnnouncementTest {
    private static final Instant AT = Instant.parse("2026-08-24T11:00:00.789Z");
    private static final Instant LATER = AT.plusSeconds(120);
    private static final InstanceId ONE = new InstanceId("i-0a1b2c3d4e5f60010");
    private static final InstanceId OTHER = new InstanceId("i-0a1b2c3d4e5f60011");

    @Test
    void eventsOfEc2HaveTheShapeOfTheSamples() {
        assertHasShapeOf("spot-terminate.json", Announcement.spotInterruption(ONE, AT));
        assertHasShapeOf("rebalance.json", Announcement.rebalanceRecommendation(ONE, AT));
        JsonNode stopping = assertHasShapeOf("state-stopping.json", Announcement.stateChange(ONE, AT, "stopping"));

        assertThat(stopping.at("/time").textValue()).isEqualTo("2026-08-24T11:00:00Z");
        assertThat(stopping.at("/detail/instance-id").textValue()).isEqualTo(ONE.value());
        assertThat(stopping.at("/detail/state").textValue()).isEqualTo("stopping");
    }

    @Test
    void warningsOfCapacityHaveTheShapeOfTheSamples() {
        JsonNode interruption = assertHasShapeOf(
                "capacity-reservation-interruption-interruptible.json",
                Announcement.capacityInterruption(ONE, AT, LATER));
        JsonNode block = assertHasShapeOf(
                "capacity-block-expiration.json", Announcement.capacityBlockExpiration("cr-1", AT, LATER));

        assertThat(interruption.at("/detail/instance-termination-time").textValue())
                .isEqualTo("2026-08-24T11:02:00Z");
        assertThat(block.at("/detail/capacity-reservation-id").textValue()).isEqualTo("cr-1");
        assertThat(block.at("/detail/end-date").textValue()).isEqualTo("2026-08-24T11:02:00Z");
    }

    @Test
    void scheduledChangeNamesEveryInstanceItIsAbout() {
        JsonNode upcoming = assertHasShapeOf(
                "health-retirement-two-instances.json",
                Announcement.scheduledChange("arn:1", "c-1", "upcoming", LATER, AT, ONE, OTHER));
        JsonNode closed = assertHasShapeOf(
                "health-closed.json", Announcement.scheduledChange("arn:1", "c-2", "closed", LATER, AT, ONE));

        assertThat(upcoming.at("/detail/affectedEntities").findValuesAsText("entityValue"))
                .containsExactly(ONE.value(), OTHER.value());
        assertThat(upcoming.at("/detail/startTime").textValue()).isEqualTo("Mon, 24 Aug 2026 11:02:00 GMT");
        assertThat(closed.at("/detail/statusCode").textValue()).isEqualTo("closed");
        assertThat(closed.at("/detail/communicationId").textValue()).isEqualTo("c-2");
    }

    @Test
    void testNotificationHasTheShapeOfTheSample() {
        assertHasShapeOf("asg-test-notification.json", Announcement.testNotification());
    }
}
