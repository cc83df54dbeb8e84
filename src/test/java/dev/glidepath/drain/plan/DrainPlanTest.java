package dev.glidepath.drain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.plan.DrainPlan.Given;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.SamplePod;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainPlanTest {
    private static final Pod WEB = SamplePod.of("web").build();
    private static final Pod GOING = SamplePod.of("going").terminating().build();
    private static final Pod AGENT = SamplePod.of("agent").ownedBy("DaemonSet").build();

    @Test
    void tellsWhoLeavesAndWhoStays() {
        DrainPlan plan = calm(WEB, GOING, AGENT);

        assertThat(plan.leaving().map(DrainPlan.Planned::pod)).containsExactly(GOING, WEB);
        assertThat(plan.staying()).singleElement().satisfies(planned -> {
            assertThat(planned.pod()).isEqualTo(AGENT);
            assertThat(planned.verdict()).isEqualTo(new Stay("DaemonSet pod: it would be back at once"));
        });
    }

    @Test
    void theMostImportantGoFirstWithinAWaveAndCriticalWavesLater() {
        Pod critical = SamplePod.of("z").priority(2_000_000_000).build();
        Pod nodeCritical = SamplePod.of("y").priority(2_000_001_000).build();
        Pod production = SamplePod.of("x").priority(1_000).build();
        Pod unimportant = SamplePod.of("a").priority(-10).build();
        Pod first = SamplePod.of("b").build();
        Pod second = SamplePod.of("c").build();

        assertThat(calm(nodeCritical, unimportant, second, critical, first, production)
                        .pods())
                .extracting(DrainPlan.Planned::pod)
                .containsExactly(production, first, second, unimportant, critical, nodeCritical);
    }

    private static DrainPlan calm(Pod... pods) {
        return DrainPlan.of(List.of(pods), Given.calm(DrainPolicy.standard()));
    }
}
