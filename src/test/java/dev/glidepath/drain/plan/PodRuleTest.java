package dev.glidepath.drain.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.cluster.DepartingTaint;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.DrainPlan.Given;
import dev.glidepath.drain.plan.Verdict.Await;
import dev.glidepath.drain.plan.Verdict.CameBack;
import dev.glidepath.drain.plan.Verdict.Evict;
import dev.glidepath.drain.plan.Verdict.EvictAtALoss;
import dev.glidepath.drain.plan.Verdict.LetFinish;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PodRuleTest {
    private static final Instant EVICTED_AT = Instant.parse("2026-08-24T10:15:00Z");
    private static final String OWNER = "uid-of-web";
    private static final Horizon SPOT = new Horizon.Deadline(EVICTED_AT, EVICTED_AT.plusSeconds(120));
    private static final DrainPolicy KEEPING_EMPTY_DIRS =
            new DrainPolicy(Waves.standard(), false, true, new DrainPolicy.Self("", ""));

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
                        .tolerating(DepartingTaint.KEY)
                        .build()))
                .isInstanceOf(Await.class);
    }

    @Test
    void keepsPodsThatTolerateOurTaintByName() {
        assertThat(verdictOn(SamplePod.of("web").tolerating(DepartingTaint.KEY).build()))
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

    @Test
    void keepsPodsThatAskToBeSkipped() {
        assertThat(verdictOn(SamplePod.of("web").with(Trait.SKIP).build()))
                .isEqualTo(new Stay("glidepath.dev/drain: skip"));
    }

    @Test
    void letsPodsFinishThatAskForIt() {
        assertThat(verdictOn(SamplePod.of("web").with(Trait.WAIT).build()))
                .isEqualTo(new LetFinish("glidepath.dev/drain: wait"));
    }

    @Test
    void evictsDaemonSetPodsThatAskForIt() {
        assertThat(verdictOn(SamplePod.of("web")
                        .ownedBy("DaemonSet")
                        .with(Trait.DAEMON_SET_EVICTION)
                        .build()))
                .isEqualTo(new Evict("DaemonSet pod that asks to be evicted"));
    }

    @Test
    void onlyADaemonSetsPodCanAskForThat() {
        assertThat(verdictOn(SamplePod.of("web").with(Trait.DAEMON_SET_EVICTION).build()))
                .isEqualTo(new Evict("its controller makes another"));
    }

    @Test
    void keepsPodsWithAnEmptyDirWhereThatIsSet() {
        assertThat(PodRule.verdictOn(
                        SamplePod.of("web").with(Trait.EMPTY_DIR).build(), given(KEEPING_EMPTY_DIRS, Map.of())))
                .isEqualTo(new Stay("its emptyDir would be lost"));
        assertThat(PodRule.verdictOn(SamplePod.of("web").build(), given(KEEPING_EMPTY_DIRS, Map.of())))
                .isInstanceOf(Evict.class);
    }

    @Test
    void aSuccessorThatToleratesEverythingCameBack() {
        assertThat(verdictOnSeen(EVICTED_AT.plusMillis(1), SamplePod.of("web").with(Trait.TOLERATES_ALL)))
                .isEqualTo(new CameBack("tolerates every taint and came back"));
    }

    @Test
    void podThereBeforeTheEvictionOfItsSiblingIsNoSuccessor() {
        assertThat(verdictOnSeen(EVICTED_AT, SamplePod.of("web").with(Trait.TOLERATES_ALL)))
                .isInstanceOf(Evict.class);
        assertThat(verdictOnSeen(EVICTED_AT.minusSeconds(9), SamplePod.of("web").with(Trait.TOLERATES_ALL)))
                .isInstanceOf(Evict.class);
    }

    @Test
    void onlyOneThatToleratesEverythingCanComeBack() {
        Instant later = EVICTED_AT.plusSeconds(9);

        assertThat(verdictOnSeen(later, SamplePod.of("web"))).isInstanceOf(Evict.class);
        assertThat(verdictOnSeen(
                        later, SamplePod.of("web").with(Trait.TOLERATES_ALL).ownedBy("Job")))
                .as("of another owner")
                .isInstanceOf(Evict.class);
        assertThat(verdictOnSeen(
                        later, SamplePod.of("web").with(Trait.TOLERATES_ALL).owner(new Owner.Nobody())))
                .isInstanceOf(EvictAtALoss.class);
    }

    static Stream<Arguments> spared() {
        return Stream.of(
                argumentSet(
                        "bare", (Supplier<SamplePod>) () -> SamplePod.of("web").owner(new Owner.Nobody())),
                argumentSet("asking for it", (Supplier<SamplePod>)
                        () -> SamplePod.of("web").with(Trait.DO_NOT_DISRUPT)),
                argumentSet("of a DaemonSet, asking for both", (Supplier<SamplePod>) () -> SamplePod.of("web")
                        .ownedBy("DaemonSet")
                        .with(Trait.DAEMON_SET_EVICTION)
                        .with(Trait.DO_NOT_DISRUPT)),
                argumentSet("that may finish", (Supplier<SamplePod>)
                        () -> SamplePod.of("web").with(Trait.WAIT).with(Trait.DO_NOT_DISRUPT)));
    }

    @ParameterizedTest
    @MethodSource("spared")
    void voluntaryDepartureSparesPodsThatWouldLoseTooMuch(Supplier<SamplePod> pod) {
        assertThat(voluntarily(new Horizon.Calm(), pod.get()))
                .isEqualTo(new Stay("left alone: nobody takes the machine"));
    }

    @ParameterizedTest
    @MethodSource("spared")
    void voluntaryDepartureWithADeadlineSparesThemUntilTheLastCall(Supplier<SamplePod> pod) {
        assertThat(voluntarily(SPOT, pod.get()))
                .isEqualTo(new LetFinish("left alone until its last call: nobody takes the machine yet"));
    }

    @Test
    void aMachineThatIsGoingIsLeftByAll() {
        assertThat(voluntarily(new Horizon.Going(), SamplePod.of("web").owner(new Owner.Nobody())))
                .isInstanceOf(EvictAtALoss.class);
    }

    @Test
    void aVoluntaryDepartureDrainsAllOthers() {
        for (Horizon horizon : List.of(new Horizon.Calm(), SPOT)) {
            assertThat(voluntarily(horizon, SamplePod.of("web"))).isInstanceOf(Evict.class);
            assertThat(voluntarily(horizon, SamplePod.of("web").with(Trait.EMPTY_DIR)))
                    .isInstanceOf(Evict.class);
            assertThat(voluntarily(horizon, SamplePod.of("web").with(Trait.MIRROR)))
                    .isInstanceOf(Stay.class);
        }
    }

    @Test
    void anInvoluntaryDepartureAsksThoseThatAskNotToBeDisrupted() {
        assertThat(verdictOn(SamplePod.of("web").with(Trait.DO_NOT_DISRUPT).build()))
                .isEqualTo(new Evict("its controller makes another"));
        assertThat(PodRule.verdictOn(
                        SamplePod.of("web").with(Trait.DO_NOT_DISRUPT).build(), Given.calm(DrainPolicy.standard())))
                .isEqualTo(new Evict("its controller makes another"));
    }

    /** Each is true of all that come after it as well, so that only the order tells which is heeded. */
    static Stream<Arguments> rulesInTheirOrder() {
        Supplier<SamplePod> bareWithEmptyDir =
                () -> SamplePod.of("web").with(Trait.EMPTY_DIR).owner(new Owner.Nobody());
        Supplier<SamplePod> waiting = () -> bareWithEmptyDir.get().with(Trait.WAIT);
        Supplier<SamplePod> cameBack = () -> waiting.get()
                .with(Trait.TOLERATES_ALL)
                .owner(new Owner.Controller("DaemonSet", "web", OWNER))
                .with(Trait.DAEMON_SET_EVICTION);
        Supplier<SamplePod> tolerating = () -> cameBack.get().tolerating(DepartingTaint.KEY);
        Supplier<SamplePod> skipped = () -> tolerating.get().with(Trait.SKIP);
        Supplier<SamplePod> finished = () -> skipped.get().phase(Phase.FAILED);
        Supplier<SamplePod> terminating = () -> finished.get().terminating();
        Supplier<SamplePod> daemon = () -> terminating.get().without(Trait.DAEMON_SET_EVICTION);
        Supplier<SamplePod> mirror = () -> daemon.get().with(Trait.MIRROR);
        return Stream.of(
                argumentSet("mirror", mirror, "mirror pod: the kubelet owns it"),
                argumentSet("DaemonSet", daemon, "DaemonSet pod: it would be back at once"),
                argumentSet("terminating", terminating, "already terminating"),
                argumentSet("finished", finished, "finished"),
                argumentSet("skip", skipped, "glidepath.dev/drain: skip"),
                argumentSet("tolerating", tolerating, "tolerates our taint by name"),
                argumentSet("came back", cameBack, "tolerates every taint and came back"),
                argumentSet("wait", waiting, "glidepath.dev/drain: wait"),
                argumentSet("bare", bareWithEmptyDir, "bare pod: nobody makes another"));
    }

    @ParameterizedTest
    @MethodSource("rulesInTheirOrder")
    void theFirstRuleThatAppliesIsHeeded(Supplier<SamplePod> pod, String reason) {
        assertThat(verdictOnSeen(EVICTED_AT.plusSeconds(9), pod.get()).reason()).isEqualTo(reason);
    }

    @Test
    void daemonSetPodThatAsksToGoIsNotKeptForItsEmptyDirOrAwaited() {
        Pod pod = SamplePod.of("web")
                .ownedBy("DaemonSet")
                .with(Trait.DAEMON_SET_EVICTION)
                .with(Trait.EMPTY_DIR)
                .with(Trait.WAIT)
                .build();

        assertThat(PodRule.verdictOn(pod, given(KEEPING_EMPTY_DIRS, Map.of())).reason())
                .isEqualTo("DaemonSet pod that asks to be evicted");
    }

    @Test
    void anEmptyDirIsKeptBeforeItsPodMayFinish() {
        Pod pod = SamplePod.of("web").with(Trait.EMPTY_DIR).with(Trait.WAIT).build();

        assertThat(PodRule.verdictOn(pod, given(KEEPING_EMPTY_DIRS, Map.of()))).isInstanceOf(Stay.class);
    }

    @Test
    void onlyThoseThatAreToGoAreAsked() {
        assertThat(Stream.of(new Evict(""), new EvictAtALoss(""), new LetFinish(""), new CameBack(""))
                        .map(Verdict::asks))
                .containsOnly(true);
        assertThat(Stream.of(new Await(""), new Stay("")).map(Verdict::asks)).containsOnly(false);
    }

    private static Verdict verdictOn(Pod pod) {
        return PodRule.verdictOn(pod, given(DrainPolicy.standard(), Map.of()));
    }

    private static Verdict verdictOnSeen(Instant at, SamplePod pod) {
        return PodRule.verdictOn(pod.seenAt(at).build(), given(DrainPolicy.standard(), Map.of(OWNER, EVICTED_AT)));
    }

    private static Given given(DrainPolicy policy, Map<String, Instant> evictedOwners) {
        return given(policy, evictedOwners, SPOT, false);
    }

    private static Given given(
            DrainPolicy policy, Map<String, Instant> evictedOwners, Horizon horizon, boolean voluntary) {
        return new Given(
                List.of(), horizon, policy, AtLastCall.EVICT_THEN_DELETE, Duration.ZERO, evictedOwners, voluntary);
    }

    private static Verdict voluntarily(Horizon horizon, SamplePod pod) {
        return PodRule.verdictOn(pod.build(), given(DrainPolicy.standard(), Map.of(), horizon, true));
    }
}
