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
    private static final String RICHER = SampleJournal.text("of-a-newer-build.json");

    @Test
    void unknownFieldsSurviveARewrite() {
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
    void unknownWordsSurviveARewrite() {
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
    void unknownCausesAreKnownToBeThere() {
        Journal journal = Journal.parse(RICHER).orElseThrow();

        assertThat(journal.hasUnknownCauses()).isTrue();
        assertThat(journal.settle(Set.of(new InterruptionId("spot-interruption/i/noon")))
                        .hasUnknownCauses())
                .isTrue();
        assertThat(Journal.empty(NOON).hasUnknownCauses()).isFalse();
    }

    /** What belonged to a cause goes with it. */
    @Test
    void unknownFieldsOfASettledCauseAreForgotten() {
        Journal journal = Journal.parse(RICHER).orElseThrow();

        String rewritten = journal.settle(Set.of(new InterruptionId("spot-interruption/i/noon")))
                .text();

        assertThat(rewritten).doesNotContain(text("'zone':'a'")).contains("flood/i/noon");
    }

    /** Each would be due for itself, and only the first is answered. */
    @Test
    void ofTwoCausesOfOneInterruptionTheLaterIsRead() {
        String twice = SampleJournal.text("one-interruption-twice.json");

        assertThat(Journal.parse(twice).orElseThrow().causes())
                .extracting(Journal.Cause::id)
                .containsExactly(new InterruptionId("scheduled-change/i/event#2"));
    }

    @Test
    void completionOfAHookIsWrittenWithItsInterruption() {
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
    void tokenFromBeforeVersionsIsKnownByItsHashAndNotWrittenAgain() {
        String old = SampleJournal.text("before-versions.json");
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
