package dev.glidepath.departure.story;

import static dev.glidepath.departure.story.SampleDeparture.DEADLINE;
import static dev.glidepath.departure.story.SampleDeparture.HOOK;
import static dev.glidepath.departure.story.SampleDeparture.NAME;
import static dev.glidepath.departure.story.SampleDeparture.NODE;
import static dev.glidepath.departure.story.SampleDeparture.NOTHING;
import static dev.glidepath.departure.story.SampleDeparture.START;
import static dev.glidepath.departure.story.SampleDeparture.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.DrainReport.Note;
import dev.glidepath.departure.action.DrainReport.OfPod;
import dev.glidepath.departure.action.DrainReport.Result;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.plan.Standing;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.plan.Wave;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.NodeSight;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StageChangesTest {
    private static final Wave WAVE = new Wave(0, "all", Wave.Opens.OTHERS_ASKED, 0);
    private static final DrainPlan PLAN = new DrainPlan(List.of(
            planned("a", new Verdict.Evict("evicted")),
            planned("b", new Verdict.EvictAtALoss("of no controller")),
            planned("c", new Verdict.Stay("of a DaemonSet"))));
    private static final Stage DRAINING = new Stage.Draining(DEADLINE, PLAN);
    private static final OfPod EVICTED = ofPod(
            "a", Result.EVICTED, false, Note.NONE, Optional.of(Duration.ofSeconds(10)), Set.of("shop/b", "shop/a"));
    private static final OfPod STUCK =
            ofPod("b", Result.FORCED, true, Note.STUCK, Optional.of(Duration.ofSeconds(30)), Set.of());
    private static final OfPod LEFT = ofPod("c", Result.LEFT, true, Note.NONE, Optional.empty(), Set.of());
    private static final OfPod GONE = ofPod("d", Result.BY_ITSELF, false, Note.NONE, Optional.empty(), Set.of());
    private static final DrainReport REPORT = new DrainReport(List.of(EVICTED, STUCK, LEFT, GONE), 2, false);

    private final SampleDeparture departure = new SampleDeparture().listed();

    @Test
    void nodeIsAwaitedOnceAStay() {
        departure.on(new NodeSight.NeverSeen(START));
        assertThat(departure.decides(new Stage.AwaitingNode(DEADLINE)))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.event()).isEqualTo(LogEvent.NODE_AWAITED);
                    assertThat(entry.fields()).containsEntry(Field.DEADLINE, DEADLINE);
                    assertThat(entry.clusterEvent()).isEmpty();
                    assertThat(entry.counts()).isEmpty();
                });
        assertThat(departure.decides(new Stage.AwaitingNode(DEADLINE.plusSeconds(1))))
                .isEmpty();
        departure.decides(new Stage.Examining());
        assertThat(events(departure.decides(new Stage.AwaitingNode(DEADLINE)))).containsExactly(LogEvent.NODE_AWAITED);
    }

    @Test
    void nodeWhoseLabelsMayComeIsAwaitedInOtherWords() {
        String joined =
                departure.decides(new Stage.AwaitingNode(DEADLINE)).getFirst().text();
        String unseen = new SampleDeparture()
                .on(new NodeSight.NeverSeen(START))
                .decides(new Stage.AwaitingNode(DEADLINE))
                .getFirst()
                .text();
        assertThat(joined).isNotEqualTo(unseen);
    }

    @Test
    void nodeThatIsGoneIsNotAwaited() {
        departure.on(new NodeSight.Gone(NAME, START, START));
        assertThat(departure.decides(new Stage.AwaitingNode(DEADLINE))).isEmpty();
    }

    @Test
    void drainStartsOnceItsPodsAreListed() {
        assertThat(new SampleDeparture().decides(DRAINING)).isEmpty();

        List<Reported> entries = departure.decides(DRAINING);
        assertThat(events(entries))
                .containsExactly(LogEvent.DRAIN_STARTED, LogEvent.POD_STAYS, LogEvent.POD_WITHOUT_OWNER);
        assertThat(entries.get(0).fields())
                .containsEntry(Field.PODS, 2L)
                .containsEntry(Field.STAY, 1L)
                .containsEntry(Field.DEADLINE, DEADLINE);
        assertThat(entries.get(1).fields())
                .containsEntry(Field.POD, pod("c"))
                .containsEntry(Field.REASON, "of a DaemonSet");
        assertThat(entries.get(2).fields())
                .containsEntry(Field.POD, pod("b"))
                .containsEntry(Field.REASON, "of no controller");
        assertThat(departure.decides(DRAINING)).as("reported once").isEmpty();
    }

    @Test
    void drainWithoutADeadlineNamesNone() {
        assertThat(departure
                        .decides(new Stage.Draining(Instant.MAX, PLAN))
                        .getFirst()
                        .fields())
                .doesNotContainKey(Field.DEADLINE);
    }

    @Test
    void drainFinishesOnceWithItsSummaryAndEachPod() {
        departure.decides(DRAINING);
        List<Reported> entries = departure.decides(new Stage.Settling(Ending.DEADLINE_PASSED, REPORT));

        assertThat(events(entries))
                .containsExactly(
                        LogEvent.DRAIN_FINISHED,
                        LogEvent.POD_REPORTED,
                        LogEvent.POD_REPORTED,
                        LogEvent.POD_REPORTED,
                        LogEvent.POD_REPORTED);
        assertSummary(entries.getFirst());
        assertThat(entries.getFirst().clusterEvent().map(ClusterEvent::subject)).contains(NODE);
        assertThat(departure.decides(new Stage.Settling(Ending.DEADLINE_PASSED, REPORT)))
                .isEmpty();
        assertThat(departure.decides(new Stage.AwaitingHook(Ending.DEADLINE_PASSED, REPORT, Set.of())))
                .isEmpty();
    }

    @Test
    void drainFinishesAsWellWhereAHookIsAwaited() {
        departure.decides(DRAINING);
        assertThat(events(departure.decides(new Stage.AwaitingHook(Ending.DRAINED, NOTHING, Set.of()))))
                .containsExactly(LogEvent.DRAIN_FINISHED);
        assertThat(departure.decides(new Stage.Settling(Ending.DRAINED, NOTHING)))
                .isEmpty();
    }

    @Test
    void drainThatNeverStartedDoesNotFinish() {
        assertThat(departure.decides(new Stage.Settling(Ending.DRAINED, REPORT)))
                .isEmpty();
        assertThat(departure.decides(new Stage.AwaitingHook(Ending.DRAINED, REPORT, Set.of())))
                .isEmpty();
    }

    @Test
    void podsAreReportedWithTheirGraceAndBudgets() {
        departure.decides(DRAINING);
        List<Reported> entries = departure.decides(new Stage.Settling(Ending.DRAINED, REPORT));

        assertThat(entries.get(1).fields())
                .containsEntry(Field.POD, pod("a"))
                .containsEntry(Field.FATE, Result.EVICTED.label())
                .containsEntry(Field.GRACE_WANTED, Duration.ofSeconds(30))
                .containsEntry(Field.GRACE_GIVEN, Duration.ofSeconds(10))
                .containsEntry(Field.BUDGET, "shop/a,shop/b")
                .containsEntry(Field.BLOCKED_FOR, Duration.ofSeconds(5))
                .doesNotContainKey(Field.REMARK);
        assertThat(entries.get(2).fields())
                .containsEntry(Field.REMARK, Note.STUCK.label())
                .doesNotContainKeys(Field.BUDGET, Field.BLOCKED_FOR);
        assertThat(entries.get(3).fields()).doesNotContainKey(Field.GRACE_GIVEN);
    }

    @Test
    void podsAreCountedByTheirFateAndWhereShortened() {
        departure.decides(DRAINING);
        List<Reported> entries = departure.decides(new Stage.Settling(Ending.DRAINED, REPORT));

        assertThat(entries.stream().map(Entry::counts))
                .containsExactly(
                        List.of(),
                        List.of(
                                Count.of(Metric.PODS_REPORTED, Result.EVICTED.label()),
                                Count.of(Metric.PODS_SHORTENED)),
                        List.of(Count.of(Metric.PODS_REPORTED, Result.FORCED.label())),
                        List.of(Count.of(Metric.PODS_REPORTED, Result.LEFT.label())),
                        List.of(Count.of(Metric.PODS_REPORTED, Result.BY_ITSELF.label())));
    }

    @Test
    void anotherDrainAfterARestIsReportedAnew() {
        for (Stage rest : List.of(
                new Stage.Planned(Optional.empty()),
                new Stage.Elsewhere("another", DEADLINE),
                new Stage.AwaitingHook(Ending.DRAINED, NOTHING, Set.of(new InterruptionId("spot"))))) {
            departure.decides(DRAINING);
            departure.decides(rest);
            assertThat(departure.decides(new Stage.Settling(Ending.DRAINED, NOTHING)))
                    .as("%s", rest)
                    .isEmpty();
            assertThat(events(departure.decides(DRAINING))).as("%s", rest).contains(LogEvent.DRAIN_STARTED);
            departure.decides(rest);
        }
    }

    @Test
    void settledOnceWithItsSummary() {
        assertThat(departure.decides(new Stage.Settled(Ending.DEADLINE_PASSED, REPORT)))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.event()).isEqualTo(LogEvent.DEPARTURE_SETTLED);
                    assertSummary(entry);
                    assertThat(entry.counts())
                            .containsExactly(Count.of(Metric.DEPARTURES_SETTLED, Ending.DEADLINE_PASSED.reason()));
                    assertThat(entry.clusterEvent()).isEmpty();
                });
        assertThat(departure.decides(new Stage.Settled(Ending.DEADLINE_PASSED, REPORT)))
                .isEmpty();
    }

    @Test
    void settledAnewOnlyAfterSomethingNewWasDone() {
        departure.withoutNotices().decides(new Stage.Settled(Ending.DRAINED, NOTHING));
        departure.decides(new Stage.Examining());
        assertThat(departure.decides(new Stage.Settled(Ending.DRAINED, NOTHING)))
                .isEmpty();

        departure.decides(new Stage.Examining());
        departure.hears(new Action.Heartbeat(HOOK), new NotSent("stopped"));
        assertThat(departure.decides(new Stage.Settled(Ending.DRAINED, NOTHING)))
                .as("nothing was asked of anybody")
                .isEmpty();

        departure.decides(new Stage.Examining());
        departure.hears(new Action.Heartbeat(HOOK), new Succeeded());
        assertThat(events(departure.decides(new Stage.Settled(Ending.DRAINED, NOTHING))))
                .containsExactly(LogEvent.DEPARTURE_SETTLED);
    }

    @Test
    void summaryLeavesOutWhatIsNotKnown() {
        DrainReport takenOver = new DrainReport(List.of(LEFT), 0, true);
        departure.withoutNotices().hears(new Action.Heartbeat(HOOK), new Succeeded());
        assertThat(departure.decides(new Stage.Settled(Ending.NODE_GONE, takenOver)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.fields())
                        .containsEntry(Field.BEFORE_TAKE_OVER, "unknown")
                        .doesNotContainKeys(Field.ELAPSED, Field.BUDGET));
    }

    private static void assertSummary(Reported entry) {
        assertThat(entry.fields())
                .containsEntry(Field.OUTCOME, Ending.DEADLINE_PASSED.reason())
                .containsEntry(Field.EVICTED, 1)
                .containsEntry(Field.FORCED, 1)
                .containsEntry(Field.BY_ITSELF, 1)
                .containsEntry(Field.SHORTENED, 1)
                .containsEntry(Field.LEFT, 2)
                .containsEntry(Field.STAY, 2)
                .containsEntry(Field.ELAPSED, Duration.ofSeconds(60))
                .containsEntry(Field.BUDGET, "shop/a,shop/b")
                .doesNotContainKey(Field.BEFORE_TAKE_OVER);
    }

    private static PodRef pod(String name) {
        return SamplePod.of(name).build().ref();
    }

    private static Planned planned(String name, Verdict verdict) {
        return new Planned(
                SamplePod.of(name).build(),
                verdict,
                WAVE,
                Optional.empty(),
                new Standing.Free(),
                new Grace(Duration.ofSeconds(30), Optional.empty()),
                AtLastCall.EVICT);
    }

    private static OfPod ofPod(
            String name, Result result, boolean there, Note note, Optional<Duration> given, Set<String> budgets) {
        return new OfPod(pod(name), result, there, note, Duration.ofSeconds(30), given, Duration.ofSeconds(5), budgets);
    }
}
