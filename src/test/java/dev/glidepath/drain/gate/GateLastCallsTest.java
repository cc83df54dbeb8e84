package dev.glidepath.drain.gate;

import static dev.glidepath.drain.gate.GateSamples.BUSY;
import static dev.glidepath.drain.gate.GateSamples.START;
import static dev.glidepath.drain.gate.GateSamples.WEB;
import static dev.glidepath.drain.gate.GateSamples.budget;
import static dev.glidepath.drain.gate.GateSamples.enter;
import static dev.glidepath.drain.gate.GateSamples.entry;
import static dev.glidepath.drain.gate.GateSamples.lastCall;
import static dev.glidepath.drain.gate.GateSamples.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.gate.Gate.Entry;
import dev.glidepath.drain.gate.Gate.Place;
import dev.glidepath.drain.gate.Gate.Request;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a last call passes by, and what it does not. */
class GateLastCallsTest {
    private Instant now = START;

    private Gate gate(int mostInFlight) {
        return new Gate(mostInFlight, () -> now);
    }

    @Test
    void passOverloadAndBudgets() {
        Gate gate = gate(4);
        gate.enter(entry("pod")).leave(BUSY);
        gate.enter(entry("pod")).leave(BUSY);
        gate.seen(budget(0));
        Place held = gate.enter(entry("held", WEB));
        Place waiting = gate.enter(entry("waiting", WEB));

        Place last = gate.enter(lastCall("last", WEB));

        assertThat(List.of(held, waiting, last)).map(Place::isItsTurn).containsExactly(true, false, true);
    }

    @Test
    void evenFromBehindTheOthers() {
        Gate gate = gate(4);
        gate.enter(entry("pod")).leave(BUSY);
        List<Place> others = enter(gate, 5);

        Place last = gate.enter(new Entry(Request.EVICTION, pod("last"), START.plusSeconds(99), Instant.MIN, Set.of()));

        assertThat(last.isItsTurn()).isTrue();
        assertThat(others).filteredOn(Place::isItsTurn).hasSize(2);
    }

    @Test
    void passAtOnceWhenTheyComeDuringTheWait() {
        Gate gate = gate(4);
        gate.enter(entry("pod")).leave(BUSY);
        enter(gate, 5);
        Place waiting = gate.enter(
                new Entry(Request.EVICTION, pod("waiting"), START.plusSeconds(99), START.plusSeconds(60), Set.of()));
        assertThat(waiting.isItsTurn()).isFalse();

        now = START.plusSeconds(60);
        gate.look();

        assertThat(waiting.isItsTurn()).isTrue();
    }

    @Test
    void neverPassTheBoundOfAll() {
        Gate gate = gate(2);
        List<Place> others = enter(gate, 2);
        Place last = gate.enter(lastCall("last"));
        assertThat(last.isItsTurn()).isFalse();

        others.getFirst().leave(new Evicted());

        assertThat(last.isItsTurn()).isTrue();
    }
}
