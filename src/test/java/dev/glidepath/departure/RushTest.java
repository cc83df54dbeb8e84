package dev.glidepath.departure;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RushTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId SOON = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId LATER = new InstanceId("i-0a1b2c3d4e5f60002");
    private static final InstanceId CALM = new InstanceId("i-0a1b2c3d4e5f60003");

    private double perSecond = 10;
    private final Rush rush = new Rush(() -> perSecond);

    @Test
    void whereNobodyIsToBeCalledThereIsNone() {
        rush.owes(CALM, List.of());

        assertThat(rush.before(CALM)).isZero();
        assertThat(rush.before(SOON)).isZero();
    }

    @Test
    void onlyCallsThatAreDueByThenCount() {
        rush.owes(SOON, calls(100, ofMinutes(1)));
        rush.owes(LATER, calls(200, ofMinutes(10)));

        assertThat(rush.before(SOON)).isEqualTo(ofSeconds(10));
        assertThat(rush.before(LATER)).isEqualTo(ofSeconds(30));
    }

    @Test
    void oneDeparturesEarlyCallsCountAndItsLateOnesDoNot() {
        rush.owes(SOON, calls(20, ofMinutes(2)));
        rush.owes(
                LATER,
                List.of(NOON.plusSeconds(600), NOON.plusSeconds(60), NOON.plusSeconds(120), NOON.plusSeconds(121)));

        assertThat(rush.before(SOON)).isEqualTo(Duration.ofMillis(2_200));
    }

    @Test
    void whoseCallsAreNotKnownYetIsAfterAllOthers() {
        rush.owes(SOON, calls(100, ofMinutes(1)));
        rush.owes(LATER, calls(200, ofMinutes(10)));

        assertThat(rush.before(CALM)).isEqualTo(ofSeconds(30));
    }

    @Test
    void isAMinuteAtMost() {
        perSecond = 1;
        rush.owes(SOON, calls(1_000, ofMinutes(1)));

        assertThat(rush.before(SOON)).isEqualTo(ofMinutes(1));
    }

    @Test
    void whoIsOverOwesNothing() {
        rush.owes(SOON, calls(100, ofMinutes(1)));
        rush.owes(LATER, calls(100, ofMinutes(2)));

        rush.owes(SOON, List.of());

        assertThat(rush.before(LATER)).isEqualTo(ofSeconds(10));
    }

    private static List<Instant> calls(int number, Duration after) {
        return Collections.nCopies(number, NOON.plus(after));
    }
}
