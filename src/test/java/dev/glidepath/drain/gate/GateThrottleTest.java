package dev.glidepath.drain.gate;

import static dev.glidepath.drain.gate.GateSamples.BUSY;
import static dev.glidepath.drain.gate.GateSamples.SLOW;
import static dev.glidepath.drain.gate.GateSamples.START;
import static dev.glidepath.drain.gate.GateSamples.WEB;
import static dev.glidepath.drain.gate.GateSamples.enter;
import static dev.glidepath.drain.gate.GateSamples.entry;
import static dev.glidepath.drain.gate.GateSamples.lastCall;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.glidepath.drain.eviction.DeletionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.gate.Gate.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** How the state of the API server, and more urgent work, bound what passes; and what is measured of it. */
class GateThrottleTest {
    private Instant now = START;

    private Gate gate(int mostInFlight) {
        return new Gate(mostInFlight, () -> now);
    }

    @Nested
    class Overload {
        @Test
        void halvesOnceARound() {
            Gate gate = gate(16);
            List<Place> round = enter(gate, 16);

            round.forEach(place -> place.leave(BUSY));

            assertThat(enter(gate, 16)).filteredOn(Place::isItsTurn).hasSize(8);
        }

        @Test
        void nextRoundHalvesAgainAndNeverBelowOne() {
            Gate gate = gate(4);
            for (int expected : List.of(4, 2, 1, 1)) {
                List<Place> places = enter(gate, 8);
                assertThat(places).filteredOn(Place::isItsTurn).hasSize(expected);
                places.stream().filter(Place::isItsTurn).toList().getFirst().leave(BUSY);
                places.forEach(Place::close);
            }
        }

        @Test
        void timeOutOfOnePodSaysNothingOfTheServer() {
            Gate gate = gate(16);
            gate.enter(entry("pod")).leave(new DeletionOutcome.TimedOut("slow"));
            gate.enter(entry("pod")).leave(SLOW);

            assertThat(enter(gate, 16)).filteredOn(Place::isItsTurn).hasSize(16);
        }

        @Test
        void nothingThatCanWaitIsSentBeforeTheServerWantsIt() {
            Gate gate = gate(8);
            gate.enter(entry("pod")).leave(new Overloaded("busy", ofSeconds(3)));
            gate.enter(lastCall("called")).leave(new Overloaded("busy", ofSeconds(1)));
            Place waiting = gate.enter(entry("waiting"));

            now = START.plusMillis(2_999);
            gate.look();
            assertThat(waiting.isItsTurn()).isFalse();
            assertThat(gate.enter(lastCall("last")).isItsTurn()).isTrue();
            now = START.plusSeconds(3);
            gate.look();

            assertThat(waiting.isItsTurn()).isTrue();
        }

        @Test
        void goodAnswersRegainWhatWasLost() {
            Gate gate = gate(8);
            gate.enter(entry("pod")).leave(BUSY);

            enterAndLeave(gate, 5);
            assertThat(probe(gate))
                    .as("four in flight allow a fifth after as many good answers")
                    .isEqualTo(5);

            enterAndLeave(gate, 100);
            assertThat(probe(gate)).as("and no more than at first").isEqualTo(8);
        }

        private void enterAndLeave(Gate gate, int times) {
            for (int i = 0; i < times; i++) {
                gate.enter(entry("pod")).leave(new Evicted());
            }
        }

        /** How many may be in flight. */
        private int probe(Gate gate) {
            List<Place> places = enter(gate, 20);
            int granted = (int) places.stream().filter(Place::isItsTurn).count();
            places.reversed().forEach(Place::close);
            return granted;
        }
    }

    @Nested
    class Yielding {
        private boolean cordoning = true;

        @Test
        void fewPassWhileOthersAreAtWorkAndThenAll() {
            Gate gate = gate(16);
            gate.yieldTo(() -> cordoning);
            List<Place> places = enter(gate, 10);
            assertThat(places).filteredOn(Place::isItsTurn).hasSize(4);

            cordoning = false;
            gate.look();

            assertThat(places).filteredOn(Place::isItsTurn).hasSize(10);
        }

        @Test
        void lastCallsYieldToNobody() {
            Gate gate = gate(16);
            gate.yieldTo(() -> cordoning);
            enter(gate, 10);

            assertThat(gate.enter(lastCall("last")).isItsTurn()).isTrue();
        }

        @Test
        void yieldingSaysNothingOfTheServersRate() {
            Gate gate = gate(16);
            gate.yieldTo(() -> cordoning);
            enter(gate, 10);
            now = START.plusSeconds(60);

            assertThat(gate.perSecond()).isEqualTo(100);
        }
    }

    @Nested
    class Rate {
        @Test
        void isAGuessUntilMeasured() {
            Gate gate = gate(1);
            enter(gate, 2);
            now = START.plusMillis(999);

            assertThat(gate.perSecond()).isEqualTo(100);
        }

        @Test
        void isMeasuredWhileSomeWait() {
            Gate gate = gate(1);
            Place running = answer(gate, gate.enter(entry("first")), 50, ofMillis(50));
            assertThat(gate.perSecond()).isCloseTo(20, within(1.0));

            answer(gate, running, 2_000, ofMillis(5));
            assertThat(gate.perSecond()).as("follows what it meets").isCloseTo(200, within(40.0));
        }

        @Test
        void whatWasMeasuredIsForgottenWhileNobodyWaits() {
            Gate gate = gate(1);
            answer(gate, gate.enter(entry("first")), 60, ofSeconds(1)).leave(new Gone());
            assertThat(gate.perSecond()).isCloseTo(1, within(0.1));

            now = now.plusSeconds(1);
            assertThat(gate.perSecond()).as("not at once").isLessThan(2);

            now = now.plusSeconds(60);
            assertThat(gate.perSecond()).isCloseTo(100, within(25.0));
            now = now.plusSeconds(60);
            assertThat(gate.perSecond()).isCloseTo(100, within(1.0));
        }

        @Test
        void waitingForABudgetSaysNothing() {
            Gate gate = gate(10);
            enter(gate, 5, WEB);
            now = START.plusSeconds(60);

            assertThat(gate.perSecond()).isEqualTo(100);
        }

        @Test
        void silenceOfTheServerSlowsItDownToOne() {
            Gate gate = gate(1);
            enter(gate, 2);
            now = START.plusSeconds(60);

            assertThat(gate.perSecond()).isEqualTo(1);
        }

        /** So many answers, each after that time, while one more waits; the place that is in flight then. */
        private Place answer(Gate gate, Place first, int times, Duration each) {
            Place running = first;
            for (int i = 0; i < times; i++) {
                Place waiting = gate.enter(entry("waiting"));
                now = now.plus(each);
                running.leave(new Gone());
                running = waiting;
            }
            return running;
        }
    }
}
