package dev.glidepath.drain.gate;

import static dev.glidepath.drain.gate.GateSamples.REFUSED;
import static dev.glidepath.drain.gate.GateSamples.SLOW;
import static dev.glidepath.drain.gate.GateSamples.START;
import static dev.glidepath.drain.gate.GateSamples.lastCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.eviction.DeletionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.gate.Gate.Entry;
import dev.glidepath.drain.gate.Gate.Place;
import dev.glidepath.drain.gate.Gate.Request;
import dev.glidepath.drain.pod.PodRef;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many places the requests of one namespace may take. */
class GateSharesTest {
    private Instant now = START;

    private Gate gate(int mostInFlight) {
        return new Gate(mostInFlight, () -> now);
    }

    @Test
    void oneNamespaceBeginsWithAQuarter() {
        Gate gate = gate(64);

        assertThat(evictionsIn("shop", gate, 80)).filteredOn(Place::isItsTurn).hasSize(16);
        assertThat(evictionsIn("other", gate, 20)).filteredOn(Place::isItsTurn).hasSize(16);
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
    void namespacesWithoutAnswersLeaveAQuarterToTheOthers() {
        Gate gate = gate(64);
        IntStream.range(0, 3).forEach(i -> evictionsIn("hung-" + i, gate, 20));
        assertThat(evictionsIn("hung", gate, 20)).filteredOn(Place::isItsTurn).hasSize(1);
        List<Place> prompt = evictionsIn("shop", gate, 40);

        for (int granted = 1; granted <= 40; granted++) {
            Place next = prompt.get(granted - 1);
            assertThat(next.isItsTurn()).isTrue();
            next.leave(new Evicted());
        }
    }

    @Test
    void namespaceWithoutAnswersHasOnePlaceUntilThereIsOne() {
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
    void oneRequestWithoutAnswerLeavesOnePlace() {
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

        Place deletion =
                gate.enter(new Entry(Request.DELETION, new PodRef("shop", "web", "uid"), START, Instant.MIN, Set.of()));

        assertThat(deletion.isItsTurn()).isTrue();
    }

    /** A last eviction without an answer gives way to a deletion; a deletion has nothing to give way to. */
    @Test
    void deletionsWithoutAnswersLeaveThePlacesToOthers() {
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
    void waitingForAShareSaysNothingOfTheServersRate() {
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
