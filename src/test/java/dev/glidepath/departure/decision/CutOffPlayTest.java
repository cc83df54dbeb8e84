package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica that receives messages and does not reach the cluster. */
class CutOffPlayTest {
    private static final Instant OFF = START.plusSeconds(30);
    private static final Interruption STOPPED = SampleNotices.state(InstanceState.STOPPED, OFF);

    private final Play play = new Play(1).pod("web-0", 0, ofSeconds(1));

    /** Its watches show the node as it was, and whether its kubelet lives cannot be asked: that proves nothing. */
    @ParameterizedTest(name = "cut off {0} before the machine went")
    @ValueSource(strings = {"PT1S", "PT25S"})
    void doesNotTakeAMachineForWellThatItSeesAsItWas(Duration before) {
        play.isCutOffFromTheCluster(0, OFF.minus(before), OFF.plus(ofMinutes(10)))
                .at(OFF, play::machineStops)
                .noticeAt(OFF.plusSeconds(1), STOPPED, "stopped", 0)
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.isSettledOnTheNode(STOPPED)).isTrue();
        assertThat(play.messages()).isEmpty();
    }
}
