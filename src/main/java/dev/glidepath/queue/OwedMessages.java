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
    private final Map<MessageId, Set<InstanceId>> debtors = new ConcurrentHashMap<>();

    /** Each of these owes the message from now on, whoever did before or has paid: a message delivered again begins anew. */
    public void owe(MessageId id, Set<InstanceId> instances) {
        debtors.put(id, Set.copyOf(instances));
    }

    /**
     * The instance is done with these messages. Paying again is safe.
     *
     * @return those of them that nobody owes any more, to be deleted. A message nobody was said to owe is owed by its payer.
     */
    public Set<MessageId> pay(Collection<MessageId> ids, InstanceId instance) {
        Set<MessageId> settled = new HashSet<>();
        for (MessageId id : ids) {
            Set<InstanceId> left = debtors.computeIfPresent(id, (same, owing) -> without(instance, owing));
            if (left == null || left.isEmpty()) {
                settled.add(id);
            }
        }
        return settled;
    }

    /** Remembers nothing more of these messages, which are deleted or given back. */
    public void forget(Collection<MessageId> ids) {
        ids.forEach(debtors::remove);
    }

    private static Set<InstanceId> without(InstanceId instance, Set<InstanceId> owing) {
        Set<InstanceId> others = new HashSet<>(owing);
        others.remove(instance);
        return Set.copyOf(others);
    }
}
