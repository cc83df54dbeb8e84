package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgLaunch;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes that have just joined: the labels by which they are selected come after them. */
class JoiningPlayTest {
    private final Play play = new Play(7);

    @BeforeEach
    void onlySpotNodesAreOurs() {
        play.policy(SamplePolicy.selecting("pool=spot")).pod("web", 0, ofSeconds(5));
    }

    @Test
    void theLaunchOfANodeLabelledInItsBootIsCompletedWhenItIsReady() {
        Instant readyAt = START.plusSeconds(30);
        play.at(START, play.node::joins)
                .notice(SampleNotices.launch(START))
                .at(START.plusSeconds(5), this::isLabelled)
                .at(readyAt, play::nodeIsReady)
                .runUntil(START.plusSeconds(120));

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(readyAt, readyAt.plusSeconds(1)));
        assertThat(play.messages()).isEmpty();
    }

    /** Some operators label a node from a pod on it. */
    @Test
    void launchOfANodeThatIsLabelledAfterItIsReadyIsCompletedThen() {
        Instant readyAt = START.plus(ofMinutes(8));
        play.at(START, play.node::joins)
                .notice(SampleNotices.launch(START))
                .at(readyAt, play::nodeIsReady)
                .at(readyAt.plusSeconds(60), this::isLabelled)
                .runUntil(START.plus(ofMinutes(12)));

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isAfterOrEqualTo(readyAt.plusSeconds(60)));
    }

    @Test
    void spotNoticeOfANodeThatIsLabelledWhileItBootsIsAnswered() {
        play.at(START, play.node::joins)
                .notice(SampleNotices.spot(START))
                .at(START.plusSeconds(5), this::isLabelled)
                .runUntil(START.plusSeconds(120));

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(START.plusSeconds(5), START.plusSeconds(6)));
        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    /** What is asked for when a node is Ready comes a moment later. */
    @Test
    void spotNoticeOfANodeThatIsLabelledWhenItIsReadyIsAnswered() {
        play.at(START, play.node::joins)
                .notice(SampleNotices.spot(START))
                .at(START.plusSeconds(30), play::nodeIsReady)
                .at(START.plusSeconds(31), this::isLabelled)
                .runUntil(START.plusSeconds(120));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
    }

    @Test
    void theHookOfANodeLabelledInItsBootIsCompletedAfterItsDrain() {
        play.at(START, play.node::joins)
                .notice(Play.asg("token-1", START))
                .at(START.plusSeconds(5), this::isLabelled)
                .runUntil(START.plusSeconds(120));

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at())
                        .isAfter(play.succeeded(Evict.class).getFirst().at()));
    }

    static Interruption[] waitingForLabels() {
        return new Interruption[] {
            SampleNotices.spot(START),
            SampleNotices.rebalance(START),
            Play.asg("token-1", START),
            SampleNotices.launch(START)
        };
    }

    @ParameterizedTest
    @MethodSource("waitingForLabels")
    void aNodeOutsideTheSelectorIsAwaitedBrieflyAndNeverTouched(Interruption interruption) {
        Duration briefly = interruption instanceof AsgLaunch ? ofMinutes(5) : ofSeconds(3);
        Instant readyAt = START.plusSeconds(30);
        play.at(START, play.node::joins)
                .notice(interruption)
                .at(readyAt, play::nodeIsReady)
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.done()).singleElement().satisfies(done -> {
            assertThat(done.at())
                    .isBetween(readyAt.plus(briefly), readyAt.plus(briefly).plusSeconds(1));
            assertThat(((DeleteMessages) done.action()).ending()).isEqualTo(Ending.NOT_SELECTED);
        });
        assertThat(play.isAtRest()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("waitingForLabels")
    void aNodeThatIsNeverReadyIsAwaitedNoLongerThanOneThatNeverJoins(Interruption interruption) {
        play.at(START, play.node::joins).notice(interruption).runUntil(START.plus(ofMinutes(30)));

        assertThat(play.done()).singleElement().satisfies(done -> {
            assertThat(done.action()).isInstanceOf(DeleteMessages.class);
            assertThat(done.at()).isBefore(START.plus(ofMinutes(15)).plusSeconds(1));
        });
    }

    /** It is not Ready again, rather than not Ready yet. */
    @ParameterizedTest
    @MethodSource("waitingForLabels")
    void nodeThatJoinedLongAgoIsNotWaitedFor(Interruption interruption) {
        play.at(START, play::nodeIsNotReady).notice(interruption).runUntil(START.plus(ofMinutes(1)));

        assertThat(play.done()).singleElement().satisfies(done -> {
            assertThat(done.action()).isInstanceOf(DeleteMessages.class);
            assertThat(done.at()).isBefore(START.plusSeconds(1));
        });
    }

    @Test
    void stateChangeIsNotWorthTheWait() {
        play.at(START, play.node::joins)
                .notice(SampleNotices.state(InstanceState.SHUTTING_DOWN, START))
                .runUntil(START.plus(ofMinutes(1)));

        assertThat(play.done())
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBefore(START.plusSeconds(1)));
    }

    /** Nor is its hook touched by a replica that can do nothing else. */
    @Test
    void aReplicaThatCannotActSendsNoHeartbeatForAnUnselectedNode() {
        Instant at = START.plusSeconds(20);
        play.leaseIsLost(0);
        play.withAnotherReplica()
                .at(at, play.node::joins)
                .noticeAt(at, Play.asg("token-1", at), "message", 0)
                .runUntil(START.plus(ofMinutes(10)));

        assertThat(play.done())
                .extracting(Play.Done::action)
                .hasExactlyElementsOfTypes(HandBack.class, DeleteMessages.class);
    }

    private void isLabelled() {
        play.node.isLabelled("pool", "spot");
    }

    /** Neither has a journal: what came to nothing on the one is not done on the other. */
    @Test
    void aNodeThatIsMadeAnewWhileItsCordonIsUnderWayIsCordoned() {
        Play again = new Play(1);
        again.isBehind(0, START, START.plusSeconds(5), PlayedView.Behind.SILENT, Duration.ZERO)
                .notice(Play.asg("token", START))
                .actionsFoundFrom(START.plusSeconds(30))
                .at(START.plusMillis(20), again::nodeIsDeleted)
                .at(START.plusMillis(100), again.node::isMadeAnew)
                .runUntil(START.plusSeconds(60));

        assertThat(again.succeeded(Cordon.class)).hasSize(1);
    }
}
