package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Response;
import dev.glidepath.node.Journal;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica that cannot act, beside one that can or alone: what becomes of its messages. */
class HandBackPlayTest {
    private final Play play = new Play(7);

    // Beside one that can act.

    @Test
    void aReplicaThatCannotActLeavesAnInterruptionToAnother() {
        play.leaseIsLost(0);
        Instant at = START.plusSeconds(20);
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(5))
                .noticeAt(at, SampleNotices.spot(at), "message", 0)
                .runUntil(START.plus(ofMinutes(2)));

        assertThat(play.succeeded(Cordon.class)).singleElement().satisfies(done -> {
            assertThat(done.by()).isEqualTo("glidepath-1/1");
            assertThat(done.at()).isBefore(at.plusSeconds(1));
        });
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void aReplicaWithAStaleViewLeavesAnInterruptionToAnother() {
        play.withAnotherReplica();
        play.viewIsFresh(0, false);
        play.pod("web", 0, ofSeconds(5))
                .noticeAt(START, SampleNotices.spot(START), "message", 0)
                .runUntil(START.plus(ofMinutes(2)));

        assertThat(play.succeeded(Cordon.class))
                .singleElement()
                .satisfies(done -> assertThat(done.by()).isEqualTo("glidepath-1/1"));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aLifecycleActionIsHandedBackAfterOneHeartbeat() {
        play.leaseIsLost(0);
        Instant at = START.plusSeconds(20);
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(5))
                .noticeAt(at, Play.asg("token-1", at), "message", 0)
                .runUntil(START.plus(ofMinutes(5)));

        assertThat(play.succeeded(Heartbeat.class))
                .filteredOn(done -> done.by().equals("glidepath-0/1"))
                .hasSize(1);
        assertThat(play.succeeded(Evict.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBefore(at.plusSeconds(5)));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    /** Messages that a replica hands back may come to its own long polls, before a replica that can act gets them. */
    @Test
    void anActionThatComesBackToAnEarlierLongPollIsNotKept() {
        play.leaseIsLost(0);
        Instant at = START.plusSeconds(11);
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(5))
                .longPollIsAnsweredAt(at, Play.asg("token-1", at), 1, 0)
                .runUntil(START.plus(ofMinutes(5)));

        assertThat(play.succeeded(Evict.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBefore(at.plusSeconds(1)));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void whatWasReceivedAndNotBegunIsHandedBackWhenTheLeaseEnds() {
        play.withAnotherReplica()
                .fault(action ->
                        action instanceof Action.OnJournal && play.now().isBefore(START.plusSeconds(10))
                                ? java.util.Optional.of(new Outcome.Retry("cut off"))
                                : java.util.Optional.empty())
                .pod("web", 0, ofSeconds(5))
                .noticeAt(START, SampleNotices.spot(START), "message", 0)
                .at(START.plusMillis(1), () -> play.leaseIsLost(0))
                .runUntil(START.plus(ofMinutes(2)));

        assertThat(play.succeeded(Cordon.class)).singleElement().satisfies(done -> {
            assertThat(done.by()).isEqualTo("glidepath-1/1");
            assertThat(done.at()).isBetween(START.plusSeconds(10), START.plusSeconds(11));
        });
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void whatIsBegunIsKeptUntilTheOtherMayTakeItOver() {
        Instant lost = START.plusSeconds(20);
        play.withAnotherReplica()
                .pod(SamplePod.of("slow").grace(ofMinutes(2)), ofMinutes(2))
                .heartbeatTimeout(ofMinutes(2))
                .noticeAt(START, Play.asg("token-1", START), "message", 0)
                .at(lost, () -> play.leaseIsLost(0))
                .runUntil(START.plus(ofMinutes(10)));

        assertThat(play.succeeded(HandBack.class)).first().satisfies(done -> {
            assertThat(done.by()).isEqualTo("glidepath-0/1");
            assertThat(done.at()).isBetween(lost.plusSeconds(15), lost.plusSeconds(16));
        });
        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.by()).isEqualTo("glidepath-1/1"));
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aLeaseThatIsRenewedInTimeCostsNothing() {
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(25))
                .noticeAt(START, SampleNotices.spot(START), "message", 0)
                .at(START.plusSeconds(5), () -> play.leaseIsLost(0))
                .at(START.plusSeconds(14), () -> play.leaseIsRenewed(0))
                .runUntil(START.plus(ofMinutes(2)));

        assertThat(play.done(HandBack.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aReplicaWithAStaleViewDoesNotIgnoreAnUnseenInstance() {
        play.viewIsFresh(0, false);
        play.mostReceives(1)
                .noNode()
                .notice(SampleNotices.spot(START))
                .at(START.plus(ofMinutes(4)), () -> {
                    play.nodeAppears();
                    play.viewIsFresh(0, true);
                })
                .pod("web", 0, ofSeconds(1))
                .run();

        assertThat(play.succeeded(Cordon.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aReplicaWithAStaleViewHandsBackAStateOfAnUnseenInstance() {
        play.viewIsFresh(0, false);
        play.noNode()
                .notice(SampleNotices.state(InstanceState.SHUTTING_DOWN, START))
                .at(START.plusSeconds(5), () -> {
                    assertThat(play.messages()).hasSize(1);
                    play.nodeAppears();
                    play.viewIsFresh(0, true);
                })
                .pod("web", 0, ofSeconds(1))
                .runUntil(START.plus(ofMinutes(5)));

        assertThat(play.succeeded(Cordon.class)).hasSize(1);
        assertThat(play.ending().ending()).isNotEqualTo(Ending.NOT_OUR_NODE);
        assertThat(play.messages()).isEmpty();
    }

    /** What says that it had a node is still needed: by whoever receives the message next. */
    @Test
    void handingMessagesBackDoesNotSettleAnInstanceWithoutItsNode() {
        Instant at = START.plusSeconds(20);
        play.leaseIsLost(0);
        play.at(START, play::nodeIsDeleted)
                .noticeAt(at, Play.asg("token-1", at), "message", 0)
                .run();

        assertThat(play.succeeded(HandBack.class)).hasSize(1);
        assertThat(play.ending().ending()).isEqualTo(Ending.HANDED_BACK);
    }

    // When nobody can act.

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 20})
    void noMessageIsDeliveredSoOftenThatItsQueueMovesItAway(int mostReceives) {
        play.leaseIsLost(0);
        play.leaseIsLost(0);
        Instant back = START.plus(ofMinutes(30));
        play.mostReceives(mostReceives)
                .pod("web", 0, ofSeconds(5))
                .heartbeatTimeout(ofMinutes(2))
                .noticeAt(START.plusSeconds(20), Play.asg("token-1", START.plusSeconds(20)), "message-1", 0)
                .noticeAt(START.plusSeconds(20), SampleNotices.rebalance(START.plusSeconds(20)), "message-2", 0)
                .policy(SamplePolicy.responding(dev.glidepath.event.Kind.REBALANCE_RECOMMENDATION, Response.DRAIN))
                .at(back, () -> play.leaseIsRenewed(0))
                .runUntil(back.plus(ofMinutes(100)));

        assertThat(play.deadLetters()).isEmpty();
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(Journal.State.SETTLED);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 20})
    void aLifecycleActionIsHeartbeatedInTimeForAsLongAsItLasts(int mostReceives) {
        Duration timeout = ofSeconds(60);
        Instant at = START.plusSeconds(20);
        Instant back = START.plus(ofMinutes(30));
        play.leaseIsLost(0);
        play.mostReceives(mostReceives)
                .pod("web", 0, ofSeconds(5))
                .heartbeatTimeout(timeout)
                .noticeAt(at, Play.asg("token-1", at), "message", 0)
                .at(back, () -> play.leaseIsRenewed(0))
                .runUntil(back.plus(ofMinutes(5)));

        Instant last = at;
        for (Play.Done heartbeat : play.succeeded(Heartbeat.class)) {
            assertThat(Duration.between(last, heartbeat.at()))
                    .as("since the last")
                    .isLessThan(timeout);
            last = heartbeat.at();
        }
        assertThat(Duration.between(last, back)).isLessThan(timeout.plus(ofMillis(1)));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    /** A replica that died in the outage holds the journal: nobody else can tell that it is dead. */
    @Test
    void theActionOfAnotherReplicasDepartureIsHeartbeatedAsWell() {
        Instant lost = START.plusSeconds(5);
        Duration timeout = ofSeconds(60);
        play.withAnotherReplica()
                .pod(SamplePod.of("slow").grace(ofMinutes(2)), ofMinutes(2))
                .heartbeatTimeout(timeout)
                .noticeAt(START, Play.asg("token-1", START), "message", 0)
                .at(lost, () -> {
                    play.leaseIsLost(1);
                    play.viewIsFresh(1, false);
                })
                .at(lost.plusSeconds(1), () -> play.dies(0, ofSeconds(20)))
                .at(START.plus(ofMinutes(10)), () -> {
                    play.viewIsFresh(1, true);
                    play.leaseIsRenewed(1);
                })
                .runUntil(START.plus(ofMinutes(20)));

        assertThat(play.succeeded(Heartbeat.class)).hasSizeGreaterThan(10);
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }
}
