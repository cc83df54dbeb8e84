package dev.glidepath.departure.sharing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.Nodes.Known;
import dev.glidepath.node.Readiness;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VoluntaryDisruptionLimitTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final VoluntaryDisruptionLimit BRAKE = new VoluntaryDisruptionLimit(20);

    /** Ten of them, well and untouched but for those that are set. */
    private final List<Known> nodes = new ArrayList<>();

    VoluntaryDisruptionLimitTest() {
        for (int number = 0; number < 10; number++) {
            nodes.add(known(number, true, Optional.empty()));
        }
    }

    @Test
    void twentyPercentMayGoBesideTheOneThatIsAskedAbout() {
        set(1, departing(Kind.SPOT_INTERRUPTION, NOON));
        set(2, departing(Kind.SPOT_INTERRUPTION, NOON));
        assertThat(isHeld(0)).isFalse();

        set(3, departing(Kind.SPOT_INTERRUPTION, NOON));

        assertThat(isHeld(0)).isTrue();
    }

    @Test
    void nodesThatAreNotReadyCount() {
        for (int number = 1; number <= 3; number++) {
            nodes.set(number, known(number, false, Optional.empty()));
        }

        assertThat(isHeld(0)).isTrue();
    }

    @Test
    void drainedNodesThatStayCordonedCount() {
        for (int number = 1; number <= 3; number++) {
            set(
                    number,
                    departing(Kind.SCHEDULED_CHANGE, NOON)
                            .settle(Set.of(idOf(Kind.SCHEDULED_CHANGE)))
                            .in(State.SETTLED));
        }

        assertThat(isHeld(0)).isTrue();
    }

    @Test
    void nodesThatAreOnlyPlannedDoNotCount() {
        for (int number = 1; number <= 5; number++) {
            set(number, Journal.empty(NOON).with(cause(Kind.SCHEDULED_CHANGE)).in(State.PLANNED));
        }

        assertThat(isHeld(0)).isFalse();
    }

    /** Or all of them would wait for each other. */
    @Test
    void ofManyThatWereBegunTheFirstGo() {
        for (int number = 0; number < 10; number++) {
            set(number, departing(Kind.SCHEDULED_CHANGE, NOON.plusSeconds(number)));
        }

        assertThat(nodes.stream()
                        .map(Known::instance)
                        .filter(instance -> !BRAKE.holds(instance, nodes))
                        .toList())
                .containsExactly(instance(0), instance(1), instance(2));
    }

    @Test
    void departuresBegunTogetherGoInOrderOfInstanceId() {
        for (int number = 0; number < 10; number++) {
            set(number, departing(Kind.SCHEDULED_CHANGE, NOON));
        }

        assertThat(nodes.stream()
                        .map(Known::instance)
                        .filter(instance -> !BRAKE.holds(instance, nodes))
                        .toList())
                .containsExactly(instance(0), instance(1), instance(2));
    }

    @Test
    void aDepartureThatHasBegunWaitsWhenOthersMustGo() {
        set(0, departing(Kind.SCHEDULED_CHANGE, NOON));
        for (int number = 1; number <= 3; number++) {
            set(number, departing(Kind.SPOT_INTERRUPTION, NOON.plusSeconds(60)));
        }

        assertThat(isHeld(0)).isTrue();
    }

    private boolean isHeld(int number) {
        return BRAKE.holds(instance(number), nodes);
    }

    private void set(int number, Journal journal) {
        nodes.set(number, known(number, true, Optional.of(journal)));
    }

    /** As the patch that cordons writes it. */
    private static Journal departing(Kind kind, Instant start) {
        Journal open = Journal.empty(start).with(cause(kind)).heldBy("glidepath-0/5eed");
        return new Journal(
                open.state(),
                open.holder(),
                open.start(),
                open.term(),
                open.longestGrace(),
                open.causes(),
                open.hooks(),
                Set.of(Change.UNSCHEDULABLE, Change.TAINT),
                open.stop(),
                open.goneBy(),
                open.settled(),
                open.unknown());
    }

    private static Cause cause(Kind kind) {
        return new Cause(idOf(kind), kind, Effect.STOPS, NOON, NOON, Optional.of(NOON.plusSeconds(3_600)), false);
    }

    private static InterruptionId idOf(Kind kind) {
        return new InterruptionId(kind.label() + "/some");
    }

    private static Known known(int number, boolean ready, Optional<Journal> journal) {
        return new Known(
                instance(number),
                new KubeNode(
                        new NodeName("node-" + number),
                        NOON,
                        new Readiness(ready ? Readiness.Status.TRUE : Readiness.Status.UNKNOWN, Optional.of(NOON)),
                        false,
                        false,
                        true,
                        Map.of(),
                        List.of(),
                        journal.map(Journal::text).orElse("")),
                "1");
    }

    private static InstanceId instance(int number) {
        return new InstanceId("i-0a1b2c3d4e5f6000" + number);
    }
}
