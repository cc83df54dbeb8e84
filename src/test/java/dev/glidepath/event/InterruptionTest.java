package dev.glidepath.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.Interruption.Window;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InterruptionTest {
    private static final InstanceId ONE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId OTHER = new InstanceId("i-0a1b2c3d4e5f60002");
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    @Test
    void isTheSameHoweverOftenItIsTold() {
        assertThat(spot(ONE, NOON).id()).isEqualTo(spot(ONE, NOON).id());
        assertThat(state(ONE, NOON, InstanceState.STOPPING).id())
                .isEqualTo(state(ONE, NOON, InstanceState.STOPPING).id());
    }

    @Test
    void lifecycleActionIsTheSameWhateverTheMessagesTimeIs() {
        assertThat(asg("token-1", NOON).id())
                .isEqualTo(asg("token-1", NOON.plusMillis(123)).id());
    }

    @Test
    void differsByKindInstanceTimeStateAndToken() {
        List<Interruption> different = List.of(
                spot(ONE, NOON),
                spot(OTHER, NOON),
                spot(ONE, NOON.plusSeconds(1)),
                state(ONE, NOON, InstanceState.STOPPING),
                state(ONE, NOON, InstanceState.STOPPED),
                state(ONE, NOON.plusSeconds(1), InstanceState.STOPPING),
                state(OTHER, NOON, InstanceState.STOPPING),
                asg("token-1", NOON),
                asg("token-2", NOON));

        assertThat(different).extracting(Interruption::id).doesNotHaveDuplicates();
    }

    @Test
    void updatesOfOneHealthEventAreOneCauseForEachInstance() {
        Interruption planned =
                new ScheduledChange(ONE, NOON, "arn", "first", Optional.of(Window.startingAt(NOON.plusSeconds(3600))));
        Interruption moved = new ScheduledChange(
                ONE, NOON.plusSeconds(9), "arn", "second", Optional.of(Window.startingAt(NOON.plusSeconds(7200))));
        Interruption closed = new ScheduledChangeClosed(ONE, NOON.plusSeconds(60), "arn", "third");
        Interruption ofOther = new ScheduledChange(
                OTHER, NOON, "arn", "first", Optional.of(Window.startingAt(NOON.plusSeconds(3600))));

        assertThat(List.of(planned, moved, closed, ofOther))
                .extracting(Interruption::id)
                .doesNotHaveDuplicates();
        assertThat(List.of(moved, closed))
                .extracting(all -> all.id().cause())
                .containsOnly(planned.id().cause());
        assertThat(ofOther.id().cause()).isNotEqualTo(planned.id().cause());
    }

    @Test
    void hasAWordForItsKind() {
        assertThat(List.of(spot(ONE, NOON), asg("token-1", NOON), state(ONE, NOON, InstanceState.STOPPED)))
                .extracting(Interruption::kind)
                .containsExactly(Kind.SPOT_INTERRUPTION, Kind.ASG_TERMINATION, Kind.STATE_CHANGE);
    }

    @Test
    void lifecycleActionKeepsItsTokenToItself() {
        assertThat(asg("token-1", NOON).action()).hasToString("drain-hook of workers-a for " + ONE);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void kindIsFoundByItsWord(Kind kind) {
        assertThat(Kind.named(kind.label())).contains(kind);
    }

    private static SpotInterruption spot(InstanceId instance, Instant at) {
        return new SpotInterruption(instance, at, SpotAction.TERMINATE);
    }

    private static StateChange state(InstanceId instance, Instant at, InstanceState state) {
        return new StateChange(instance, at, state);
    }

    private static AsgTermination asg(String token, Instant at) {
        return new AsgTermination(
                new LifecycleAction("workers-a", "drain-hook", token, ONE), at, Route.EVENT_BRIDGE, false);
    }
}
