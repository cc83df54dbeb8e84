package dev.glidepath.departure;

import dev.glidepath.departure.execution.ClusterSources;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.replica.Owed;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The lifecycle hooks that wait for this replica, as its Lease reports them to the others. Those of an instance that never was a node here
 * are not among them. May be used by any thread.
 */
final class PendingHookList {
    private final Map<InstanceId, Departure> departures;
    private final ClusterSources sources;
    private final ActionTokens tokens;

    /** What was pending when the program began to stop: departures end then, and what they have not done is still pending. */
    private volatile Optional<Owed> kept = Optional.empty();

    PendingHookList(Map<InstanceId, Departure> departures, ClusterSources sources, ActionTokens tokens) {
        this.departures = departures;
        this.sources = sources;
        this.tokens = tokens;
    }

    /** Those that wait now, or waited when {@link #keep} was called. */
    Owed now() {
        return kept.orElseGet(this::pending);
    }

    /** From now on it stays as it is. */
    void keep() {
        kept = Optional.of(now());
    }

    private Owed pending() {
        Map<String, Set<InstanceId>> byWitness = new HashMap<>();
        Map<LifecycleToken, ActionNotice> all = new HashMap<>();
        departures.forEach((instance, departure) -> {
            Map<LifecycleToken, ActionNotice> held =
                    tokensOf(departure); // asked for, though the node was never seen: so not forgotten
            if (departure.status().hasPendingHooks()) {
                witnessOf(instance).ifPresent(witness -> {
                    byWitness.computeIfAbsent(witness, _ -> new HashSet<>()).add(instance);
                    all.putAll(held);
                });
            }
        });
        return new Owed(byWitness, all);
    }

    private Map<LifecycleToken, ActionNotice> tokensOf(Departure departure) {
        Map<LifecycleToken, ActionNotice> known = new HashMap<>();
        departure
                .status()
                .actions()
                .forEach(action -> tokens.of(action)
                        .ifPresent(token -> tokens.noticeOf(action).ifPresent(notice -> known.put(token, notice))));
        return known;
    }

    private Optional<String> witnessOf(InstanceId instance) {
        return sources.nodes().hasSeen(instance)
                ? Optional.of(sources.replica().id().holder())
                : sources.replicas().witnessOf(instance);
    }
}
