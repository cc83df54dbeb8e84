package dev.glidepath.drain.gate;

import static dev.glidepath.drain.gate.GateSamples.DATABASE;
import static dev.glidepath.drain.gate.GateSamples.REFUSED;
import static dev.glidepath.drain.gate.GateSamples.SLOW;
import static dev.glidepath.drain.gate.GateSamples.START;
import static dev.glidepath.drain.gate.GateSamples.WEB;
import static dev.glidepath.drain.gate.GateSamples.budget;
import static dev.glidepath.drain.gate.GateSamples.enter;
import static dev.glidepath.drain.gate.GateSamples.entry;
import static dev.glidepath.drain.gate.GateSamples.lastCall;
import static dev.glidepath.drain.gate.GateSamples.urgent;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.eviction.DeletionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.gate.Gate.Place;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** How the room of budgets bounds what passes. */
class GateBudgetsTest {
    private Instant now = START;

    private Gate gate(int mostInFlight) {
        return new Gate(mostInFlight, () -> now);
    }

    @Test
    void roomOfABudgetBoundsItsEvictions() {
        Gate gate = gate(10);
        gate.seen(budget(3));

        assertThat(enter(gate, 5, WEB)).filteredOn(Place::isItsTurn).hasSize(3);
    }

    @Test
    void budgetWithoutRoomIsAskedByOneAtATime() {
        Gate gate = gate(10);
        gate.seen(budget(0));
        List<Place> places = enter(gate, 3, WEB);
        assertThat(places).filteredOn(Place::isItsTurn).hasSize(1);

        places.getFirst().leave(REFUSED);

        assertThat(places.get(1).isItsTurn()).isTrue();
        assertThat(places.get(2).isItsTurn()).isFalse();
    }

    @Test
    void budgetNeverSeenIsAskedByOneAtATime() {
        assertThat(enter(gate(10), 3, WEB)).filteredOn(Place::isItsTurn).hasSize(1);
    }

    @Test
    void roomOfAStatusThatLagsIsNotTrusted() {
        Gate gate = gate(10);
        gate.seen(budget(5, false));

        assertThat(enter(gate, 3, WEB)).filteredOn(Place::isItsTurn).hasSize(1);
    }

    @Test
    void entryThatWaitsForABudgetLetsOthersPass() {
        Gate gate = gate(10);
        enter(gate, 3, WEB);

        assertThat(gate.enter(urgent("other", START.plusSeconds(99))).isItsTurn())
                .isTrue();
    }

    @Test
    void newRoomLetsMorePassAtOnce() {
        Gate gate = gate(10);
        gate.seen(budget(1));
        List<Place> places = enter(gate, 5, WEB);

        gate.seen(budget(4));

        assertThat(places).filteredOn(Place::isItsTurn).hasSize(4);
    }

    @Test
    void roomOfABudgetThatIsGoneCountsNoMore() {
        Gate gate = gate(10);
        gate.seen(budget(4));

        gate.forgotten(WEB);

        assertThat(enter(gate, 3, WEB)).filteredOn(Place::isItsTurn).hasSize(1);
    }

    @Test
    void evictedPodTakesRoomUntilTheStatusCountsIt() {
        Gate gate = gate(10);
        gate.seen(budget(1));
        List<Place> places = enter(gate, 3, WEB);

        places.getFirst().leave(new Evicted());
        assertThat(places.get(1).isItsTurn())
                .as("the status does not count it yet")
                .isFalse();

        gate.seen(budget(0, true, "pod-0"));
        assertThat(places.get(1).isItsTurn())
                .as("asks a budget without room, alone")
                .isTrue();
        assertThat(places.get(2).isItsTurn()).isFalse();
    }

    @Test
    void statusMayCountItBeforeTheAnswer() {
        Gate gate = gate(10);
        gate.seen(budget(1));
        List<Place> places = enter(gate, 3, WEB);

        gate.seen(budget(1, true, "pod-0"));
        assertThat(places.get(1).isItsTurn()).isTrue();
        places.getFirst().leave(new Evicted());

        assertThat(places.get(2).isItsTurn()).as("the answer took no more room").isFalse();
        assertThat(gate.reserved(WEB)).isEqualTo(2);
    }

    @Test
    void evictedPodThatIsNeverCountedTakesRoomForTwoSeconds() {
        Gate gate = gate(10);
        gate.seen(budget(1));
        List<Place> places = enter(gate, 2, WEB);
        places.getFirst().leave(new Evicted());

        now = START.plusMillis(1_999);
        gate.seen(budget(1));
        assertThat(places.get(1).isItsTurn()).isFalse();

        now = START.plusMillis(2_200);
        gate.look();
        assertThat(places.get(1).isItsTurn()).isTrue();
    }

    @Test
    void deletedPodTakesRoomAsAnEvictedOne() {
        Gate gate = gate(10);
        gate.seen(budget(1));
        Place deleted = gate.enter(lastCall("pod-0", WEB));

        deleted.leave(new DeletionOutcome.Deleted());

        assertThat(gate.reserved(WEB)).isEqualTo(1);
        assertThat(gate.enter(entry("pod-1", WEB)).isItsTurn()).isFalse();
    }

    @Test
    void entryWithSeveralBudgetsIsNotOvertakenForEver() {
        Gate gate = gate(10);
        Place web = gate.enter(entry("web", WEB));
        Place database = gate.enter(entry("database", DATABASE));
        Place both = gate.enter(entry("both", WEB, DATABASE));
        Place nextWeb = gate.enter(entry("next-web", WEB));

        web.leave(REFUSED);
        assertThat(nextWeb.isItsTurn()).isFalse();

        database.leave(REFUSED);
        assertThat(both.isItsTurn()).isTrue();
        assertThat(nextWeb.isItsTurn()).isFalse();

        both.leave(REFUSED);
        assertThat(nextWeb.isItsTurn()).isTrue();
    }

    @Test
    void budgetFoughtOverIsLeftToOneForAWhile() {
        Gate gate = gate(10);
        gate.seen(budget(5));
        List<Place> places = enter(gate, 8, WEB);

        places.getFirst().leave(SLOW);
        places.subList(1, 5).forEach(place -> place.leave(REFUSED));
        assertThat(places.subList(5, 8)).filteredOn(Place::isItsTurn).hasSize(1);

        now = START.plus(ofSeconds(10));
        gate.look();
        assertThat(places.subList(5, 8)).allMatch(Place::isItsTurn);
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
        void entryThatGaveUpCountsNoMore() {
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
        void podCountedOnceIsNotReservedAgainWhenStruckOff() {
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
}
