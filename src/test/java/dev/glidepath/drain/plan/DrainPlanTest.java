package dev.glidepath.drain.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.DrainPlan.Given;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.DrainPolicy.Self;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.plan.Wave.Opens;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DrainPlanTest {
    private static final Instant START = Instant.parse("2026-08-24T10:15:00Z");
    private static final Horizon SPOT = new Horizon.Deadline(START, START.plusSeconds(120));
    private static final DrainPolicy OURS =
            new DrainPolicy(Waves.standard(), true, true, new Self("shop", "glidepath-1"));
    private static final Pod WEB = SamplePod.of("web").build();
    private static final Pod GOING = SamplePod.of("going").terminating().build();
    private static final Pod AGENT = SamplePod.of("agent").ownedBy("DaemonSet").build();

    @Test
    void namesThePodsThatLeaveAndThoseThatStay() {
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

    @Test
    void namesOrderThoseThatMatterTheSame() {
        Pod shopA = SamplePod.of("a").build();
        Pod opsB = in("ops", "b");
        Pod opsA = in("ops", "a");

        assertThat(calm(shopA, opsB, opsA).pods())
                .extracting(DrainPlan.Planned::pod)
                .containsExactly(opsA, opsB, shopA);
    }

    @Test
    void volumePlumbingGoesAfterAllOthersAndWeOurselvesLast() {
        Pod us = SamplePod.of("glidepath-1").priority(-5).build();
        Pod csi = SamplePod.of("csi")
                .ownedBy("DaemonSet")
                .with(Trait.DAEMON_SET_EVICTION)
                .with(Trait.VOLUME_PLUMBING)
                .priority(2_000_001_000)
                .build();
        Pod agent = SamplePod.of("agent")
                .ownedBy("DaemonSet")
                .with(Trait.DAEMON_SET_EVICTION)
                .build();
        Pod nodeCritical = SamplePod.of("y").priority(2_000_001_000).build();

        assertThat(DrainPlan.of(List.of(us, csi, agent, nodeCritical, WEB), spot(OURS))
                        .pods())
                .extracting(
                        Planned::pod,
                        planned -> planned.wave().name(),
                        planned -> planned.wave().opens())
                .containsExactly(
                        tuple(WEB, "ordinary", Opens.OTHERS_ASKED),
                        tuple(nodeCritical, "node-critical", Opens.OTHERS_GONE),
                        tuple(agent, "daemon-sets", Opens.OTHERS_GONE),
                        tuple(csi, "volume-plumbing", Opens.VOLUMES_DETACHED),
                        tuple(us, "ourselves", Opens.OTHERS_GONE));
    }

    @Test
    void weAreKnownByNamespaceAndName() {
        Self us = new Self("shop", "web");

        assertThat(us.is(WEB.ref())).isTrue();
        assertThat(us.is(in("ops", "web").ref())).isFalse();
        assertThat(us.is(in("shop", "web-2").ref())).isFalse();
        assertThat(DrainPolicy.standard().self().is(WEB.ref())).isFalse();
    }

    @Test
    void ourOwnLastCallLeavesUsOurWholeGrace() {
        Pod us = SamplePod.of("glidepath-1").grace(Duration.ofSeconds(30)).build();
        Pod brief = SamplePod.of("brief").grace(Duration.ofSeconds(1)).build();

        DrainPlan plan = DrainPlan.of(List.of(us, brief, WEB), spot(OURS));

        assertThat(plan.pods())
                .extracting(Planned::pod, planned -> planned.lastCall().orElseThrow())
                .containsExactly(
                        tuple(brief, START.plusSeconds(114)),
                        tuple(WEB, START.plusSeconds(85)),
                        tuple(us, START.plusSeconds(85)));
    }

    @Test
    void eachPodCarriesAllThatIsToBeKnownOfItsTurn() {
        Budget full = SampleBudget.of("web").over("web").build();
        Given given = new Given(
                List.of(full), SPOT, DrainPolicy.standard(), AtLastCall.EVICT, Duration.ofSeconds(2), Map.of(), false);

        Planned planned = DrainPlan.of(List.of(WEB), given).pods().getFirst();

        assertThat(planned.lastCall()).contains(START.plusSeconds(83));
        assertThat(planned.standing()).isEqualTo(new Standing.Full(full, false));
        assertThat(planned.grace()).isEqualTo(new Grace(Duration.ofSeconds(30), Optional.of(START.plusSeconds(115))));
        assertThat(planned.atLastCall()).isEqualTo(AtLastCall.EVICT);
        assertThat(planned.goesInItsWave()).isTrue();
    }

    @Test
    void podThatIsNotAskedHasNoLastCallAndNoBudget() {
        Given given = new Given(
                List.of(SampleBudget.of("all").build()),
                SPOT,
                DrainPolicy.standard(),
                AtLastCall.EVICT_THEN_DELETE,
                Duration.ZERO,
                Map.of(),
                false);

        assertThat(DrainPlan.of(List.of(AGENT, GOING), given).pods()).hasSize(2).allSatisfy(planned -> {
            assertThat(planned.lastCall()).isEmpty();
            assertThat(planned.standing()).isEqualTo(new Standing.Free());
            assertThat(planned.goesInItsWave()).isFalse();
        });
    }

    @Test
    void podThatMayFinishOrCameBackIsAskedAtItsLastCall() {
        Pod finishing = SamplePod.of("finishing").with(Trait.WAIT).build();
        Pod back = SamplePod.of("back").with(Trait.TOLERATES_ALL).seenAt(START).build();
        Given given = new Given(
                List.of(),
                SPOT,
                DrainPolicy.standard(),
                AtLastCall.EVICT_THEN_DELETE,
                Duration.ZERO,
                Map.of("uid-of-web", START.minusSeconds(1)),
                false);

        assertThat(DrainPlan.of(List.of(finishing, back), given).pods())
                .hasSize(2)
                .allSatisfy(planned -> {
                    assertThat(planned.goesInItsWave()).isFalse();
                    assertThat(planned.lastCall()).contains(START.plusSeconds(85));
                });
    }

    @Test
    void barePodsGoInTheirWaveLikeOthers() {
        assertThat(calm(SamplePod.of("bare").owner(new Pod.Owner.Nobody()).build())
                        .pods())
                .singleElement()
                .satisfies(planned -> assertThat(planned.goesInItsWave()).isTrue());
    }

    @Test
    void aVoluntaryDepartureAsksBarePodsAtTheirLastCallAndNotBefore() {
        Pod bare = SamplePod.of("bare").owner(new Pod.Owner.Nobody()).build();
        Given voluntary = new Given(
                List.of(), SPOT, DrainPolicy.standard(), AtLastCall.EVICT_THEN_DELETE, Duration.ZERO, Map.of(), true);

        assertThat(DrainPlan.of(List.of(bare), voluntary).pods())
                .singleElement()
                .satisfies(planned -> {
                    assertThat(planned.goesInItsWave()).isFalse();
                    assertThat(planned.lastCall()).contains(START.plusSeconds(85));
                });
    }

    @Test
    void voluntaryDepartureWithoutADeadlineLeavesBarePods() {
        Pod bare = SamplePod.of("bare").owner(new Pod.Owner.Nobody()).build();
        Given voluntary = new Given(
                List.of(),
                new Horizon.Calm(),
                DrainPolicy.standard(),
                AtLastCall.EVICT_THEN_DELETE,
                Duration.ZERO,
                Map.of(),
                true);

        DrainPlan plan = DrainPlan.of(List.of(bare, WEB), voluntary);

        assertThat(plan.staying()).extracting(Planned::pod).containsExactly(bare);
        assertThat(plan.leaving()).extracting(Planned::pod).containsExactly(WEB);
    }

    @Test
    void withoutADeadlineNobodyHasALastCall() {
        assertThat(calm(WEB).pods()).singleElement().satisfies(planned -> {
            assertThat(planned.lastCall()).isEmpty();
            assertThat(planned.grace().endsBy()).isEmpty();
            assertThat(planned.atLastCall()).isEqualTo(AtLastCall.EVICT_THEN_DELETE);
        });
    }

    private static Given spot(DrainPolicy policy) {
        return new Given(List.of(), SPOT, policy, AtLastCall.EVICT_THEN_DELETE, Duration.ZERO, Map.of(), false);
    }

    private static Pod in(String namespace, String name) {
        return SamplePod.of(name).in(namespace).build();
    }

    private static DrainPlan calm(Pod... pods) {
        return DrainPlan.of(List.of(pods), Given.calm(DrainPolicy.standard()));
    }
}
