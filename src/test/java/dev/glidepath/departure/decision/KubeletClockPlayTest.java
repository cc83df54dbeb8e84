package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A kubelet writes its Lease by its own clock, which may be wrong: that it is renewed proves that it lives, not what it says. */
class KubeletClockPlayTest {
    private static final Instant OFF = START.plusSeconds(30);
    private static final Interruption STOPPED = Told.state(InstanceState.STOPPED, OFF);

    private final Play play = new Play(1).pod("web-0", 0, ofSeconds(1));

    /** For forty seconds its node looks Ready. */
    @Test
    void aMachineThatWentIsNotWellThoughItsLeaseSaysAMomentAfter() {
        play.node.kubeletIsAhead(ofMinutes(3));
        play.at(OFF, () -> play.node.kubeletRuns(false))
                .at(OFF.plusSeconds(40), play::nodeIsNotReady)
                .noticeAt(OFF.plusSeconds(2), STOPPED)
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.isSettledOnTheNode(STOPPED)).isTrue();
    }

    @Test
    void aMachineThatIsOnAgainIsWellThoughItsLeaseSaysAMomentBefore() {
        play.node.kubeletIsAhead(ofMinutes(-3));
        play.noticeAt(OFF.plus(ofMinutes(1)), STOPPED).runUntil(START.plus(ofMinutes(30)));

        assertThat(play.node.changed()).isEmpty();
        assertThat(play.messages()).isEmpty();
    }
}
