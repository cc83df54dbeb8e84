package dev.glidepath.departure.story;

import static dev.glidepath.departure.story.SampleDeparture.HOOK;
import static dev.glidepath.departure.story.SampleDeparture.NODE;
import static dev.glidepath.departure.story.SampleDeparture.NOTHING;
import static dev.glidepath.departure.story.SampleDeparture.START;
import static dev.glidepath.departure.story.SampleDeparture.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnreadableJournalTest {
    private static final String NEWER = "{\"version\":9}";
    private static final String BROKEN = "no journal";
    private static final Action WRITE = new Action.UpdateJournal(Journal.empty(START), BROKEN);
    private static final Stage LEFT_ALONE = new Stage.Settled(Ending.JOURNAL_UNREADABLE, NOTHING);

    private final SampleDeparture departure = new SampleDeparture();

    @Test
    void reportedOnceWhenItIsWrittenOver() {
        departure.on(BROKEN);
        assertThat(departure.decides(new Action.Heartbeat(HOOK)))
                .as("not known yet what becomes of it")
                .isEmpty();
        assertThat(departure.decides(WRITE)).singleElement().satisfies(entry -> assertUnreadable(entry, "broken"));
        assertThat(departure.decides(WRITE)).isEmpty();
    }

    @Test
    void reportedOnceWhenItIsLeftAlone() {
        departure.withoutNotices().on(NEWER);
        assertThat(departure.decides(new Stage.Settling(Ending.NOT_SELECTED, NOTHING)))
                .isEmpty();
        assertThat(departure.decides(new Stage.Settling(Ending.JOURNAL_UNREADABLE, NOTHING)))
                .singleElement()
                .satisfies(entry -> assertUnreadable(entry, "newer"));
        assertThat(departure.decides(LEFT_ALONE)).isEmpty();
    }

    @Test
    void reportedAfterTheEndOfItsDeparture() {
        departure.on(BROKEN);
        assertThat(events(departure.decides(LEFT_ALONE)))
                .containsExactly(LogEvent.DEPARTURE_SETTLED, LogEvent.JOURNAL_UNREADABLE);
    }

    @Test
    void eachCaseHasItsOwnText() {
        assertThat(List.of(
                        text(BROKEN, List.of(WRITE), new Stage.Examining()),
                        text(NEWER, List.of(WRITE), new Stage.Examining()),
                        text(BROKEN, List.of(), LEFT_ALONE),
                        text(NEWER, List.of(), LEFT_ALONE)))
                .doesNotHaveDuplicates();
    }

    @Test
    void journalThatCanBeReadIsNotReported() {
        departure.withoutNotices();
        assertThat(departure.on(Journal.empty(START).text()).decides(WRITE)).isEmpty();
        assertThat(departure.on("").decides(WRITE)).isEmpty();
    }

    private static String text(String journal, List<Action> actions, Stage stage) {
        return new SampleDeparture()
                .withoutNotices()
                .on(journal)
                .decides(stage, actions, List.of(), Set.of())
                .getFirst()
                .text();
    }

    private static void assertUnreadable(Reported entry, String reason) {
        assertThat(entry.event()).isEqualTo(LogEvent.JOURNAL_UNREADABLE);
        assertThat(entry.fields()).containsEntry(Field.REASON, reason);
        assertThat(entry.counts()).containsExactly(Count.of(Metric.JOURNALS_UNREADABLE, reason));
        assertThat(entry.clusterEvent().map(ClusterEvent::subject)).contains(NODE);
    }
}
