package dev.glidepath.departure.story;

import static dev.glidepath.departure.story.SampleDeparture.DEADLINE;
import static dev.glidepath.departure.story.SampleDeparture.HOOK;
import static dev.glidepath.departure.story.SampleDeparture.NAME;
import static dev.glidepath.departure.story.SampleDeparture.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.Scheduling;
import dev.glidepath.observe.Field;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IdentityTest {
    private static final Instant EARLIER = START.minusSeconds(90);

    private final SampleDeparture departure = new SampleDeparture();

    @Test
    void namesInstanceNodeKindAndStartOfItsFirstNotice() {
        assertThat(fields())
                .containsEntry(Field.INSTANCE, SampleDeparture.INSTANCE)
                .containsEntry(Field.NODE, NAME)
                .containsEntry(Field.KIND, Kind.SPOT_INTERRUPTION.label())
                .containsEntry(Field.DEPARTURE, SampleDeparture.INSTANCE + "@" + START);
    }

    @Test
    void namesNoNodeBeforeOneIsSeen() {
        departure.on(new NodeSight.NeverSeen(START));
        assertThat(fields()).doesNotContainKey(Field.NODE);
    }

    @Test
    void namesTheNodeThatIsGone() {
        departure.on(new NodeSight.Gone(NAME, START, START));
        assertThat(fields()).containsEntry(Field.NODE, NAME);
    }

    @Test
    void goesByTheJournalUnderWayRatherThanByTheNotice() {
        departure.on(SampleDeparture.journal(EARLIER).text());
        assertThat(fields())
                .containsEntry(Field.KIND, Kind.SCHEDULED_CHANGE.label())
                .containsEntry(Field.DEPARTURE, SampleDeparture.INSTANCE + "@" + EARLIER);
    }

    @Test
    void remembersTheStartOfAJournalThatIsSettledSince() {
        departure.on(SampleDeparture.journal(EARLIER).text()).decides(new Stage.Examining());
        departure.on(SampleDeparture.journal(EARLIER).in(Journal.State.SETTLED).text());
        assertThat(fields()).containsEntry(Field.DEPARTURE, SampleDeparture.INSTANCE + "@" + EARLIER);
    }

    @Test
    void knowsNoStartOfWhatIsOnlyPlannedOnTheNode() {
        departure
                .withoutNotices()
                .on(SampleDeparture.journal(EARLIER).in(Journal.State.PLANNED).text());
        assertThat(fields()).doesNotContainKeys(Field.DEPARTURE, Field.KIND).containsEntry(Field.NODE, NAME);
    }

    @Test
    void goesByTheJournalThatItsCordonWrites() {
        Journal written = SampleDeparture.withDeadline(SampleDeparture.journal(EARLIER), DEADLINE);
        departure.decides(new Stage.Examining());
        assertThat(departure.hears(
                        new Action.Cordon(written, "", Kind.SCHEDULED_CHANGE, Scheduling.FORBIDDEN), new Succeeded()))
                .singleElement()
                .satisfies(entry -> assertThat(entry.fields())
                        .containsEntry(Field.KIND, Kind.SCHEDULED_CHANGE.label())
                        .containsEntry(Field.DEPARTURE, SampleDeparture.INSTANCE + "@" + EARLIER));
    }

    @Test
    void keepsItsFieldsInTheirOrder() {
        assertThat(fields().keySet())
                .containsExactly(Field.DEPARTURE, Field.NODE, Field.INSTANCE, Field.KIND, Field.HOOK, Field.GROUP);
    }

    /** Of some entry. */
    private Map<Field, Object> fields() {
        departure.decides(new Stage.Examining());
        return departure
                .hears(new Action.Heartbeat(HOOK), new Succeeded())
                .getFirst()
                .fields();
    }
}
