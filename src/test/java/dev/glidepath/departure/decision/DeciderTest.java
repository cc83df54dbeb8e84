package dev.glidepath.departure.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.Readiness;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeciderTest {
    private static final Instant NOW = Play.START;
    private static final Journal SETTLED = Journal.empty(NOW).in(State.SETTLED);
    private static final SettleJournal SETTLE =
            new SettleJournal(SETTLED, "an open journal", Ending.DRAINED, DrainReport.nothing());

    /** The watch may be quicker than the answer: what is done is told, and under its own name. */
    @Test
    void isNotSettledBeforeItsLastWriteIsAnswered() {
        Attempts writing = Attempts.none().started(List.of(SETTLE), NOW);

        assertThat(stage(writing)).isInstanceOf(Stage.Settling.class);
        assertThat(stage(writing.ended(SETTLE, new Succeeded(), NOW, new Random(1))))
                .isEqualTo(new Stage.Settled(Ending.DRAINED, DrainReport.nothing()));
    }

    /** It would be looked at each second for as long as it lives, and never changed. */
    @Test
    void whatIsSettledOnANodeThatIsNotOursConcernsNobody() {
        Journal mayHaveSurvived = SETTLED.withChanged(Set.of(Change.TAINT)).goneBy(NOW.plusSeconds(600));
        Journal mayBeBack = SETTLED.withChanged(Set.of(Change.TAINT)).with(Optional.of(new Stop(NOW, true)));

        for (Journal journal : List.of(mayHaveSurvived, mayBeBack)) {
            assertThat(Decider.concerns(node(journal), _ -> true)).isTrue();
            assertThat(Decider.concerns(node(journal), _ -> false)).isFalse();
        }
        assertThat(Decider.concerns(node(SETTLED), _ -> true)).isFalse();
    }

    @Test
    void whatIsUnderWayConcernsUsThoughTheNodeIsOursNoMore() {
        assertThat(Decider.concerns(node(SETTLED.in(State.OPEN)), _ -> false)).isTrue();
    }

    private static KubeNode node(Journal journal) {
        return new KubeNode(
                new NodeName("node-1"),
                NOW,
                new Readiness(Readiness.Status.TRUE, Optional.of(NOW)),
                true,
                false,
                true,
                Map.of(),
                List.of(),
                journal.text());
    }

    private static Stage stage(Attempts attempts) {
        Snapshot snapshot = new Snapshot(
                Play.INSTANCE,
                new NodeSight.Present(node(SETTLED)),
                new Claim("us", Instant.MAX, new Holding.Nobody()),
                new PodSight.NotListed(),
                List.of(),
                Set.of(),
                ClusterConditions.QUIET,
                List.of(),
                Set.of(),
                attempts);
        return Decider.decide(snapshot, Policy.standard(), NOW).stage();
    }
}
