package dev.glidepath.departure;

import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The notices of one departure whose messages are held, each with its newest delivery. Touched by the departure's loop alone. */
final class Notices {
    private final List<Notice> held = new ArrayList<>();

    /** One has come in, perhaps once more. */
    void add(Notice notice) {
        Notice latest = held.stream()
                .filter(notice::isSameAs)
                .findFirst()
                .map(notice::after)
                .orElse(notice);
        held.removeIf(notice::isSameAs);
        held.add(latest);
    }

    /** These messages are deleted. */
    void deleted(Set<MessageId> messages) {
        held.removeIf(notice -> messages.contains(notice.message()));
    }

    /** These deliveries are handed back; a message that has been delivered again since stays. */
    void handedBack(Set<DeliveryId> deliveries) {
        held.removeIf(notice -> deliveries.contains(notice.deliveryId()));
    }

    /** All that are held. */
    List<Notice> all() {
        return List.copyOf(held);
    }

    /** The deliveries of these notices. */
    static Set<DeliveryId> deliveriesOf(Collection<Notice> notices) {
        return notices.stream().map(Notice::deliveryId).collect(Collectors.toUnmodifiableSet());
    }
}
