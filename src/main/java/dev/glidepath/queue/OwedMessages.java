package dev.glidepath.queue;

import dev.glidepath.event.InstanceId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who still has to be done before a message may be deleted: some speak of several instances, and each of these has a departure
 * of its own. Safe for use by many threads.
 */
public final class OwedMessages {
    private final Map<MessageId, Debt> debts = new ConcurrentHashMap<>();

    private record Debt(DeliveryId delivery, Set<InstanceId> owing) {
        Debt without(InstanceId instance) {
            Set<InstanceId> others = new HashSet<>(owing);
            others.remove(instance);
            return new Debt(delivery, Set.copyOf(others));
        }
    }

    /**
     * Each of these owes the message from now on, whoever did before or has paid: a message delivered again begins anew. Of two
     * deliveries the later one counts, in whichever order they are taken in.
     */
    public void owe(DeliveryId delivery, Set<InstanceId> instances) {
        debts.merge(
                delivery.message(),
                new Debt(delivery, Set.copyOf(instances)),
                (before, now) -> before.delivery().isLaterThan(now.delivery()) ? before : now);
    }

    /**
     * The instance is done with these messages. Paying again is safe.
     *
     * @return those of them that nobody owes any more, to be deleted. A message nobody was said to owe is owed by its payer.
     */
    public Set<MessageId> pay(Collection<MessageId> ids, InstanceId instance) {
        Set<MessageId> settled = new HashSet<>();
        for (MessageId id : ids) {
            Debt left = debts.computeIfPresent(id, (same, debt) -> debt.without(instance));
            if (left == null || left.owing().isEmpty()) {
                settled.add(id);
            }
        }
        return settled;
    }

    /** Remembers nothing more of these messages, which are deleted. */
    public void forget(Collection<MessageId> ids) {
        ids.forEach(debts::remove);
    }

    /** Remembers nothing more of these deliveries, which are given back. A later one is owed as before. */
    public void giveUp(Collection<DeliveryId> deliveries) {
        deliveries.forEach(delivery -> debts.computeIfPresent(
                delivery.message(), (_, debt) -> debt.delivery().isLaterThan(delivery) ? debt : null));
    }
}
