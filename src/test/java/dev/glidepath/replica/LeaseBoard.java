package dev.glidepath.replica;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleToken;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The Leases of a few replicas as a value, judged by what judges them in the program: {@link Liveness}, {@link HooksOwed} and
 * {@link PendingHooks}.
 *
 * @param byPod each replica's Lease as it stands, by the name of its pod
 * @param replacedAt holders that another process took the place of, and when
 */
public record LeaseBoard(Map<String, Stand> byPod, Map<String, Instant> replacedAt) {

    /**
     * A Lease as everybody sees it, and what its process has copied from others.
     *
     * @param stillSince since when nobody renews it; empty while its process lives
     */
    record Stand(
            String holder,
            PendingHooks pending,
            Map<LifecycleToken, ActionNotice> tokens,
            PendingHooks copied,
            Optional<Instant> stillSince) {}

    /** How it stands with a holder. */
    public enum Standing {
        LIVES,
        SILENT,
        REPLACED
    }

    public LeaseBoard {
        byPod = Map.copyOf(byPod);
        replacedAt = Map.copyOf(replacedAt);
    }

    /** Nobody has a Lease. */
    public static LeaseBoard empty() {
        return new LeaseBoard(Map.of(), Map.of());
    }

    /** The same after a process has begun: it takes over its pod's Lease, and what that says is owed. */
    public LeaseBoard begins(String holder, Instant now) {
        String pod = ReplicaId.podOf(holder);
        Optional<Stand> before = Optional.ofNullable(byPod.get(pod));
        Map<String, Instant> replaced = new HashMap<>(replacedAt);
        before.ifPresent(former -> replaced.put(former.holder(), now));
        HooksOwed owed = new HooksOwed();
        before.ifPresent(former -> owed.copy(former.pending(), now));
        PendingHooks copied = owed.list(PendingHooks.NONE, now);
        return new LeaseBoard(with(pod, new Stand(holder, copied, Map.of(), copied, Optional.empty())).byPod, replaced);
    }

    /** The same after its process has died. */
    public LeaseBoard falls(String holder, Instant now) {
        Stand last = stand(holder);
        return with(
                ReplicaId.podOf(holder),
                new Stand(last.holder(), last.pending(), last.tokens(), PendingHooks.NONE, Optional.of(now)));
    }

    /** The same with this Lease renewed. */
    public LeaseBoard renewed(
            String holder,
            Map<String, Set<InstanceId>> byWitness,
            Map<LifecycleToken, ActionNotice> tokens,
            Instant now) {
        Stand last = stand(holder);
        HooksOwed owed = new HooksOwed();
        owed.copy(last.copied(), now);
        PendingHooks list = owed.list(new PendingHooks(byWitness), now);
        return with(
                ReplicaId.podOf(holder), new Stand(holder, list, Map.copyOf(tokens), last.copied(), Optional.empty()));
    }

    /** The same after nothing is owed any more of what this process has copied for an instance. */
    public LeaseBoard settled(String holder, InstanceId instance, Instant now) {
        Stand last = stand(holder);
        HooksOwed owed = new HooksOwed();
        owed.copy(last.copied(), now);
        owed.settled(instance);
        return with(
                ReplicaId.podOf(holder),
                new Stand(
                        last.holder(),
                        last.pending(),
                        last.tokens(),
                        owed.list(PendingHooks.NONE, now),
                        Optional.empty()));
    }

    /** When what a holder claims may be claimed by others. */
    public Instant freeAt(String holder, Instant now) {
        Liveness liveness = new Liveness();
        byPod.forEach((pod, stand) -> {
            Instant since = Instant.EPOCH;
            List<Map.Entry<String, Instant>> formers = replacedAt.entrySet().stream()
                    .filter(former -> ReplicaId.podOf(former.getKey()).equals(pod))
                    .sorted(Map.Entry.comparingByValue())
                    .toList();
            for (Map.Entry<String, Instant> former : formers) {
                liveness.saw(lease(former.getKey(), PendingHooks.NONE, "taken"), since);
                since = former.getValue();
            }
            liveness.saw(lease(stand.holder(), stand.pending(), "taken"), since);
            liveness.saw(
                    lease(stand.holder(), stand.pending(), "renewed"),
                    stand.stillSince().orElse(now));
        });
        return liveness.freeAt(holder, now);
    }

    /** How it stands with a holder: what wakes those who wait for him. */
    public Standing standing(String holder) {
        Stand stand = byPod.get(ReplicaId.podOf(holder));
        if (stand == null || !stand.holder().equals(holder)) {
            return Standing.REPLACED;
        }
        return stand.stillSince().isPresent() ? Standing.SILENT : Standing.LIVES;
    }

    /** Another than this replica that saw the node of an instance. */
    public Optional<String> witnessOf(String us, InstanceId instance) {
        HooksOwed owed = new HooksOwed();
        owed.copy(stand(us).copied(), Instant.EPOCH);
        return owed.witnessOf(instance)
                .filter(witness -> !witness.equals(us))
                .or(() -> byPod.values().stream()
                        .flatMap(stand -> stand.pending().witnessTo(us, instance).stream())
                        .sorted()
                        .findFirst());
    }

    /** Whether some Lease tells a token. */
    public boolean tellsTokens() {
        return byPod.values().stream().anyMatch(stand -> !stand.tokens().isEmpty());
    }

    private Stand stand(String holder) {
        Stand stand = byPod.get(ReplicaId.podOf(holder));
        if (stand == null || !stand.holder().equals(holder)) {
            throw new IllegalStateException("not its Lease any more: " + holder);
        }
        return stand;
    }

    private LeaseBoard with(String pod, Stand stand) {
        Map<String, Stand> all = new HashMap<>(byPod);
        all.put(pod, stand);
        return new LeaseBoard(all, replacedAt);
    }

    private static ReplicaLease lease(String holder, PendingHooks pending, String renewTime) {
        return new ReplicaLease(
                ReplicaId.podOf(holder),
                "",
                holder,
                renewTime,
                "",
                new Capabilities(1, ""),
                pending,
                Map.<LifecycleToken, ActionNotice>of());
    }
}
