package dev.glidepath.departure.story;

import static dev.glidepath.departure.story.SampleDeparture.HOOK;
import static dev.glidepath.departure.story.SampleDeparture.NODE;
import static dev.glidepath.departure.story.SampleDeparture.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.action.LeftHook.Why;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.NodeSight;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Subject;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeftHooksTest {
    private final SampleDeparture departure = new SampleDeparture();

    @ParameterizedTest
    @CsvSource({
        "NOT_OURS, LIFECYCLE_NOT_OURS, true",
        "UNDECIDED, LIFECYCLE_UNDECIDED, true",
        "EXPIRES, LIFECYCLE_LEFT, false",
        "OVER, LIFECYCLE_COMPLETED, false",
        "GIVEN_UP, LIFECYCLE_GIVEN_UP, true"
    })
    void eachReasonHasItsEvent(Why why, LogEvent event, boolean isShownByTheNode) {
        Optional<Subject> shownBy = isShownByTheNode ? Optional.of(NODE) : Optional.empty();
        assertThat(departure.decides(left(why))).singleElement().satisfies(entry -> {
            assertThat(entry.event()).isEqualTo(event);
            assertThat(entry.fields())
                    .containsEntry(Field.HOOK, HOOK.hook())
                    .containsEntry(Field.GROUP, HOOK.group())
                    .containsEntry(Field.REASON, "detail");
            assertThat(entry.clusterEvent().map(ClusterEvent::subject)).isEqualTo(shownBy);
        });
    }

    @Test
    void reportedOnceForEachReason() {
        departure.decides(left(Why.UNDECIDED));
        assertThat(departure.decides(left(Why.UNDECIDED))).isEmpty();
        assertThat(departure.decides(new LeftHook(HOOK, Why.UNDECIDED, "another detail")))
                .isEmpty();
        assertThat(departure.decides(left(Why.EXPIRES))).hasSize(1);
    }

    @Test
    void reportedOnceForEachAction() {
        LifecycleAction another = new LifecycleAction("workers", "drain", "token-2", SampleDeparture.INSTANCE);
        departure.decides(left(Why.EXPIRES));
        assertThat(departure.decides(new LeftHook(another, Why.EXPIRES, "detail")))
                .hasSize(1);
    }

    @Test
    void shownByNothingWhereThereIsNoNode() {
        departure.on(new NodeSight.NeverSeen(START));
        assertThat(departure.decides(left(Why.NOT_OURS)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.clusterEvent()).isEmpty());
    }

    private static LeftHook left(Why why) {
        return new LeftHook(HOOK, why, "detail");
    }
}
