package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NoticesTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    private final Notices notices = new Notices();

    @Test
    void ofOneMessageTheNewestDeliveryIsHeld() {
        notices.add(notice("a", 1));
        notices.add(notice("a", 2));

        assertThat(Notices.deliveriesOf(notices.all())).containsExactly(delivery("a", 2));
    }

    @Test
    void anOlderDeliveryThatComesLateChangesNothing() {
        notices.add(notice("a", 2));
        notices.add(notice("a", 1));

        assertThat(Notices.deliveriesOf(notices.all())).containsExactly(delivery("a", 2));
    }

    @Test
    void theFirstReceiptOfAMessageIsKept() {
        notices.add(notice("a", 1));
        notices.add(notice("a", 2));

        assertThat(notices.all()).extracting(Notice::receivedAt).containsExactly(NOON.plusSeconds(1));
    }

    @Test
    void twoMessagesThatSayTheSameAreBothHeld() {
        notices.add(notice("a", 1));
        notices.add(notice("b", 1));

        assertThat(notices.all()).hasSize(2);
    }

    @Test
    void deletedMessagesAreHeldNoMore() {
        notices.add(notice("a", 1));
        notices.add(notice("b", 1));

        notices.deleted(Set.of(new MessageId("a")));

        assertThat(Notices.deliveriesOf(notices.all())).containsExactly(delivery("b", 1));
    }

    @Test
    void oneThatCameAgainSinceIsNotHandedBack() {
        notices.add(notice("a", 1));
        notices.add(notice("b", 1));
        Set<DeliveryId> before = Notices.deliveriesOf(notices.all());
        notices.add(notice("a", 2));

        notices.handedBack(before);

        assertThat(Notices.deliveriesOf(notices.all())).containsExactly(delivery("a", 2));
    }

    private static Notice notice(String message, int delivery) {
        return new Notice(
                new SpotInterruption(new InstanceId("i-0a1b2c3d4e5f60001"), NOON, SpotAction.TERMINATE),
                new MessageId(message),
                NOON.plusSeconds(delivery),
                new Delivery(delivery, false, false));
    }

    private static DeliveryId delivery(String message, int delivery) {
        return new DeliveryId(new MessageId(message), delivery);
    }
}
