package dev.glidepath.departure.story;

import static dev.glidepath.departure.story.SampleDeparture.DEADLINE;
import static dev.glidepath.departure.story.SampleDeparture.HOOK;
import static dev.glidepath.departure.story.SampleDeparture.NODE;
import static dev.glidepath.departure.story.SampleDeparture.NOTHING;
import static dev.glidepath.departure.story.SampleDeparture.NOTICE;
import static dev.glidepath.departure.story.SampleDeparture.POD;
import static dev.glidepath.departure.story.SampleDeparture.START;
import static dev.glidepath.departure.story.SampleDeparture.WEB;
import static dev.glidepath.departure.story.SampleDeparture.events;
import static dev.glidepath.departure.story.SampleDeparture.evict;
import static dev.glidepath.departure.story.SampleDeparture.terms;
import static dev.glidepath.departure.story.SampleDeparture.tried;
import static dev.glidepath.departure.story.SampleDeparture.withDeadline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.event.Kind;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Scheduling;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SuccessesTest {
    private static final Journal OURS = withDeadline(SampleDeparture.journal(START), DEADLINE);
    private static final Journal PLANNED = OURS.in(State.PLANNED);
    private static final Outcome DONE = new Succeeded();

    private final SampleDeparture departure = new SampleDeparture();

    @BeforeEach
    void nodeIsSeen() {
        departure.decides(new Stage.Examining());
    }

    @Test
    void cordonIsShownByTheNode() {
        Reported entry = only(cordon(OURS, ""), LogEvent.NODE_CORDONED);
        assertThat(entry.fields()).containsEntry(Field.REASON, Kind.SPOT_INTERRUPTION.label());
        assertThat(entry.clusterEvent().map(ClusterEvent::subject)).contains(NODE);
    }

    @Test
    void takeOverIsReportedBeforeWhatElseIsWritten() {
        String others = OURS.heldBy("glidepath-1/1").text();
        only(new Action.UpdateJournal(OURS, others), LogEvent.DEPARTURE_TAKEN_OVER);
        assertThat(events(departure.hears(cordon(OURS, others), DONE)))
                .containsExactly(LogEvent.DEPARTURE_TAKEN_OVER, LogEvent.NODE_CORDONED);
        assertThat(departure.hears(new Action.UpdateJournal(OURS, OURS.text()), DONE))
                .isEmpty();
    }

    @Test
    void takeOverBelongsToTheDepartureAsItWas() {
        Journal earlier = OURS.startedAt(START.minusSeconds(60));
        List<Reported> entries =
                departure.hears(cordon(earlier, earlier.heldBy("glidepath-1/1").text()), DONE);
        assertThat(entries.get(0).fields().get(Field.DEPARTURE))
                .isNotEqualTo(entries.get(1).fields().get(Field.DEPARTURE));
    }

    @Test
    void deadlineThatMovesIsReported() {
        Journal later = withDeadline(OURS, DEADLINE.plusSeconds(60));
        assertThat(only(new Action.UpdateJournal(later, OURS.text()), LogEvent.DEADLINE_MOVED)
                        .fields())
                .containsEntry(Field.DEADLINE, DEADLINE.plusSeconds(60));
    }

    static List<Action> planning() {
        return List.of(
                new Action.UpdateJournal(PLANNED, ""), new Action.SettleJournal(PLANNED, "", Ending.CORDONED, NOTHING));
    }

    @ParameterizedTest
    @MethodSource("planning")
    void planIsReportedWithItsDeadline(Action action) {
        assertThat(only(action, LogEvent.DEPARTURE_PLANNED).fields()).containsEntry(Field.DEADLINE, DEADLINE);
    }

    @Test
    void planWithoutADeadlineNamesNone() {
        Journal calm = PLANNED.with(Optional.empty(), Optional.empty());
        assertThat(only(new Action.UpdateJournal(calm, ""), LogEvent.DEPARTURE_PLANNED)
                        .fields())
                .doesNotContainKey(Field.DEADLINE);
    }

    @Test
    void whatIsJournaledAndNotPlannedIsNotReported() {
        Journal settled = OURS.in(State.SETTLED);
        assertThat(departure.hears(new Action.SettleJournal(settled, "", Ending.DRAINED, NOTHING), DONE))
                .isEmpty();
    }

    @Test
    void restoredNodeShowsIt() {
        Action undo = new Action.Undo(OURS.in(State.SETTLED), "", Ending.WITHDRAWN);
        Reported entry = only(undo, LogEvent.NODE_RESTORED);
        assertThat(entry.fields()).containsEntry(Field.OUTCOME, Ending.WITHDRAWN.reason());
        assertThat(entry.clusterEvent()).hasValueSatisfying(shown -> {
            assertThat(shown.subject()).isEqualTo(NODE);
            assertThat(shown.note()).contains(Ending.WITHDRAWN.reason());
        });
    }

    @Test
    void restoredNodeMayBePlannedFor() {
        assertThat(events(departure.hears(new Action.Undo(PLANNED, "", Ending.LAPSED), DONE)))
                .containsExactly(LogEvent.NODE_RESTORED, LogEvent.DEPARTURE_PLANNED);
    }

    @Test
    void evictedPodIsReportedWithTheBudgetsThatHeldItBack() {
        assertThat(only(evict(WEB), LogEvent.POD_EVICTED).fields())
                .containsEntry(Field.POD, WEB)
                .doesNotContainKeys(Field.BUDGET, Field.BLOCKED_FOR);
        for (Action action : List.of(evict(WEB), new Action.LastCall(WEB, terms(Optional.empty())))) {
            assertThat(departure.hears(action, DONE, tried(action, 2, Duration.ofSeconds(9), Set.of("b", "a"))))
                    .singleElement()
                    .satisfies(entry -> {
                        assertThat(entry.event()).isEqualTo(LogEvent.POD_EVICTED);
                        assertThat(entry.clusterEvent()).isEmpty();
                        assertThat(entry.fields())
                                .containsEntry(Field.POD, WEB)
                                .containsEntry(Field.BUDGET, "a,b")
                                .containsEntry(Field.BLOCKED_FOR, Duration.ofSeconds(9));
                    });
        }
    }

    @Test
    void deletedPodShowsIt() {
        Reported entry = only(new Action.Delete(WEB, terms(Optional.empty())), LogEvent.POD_DELETED);
        assertThat(entry.fields()).containsEntry(Field.POD, WEB);
        assertThat(entry.clusterEvent().map(ClusterEvent::subject)).contains(POD);
    }

    @Test
    void nodeOutOfServiceAndBackAreReported() {
        only(new Action.TakeOutOfService(OURS, OURS.text()), LogEvent.NODE_OUT_OF_SERVICE);
        only(new Action.PutBackInService(OURS, OURS.text()), LogEvent.NODE_BACK_IN_SERVICE);
    }

    @Test
    void heartbeatNamesItsHookAndNeverItsToken() {
        assertThat(only(new Action.Heartbeat(HOOK), LogEvent.LIFECYCLE_HEARTBEAT)
                        .fields())
                .containsEntry(Field.HOOK, HOOK.hook())
                .containsEntry(Field.GROUP, HOOK.group())
                .doesNotContainValue(HOOK.tokenHash());
    }

    @ParameterizedTest
    @EnumSource
    void completedHookNamesItsResult(HookResult result) {
        assertThat(only(new Action.CompleteHook(HOOK, result), LogEvent.LIFECYCLE_COMPLETED)
                        .fields())
                .containsEntry(Field.HOOK, HOOK.hook())
                .containsEntry(Field.GROUP, HOOK.group())
                .containsEntry(Field.OUTCOME, result.name().toLowerCase(Locale.ROOT));
    }

    @Test
    void messagesAreCounted() {
        Set<MessageId> two = Set.of(new MessageId("message-1"), new MessageId("message-2"));
        assertThat(only(new Action.DeleteMessages(two, Ending.DRAINED), LogEvent.MESSAGE_DELETED)
                        .fields())
                .containsEntry(Field.MESSAGES, 2);
        assertThat(only(new Action.HandBack(Set.of(NOTICE.deliveryId()), true), LogEvent.MESSAGE_HANDED_BACK)
                        .fields())
                .containsEntry(Field.MESSAGES, 1);
    }

    static List<Action> questions() {
        return List.of(
                new Action.ListPods(1),
                new Action.FindVolume("shop", "data"),
                new Action.MarkDisrupted(WEB, terms(Optional.empty())),
                new Action.DescribeHook(HOOK),
                new Action.AskForNode(START),
                new Action.AskKubelet());
    }

    @ParameterizedTest
    @MethodSource("questions")
    void questionsAreNotReported(Action question) {
        assertThat(departure.hears(question, DONE)).isEmpty();
    }

    @Test
    void podThatWasGoneIsNotReported() {
        assertThat(departure.hears(evict(WEB), new NotNeeded("gone"))).isEmpty();
    }

    private static Action cordon(Journal journal, String basedOn) {
        return new Action.Cordon(journal, basedOn, Kind.SPOT_INTERRUPTION, Scheduling.FORBIDDEN);
    }

    /** The only entry when the action has succeeded. */
    private Reported only(Action action, LogEvent event) {
        List<Reported> entries = departure.hears(action, DONE);
        assertThat(events(entries)).containsExactly(event);
        return entries.getFirst();
    }
}
