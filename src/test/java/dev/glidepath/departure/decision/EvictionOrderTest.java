package dev.glidepath.departure.decision;

import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.node.NodeSight;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** EvictionOrder where nothing takes the machine, which no departure is like yet. */
class EvictionOrderTest {
    private static final Instant NOW = Play.START;
    private static final Pod WEB = SamplePod.of("web").build();
    private static final Pod API = SamplePod.of("api").priority(1_000).build();
    private static final DrainPlan PLAN = DrainPlan.of(
            List.of(WEB, API),
            new DrainPlan.Given(
                    List.of(),
                    new Horizon.Calm(),
                    SamplePolicy.waves("0:50%,1000:50%").drain(),
                    AtLastCall.EVICT_THEN_DELETE,
                    ZERO,
                    Map.of(),
                    false));

    @Test
    void withoutADeadlineAWaveOpensWhenThoseBeforeWereAsked() {
        Decision first = evictionOrder(Attempts.none());
        assertThat(first.actions()).extracting(action -> ((OnPod) action).pod()).containsExactly(WEB.ref());

        Attempts asked = Attempts.none().started(first.actions(), NOW);
        assertThat(evictionOrder(asked).actions()).isEmpty();

        Attempts answered = asked.ended(first.actions().getFirst(), new Succeeded(), NOW, new Random(1));
        assertThat(evictionOrder(answered).actions()).singleElement().satisfies(action -> {
            assertThat(((Evict) action).pod()).isEqualTo(API.ref());
            assertThat(((Evict) action).terms().urgency()).isEqualTo(Instant.MAX);
            assertThat(((Evict) action).terms().lastCall()).isEqualTo(Instant.MAX);
        });
    }

    private static Decision evictionOrder(Attempts attempts) {
        Snapshot snapshot = new Snapshot(
                Play.INSTANCE,
                new NodeSight.NeverSeen(Instant.MIN),
                new Claim("us", Instant.MAX, new Claim.Holding.Nobody()),
                new PodSight.Listed(List.of(WEB, API), List.of(), NOW),
                List.of(),
                Set.of(),
                ClusterConditions.QUIET,
                List.of(),
                Set.of(),
                attempts);
        PendingActions pending = new PendingActions(attempts, NOW, true);
        new EvictionOrder(PLAN, new Horizon.Calm(), new PodsRemaining(snapshot, NOW), Set.of(), attempts, pending, NOW)
                .take();
        return pending.decision(new Stage.Draining(Instant.MAX, PLAN));
    }
}
