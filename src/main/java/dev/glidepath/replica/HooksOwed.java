package dev.glidepath.replica;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The instances whose hooks a replica says it owes: its own, and those it has copied from Leases that were taken over or are to
 * be deleted. A copy is kept until it is settled, or for a day since it was first copied, by whomever. May be used by any thread.
 */
final class HooksOwed {
    static final Duration KEPT_FOR = Duration.ofDays(1);

    /** An object's annotations may have 256 KiB in all: half of that is about 5,000 instances. */
    static final int MOST_CHARACTERS = 120_000;

    /** Of an instance as the list has it, and of what is around the name of who saw it. */
    private static final int INSTANCE = 22;

    private static final int AROUND_WITNESS = 6;

    /** Of the second in which copies were made, until 2286. */
    private static final int SECOND = 14;

    private record Copy(String witness, Instant at) {}

    private record Entry(InstanceId instance, String witness, Optional<Instant> copiedAt) {}

    private final Map<InstanceId, Copy> copied = new ConcurrentHashMap<>();

    /** Takes these over from another: as of now, but for those that were copied before. */
    void copy(PendingHooks from, Instant now) {
        from.byWitness()
                .forEach((witness, instances) -> instances.forEach(instance -> {
                    Instant before = from.copiedAt().getOrDefault(instance, now);
                    copied.putIfAbsent(instance, new Copy(witness, before.isBefore(now) ? before : now));
                }));
    }

    /** Nothing is owed for it any more. */
    void settled(InstanceId instance) {
        copied.remove(instance);
    }

    /** Who saw the node of an instance that was copied. */
    Optional<String> witnessOf(InstanceId instance) {
        return Optional.ofNullable(copied.get(instance)).map(Copy::witness);
    }

    /** Our own, and of the copies as many as there is room for, the newest first; what is too old is forgotten. */
    PendingHooks list(PendingHooks own, Instant now) {
        copied.values().removeIf(copy -> !copy.at().plus(KEPT_FOR).isAfter(now));
        Stream<Entry> ours = own.byWitness().entrySet().stream()
                .flatMap(each ->
                        each.getValue().stream().map(instance -> new Entry(instance, each.getKey(), Optional.empty())))
                .sorted(Comparator.comparing(entry -> entry.instance().value()));
        Stream<Entry> newestFirst = copied.entrySet().stream()
                .sorted(Map.Entry.<InstanceId, Copy>comparingByValue(Comparator.comparing(Copy::at))
                        .reversed()
                        .thenComparing(copy -> copy.getKey().value()))
                .map(copy -> new Entry(
                        copy.getKey(),
                        copy.getValue().witness(),
                        Optional.of(copy.getValue().at().truncatedTo(ChronoUnit.SECONDS))));
        return fitting(Stream.concat(ours, newestFirst));
    }

    private static PendingHooks fitting(Stream<Entry> all) {
        Set<InstanceId> listed = new HashSet<>();
        Map<String, Set<InstanceId>> byWitness = new HashMap<>();
        Map<InstanceId, Instant> copiedAt = new HashMap<>();
        Set<Map.Entry<String, Instant>> seconds = new HashSet<>();
        int characters = 0;
        for (Entry entry : (Iterable<Entry>) all::iterator) {
            boolean known = byWitness.containsKey(entry.witness());
            boolean sameSecond = entry.copiedAt()
                    .filter(at -> !seconds.contains(Map.entry(entry.witness(), at)))
                    .isEmpty();
            int more = INSTANCE + (known ? 0 : entry.witness().length() + AROUND_WITNESS) + (sameSecond ? 0 : SECOND);
            if (characters + more > MOST_CHARACTERS) {
                break;
            }
            if (listed.add(entry.instance())) {
                characters += more;
                byWitness.computeIfAbsent(entry.witness(), _ -> new HashSet<>()).add(entry.instance());
                entry.copiedAt().ifPresent(at -> {
                    seconds.add(Map.entry(entry.witness(), at));
                    copiedAt.put(entry.instance(), at);
                });
            }
        }
        return new PendingHooks(byWitness, copiedAt);
    }
}
