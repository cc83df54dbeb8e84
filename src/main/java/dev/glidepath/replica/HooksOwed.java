package dev.glidepath.replica;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The instances whose hooks a replica says it owes: its own, and those it has copied from Leases that were taken over or are to
 * be deleted. A copy is kept until it is settled, or a day. May be used by any thread.
 */
final class HooksOwed {
    static final Duration KEPT_FOR = Duration.ofDays(1);

    /** An object's annotations may have 256 KiB in all, an instance takes 22 bytes. */
    static final int MOST = 5_000;

    private final Map<InstanceId, Instant> copied = new ConcurrentHashMap<>();

    /** Takes these over from another, as of now. */
    void copy(Set<InstanceId> from, Instant now) {
        from.forEach(instance -> copied.putIfAbsent(instance, now));
    }

    /** Nothing is owed for it any more. */
    void settled(InstanceId instance) {
        copied.remove(instance);
    }

    /** Whether it is one of those copied. */
    boolean isCopied(InstanceId instance) {
        return copied.containsKey(instance);
    }

    /** Our own, then the copies, the newest first; what is too old is forgotten. */
    List<InstanceId> list(Set<InstanceId> own, Instant now) {
        copied.values().removeIf(at -> !at.plus(KEPT_FOR).isAfter(now));
        Comparator<InstanceId> byId = Comparator.comparing(InstanceId::value);
        Stream<InstanceId> newestFirst = copied.entrySet().stream()
                .sorted(Map.Entry.<InstanceId, Instant>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey(byId)))
                .map(Map.Entry::getKey);
        return Stream.concat(own.stream().sorted(byId), newestFirst)
                .distinct()
                .limit(MOST)
                .toList();
    }
}
