package dev.glidepath.departure.sharing;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvictionBacklogTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId SOON = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId LATER = new InstanceId("i-0a1b2c3d4e5f60002");
    private static final InstanceId CALM = new InstanceId("i-0a1b2c3d4e5f60003");

    private double perSecond = 10;
    private final EvictionBacklog backlog = new EvictionBacklog(() -> perSecond);

    @Test
    void whereNoCallIsPendingThereIsNone() {
        backlog.pending(CALM, List.of());

        assertThat(backlog.before(CALM)).isZero();
        assertThat(backlog.before(SOON)).isZero();
    }

    @Test
    void onlyCallsThatAreDueByThenCount() {
        backlog.pending(SOON, calls(100, ofMinutes(1)));
        backlog.pending(LATER, calls(200, ofMinutes(10)));

        assertThat(backlog.before(SOON)).isEqualTo(ofSeconds(10));
        assertThat(backlog.before(LATER)).isEqualTo(ofSeconds(30));
    }

    @Test
    void oneDeparturesEarlyCallsCountAndItsLateOnesDoNot() {
        backlog.pending(SOON, calls(20, ofMinutes(2)));
        backlog.pending(
                LATER,
                List.of(NOON.plusSeconds(600), NOON.plusSeconds(60), NOON.plusSeconds(120), NOON.plusSeconds(121)));

        assertThat(backlog.before(SOON)).isEqualTo(Duration.ofMillis(2_200));
    }

    @Test
    void oneWhoseCallsAreNotKnownYetComesAfterAllOthers() {
        backlog.pending(SOON, calls(100, ofMinutes(1)));
        backlog.pending(LATER, calls(200, ofMinutes(10)));

        assertThat(backlog.before(CALM)).isEqualTo(ofSeconds(30));
    }

    @Test
    void isAMinuteAtMost() {
        perSecond = 1;
        backlog.pending(SOON, calls(1_000, ofMinutes(1)));

        assertThat(backlog.before(SOON)).isEqualTo(ofMinutes(1));
    }

    @Test
    void aDepartureThatIsOverHasNothingPending() {
        backlog.pending(SOON, calls(100, ofMinutes(1)));
        backlog.pending(LATER, calls(100, ofMinutes(2)));

        backlog.pending(SOON, List.of());

        assertThat(backlog.before(LATER)).isEqualTo(ofSeconds(10));
    }

    private static List<Instant> calls(int number, Duration after) {
        return Collections.nCopies(number, NOON.plus(after));
    }
}
