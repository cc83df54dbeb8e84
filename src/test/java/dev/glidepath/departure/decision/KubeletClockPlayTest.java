package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A kubelet writes its Lease by its own clock, which may be wrong: that it is renewed proves that it lives, not what it says. */
class KubeletClockPlayTest {
    private static final Instant OFF = START.plusSeconds(30);
    private static final Interruption STOPPED = SampleNotices.state(InstanceState.STOPPED, OFF);

    private final Play play = new Play(1).pod("web-0", 0, ofSeconds(1));

    /** For forty seconds its node looks Ready. */
    @Test
    void aMachineThatWentIsNotWellThoughItsLeaseSaysAMomentAfter() {
        play.node.kubeletIsAhead(ofMinutes(3));
        theMachineGoes(OFF).runUntil(START.plus(ofMinutes(30)));

        assertThat(play.isSettledOnTheNode(STOPPED)).isTrue();
    }

    @Test
    void aMachineThatIsOnAgainIsWellThoughItsLeaseSaysAMomentBefore() {
        play.node.kubeletIsAhead(ofMinutes(-3));
        play.noticeAt(OFF.plus(ofMinutes(1)), STOPPED).runUntil(START.plus(ofMinutes(30)));

        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    /** The node was not Ready for a while, an hour ago say, and its Lease was looked at then. */
    @Test
    void whatTheLeaseSaidOnceSaysNothingOfWhatIsToldLater() {
        Instant late = START.plus(ofMinutes(13));
        play.budget(0, Duration.ZERO)
                .notice(Play.asg("token-1", START))
                .at(START.plusSeconds(20), play::nodeIsNotReady)
                .at(START.plusSeconds(45), () -> play.node.isReady(true))
                .noticeAt(late, SampleNotices.spot(START.plusSeconds(30)))
                .runUntil(late.plusSeconds(60));

        assertThat(play.done()).noneMatch(done -> done.action() instanceof LastCall || done.action() instanceof Delete);
        assertThat(play.pods.names()).isNotEmpty();
    }

    /** A node whose kubelet is silent looks Ready for forty seconds: until then that proves nothing. */
    @Test
    void aHiddenKubeletLeaseWaitsUntilBeingReadyProvesSomething() {
        play.node.leaseIsHidden();
        theMachineGoes(OFF).runUntil(START.plus(ofMinutes(30)));

        assertThat(play.isSettledOnTheNode(STOPPED)).isTrue();
    }

    @Test
    void aNodeThatStaysReadyIsHealthyThoughItsKubeletLeaseIsHidden() {
        play.node.leaseIsHidden();
        play.noticeAt(OFF.plusSeconds(2), STOPPED).runUntil(START.plus(ofMinutes(30)));

        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    /** What failed an hour ago, and often, says nothing of now. */
    @Test
    void aLaterNoticeAsksTheKubeletAgainThoughEarlierAttemptsFailed() {
        Instant off = START.plus(ofMinutes(5));
        play.notice(SampleNotices.rebalance(START))
                .fault(action -> action instanceof AskKubelet && play.now().isBefore(START.plusSeconds(130))
                        ? Optional.of(new Retry("no answer"))
                        : Optional.empty())
                .at(START.plusSeconds(20), play::nodeIsNotReady)
                .at(START.plusSeconds(130), () -> play.node.isReady(true))
                .at(off, () -> play.node.kubeletRuns(false))
                .at(off.plusSeconds(40), play::nodeIsNotReady)
                .noticeAt(off.plusSeconds(2), SampleNotices.state(InstanceState.STOPPED, off))
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.isSettledOnTheNode(SampleNotices.state(InstanceState.STOPPED, off)))
                .isTrue();
    }

    /** For forty seconds its node looks Ready; the message comes at once. */
    private Play theMachineGoes(Instant off) {
        return play.at(off, () -> play.node.kubeletRuns(false))
                .at(off.plusSeconds(40), play::nodeIsNotReady)
                .noticeAt(off.plusSeconds(2), SampleNotices.state(InstanceState.STOPPED, off));
    }
}
