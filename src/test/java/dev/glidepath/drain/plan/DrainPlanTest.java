package dev.glidepath.drain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.plan.DrainPlan.Judged;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.SamplePod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainPlanTest {
    private static final Pod WEB = SamplePod.of("web").build();
    private static final Pod GOING = SamplePod.of("going").terminating().build();
    private static final Pod AGENT = SamplePod.of("agent").ownedBy("DaemonSet").build();

    @Test
    void givesEveryPodExactlyOnePlace() {
        DrainPlan plan = DrainPlan.of(List.of(WEB, GOING, AGENT));

        assertThat(plan.evict()).extracting(Judged::pod).containsExactly(WEB);
        assertThat(plan.await()).extracting(Judged::pod).containsExactly(GOING);
        assertThat(plan.stay()).containsExactly(new Judged(AGENT, new Stay("DaemonSet pod: it would be back at once")));
    }

    @Test
    void evictsTheMostImportantFirstAndOthersInTheOrderOfTheirNames() {
        Pod critical = SamplePod.of("z").priority(2_000_000_000).build();
        Pod unimportant = SamplePod.of("a").priority(-10).build();
        Pod first = SamplePod.of("b").build();
        Pod second = SamplePod.of("c").build();

        assertThat(DrainPlan.of(List.of(unimportant, second, critical, first)).evict())
                .extracting(Judged::pod)
                .containsExactly(critical, first, second, unimportant);
    }

    @Test
    void isDrainedWhenOnlyPodsThatStayAreLeft() {
        assertThat(DrainPlan.of(List.of(AGENT)).isDrained()).isTrue();
        assertThat(DrainPlan.of(List.of()).isDrained()).isTrue();
    }

    @Test
    void isNotDrainedWhileAPodIsOnItsWayOut() {
        assertThat(DrainPlan.of(List.of(AGENT, GOING)).isDrained()).isFalse();
    }

    @Test
    void isNotDrainedWhileAPodIsToBeEvicted() {
        assertThat(DrainPlan.of(List.of(AGENT, WEB)).isDrained()).isFalse();
    }

    @Test
    void leavingAreThoseToBeEvictedAndThoseOnTheirWay() {
        assertThat(DrainPlan.of(List.of(AGENT, GOING, WEB)).leaving()).containsExactlyInAnyOrder(WEB, GOING);
    }

    @Test
    void longestGraceIsThatOfThePodsThatLeave() {
        Pod patient = SamplePod.of("patient")
                .grace(Duration.ofHours(1))
                .ownedBy("DaemonSet")
                .build();
        Pod slow =
                SamplePod.of("slow").grace(Duration.ofSeconds(90)).terminating().build();

        assertThat(DrainPlan.of(List.of(patient, slow, WEB)).longestGrace()).isEqualTo(Duration.ofSeconds(90));
        assertThat(DrainPlan.of(List.of(patient)).longestGrace()).isZero();
    }
}
