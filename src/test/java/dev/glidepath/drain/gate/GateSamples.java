package dev.glidepath.drain.gate;

import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.eviction.EvictionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.eviction.EvictionOutcome.TimedOut;
import dev.glidepath.drain.gate.Gate.Entry;
import dev.glidepath.drain.gate.Gate.Place;
import dev.glidepath.drain.gate.Gate.Request;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Entries, answers and budgets for tests of the gate. */
final class GateSamples {
    static final Instant START = Instant.parse("2026-05-01T12:00:00Z");
    static final Budget.Id WEB = new Budget.Id("shop", "web");
    static final Budget.Id DATABASE = new Budget.Id("shop", "database");
    static final EvictionOutcome BUSY = new Overloaded("busy", Duration.ZERO);
    static final EvictionOutcome SLOW = new TimedOut("slow");
    static final EvictionOutcome REFUSED = new BlockedByBudget("web", "no room");

    private GateSamples() {}

    static List<Place> enter(Gate gate, int places, Budget.Id... budgets) {
        return IntStream.range(0, places)
                .mapToObj(i -> gate.enter(entry("pod-" + i, budgets)))
                .toList();
    }

    static Entry entry(String name, Budget.Id... budgets) {
        return new Entry(Request.EVICTION, pod(name), START.plusSeconds(60), Instant.MAX, Set.of(budgets));
    }

    static Entry urgent(String name, Instant urgency) {
        return new Entry(Request.EVICTION, pod(name), urgency, Instant.MAX, Set.of());
    }

    static Entry lastCall(String name, Budget.Id... budgets) {
        return new Entry(Request.EVICTION, pod(name), START, Instant.MIN, Set.of(budgets));
    }

    /** Each in a namespace of its own, so that no share of one is in the way. */
    static PodRef pod(String name) {
        return new PodRef("ns-of-" + name, name, "uid-of-" + name);
    }

    static Budget budget(int allowed) {
        return budget(allowed, true);
    }

    static Budget budget(int allowed, boolean current, String... disrupted) {
        return new Budget(
                WEB,
                new LabelSelector(List.of()),
                false,
                allowed,
                new Budget.Health(3, 2, 3),
                current,
                Set.of(disrupted),
                START);
    }
}
