package dev.glidepath.departure.story;

import static dev.glidepath.departure.story.SampleDeparture.HOOK;
import static dev.glidepath.departure.story.SampleDeparture.NODE;
import static dev.glidepath.departure.story.SampleDeparture.START;
import static dev.glidepath.departure.story.SampleDeparture.WEB;
import static dev.glidepath.departure.story.SampleDeparture.events;
import static dev.glidepath.departure.story.SampleDeparture.evict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TroublesTest {
    private static final Action LIST = new Action.ListPods(1);
    private static final Action WRITE = new Action.UpdateJournal(Journal.empty(START), "");

    private final SampleDeparture departure = new SampleDeparture();

    static List<Outcome> failures() {
        return List.of(new Retry("no connection"), new Overloaded("no connection", Duration.ZERO));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void beginsOnceAtTheThirdTry(Outcome failure) {
        assertThat(departure.hears(LIST, failure, 1)).isEmpty();
        assertThat(departure.hears(LIST, failure, 2)).isEmpty();
        assertThat(departure.hears(LIST, failure, 3)).singleElement().satisfies(entry -> {
            assertThat(entry.event()).isEqualTo(LogEvent.ACT_FAILED);
            assertThat(entry.fields())
                    .containsEntry(Field.ACT, LIST.label())
                    .containsEntry(Field.REASON, "no connection");
            assertThat(entry.clusterEvent()).isEmpty();
        });
        assertThat(departure.hears(LIST, failure, 4)).isEmpty();
    }

    static List<Outcome> successes() {
        return List.of(
                new Succeeded(),
                new NotNeeded("gone"),
                new NotFound("none"),
                new Described(Duration.ZERO, Duration.ZERO, List.of()),
                new Bound("volume"),
                new Renewed(START));
    }

    @ParameterizedTest
    @MethodSource("successes")
    void endsOnceWithWhateverShowsThatItWorks(Outcome success) {
        departure.hears(LIST, new Retry("no connection"), 3);
        assertThat(departure.hears(LIST, success, 4)).singleElement().satisfies(entry -> {
            assertThat(entry.event()).isEqualTo(LogEvent.ACT_RECOVERED);
            assertThat(entry.fields()).containsEntry(Field.ACT, LIST.label());
        });
        assertThat(departure.hears(LIST, success, 5)).isEmpty();
        assertThat(departure.hears(LIST, new Retry("no connection"), 3))
                .as("anew")
                .hasSize(1);
    }

    @Test
    void isOfOneActionAlone() {
        departure.hears(LIST, new Retry("no connection"), 3);
        assertThat(departure.hears(new Action.ListPods(2), new Succeeded(), 4)).isEmpty();
    }

    @Test
    void lastsWhileAnActionIsNotSentOrDenied() {
        departure.hears(LIST, new Retry("no connection"), 3);
        assertThat(departure.hears(LIST, new NotSent("stopped"), 4)).isEmpty();
        assertThat(departure.hears(LIST, new Forbidden("may not"), 4)).isEmpty();
        assertThat(events(departure.hears(LIST, new Succeeded(), 5))).containsExactly(LogEvent.ACT_RECOVERED);
    }

    @Test
    void refusedWriteIsTroubleAtOnceAndShownByTheNode() {
        departure.decides(new Stage.Examining());
        assertThat(departure.hears(WRITE, new Refused("a policy")))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.event()).isEqualTo(LogEvent.ACT_FAILED);
                    assertThat(entry.fields())
                            .containsEntry(Field.ACT, WRITE.label())
                            .containsEntry(Field.REASON, "a policy");
                    assertThat(entry.clusterEvent()).hasValueSatisfying(shown -> {
                        assertThat(shown.subject()).isEqualTo(NODE);
                        assertThat(shown.note()).contains("a policy");
                    });
                });
        assertThat(departure.hears(WRITE, new Refused("a policy"))).isEmpty();
        assertThat(departure.hears(WRITE, new Retry("conflict"), 9)).isEmpty();
        assertThat(events(departure.hears(WRITE, new Succeeded()))).containsExactly(LogEvent.ACT_RECOVERED);
    }

    @Test
    void permissionThatIsMissingIsReportedWhereThatIsNew() {
        assertThat(departure.hears(LIST, new Forbidden("may not"), Permission.MISSING))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.event()).isEqualTo(LogEvent.ACT_DENIED);
                    assertThat(entry.fields())
                            .containsEntry(Field.ACT, LIST.label())
                            .containsEntry(Field.REASON, "may not");
                });
        assertThat(departure.hears(LIST, new Forbidden("may not"), Permission.UNCHANGED))
                .isEmpty();
    }

    @Test
    void permissionThatIsGrantedIsReportedFirst() {
        departure.hears(evict(WEB), new Retry("no connection"), 3);
        assertThat(events(departure.hears(evict(WEB), new Succeeded(), Permission.GRANTED)))
                .containsExactly(LogEvent.ACT_RECOVERED, LogEvent.ACT_RECOVERED, LogEvent.POD_EVICTED);
        assertThat(events(departure.hears(evict(WEB), new Refused("a policy"), Permission.GRANTED)))
                .containsExactly(LogEvent.ACT_RECOVERED, LogEvent.EVICTION_REFUSED);
    }

    @Test
    void everyOutcomeIsCountedFirstWhateverIsReported() {
        Outcome denied = new Forbidden("may not");
        assertThat(departure.entries(LIST, denied))
                .containsExactly(new Entry.Counted(Count.of(Metric.ACTS, LIST.label(), denied.label())));
        Action heartbeat = new Action.Heartbeat(HOOK);
        assertThat(departure.entries(heartbeat, new Succeeded()))
                .hasSize(2)
                .startsWith(new Entry.Counted(Count.of(Metric.ACTS, heartbeat.label(), new Succeeded().label())));
    }
}
