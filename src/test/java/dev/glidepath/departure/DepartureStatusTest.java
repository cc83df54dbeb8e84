package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.action.Stage.Rank;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DepartureStatusTest {
    private static final DrainReport REPORT = new DrainReport(List.of(), 0, false);
    private static final Stage EXAMINING = new Stage.Examining();
    private static final Stage AWAITING_NODE = new Stage.AwaitingNode(Instant.MAX);
    private static final Stage AWAITING_HOOK = new Stage.AwaitingHook(Ending.DRAINED, REPORT, Set.of());
    private static final Stage DRAINING = new Stage.Draining(Instant.MAX, new DrainPlan(List.of()));
    private static final Stage SETTLED = new Stage.Settled(Ending.DRAINED, REPORT);

    private final DepartureStatus status = new DepartureStatus();

    @Test
    void oneNodeThatWaitsForABurstOrAReplicaIsEnough() {
        decided(AWAITING_HOOK, EXAMINING);
        assertThat(status.mayAwaitBurst()).isTrue();
        assertThat(status.mayAwaitReplica()).isTrue();

        decided(AWAITING_HOOK, SETTLED);
        assertThat(status.mayAwaitBurst()).isFalse();
        assertThat(status.mayAwaitReplica()).isFalse();
    }

    @Test
    void oneNodeThatDepartsIsEnoughToBeUnderWay() {
        decided(AWAITING_HOOK, DRAINING);

        assertThat(status.isUnderWay()).isTrue();
        assertThat(status.rank()).isEqualTo(Rank.UNDER_WAY);
        assertThat(status.awaitsHooksAlone()).isFalse();
    }

    @Test
    void aMessageMakesItsNextLookUrgentAndMayWantACordon() {
        decided(DRAINING);
        assertThat(status.mayYetCordon()).isFalse();

        status.noticed();
        assertThat(status.rank()).isEqualTo(Rank.CORDONING);
        assertThat(status.mayYetCordon()).isTrue();

        status.looking();
        assertThat(status.rank()).isEqualTo(Rank.UNDER_WAY);
    }

    @Test
    void anUncordonedNodeMayWantACordon() {
        assertThat(status.mayYetCordon()).as("in the beginning").isTrue();

        decided(new Stage.Cordoning(Instant.MAX), DRAINING);
        assertThat(status.mayYetCordon()).isTrue();
    }

    @Test
    void hooksAreAwaitedAloneWhereTheOtherNodesAreSettled() {
        decided(AWAITING_HOOK, SETTLED);
        assertThat(status.awaitsHooksAlone()).isTrue();

        decided(SETTLED);
        assertThat(status.awaitsHooksAlone()).isFalse();
    }

    @Test
    void nodesAreAwaitedAloneWhereNoneIsThere() {
        decided(AWAITING_NODE);
        assertThat(status.awaitsNodesAlone()).isTrue();

        decided(AWAITING_NODE, DRAINING);
        assertThat(status.awaitsNodesAlone()).isFalse();
    }

    @Test
    void itIsRememberedThatThereWasAHook() {
        var action = ShellSetup.action(new InstanceId("i-0a1b2c3d4e5f60001"), "token");
        assertThat(status.hadHooks()).isFalse();

        status.decided(List.of(DRAINING), true, Set.of(action));
        assertThat(status.hasPendingHooks()).isTrue();
        assertThat(status.actions()).containsExactly(action);

        decided(SETTLED);
        assertThat(status.hasPendingHooks()).isFalse();
        assertThat(status.hadHooks()).isTrue();
    }

    private void decided(Stage... stages) {
        status.decided(List.of(stages), false, Set.of());
    }
}
