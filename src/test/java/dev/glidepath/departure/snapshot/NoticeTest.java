package dev.glidepath.departure.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class NoticeTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final MessageId MESSAGE = new MessageId("m-1");

    @Test
    void isReceivedWhenItFirstWasAndStandsForTheLaterOfTwoDeliveries() {
        Notice again = notice(2, NOON.plusSeconds(30)).after(notice(1, NOON));

        assertThat(again.receivedAt()).isEqualTo(NOON);
        assertThat(again.deliveryId()).isEqualTo(new DeliveryId(MESSAGE, 2));
    }

    /** What it stands for is held, and would have no owner otherwise. */
    @Test
    void standsForTheLaterDeliveryThoughTheEarlierIsTakenInLast() {
        Notice overtaken = notice(1, NOON).after(notice(2, NOON.plusSeconds(1)));

        assertThat(overtaken.deliveryId()).isEqualTo(new DeliveryId(MESSAGE, 2));
    }

    private static Notice notice(int delivery, Instant at) {
        return new Notice(
                new SpotInterruption(new InstanceId("i-0a1b2c3d4e5f60001"), NOON, SpotAction.TERMINATE),
                MESSAGE,
                at,
                new Delivery(delivery, false, false));
    }
}
