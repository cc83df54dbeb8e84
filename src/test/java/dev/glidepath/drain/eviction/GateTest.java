package dev.glidepath.drain.eviction;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.budget.LabelSelector;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.eviction.EvictionOutcome.TimedOut;
import dev.glidepath.drain.eviction.Gate.Entry;
import dev.glidepath.drain.eviction.Gate.Place;
import dev.glidepath.drain.eviction.Gate.Request;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Instant START = Instant.parse("2026-05-01T12:00:00Z");
    private static final Budget.Id WEB = new Budget.Id("shop", "web");
    private static final Budget.Id DATABASE = new Budget.Id("shop", "database");
    private static final EvictionOutcome BUSY = new Overloaded("busy", Duration.ZERO);
    private static final EvictionOutcome SLOW = new TimedOut("slow");
    private static final EvictionOutcome REFUSED = new BlockedByBudget("web", "no room");

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
            assertThat(List.of(late, soon)).map(Place::isGranted).containsExactly(false, true);

            soon.leave(new Evicted());
            assertThat(late.isGranted()).isTrue();
        }

        @Test
        void amongEquallyUrgentTheFirstPassesFirst() {
            Gate gate = gate(1);
            List<Place> places = enter(gate, 4);

            for (int first = 0; first < 4; first++) {
                assertThat(places)
                        .map(Place::isGranted)
                        .filteredOn(granted -> granted)
                        .hasSize(first + 1);
                assertThat(places.get(first).isGranted()).isTrue();
                places.get(first).leave(new Evicted());
            }
        }

        @Test
        void urgencyDecidesWhateverTheBudgets() {
            Gate gate = gate(1);
            Place running = gate.enter(entry("running"));
            List<Place> places = Stream.of(5, 3, 1, 4, 2)
                    .map(second -> gate.enter(new Entry(
                            Request.EVICTION,
                            pod("pod-" + second),
                            START.plusSeconds(second),
                            second == 4 ? START : Instant.MAX,
                            second % 2 == 0 ? Set.of() : Set.of(WEB))))
                    .toList();
            List<String> passed = new ArrayList<>();

            for (Place inFlight = running; inFlight != null; ) {
                inFlight.leave(REFUSED);
                Place next = places.stream()
                        .filter(place -> place.isGranted()
                                && !passed.contains(place.entry().pod().name()))
                        .findFirst()
                        .orElse(null);
                if (next != null) {
                    passed.add(next.entry().pod().name());
                }
                inFlight = next;
            }

            assertThat(passed).containsExactly("pod-1", "pod-2", "pod-3", "pod-4", "pod-5");
        }

        @Test
        void neverMoreAreInFlightThanAllowed() {
            assertThat(enter(gate(3), 10)).filteredOn(Place::isGranted).hasSize(3);
        }

        @Test
        void noGateLetsNobodyPass() {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> gate(0));
        }
    }

    @Nested
    class Budgets {
        @Test
        void roomOfABudgetBoundsItsEvictions() {
            Gate gate = gate(10);
            gate.seen(budget(3));

            assertThat(enter(gate, 5, WEB)).filteredOn(Place::isGranted).hasSize(3);
        }

        @Test
        void budgetWithoutRoomIsAskedByOneAtATime() {
            Gate gate = gate(10);
            gate.seen(budget(0));
            List<Place> places = enter(gate, 3, WEB);
            assertThat(places).filteredOn(Place::isGranted).hasSize(1);

            places.getFirst().leave(REFUSED);

            assertThat(places.get(1).isGranted()).isTrue();
            assertThat(places.get(2).isGranted()).isFalse();
        }

        @Test
        void budgetNeverSeenIsAskedByOneAtATime() {
            assertThat(enter(gate(10), 3, WEB)).filteredOn(Place::isGranted).hasSize(1);
        }

        @Test
        void roomOfAStatusThatLagsIsNotTrusted() {
            Gate gate = gate(10);
            gate.seen(budget(5, false));

            assertThat(enter(gate, 3, WEB)).filteredOn(Place::isGranted).hasSize(1);
        }

        @Test
        void whoWaitsForABudgetLetsOthersPass() {
            Gate gate = gate(10);
            enter(gate, 3, WEB);

            assertThat(gate.enter(urgent("other", START.plusSeconds(99))).isGranted())
                    .isTrue();
        }

        @Test
        void newRoomLetsMorePassAtOnce() {
            Gate gate = gate(10);
            gate.seen(budget(1));
            List<Place> places = enter(gate, 5, WEB);

            gate.seen(budget(4));

            assertThat(places).filteredOn(Place::isGranted).hasSize(4);
        }

        @Test
        void roomOfABudgetThatIsGoneCountsNoMore() {
            Gate gate = gate(10);
            gate.seen(budget(4));

            gate.forgotten(WEB);

            assertThat(enter(gate, 3, WEB)).filteredOn(Place::isGranted).hasSize(1);
        }

        @Test
        void evictedPodTakesRoomUntilTheStatusCountsIt() {
            Gate gate = gate(10);
            gate.seen(budget(1));
            List<Place> places = enter(gate, 3, WEB);

            places.getFirst().leave(new Evicted());
            assertThat(places.get(1).isGranted())
                    .as("the status has not told yet")
                    .isFalse();

            gate.seen(budget(0, true, "pod-0"));
            assertThat(places.get(1).isGranted())
                    .as("asks a budget without room, alone")
                    .isTrue();
            assertThat(places.get(2).isGranted()).isFalse();
        }

        @Test
        void statusMayTellBeforeTheAnswer() {
            Gate gate = gate(10);
            gate.seen(budget(1));
            List<Place> places = enter(gate, 3, WEB);

            gate.seen(budget(1, true, "pod-0"));
            assertThat(places.get(1).isGranted()).isTrue();
            places.getFirst().leave(new Evicted());

            assertThat(places.get(2).isGranted())
                    .as("the answer took no more room")
                    .isFalse();
            assertThat(gate.reserved(WEB)).isEqualTo(2);
        }

        @Test
        void evictedPodThatIsNeverCountedTakesRoomForTwoSeconds() throws InterruptedException {
            Gate gate = gate(10);
            gate.seen(budget(1));
            List<Place> places = enter(gate, 2, WEB);
            places.getFirst().leave(new Evicted());

            now = START.plusMillis(1_999);
            gate.seen(budget(1));
            assertThat(places.get(1).isGranted()).isFalse();

            now = START.plusMillis(2_200);
            gate.look();
        }

        @Test
        void deletedPodTakesRoomAsAnEvictedOne() {
            Gate gate = gate(10);
            gate.seen(budget(1));
            Place deleted = gate.enter(lastCall("pod-0", WEB));

            deleted.leave(new DeletionOutcome.Deleted());

            assertThat(gate.reserved(WEB)).isEqualTo(1);
            assertThat(gate.enter(entry("pod-1", WEB)).isGranted()).isFalse();
        }

        @Test
        void whoNeedsSeveralBudgetsIsNotOvertakenForEver() {
            Gate gate = gate(10);
            Place web = gate.enter(entry("web", WEB));
            Place database = gate.enter(entry("database", DATABASE));
            Place both = gate.enter(entry("both", WEB, DATABASE));
            Place nextWeb = gate.enter(entry("next-web", WEB));

            web.leave(REFUSED);
            assertThat(nextWeb.isGranted()).isFalse();

            database.leave(REFUSED);
            assertThat(both.isGranted()).isTrue();
            assertThat(nextWeb.isGranted()).isFalse();

            both.leave(REFUSED);
            assertThat(nextWeb.isGranted()).isTrue();
        }

        @Test
        void budgetFoughtOverIsLeftToOneForAWhile() throws InterruptedException {
            Gate gate = gate(10);
            gate.seen(budget(5));
            List<Place> places = enter(gate, 8, WEB);

            places.getFirst().leave(SLOW);
            places.subList(1, 5).forEach(place -> place.leave(REFUSED));
            assertThat(places.subList(5, 8)).filteredOn(Place::isGranted).hasSize(1);

            now = START.plus(ofSeconds(10));
            gate.look();
        }
    }

    @Nested
    class Reserved {
        @Test
        void allThatAreUnderWayCount() {
            Gate gate = gate(10);
            gate.seen(budget(2));
            List<Place> places = enter(gate, 4, WEB);
            assertThat(gate.reserved(WEB)).as("queued and in flight").isEqualTo(4);

            places.getFirst().leave(new Evicted());
            assertThat(gate.reserved(WEB)).as("answered, and not counted yet").isEqualTo(4);

            gate.seen(budget(1, true, "pod-0"));
            assertThat(gate.reserved(WEB)).as("counted by the status").isEqualTo(3);
        }

        @Test
        void refusalCountsNoMoreAtOnce() {
            Gate gate = gate(10);
            Place place = gate.enter(entry("pod-0", WEB));

            place.leave(new Gone());

            assertThat(gate.reserved(WEB)).isZero();
        }

        @Test
        void whoGaveUpCountsNoMore() {
            Gate gate = gate(10);
            List<Place> places = enter(gate, 2, WEB);

            places.forEach(Place::close);

            assertThat(gate.reserved(WEB)).isZero();
        }

        @Test
        void answerCountsForTwoSecondsAtMost() {
            Gate gate = gate(10);
            gate.enter(entry("pod-0", WEB)).leave(new Evicted());

            now = START.plusMillis(1_999);
            assertThat(gate.reserved(WEB)).isEqualTo(1);
            now = START.plusSeconds(2);
            assertThat(gate.reserved(WEB)).isZero();
        }

        @Test
        void podCountedOnceIsNotReservedAgainWhenTheControllerStrikesItOff() {
            Gate gate = gate(10);
            gate.seen(budget(1));
            Place place = gate.enter(entry("pod-0", WEB));

            gate.seen(budget(0, true, "pod-0"));
            place.leave(new Evicted());
            gate.seen(budget(0));

            assertThat(gate.reserved(WEB)).isZero();
        }

        @Test
        void budgetsDoNotMix() {
            Gate gate = gate(10);
            enter(gate, 2, WEB);

            assertThat(gate.reserved(DATABASE)).isZero();
        }
    }

    @Nested
    class Overload {
        @Test
        void halvesOnceARound() {
            Gate gate = gate(16);
            List<Place> round = enter(gate, 16);

            round.forEach(place -> place.leave(BUSY));

            assertThat(enter(gate, 16)).filteredOn(Place::isGranted).hasSize(8);
        }

        @Test
        void nextRoundHalvesAgainAndNeverBelowOne() {
            Gate gate = gate(4);
            for (int expected : List.of(4, 2, 1, 1)) {
                List<Place> places = enter(gate, 8);
                assertThat(places).filteredOn(Place::isGranted).hasSize(expected);
                places.stream().filter(Place::isGranted).toList().getFirst().leave(BUSY);
                places.forEach(Place::close);
            }
        }

        @Test
        void timeOutOfOnePodSaysNothingOfTheServer() {
            Gate gate = gate(16);
            gate.enter(entry("pod")).leave(new DeletionOutcome.TimedOut("slow"));
            gate.enter(entry("pod")).leave(SLOW);

            assertThat(enter(gate, 16)).filteredOn(Place::isGranted).hasSize(16);
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
            int granted = (int) places.stream().filter(Place::isGranted).count();
            places.reversed().forEach(Place::close);
            return granted;
        }
    }

    @Nested
    class Shares {
        @Test
        void oneNamespaceBeginsWithAQuarter() {
            Gate gate = gate(64);

            assertThat(evictionsIn("shop", gate, 80))
                    .filteredOn(Place::isGranted)
                    .hasSize(16);
            assertThat(evictionsIn("other", gate, 20))
                    .filteredOn(Place::isGranted)
                    .hasSize(16);
        }

        @Test
        void promptAnswersGiveItAllThereIs() {
            Gate gate = gate(64);
            List<Place> places = evictionsIn("shop", gate, 200);

            leaveGranted(places, new Evicted());
            assertThat(inFlight(places)).isEqualTo(32);
            leaveGranted(places, new Evicted());

            assertThat(inFlight(places)).isEqualTo(64);
        }

        @Test
        void lateAnswersTakeThatBack() {
            Gate gate = gate(64);
            List<Place> places = evictionsIn("shop", gate, 1_000);
            leaveGranted(places, new Evicted());
            leaveGranted(places, new Evicted());
            evictionsIn("billing", gate, 1_000);

            now = now.plusSeconds(1);
            leaveGranted(places, new Evicted());

            assertThat(inFlight(places)).isEqualTo(16);
        }

        @Test
        void lateAnswersMatterOnlyWhereOthersWait() {
            Gate gate = gate(64);
            List<Place> places = evictionsIn("shop", gate, 1_000);

            now = now.plusSeconds(2);
            leaveGranted(places, new Evicted());
            leaveGranted(places, new Evicted());

            assertThat(inFlight(places)).isEqualTo(64);
        }

        @Test
        void namespacesThatAreNotAnsweredLeaveAQuarterToTheOthers() {
            Gate gate = gate(64);
            IntStream.range(0, 3).forEach(i -> evictionsIn("hung-" + i, gate, 20));
            assertThat(evictionsIn("hung", gate, 20))
                    .filteredOn(Place::isGranted)
                    .hasSize(1);
            List<Place> prompt = evictionsIn("shop", gate, 40);

            for (int granted = 1; granted <= 40; granted++) {
                Place next = prompt.get(granted - 1);
                assertThat(next.isGranted()).isTrue();
                next.leave(new Evicted());
            }
        }

        @Test
        void whoIsNotAnsweredHasOnePlaceUntilItIs() {
            Gate gate = gate(64);
            List<Place> places = evictionsIn("shop", gate, 80);

            leaveGranted(places, SLOW);
            assertThat(inFlight(places)).isEqualTo(1);
            leaveGranted(places, SLOW);
            assertThat(inFlight(places)).isEqualTo(1);
            leaveGranted(places, REFUSED);

            assertThat(inFlight(places)).isEqualTo(16);
        }

        @Test
        void whoWasNotAnsweredHasOnePlaceThoughItWasAlone() {
            Gate gate = gate(64);
            leaveGranted(evictionsIn("shop", gate, 1), SLOW);

            assertThat(inFlight(evictionsIn("shop", gate, 80))).isEqualTo(1);
        }

        @Test
        void aFailureThatTakesLongIsNoAnswer() {
            Gate gate = gate(64);
            List<Place> places = evictionsIn("shop", gate, 80);

            now = now.plusSeconds(10);
            leaveGranted(places, new EvictionOutcome.Failed("failed calling webhook"));

            assertThat(inFlight(places)).isEqualTo(1);
        }

        @Test
        void deletionsHaveTheirOwn() {
            Gate gate = gate(64);
            evictionsIn("shop", gate, 80);

            Place deletion = gate.enter(
                    new Entry(Request.DELETION, new PodRef("shop", "web", "uid"), START, Instant.MIN, Set.of()));

            assertThat(deletion.isItsTurn()).isTrue();
        }

        /** A last eviction gives way to a deletion where nobody answers; a deletion has nothing to give way to. */
        @Test
        void deletionsThatAreNotAnsweredLeaveThePlacesToOthers() {
            Gate gate = gate(64);
            List<Place> deletions = deletionsIn("shop", gate, 80);
            now = now.plusSeconds(10);
            deletions.stream()
                    .filter(Place::isItsTurn)
                    .toList()
                    .forEach(place -> place.leave(new DeletionOutcome.TimedOut("slow")));

            assertThat(inFlight(deletions)).isEqualTo(1);
            assertThat(inFlight(lastCallsIn("other", gate, 20))).isEqualTo(16);
        }

        @Test
        void whoWaitsForItsShareSaysNothingOfTheServersRate() {
            Gate gate = gate(64);
            evictionsIn("shop", gate, 80);
            now = START.plusSeconds(60);
            gate.look();

            assertThat(gate.perSecond()).isEqualTo(100);
        }

        @Test
        void lastCallsDoNotWaitForAnswersThatDoNotCome() {
            Gate gate = gate(64);
            List<Place> places = evictionsIn("shop", gate, 80);
            List<Place> lastCalls = lastCallsIn("shop", gate, 40);
            assertThat(lastCalls).noneMatch(Place::isItsTurn);

            leaveGranted(places, SLOW);

            assertThat(lastCalls).allMatch(Place::isItsTurn);
            assertThat(lastCalls).filteredOn(Place::isInVain).hasSizeBetween(39, 40);
            assertThat(gate.enter(lastCall("elsewhere")).isInVain()).isFalse();
        }

        @Test
        void oneLastCallAtATimeIsTriedAllTheSame() {
            Gate gate = gate(64);
            leaveGranted(evictionsIn("shop", gate, 3), SLOW);

            List<Place> lastCalls = lastCallsIn("shop", gate, 3);
            assertThat(lastCalls).map(Place::isInVain).containsExactly(false, true, true);
            lastCalls.forEach(Place::close);
            assertThat(lastCallsIn("shop", gate, 2)).map(Place::isInVain).containsExactly(false, true);
        }

        @Test
        void whatWasNotAnsweredForLongIsTriedAgain() {
            Gate gate = gate(64);
            leaveGranted(evictionsIn("shop", gate, 3), SLOW);
            Place hanging = lastCallsIn("shop", gate, 1).getFirst();

            now = START.plusSeconds(30);
            Place waiting = lastCallsIn("shop", gate, 1).getFirst();
            assertThat(waiting.isItsTurn()).isFalse();
            hanging.leave(new Evicted());

            assertThat(waiting.isItsTurn()).isTrue();
            assertThat(waiting.isInVain()).isFalse();
        }

        @Test
        void twoTimeOutsAreNoHang() {
            Gate gate = gate(64);
            leaveGranted(evictionsIn("shop", gate, 2), SLOW);

            assertThat(lastCallsIn("shop", gate, 2)).noneMatch(Place::isInVain);
        }

        private List<Place> evictionsIn(String namespace, Gate gate, int places) {
            return enter(namespace, gate, places, Instant.MAX);
        }

        private List<Place> lastCallsIn(String namespace, Gate gate, int places) {
            return enter(namespace, gate, places, Instant.MIN);
        }

        private List<Place> deletionsIn(String namespace, Gate gate, int places) {
            return enter(Request.DELETION, namespace, gate, places, Instant.MIN);
        }

        private List<Place> enter(String namespace, Gate gate, int places, Instant lastCall) {
            return enter(Request.EVICTION, namespace, gate, places, lastCall);
        }

        private List<Place> enter(Request request, String namespace, Gate gate, int places, Instant lastCall) {
            return IntStream.range(0, places)
                    .mapToObj(i -> new PodRef(namespace, "pod-" + i, "uid-of-pod-" + i))
                    .map(pod -> gate.enter(new Entry(request, pod, START.plusSeconds(60), lastCall, Set.of())))
                    .toList();
        }

        private static void leaveGranted(List<Place> places, EvictionOutcome outcome) {
            places.stream().filter(Place::isItsTurn).toList().forEach(place -> place.leave(outcome));
        }

        private static long inFlight(List<Place> places) {
            return places.stream().filter(Place::isItsTurn).count();
        }
    }

    @Nested
    class LastCalls {
        @Test
        void passOverloadAndBudgets() {
            Gate gate = gate(4);
            gate.enter(entry("pod")).leave(BUSY);
            gate.enter(entry("pod")).leave(BUSY);
            gate.seen(budget(0));
            Place held = gate.enter(entry("held", WEB));
            Place waiting = gate.enter(entry("waiting", WEB));

            Place last = gate.enter(lastCall("last", WEB));

            assertThat(List.of(held, waiting, last)).map(Place::isGranted).containsExactly(true, false, true);
        }

        @Test
        void evenFromBehindTheOthers() {
            Gate gate = gate(4);
            gate.enter(entry("pod")).leave(BUSY);
            List<Place> others = enter(gate, 5);

            Place last =
                    gate.enter(new Entry(Request.EVICTION, pod("last"), START.plusSeconds(99), Instant.MIN, Set.of()));

            assertThat(last.isGranted()).isTrue();
            assertThat(others).filteredOn(Place::isGranted).hasSize(2);
        }

        @Test
        void passWithoutWaitingAnyLongerWhenTheyComeWhileOneWaits() {
            Gate gate = gate(4);
            gate.enter(entry("pod")).leave(BUSY);
            enter(gate, 5);
            Place waiting = gate.enter(new Entry(
                    Request.EVICTION, pod("waiting"), START.plusSeconds(99), START.plusSeconds(60), Set.of()));
            assertThat(waiting.isGranted()).isFalse();

            now = START.plusSeconds(60);
            gate.look();

            assertThat(waiting.isGranted()).isTrue();
        }

        @Test
        void neverPassTheBoundOfAll() {
            Gate gate = gate(2);
            List<Place> others = enter(gate, 2);
            Place last = gate.enter(lastCall("last"));
            assertThat(last.isGranted()).isFalse();

            others.getFirst().leave(new Evicted());

            assertThat(last.isGranted()).isTrue();
        }
    }

    @Nested
    class Yielding {
        private boolean cordoning = true;

        @Test
        void fewPassWhileOthersAreAtWorkAndAllWhenTheyAreDone() {
            Gate gate = gate(16);
            gate.yieldTo(() -> cordoning);
            List<Place> places = enter(gate, 10);
            assertThat(places).filteredOn(Place::isGranted).hasSize(4);

            cordoning = false;
            gate.look();

            assertThat(places).filteredOn(Place::isGranted).hasSize(10);
        }

        @Test
        void lastCallsYieldToNobody() {
            Gate gate = gate(16);
            gate.yieldTo(() -> cordoning);
            enter(gate, 10);

            assertThat(gate.enter(lastCall("last")).isGranted()).isTrue();
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
    class Places {
        @Test
        void whatIsDecidedIsToldOnce() {
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

        /** Else an act that goes on at once, on the thread that decided it, would hold up everybody, or wait for itself. */
        @Test
        void whoIsToldMayUseTheGate() {
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
         * Who asks between the decision and the telling of it. The first one's callback stands for another thread: it runs just
         * there, outside the lock.
         */
        @Test
        void whoAsksWhileOthersAreToldIsToldOnce() {
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
        void whoIsToldAfterOneThatThrowsIsToldAllTheSame() {
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

            assertThat(enter(gate, 2)).filteredOn(Place::isGranted).hasSize(1);
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
        void answerNeedsAGrantAndIsToldOnce() {
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

    @Nested
    class WhoDoesNotPass {
        @Test
        void whoIsGivenUpLeavesWithoutATurnAndLetsOthersPass() {
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
        void whoIsGivenUpIsToldSo() {
            Gate gate = gate(1);
            gate.enter(entry("running"));
            Place unwanted = gate.enter(entry("unwanted"));
            List<Boolean> turns = new ArrayList<>();
            unwanted.onDecided(() -> turns.add(unwanted.isItsTurn()));

            unwanted.giveUp();

            assertThat(turns).containsExactly(false);
        }

        @Test
        void whatWasGrantedStandsWhenItIsGivenUp() {
            Gate gate = gate(1);
            Place granted = gate.enter(entry("granted"));
            Place next = gate.enter(entry("next"));

            granted.giveUp();

            assertThat(next.isGranted()).isFalse();
            granted.leave(new Evicted());
            assertThat(next.isGranted()).isTrue();
        }

        @Test
        void aClosedGateLetsNobodyPassAndNobodyWait() {
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

    private static List<Place> enter(Gate gate, int places, Budget.Id... budgets) {
        return IntStream.range(0, places)
                .mapToObj(i -> gate.enter(entry("pod-" + i, budgets)))
                .toList();
    }

    private static Entry entry(String name, Budget.Id... budgets) {
        return new Entry(Request.EVICTION, pod(name), START.plusSeconds(60), Instant.MAX, Set.of(budgets));
    }

    private static Entry urgent(String name, Instant urgency) {
        return new Entry(Request.EVICTION, pod(name), urgency, Instant.MAX, Set.of());
    }

    private static Entry lastCall(String name, Budget.Id... budgets) {
        return new Entry(Request.EVICTION, pod(name), START, Instant.MIN, Set.of(budgets));
    }

    /** Each in a namespace of its own, so that no share of one is in the way. */
    private static PodRef pod(String name) {
        return new PodRef("ns-of-" + name, name, "uid-of-" + name);
    }

    private static Budget budget(int allowed) {
        return budget(allowed, true);
    }

    private static Budget budget(int allowed, boolean current, String... disrupted) {
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
