package dev.glidepath.drain.gate;

import static dev.glidepath.drain.gate.GateSamples.BUSY;
import static dev.glidepath.drain.gate.GateSamples.REFUSED;
import static dev.glidepath.drain.gate.GateSamples.START;
import static dev.glidepath.drain.gate.GateSamples.WEB;
import static dev.glidepath.drain.gate.GateSamples.budget;
import static dev.glidepath.drain.gate.GateSamples.enter;
import static dev.glidepath.drain.gate.GateSamples.entry;
import static dev.glidepath.drain.gate.GateSamples.lastCall;
import static dev.glidepath.drain.gate.GateSamples.pod;
import static dev.glidepath.drain.gate.GateSamples.urgent;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.gate.Gate.Entry;
import dev.glidepath.drain.gate.Gate.Place;
import dev.glidepath.drain.gate.Gate.Request;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GateTest {
    private Instant now = START;

    private Gate gate(int mostInFlight) {
        return new Gate(mostInFlight, () -> now);
    }

    @Nested
    class Order {
        @Test
        void mostUrgentPassesFirst() {
            Gate gate = gate(1);
            Place running = gate.enter(entry("running"));
            Place late = gate.enter(urgent("late", START.plusSeconds(20)));
            Place soon = gate.enter(urgent("soon", START.plusSeconds(10)));

            running.leave(new Evicted());
            assertThat(List.of(late, soon)).map(Place::isItsTurn).containsExactly(false, true);

            soon.leave(new Evicted());
            assertThat(late.isItsTurn()).isTrue();
        }

        @Test
        void amongEquallyUrgentTheFirstPassesFirst() {
            Gate gate = gate(1);
            List<Place> places = enter(gate, 4);

            for (int first = 0; first < 4; first++) {
                assertThat(places).filteredOn(Place::isItsTurn).containsExactly(places.get(first));
                places.get(first).leave(new Evicted());
            }
        }

        @Test
        void urgencyDecidesWhateverTheBudgets() {
            Gate gate = gate(1);
            Place running = gate.enter(entry("running"));
            List<Integer> seconds = List.of(5, 3, 1, 4, 2);
            List<Place> places = seconds.stream()
                    .map(second -> gate.enter(new Entry(
                            Request.EVICTION,
                            pod("pod-" + second),
                            START.plusSeconds(second),
                            second == 4 ? START : Instant.MAX,
                            second % 2 == 0 ? Set.of() : Set.of(WEB))))
                    .toList();
            List<Integer> passed = new ArrayList<>();

            Optional<Place> inFlight = Optional.of(running);
            while (inFlight.isPresent()) {
                inFlight.get().leave(REFUSED);
                inFlight = places.stream().filter(Place::isItsTurn).findFirst();
                inFlight.ifPresent(place -> passed.add(seconds.get(places.indexOf(place))));
            }

            assertThat(passed).containsExactly(1, 2, 3, 4, 5);
        }

        @Test
        void neverMoreAreInFlightThanAllowed() {
            assertThat(enter(gate(3), 10)).filteredOn(Place::isItsTurn).hasSize(3);
        }

        @Test
        void refusesToBeAGateThatNothingPasses() {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> gate(0));
        }
    }

    @Nested
    class Places {
        @Test
        void callbackIsCalledOnceOnADecision() {
            Gate gate = gate(1);
            Place running = gate.enter(entry("running"));
            Place waiting = gate.enter(entry("waiting"));
            List<String> told = new ArrayList<>();
            running.onDecided(() -> told.add("running"));
            waiting.onDecided(() -> told.add("waiting"));
            assertThat(told).containsExactly("running");

            running.leave(new Evicted());
            waiting.leave(new Evicted());

            assertThat(told).containsExactly("running", "waiting");
        }

        /** Else an action that goes on at once, on the thread that decided it, would hold up all others, or wait for itself. */
        @Test
        void callbackMayUseTheGate() {
            Gate gate = gate(1);
            Place running = gate.enter(entry("running"));
            Place waiting = gate.enter(entry("waiting"));
            Place last = gate.enter(entry("last"));
            waiting.onDecided(() -> CompletableFuture.runAsync(() -> waiting.leave(new Evicted()))
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join());

            running.leave(new Evicted());

            assertThat(last.isItsTurn()).isTrue();
        }

        /**
         * A callback that is set between the decision and the calls. The first one's callback stands for another thread: it runs
         * just there, outside the lock.
         */
        @Test
        void callbackSetDuringTheCallsIsCalledOnce() {
            Gate gate = gate(1);
            gate.enter(entry("running"));
            Place first = gate.enter(entry("first"));
            Place second = gate.enter(entry("second"));
            AtomicInteger told = new AtomicInteger();
            first.onDecided(() -> second.onDecided(told::incrementAndGet));

            gate.close();

            assertThat(told).hasValue(1);
        }

        @Test
        void callbackThatThrowsDoesNotStopTheOthers() {
            Gate gate = gate(1);
            gate.enter(entry("running"));
            Place first = gate.enter(entry("first"));
            Place second = gate.enter(entry("second"));
            AtomicInteger told = new AtomicInteger();
            first.onDecided(() -> {
                throw new IllegalStateException("no thread");
            });
            second.onDecided(told::incrementAndGet);

            gate.close();

            assertThat(told).hasValue(1);
        }

        @Test
        void lastCallThatComesIsNoticedByItself() {
            AtomicReference<Instant> clock = new AtomicReference<>(START);
            try (Gate gate = new Gate(4, clock::get)) {
                gate.start();
                gate.enter(entry("pod")).leave(BUSY);
                enter(gate, 5);
                Place waiting = gate.enter(new Entry(
                        Request.EVICTION, pod("waiting"), START.plusSeconds(99), START.plusSeconds(60), Set.of()));
                CompletableFuture<Boolean> turn = new CompletableFuture<>();
                waiting.onDecided(() -> turn.complete(waiting.isItsTurn()));

                clock.set(START.plusSeconds(60));

                assertThat(turn).succeedsWithin(ofSeconds(30)).isEqualTo(true);
            }
        }

        @Test
        void closingWithoutAnAnswerFreesThePlaceOnce() {
            Gate gate = gate(1);
            Place place = gate.enter(entry("pod"));

            place.close();
            place.close();

            assertThat(enter(gate, 2)).filteredOn(Place::isItsTurn).hasSize(1);
        }

        @Test
        void closingAfterTheAnswerChangesNothing() {
            Gate gate = gate(1);
            Place place = gate.enter(entry("pod", WEB));
            place.leave(new Evicted());

            place.close();

            assertThat(gate.reserved(WEB)).isEqualTo(1);
        }

        @Test
        void answerNeedsAGrantAndComesOnce() {
            Gate gate = gate(1);
            Place granted = gate.enter(entry("granted"));
            Place waiting = gate.enter(entry("waiting"));

            assertThatIllegalStateException().isThrownBy(() -> waiting.leave(new Evicted()));
            granted.leave(new Evicted());
            assertThatIllegalStateException().isThrownBy(() -> granted.leave(new Evicted()));
        }

        @Test
        void allPassInTheEndAndTheBoundsHoldThroughout() throws Exception {
            Gate gate = new Gate(8, InstantSource.system());
            AtomicInteger inFlight = new AtomicInteger();
            AtomicInteger ofBudget = new AtomicInteger();
            List<Integer> most = new ArrayList<>();
            gate.seen(budget(2));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<? extends Future<?>> all = IntStream.range(0, 400)
                        .mapToObj(i -> threads.submit(() -> {
                            boolean budgeted = i % 2 == 0;
                            try (Place place = gate.enter(budgeted ? entry("pod-" + i, WEB) : entry("pod-" + i))) {
                                CompletableFuture<Boolean> turn = new CompletableFuture<>();
                                place.onDecided(() -> turn.complete(place.isItsTurn()));
                                assertThat(turn.get()).isTrue();
                                int together = inFlight.incrementAndGet();
                                int onBudget = budgeted ? ofBudget.incrementAndGet() : 0;
                                synchronized (most) {
                                    most.add(together);
                                    assertThat(onBudget).isLessThanOrEqualTo(2);
                                }
                                Thread.sleep(1); // the request
                                inFlight.decrementAndGet();
                                ofBudget.addAndGet(budgeted ? -1 : 0);
                                place.leave(i % 50 == 1 ? BUSY : REFUSED);
                            }
                            return i;
                        }))
                        .toList();
                for (Future<?> one : all) {
                    one.get();
                }
            }
            assertThat(most).hasSize(400).allMatch(together -> together <= 8);
            assertThat(gate.reserved(WEB)).isZero();
        }
    }

    @Nested
    class GivenUp {
        @Test
        void leavesWithoutATurnAndLetsOthersPass() {
            Gate gate = gate(1);
            Place running = gate.enter(entry("running"));
            Place unwanted = gate.enter(entry("unwanted"));
            Place next = gate.enter(entry("next"));

            unwanted.giveUp();
            running.leave(new Evicted());

            assertThat(unwanted.isItsTurn()).isFalse();
            assertThat(next.isItsTurn()).isTrue();
        }

        @Test
        void callbackIsCalledWithoutATurn() {
            Gate gate = gate(1);
            gate.enter(entry("running"));
            Place unwanted = gate.enter(entry("unwanted"));
            List<Boolean> turns = new ArrayList<>();
            unwanted.onDecided(() -> turns.add(unwanted.isItsTurn()));

            unwanted.giveUp();

            assertThat(turns).containsExactly(false);
        }

        @Test
        void grantStandsWhenItIsGivenUp() {
            Gate gate = gate(1);
            Place granted = gate.enter(entry("granted"));
            Place next = gate.enter(entry("next"));

            granted.giveUp();

            assertThat(next.isItsTurn()).isFalse();
            granted.leave(new Evicted());
            assertThat(next.isItsTurn()).isTrue();
        }

        @Test
        void closedGateLetsNothingPassAndNothingWait() {
            Gate gate = gate(1);
            gate.seen(budget(1));
            Place running = gate.enter(entry("running", WEB));
            Place waiting = gate.enter(entry("waiting", WEB));
            Place called = gate.enter(lastCall("called", WEB));

            gate.close();
            running.leave(new Gone());
            Place late = gate.enter(lastCall("late"));

            for (Place place : List.of(waiting, called, late)) {
                List<Boolean> turns = new ArrayList<>();
                place.onDecided(() -> turns.add(place.isItsTurn()));
                assertThat(turns).containsExactly(false);
                place.close();
            }
            assertThat(gate.reserved(WEB)).isZero();
        }
    }
}
