package dev.glidepath.drain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.plan.Verdict.Await;
import dev.glidepath.drain.plan.Verdict.Evict;
import dev.glidepath.drain.plan.Verdict.EvictAtALoss;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PodRuleTest {
    @Test
    void keepsMirrorPods() {
        assertThat(verdictOn(SamplePod.of("web").with(Trait.MIRROR).build()))
                .isEqualTo(new Stay("mirror pod: the kubelet owns it"));
    }

    @Test
    void keepsStaticPods() {
        assertThat(verdictOn(SamplePod.of("web").ownedBy("Node").build()))
                .isEqualTo(new Stay("static pod: the kubelet owns it"));
    }

    @Test
    void keepsDaemonSetPods() {
        assertThat(verdictOn(SamplePod.of("web").ownedBy("DaemonSet").build()))
                .isEqualTo(new Stay("DaemonSet pod: it would be back at once"));
    }

    @Test
    void keepsDaemonSetPodsThatAreOnTheirWayOut() {
        assertThat(verdictOn(
                        SamplePod.of("web").ownedBy("DaemonSet").terminating().build()))
                .isInstanceOf(Stay.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"SUCCEEDED", "FAILED"})
    void keepsFinishedPods(Phase phase) {
        assertThat(verdictOn(SamplePod.of("web").phase(phase).build())).isEqualTo(new Stay("finished"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"PENDING", "RUNNING", "UNKNOWN"})
    void evictsUnfinishedPods(Phase phase) {
        assertThat(verdictOn(SamplePod.of("web").phase(phase).build()))
                .isEqualTo(new Evict("its controller makes another"));
    }

    @Test
    void awaitsPodsThatAreTerminating() {
        assertThat(verdictOn(SamplePod.of("web").terminating().build())).isEqualTo(new Await("already terminating"));
    }

    @Test
    void awaitsTerminatingPodsEvenIfTheyTolerateOurTaint() {
        assertThat(verdictOn(SamplePod.of("web")
                        .terminating()
                        .tolerating(PodRule.DEPARTING_TAINT)
                        .build()))
                .isInstanceOf(Await.class);
    }

    @Test
    void keepsPodsThatTolerateOurTaintByName() {
        assertThat(verdictOn(
                        SamplePod.of("web").tolerating(PodRule.DEPARTING_TAINT).build()))
                .isEqualTo(new Stay("tolerates our taint by name"));
    }

    @Test
    void evictsPodsThatTolerateOtherTaints() {
        assertThat(verdictOn(SamplePod.of("web").tolerating("dedicated").build()))
                .isInstanceOf(Evict.class);
    }

    @Test
    void evictsBarePodsForTheyDieInAnyCase() {
        assertThat(verdictOn(SamplePod.of("web").owner(new Owner.Nobody()).build()))
                .isEqualTo(new EvictAtALoss("bare pod: nobody makes another"));
    }

    @Test
    void evictsPodsWithAnEmptyDir() {
        assertThat(verdictOn(SamplePod.of("web").with(Trait.EMPTY_DIR).build()))
                .isEqualTo(new Evict("its emptyDir is lost with the node in any case"));
    }

    private static Verdict verdictOn(Pod pod) {
        return PodRule.verdictOn(pod, DrainPolicy.standard(), Map.of());
    }
}
