package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.Window;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was announced may not come true: EC2 keeps the machine, or somebody has only tried. */
class SurvivedPlayTest {
    private static final Duration SPOT_AND_TEN_MINUTES = ofMinutes(12);

    private final Play play = new Play(7);

    @ParameterizedTest
    @MethodSource("withATimeOfTheirOwn")
    void aNodeThatIsStillWellSomeMinutesAfterItsTimeIsRestored(Interruption told, Duration goneAt) {
        play.pod("web", 0, ofSeconds(5)).notice(told).runUntil(START.plus(ofHours(9)));

        assertThat(play.succeeded(Undo.class)).singleElement().satisfies(done -> {
            assertThat(((Undo) done.action()).ending()).isEqualTo(Ending.SURVIVED);
            assertThat(Duration.between(START, done.at()))
                    .isBetween(
                            goneAt.plus(ofMinutes(10)),
                            goneAt.plus(ofMinutes(10)).plusSeconds(12));
        });
        assertThat(play.node.changed()).isEmpty();
        assertThat(play.journal().orElseThrow().goneBy()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    static Stream<Object[]> withATimeOfTheirOwn() {
        return Stream.of(
                new Object[] {SampleNotices.spot(START), ofMinutes(2)},
                new Object[] {new SpotInterruption(Play.INSTANCE, START, SpotAction.STOP), ofMinutes(2)},
                new Object[] {new SpotInterruption(Play.INSTANCE, START, SpotAction.HIBERNATE), ofMinutes(0)},
                new Object[] {SampleNotices.state(InstanceState.SHUTTING_DOWN, START), ofMinutes(0)},
                new Object[] {SampleNotices.state(InstanceState.STOPPING, START), ofMinutes(0)},
                new Object[] {SampleNotices.capacity(START, START.plus(ofMinutes(30))), ofMinutes(30)});
    }

    @Test
    void insideItsWindowAMachineMayGoAtAnyMoment() {
        Window window = new Window(START.plus(ofMinutes(20)), START.plus(ofHours(3)));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, window))
                .runUntil(START.plus(ofHours(9)));

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(Duration.between(START, done.at()))
                        .isBetween(ofMinutes(190), ofMinutes(190).plusSeconds(12)));
    }

    @Test
    void aNodeThatComesBackLaterIsRestoredThen() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.spot(START))
                .at(START.plusSeconds(130), play::machineStops)
                .at(START.plus(ofHours(3)), play::machineStarts)
                .runUntil(START.plus(ofHours(4)));

        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at())
                        .isBetween(
                                START.plus(ofHours(3)), START.plus(ofHours(3)).plusSeconds(11)));
    }

    @Test
    void aNodeThatIsReadyWhileItsKubeletIsSilentIsNot() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.spot(START))
                .at(START.plus(ofMinutes(11)), () -> play.node.kubeletRuns(false))
                .at(START.plus(ofMinutes(13)), play::nodeIsNotReady)
                .runUntil(START.plus(ofHours(4)));

        assertThat(play.done(Undo.class)).isEmpty();
    }

    @Test
    void anInstanceThatAHookHoldsLooksJustAsWell() {
        play.pod("web", 0, ofSeconds(5))
                .heartbeatTimeout(ofMinutes(6)) // the global timeout is a hundred times that
                .notice(Play.asg("token-1", START))
                .noticeAt(START.plusSeconds(20), SampleNotices.spot(START.plusSeconds(20)))
                .runUntil(START.plus(ofHours(9)));
        assertThat(play.done(Undo.class)).isEmpty();

        play.runUntil(START.plus(ofHours(11)));
        assertThat(play.succeeded(Undo.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at())
                        .isBetween(
                                START.plus(ofHours(10)), START.plus(ofHours(10)).plusSeconds(11)));
    }

    @Test
    void oneThatWasAnnouncedEarlierHoldsAsLongAsItsOwnTime() {
        play.pod("web", 0, ofSeconds(5))
                .heartbeatTimeout(ofMinutes(6))
                .notice(Play.asg("token-1", START))
                .noticeAt(START.plus(ofHours(1)), SampleNotices.spot(START.plus(ofHours(1))))
                .runUntil(START.plus(ofHours(9)));

        assertThat(play.done(Undo.class)).isEmpty();
    }

    @Test
    void twoReplicasRestoreItOnce() {
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.spot(START))
                .runUntil(START.plus(ofHours(1)));

        assertThat(play.succeeded(Undo.class)).hasSize(1);
        assertThat(play.node.changed()).isEmpty();
    }

    @Test
    void whatAPersonHasTakenBackIsLeftAlone() {
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.spot(START))
                .at(START.plus(SPOT_AND_TEN_MINUTES).minusSeconds(60), play.node::isUncordoned)
                .runUntil(START.plus(ofHours(1)));

        assertThat(play.node.changed()).isEmpty();
        assertThat(play.node.node().unschedulable()).isFalse();
    }
}
