package dev.glidepath.departure.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.departure.action.Stage.Rank;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.InterruptionId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StageTest {
    private static final DrainReport REPORT = new DrainReport(List.of(), 0, false);
    private static final Stage AWAITING_NODE = new Stage.AwaitingNode(Instant.MAX);
    private static final Stage EXAMINING = new Stage.Examining();
    private static final Stage PLANNED = new Stage.Planned(Optional.empty());
    private static final Stage ELSEWHERE = new Stage.Elsewhere("pod-9", Instant.MAX);
    private static final Stage CORDONING = new Stage.Cordoning(Instant.MAX);
    private static final Stage DRAINING = new Stage.Draining(Instant.MAX, new DrainPlan(List.of()));
    private static final Stage OUT_OF_SERVICE = new Stage.OutOfService(Instant.MAX);
    private static final Stage SETTLING = new Stage.Settling(Ending.DEADLINE_PASSED, REPORT);
    private static final Stage AWAITING_NODES_HOOK = new Stage.AwaitingHook(Ending.NODE_GONE, REPORT, Set.of());
    private static final Stage AWAITING_HOOK =
            new Stage.AwaitingHook(Ending.DRAINED, REPORT, Set.of(new InterruptionId("spot")));
    private static final Stage SETTLED = new Stage.Settled(Ending.DRAINED, REPORT);

    static Stream<Arguments> stages() {
        return Stream.of(
                arguments(AWAITING_NODE, false, false, true, false, Rank.CORDONING),
                arguments(EXAMINING, true, true, true, false, Rank.CORDONING),
                arguments(PLANNED, false, false, false, true, Rank.WAITING),
                arguments(ELSEWHERE, false, false, true, true, Rank.CORDONING),
                arguments(CORDONING, true, true, false, false, Rank.CORDONING),
                arguments(DRAINING, true, true, false, false, Rank.UNDER_WAY),
                arguments(OUT_OF_SERVICE, true, false, false, false, Rank.UNDER_WAY),
                arguments(SETTLING, true, false, false, false, Rank.UNDER_WAY),
                arguments(AWAITING_NODES_HOOK, false, false, false, false, Rank.WAITING),
                arguments(AWAITING_HOOK, false, false, false, true, Rank.WAITING),
                arguments(SETTLED, true, false, false, false, Rank.UNDER_WAY));
    }

    @ParameterizedTest
    @MethodSource("stages")
    void saysWhatADepartureWaitsForAndWhenItLooks(
            Stage stage,
            boolean isUnderWay,
            boolean mayAwaitBurst,
            boolean mayAwaitReplica,
            boolean isResting,
            Rank rank) {
        assertThat(stage.isUnderWay()).isEqualTo(isUnderWay);
        assertThat(stage.mayAwaitBurst()).isEqualTo(mayAwaitBurst);
        assertThat(stage.mayAwaitReplica()).isEqualTo(mayAwaitReplica);
        assertThat(stage.isResting()).isEqualTo(isResting);
        assertThat(stage.rank()).isEqualTo(rank);
    }

    static Stream<Arguments> endings() {
        return Stream.of(
                arguments(AWAITING_NODE, Optional.empty()),
                arguments(EXAMINING, Optional.empty()),
                arguments(PLANNED, Optional.empty()),
                arguments(ELSEWHERE, Optional.empty()),
                arguments(CORDONING, Optional.empty()),
                arguments(DRAINING, Optional.empty()),
                arguments(OUT_OF_SERVICE, Optional.empty()),
                arguments(SETTLING, Optional.of(Ending.DEADLINE_PASSED)),
                arguments(AWAITING_NODES_HOOK, Optional.of(Ending.NODE_GONE)),
                arguments(AWAITING_HOOK, Optional.of(Ending.DRAINED)),
                arguments(SETTLED, Optional.of(Ending.DRAINED)));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void knowsItsEndingOnceItEnds(Stage stage, Optional<Ending> ending) {
        assertThat(stage.knownEnding()).isEqualTo(ending);
    }
}
