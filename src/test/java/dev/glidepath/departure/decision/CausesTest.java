package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CausesTest {
    private static final Instant LATER = START.plusSeconds(600);

    /** Two replicas that hold one each would write the journal over and over. */
    @Test
    void theLaterOfTwoReturnsFromTheWarmPoolHoldsInEitherOrder() {
        Journal away = Causes.merge(
                        Journal.empty(START), List.of(notice(SampleNotices.state(InstanceState.STOPPED, START))))
                .withChanged(Set.of(Change.TAINT));
        Notice earlier = notice(SampleNotices.launchFromWarmPool(START.plusSeconds(60)));
        Notice later = notice(SampleNotices.launchFromWarmPool(LATER));

        Journal inOrder = Causes.merge(away, List.of(earlier, later));

        assertThat(inOrder.stop()).contains(new Stop(LATER, true));
        assertThat(Causes.merge(away, List.of(later, earlier))).isEqualTo(inOrder);
    }

    private static Notice notice(Interruption interruption) {
        return new Notice(interruption, new MessageId("message"), LATER, Notice.Delivery.FIRST);
    }
}
