package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Reading;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Journals that other builds wrote. */
class JournalVersionsTest {
    private static final String TOKEN = "87654321-4321-4321-4321-210987654310";
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    /** By a build that knows more, of our version. */
    private static final String RICHER = text("""
            {'version':1,'state':'open','holder':'glidepath-0/5eed','start':'2026-08-24T12:00:01Z','mood':{'is':'good'},
             'term':{'deadline':'2026-08-24T12:15:00Z','since':'2026-08-24T12:00:02Z','why':'hook'},
             'causes':[{'id':'spot-interruption/i/noon','kind':'spot-interruption','effect':'ends',
                        'noticedAt':'2026-08-24T12:00:00Z','receivedAt':'2026-08-24T12:00:01Z','answered':false,'zone':'a'},
                       {'id':'flood/i/noon','kind':'flood','effect':'ends','depth':3},
                       {'id':'state-change/i/noon','kind':'state-change','effect':'shrinks'}],
             'hooks':[{'cause':'asg-termination/feed','group':'workers','name':'drain','tokenHash':'feed',
                       'instance':'i-0a1b2c3d4e5f60001','noticedAt':'2026-08-24T12:00:00Z',
                       'firstReceivedAt':'2026-08-24T12:00:02Z','direct':false,'result':'continue'}],
             'changed':['unschedulable','painted'],
             'stop':{'at':'2026-08-24T12:02:00Z','proven':true,'cold':true},
             'settled':[{'id':'asg-termination/beef','noticedAt':'2026-08-24T11:59:00Z','by':'us'}]}""");

    @Test
    void fieldsThatAreUnknownSurviveARewrite() {
        Journal journal = Journal.parse(RICHER).orElseThrow();

        String rewritten = journal.heldBy("glidepath-1/cafe").text();

        assertThat(rewritten)
                .contains(
                        text("'mood':{'is':'good'}"),
                        text("'why':'hook'"),
                        text("'zone':'a'"),
                        text("'result':'continue'"),
                        text("'cold':true"),
                        text("'by':'us'"),
                        text("'holder':'glidepath-1/cafe'"));
        assertThat(Journal.parse(rewritten)).contains(journal.heldBy("glidepath-1/cafe"));
    }

    @Test
    void wordsThatAreUnknownSurviveARewrite() {
        Journal journal = Journal.parse(RICHER).orElseThrow();

        String rewritten = journal.withoutChanged(Set.of(Change.values())).text();

        assertThat(journal.causes()).hasSize(1);
        assertThat(rewritten)
                .contains(
                        text("{'id':'flood/i/noon','kind':'flood','effect':'ends','depth':3}"),
                        text("{'id':'state-change/i/noon','kind':'state-change','effect':'shrinks'}"),
                        text("'changed':['painted']"));
    }

    @Test
    void causesThatAreUnknownAreKnownToBeThere() {
        Journal journal = Journal.parse(RICHER).orElseThrow();

        assertThat(journal.hasUnknownCauses()).isTrue();
        assertThat(journal.settle(Set.of(new InterruptionId("spot-interruption/i/noon")))
                        .hasUnknownCauses())
                .isTrue();
        assertThat(Journal.empty(NOON).hasUnknownCauses()).isFalse();
    }

    /** What belonged to a cause goes with it. */
    @Test
    void fieldsOfWhatIsSettledAreForgotten() {
        Journal journal = Journal.parse(RICHER).orElseThrow();

        String rewritten = journal.settle(Set.of(new InterruptionId("spot-interruption/i/noon")))
                .text();

        assertThat(rewritten).doesNotContain(text("'zone':'a'")).contains("flood/i/noon");
    }

    /** Each would be due for itself, and only the first is answered. */
    @Test
    void ofTwoCausesThatTellOfOneInterruptionTheLaterWordIsRead() {
        String twice = text("""
                {'version':1,'state':'planned','start':'2026-08-24T12:00:00Z','causes':[
                  {'id':'scheduled-change/i/event#1','kind':'scheduled-change','effect':'stops','answered':false,
                   'noticedAt':'2026-08-24T12:00:00Z','receivedAt':'2026-08-24T12:00:00Z'},
                  {'id':'scheduled-change/i/event#2','kind':'scheduled-change','effect':'stops','answered':false,
                   'noticedAt':'2026-08-24T13:00:00Z','receivedAt':'2026-08-24T13:00:00Z'}]}""");

        assertThat(Journal.parse(twice).orElseThrow().causes())
                .extracting(Journal.Cause::id)
                .containsExactly(new InterruptionId("scheduled-change/i/event#2"));
    }

    @Test
    void thatAHookIsCompletedIsWrittenWithItsInterruption() {
        InterruptionId beef = new InterruptionId("asg-termination/beef");
        Journal left = Journal.parse(RICHER).orElseThrow();

        Journal completed =
                Journal.parse(left.withHooksCompleted(Set.of(beef)).text()).orElseThrow();

        assertThat(left.isHookCompleted(beef)).isFalse();
        assertThat(completed.isHookCompleted(beef)).isTrue();
        assertThat(completed.text()).contains(text("'by':'us'"));
    }

    @Test
    void laterVersionIsNotRead() {
        String later = text("{'version':2,'state':'half-open','holder':'glidepath-0/5eed','start':12}");

        assertThat(Journal.read(later)).isEqualTo(new Reading.Newer(2, Optional.of("glidepath-0/5eed")));
        assertThat(Journal.read(text("{'version':2}"))).isEqualTo(new Reading.Newer(2, Optional.empty()));
        assertThat(Journal.parse(later)).isEmpty();
    }

    /** They had the token itself, also in what names a lifecycle action. */
    @Test
    void tokenInAJournalFromBeforeVersionsIsKnownByItsHashAndNotWrittenAgain() {
        String old = text("""
                {'state':'open','start':'2026-08-24T12:00:01Z',
                 'causes':[{'id':'asg-termination/TOKEN','kind':'asg-termination','effect':'ends',
                            'noticedAt':'2026-08-24T12:00:00Z','receivedAt':'2026-08-24T12:00:01Z','answered':false}],
                 'hooks':[{'cause':'asg-termination/TOKEN','group':'workers','name':'drain','token':'TOKEN',
                           'instance':'i-0a1b2c3d4e5f60001','noticedAt':'2026-08-24T12:00:00Z',
                           'firstReceivedAt':'2026-08-24T12:00:02Z','direct':false}],
                 'changed':[],
                 'settled':[{'id':'asg-launch/TOKEN','noticedAt':'2026-08-24T11:59:00Z'},
                            {'id':'spot-interruption/i/noon','noticedAt':'2026-08-24T11:59:00Z'}]}""".replace("TOKEN", TOKEN));
        String hash = new LifecycleToken(TOKEN).hash();

        Journal journal = Journal.parse(old).orElseThrow();

        assertThat(journal.isLive(new InterruptionId("asg-termination/" + hash)))
                .isTrue();
        assertThat(journal.isSettled(new InterruptionId("asg-launch/" + hash))).isTrue();
        assertThat(journal.isSettled(new InterruptionId("spot-interruption/i/noon")))
                .isTrue();
        assertThat(journal.hooks()).singleElement().satisfies(hook -> {
            assertThat(hook.action().tokenHash()).isEqualTo(hash);
            assertThat(hook.cause().value()).isEqualTo("asg-termination/" + hash);
        });
        assertThat(journal.text()).doesNotContain(TOKEN).contains(text("'version':1"));
    }

    private static String text(String json) {
        return json.replace('\'', '"');
    }
}
