package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.DrainReport.Result;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.story.Count;
import dev.glidepath.departure.story.Entry;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.Kind;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What whole departures report, each played to its end. */
class StoryPlayTest {
    private static final Interruption SPOT = new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE);

    private final Play play = new Play(7).withStory();

    @Test
    void spotNoticeIsDrained() {
        play.pod("web", 0, ofSeconds(3)).notice(SPOT).run();

        assertThat(events())
                .containsExactly(
                        LogEvent.NODE_CORDONED,
                        LogEvent.DRAIN_STARTED,
                        LogEvent.POD_EVICTED,
                        LogEvent.DRAIN_FINISHED,
                        LogEvent.POD_REPORTED,
                        LogEvent.MESSAGE_DELETED,
                        LogEvent.DEPARTURE_SETTLED);
        assertThat(reported())
                .allSatisfy(entry -> assertThat(entry.fields())
                        .containsEntry(Field.INSTANCE, Play.INSTANCE)
                        .containsEntry(Field.KIND, Kind.SPOT_INTERRUPTION.label())
                        .containsEntry(Field.DEPARTURE, Play.INSTANCE + "@" + START));
        assertThat(only(LogEvent.DEPARTURE_SETTLED).fields())
                .containsEntry(Field.OUTCOME, Ending.DRAINED.reason())
                .containsEntry(Field.EVICTED, 1)
                .containsEntry(Field.LEFT, 0);
        assertThat(counts())
                .containsOnlyOnce(
                        Count.of(Metric.ACTS, "cordon", new Outcome.Succeeded().label()),
                        Count.of(Metric.PODS_REPORTED, Result.EVICTED.label()),
                        Count.of(Metric.DEPARTURES_SETTLED, Ending.DRAINED.reason()));
    }

    @Test
    void budgetThatBlocksIsReportedOnceAPod() {
        play.pod("a", 0, ofSeconds(2))
                .pod("b", 0, ofSeconds(2))
                .budget(1, ofSeconds(3))
                .notice(SPOT)
                .run();

        assertThat(only(LogEvent.EVICTION_BLOCKED).fields()).containsEntry(Field.BUDGET, "shop/web");
        assertThat(all(LogEvent.POD_EVICTED)).hasSize(2);
        assertThat(all(LogEvent.POD_EVICTED).getLast().fields()).containsKeys(Field.BUDGET, Field.BLOCKED_FOR);
    }

    @Test
    void replicaThatTakesOverSaysSoAndFinishes() {
        play.withAnotherReplica()
                .pod("slow", 0, ofSeconds(25))
                .noticeAt(START, SPOT, "message", 0)
                .at(START.plusSeconds(3), () -> play.dies(0, ofSeconds(20)))
                .runUntil(START.plus(ofMinutes(2)));

        assertThat(events())
                .containsOnlyOnce(LogEvent.NODE_CORDONED, LogEvent.DEPARTURE_TAKEN_OVER, LogEvent.DEPARTURE_SETTLED);
        assertThat(all(LogEvent.DRAIN_STARTED)).as("one by each").hasSize(2);
        assertThat(only(LogEvent.DRAIN_FINISHED).fields()).containsEntry(Field.BEFORE_TAKE_OVER, "unknown");
    }

    @Test
    void lifecycleHookIsCompletedBeforeTheEnd() {
        play.pod("web", 0, ofSeconds(3)).notice(Play.asg("token-1", START)).run();

        assertThat(events())
                .containsSubsequence(LogEvent.DRAIN_FINISHED, LogEvent.LIFECYCLE_COMPLETED, LogEvent.DEPARTURE_SETTLED);
        assertThat(only(LogEvent.LIFECYCLE_COMPLETED).fields())
                .containsEntry(Field.HOOK, Play.hook("token-1").hook())
                .containsEntry(Field.GROUP, Play.hook("token-1").group());
    }

    @Test
    void changeThatIsWithdrawnIsRestored() {
        Interruption change = new ScheduledChange(
                Play.INSTANCE, START, "arn", "first", Optional.of(Window.startingAt(START.plus(ofMinutes(10)))));
        play.pod("web", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(change)
                .noticeAt(
                        START.plusSeconds(5),
                        new ScheduledChangeClosed(Play.INSTANCE, START.plusSeconds(5), "arn", "second"))
                .run();

        assertThat(events())
                .containsSubsequence(LogEvent.NODE_CORDONED, LogEvent.NODE_RESTORED, LogEvent.DEPARTURE_SETTLED)
                .doesNotContain(LogEvent.POD_EVICTED);
        assertThat(only(LogEvent.NODE_RESTORED).fields()).containsEntry(Field.OUTCOME, Ending.WITHDRAWN.reason());
    }

    @Test
    void deadlineThatPassesIsTheOutcome() {
        play.policy(SamplePolicy.withoutDeletes())
                .pod("web", 0, ofSeconds(3))
                .budget(0, ofSeconds(3))
                .notice(SPOT)
                .run();

        assertThat(only(LogEvent.DRAIN_FINISHED).fields())
                .containsEntry(Field.OUTCOME, Ending.DEADLINE_PASSED.reason())
                .containsEntry(Field.LEFT, 1);
        assertThat(counts()).containsOnlyOnce(Count.of(Metric.DEPARTURES_SETTLED, Ending.DEADLINE_PASSED.reason()));
    }

    private List<Reported> reported() {
        return play.story().stream()
                .filter(Reported.class::isInstance)
                .map(Reported.class::cast)
                .toList();
    }

    private List<LogEvent> events() {
        return reported().stream().map(Reported::event).toList();
    }

    private List<Count> counts() {
        return play.story().stream().map(Entry::counts).flatMap(List::stream).toList();
    }

    private List<Reported> all(LogEvent event) {
        return reported().stream().filter(entry -> entry.event() == event).toList();
    }

    private Reported only(LogEvent event) {
        assertThat(all(event)).hasSize(1);
        return all(event).getFirst();
    }
}
