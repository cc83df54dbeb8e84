package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.event.Response;
import dev.glidepath.lab.TestFile;
import dev.glidepath.node.Journal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas of two versions on one node: the other one, of the later version, has written its journal. */
class VersionsPlayTest {
    private static final String NEWER = text("""
            {'version':2,'state':'open','holder':'glidepath-9/5eed','since':'lunch',
             'causes':[{'id':'flood/i/noon','kind':'flood'}],'changed':['unschedulable','painted']}""");
    private static final String BROKEN = "not ours any more";

    private final Play play = new Play(1).pod("web-0", 0, ofSeconds(1));

    @Test
    void leavesALaterJournalAloneWhileAReplicaThatCanReadItLives() {
        play.strangersFreeAt(START.plus(ofMinutes(10)));
        play.node.isAnnotated(NEWER);

        play.notice(SampleNotices.spot(START)).runUntil(START.plusSeconds(60));

        assertThat(play.done(OnJournal.class)).isEmpty();
        assertThat(play.done(Evict.class)).isEmpty();
        assertThat(play.done(DeleteMessages.class)).isEmpty();
        assertThat(play.succeeded(HandBack.class)).isNotEmpty();
        assertThat(play.deadLetters()).as("lost by being handed back").isEmpty();
    }

    /** Its deliveries are counted, and the reader is to get one of them. */
    @Test
    void aMessageThatIsLeftToAReaderDoesNotComeStraightBackToUs() {
        play.strangersFreeAt(START.plus(ofMinutes(10)));
        play.mostReceives(20).node.isAnnotated(NEWER);

        play.notice(SampleNotices.spot(START)).runUntil(START.plus(ofMinutes(2)));

        assertThat(play.succeeded(HandBack.class)).hasSizeBetween(3, 5);
    }

    @Test
    void drainsWithoutUndoingAnythingWhenNoReplicaCanReadTheJournal() {
        play.strangersFreeAt(START);
        play.node.isAnnotated(NEWER);

        play.notice(SampleNotices.spot(START)).run();

        assertThat(play.succeeded(Cordon.class)).hasSize(1);
        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.done(Undo.class)).isEmpty();
        assertThat(play.done(HandBack.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(Journal.State.SETTLED);
        assertThat(ending()).isEqualTo(Ending.DRAINED);
    }

    /** It hears of nothing that comes by our queue, and how long its claim stands is not known. */
    @Test
    void aLaterJournalOfAnotherReleaseHoldsUpNoSpotInterruption() {
        play.strangersFreeAt(START);
        play.strangersAreOfAnotherRelease();
        play.node.isAnnotated(NEWER);

        play.notice(SampleNotices.spot(START)).run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
        assertThat(ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aMessageIsAnsweredOnceNoReaderLives() {
        play.strangersFreeAt(START.plusSeconds(40));
        play.node.isAnnotated(NEWER);

        play.notice(Play.asg("token", START)).runUntil(START.plus(ofMinutes(5)));

        assertThat(play.succeeded(Action.CompleteHook.class)).hasSize(1);
        assertThat(play.succeeded(Evict.class))
                .singleElement()
                .satisfies(evict -> assertThat(evict.at()).isAfter(START.plusSeconds(40)));
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void textThatIsNoJournalHoldsUpNoSpotInterruption() {
        play.node.isAnnotated(BROKEN);

        play.notice(SampleNotices.spot(START)).run();

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
        assertThat(ending()).isEqualTo(Ending.DRAINED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatMayComeToNothingLeavesANodeAloneWhoseJournalCannotBeRead(boolean broken) {
        play.policy(Policy.standard()
                .with(Map.of(Kind.REBALANCE_RECOMMENDATION, Response.DRAIN, Kind.SCHEDULED_CHANGE, Response.DRAIN)));
        play.node.isAnnotated(broken ? BROKEN : NEWER);

        play.notice(SampleNotices.rebalance(START))
                .notice(SampleNotices.change(1, START, START.plus(ofMinutes(50))))
                .run();

        assertThat(play.done(OnJournal.class)).isEmpty();
        assertThat(play.done(Evict.class)).isEmpty();
        assertThat(play.succeeded(DeleteMessages.class)).isNotEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(ending()).isEqualTo(Ending.JOURNAL_UNREADABLE);
    }

    @Test
    void aScheduledChangeThatIsAboutToComeIsAnswered() {
        play.node.isAnnotated(BROKEN);

        play.notice(SampleNotices.change(1, START, START.plus(ofMinutes(10)))).runUntil(START.plus(ofMinutes(9)));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
    }

    /** A cause of a kind we do not know: what was done for it is not ours to take back, nor is it over with ours. */
    @Test
    void aCauseThatOnlyAnotherBuildKnowsIsNeitherUndoneNorSettled() {
        play.strangersFreeAt(START);
        play.node.isAnnotated(text("""
                {'version':1,'state':'open','holder':'glidepath-9/5eed','start':'2026-08-24T10:00:00Z',
                 'causes':[{'id':'flood/i/noon','kind':'flood','effect':'ends'}],
                 'hooks':[],'changed':['unschedulable','taint'],'settled':[]}"""));

        play.runUntil(START.plus(ofMinutes(5)));
        assertThat(play.done(OnJournal.class)).isEmpty();

        play.noticeAt(START.plus(ofMinutes(6)), SampleNotices.spot(START.plus(ofMinutes(6))), "spot", 0)
                .runUntil(START.plus(ofMinutes(20)));

        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.done(Undo.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.journal().orElseThrow().state()).isEqualTo(Journal.State.PLANNED);
        assertThat(play.journal().orElseThrow().text()).contains("flood/i/noon");
    }

    /** It tells of nothing, and nobody would ever be done with it. */
    @Test
    void aPlannedJournalWithoutACauseIsAtRest() {
        play.node.isAnnotated(
                text("{'version':1,'state':'planned','start':'2026-08-24T10:00:00Z','causes':[],'hooks':[],"
                        + "'changed':[],'settled':[]}"));

        play.runUntil(START.plus(ofMinutes(5)));

        assertThat(play.isAtRest()).isTrue();
    }

    /** Whoever may write to one node must not keep us writing to it. */
    @Test
    void aCauseThatIsThereTwiceIsAnsweredOnce() {
        String cause = "{'id':'rebalance-recommendation/i/noon','kind':'rebalance-recommendation','effect':'none',"
                + "'noticedAt':'2026-08-24T10:14:00Z','receivedAt':'2026-08-24T10:14:00Z','answered':false}";
        play.node.isAnnotated(text("{'version':1,'state':'open','start':'2026-08-24T10:00:00Z','causes':[" + cause + ","
                + cause + "],'hooks':[],'changed':[],'settled':[]}"));

        play.runUntil(START.plus(ofMinutes(1)));

        assertThat(play.done(OnJournal.class)).hasSizeLessThan(20);
    }

    private Ending ending() {
        return ((Stage.Settled) play.looks().stream()
                        .map(look -> look.decision().stage())
                        .filter(Stage.Settled.class::isInstance)
                        .reduce((_, last) -> last)
                        .orElseThrow())
                .ending();
    }

    /** It had the token itself, which nobody takes from a journal any more: the message is there until all is done. */
    @Test
    void aHookInAnUnversionedJournalIsCompletedOnRedelivery() {
        LifecycleToken token = new LifecycleToken("87654321-4321-4321-4321-210987654310");
        LifecycleAction action = LifecycleAction.of("workers", "drain", token, Play.INSTANCE);
        play.strangersFreeAt(START.plusSeconds(15));
        play.node.isAnnotated(TestFile.read("journals/before-versions-held-by-another.json"));

        play.noticeAt(
                        START.plusSeconds(30),
                        new AsgTermination(action, START.minusSeconds(10), Route.EVENT_BRIDGE, false))
                .run();

        assertThat(play.succeeded(CompleteHook.class)).singleElement().satisfies(done -> {
            assertThat(((CompleteHook) done.action()).action()).isEqualTo(action);
            assertThat(done.at()).isBetween(START.plusSeconds(30), START.plusSeconds(45));
        });
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
        assertThat(play.messages()).isEmpty();
    }

    private static String text(String json) {
        return json.replace('\'', '"');
    }
}
