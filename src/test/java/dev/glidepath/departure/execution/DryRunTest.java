package dev.glidepath.departure.execution;

import static dev.glidepath.departure.ShellSetup.DEAD;
import static dev.glidepath.departure.ShellSetup.NODE;
import static dev.glidepath.departure.ShellSetup.OTHER_WORKER;
import static dev.glidepath.departure.ShellSetup.WORKER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.ShellSetup;
import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Action.Terms;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.Kind;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.Scheduling;
import dev.glidepath.observe.LogEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A dry run: nothing is written anywhere, and what would have been is seen as done. */
class DryRunTest {
    private static final String TOKEN = "87654321-4321-4321-4321-210987654310";
    private static final PodRef WEB = new PodRef("shop", "web", "uid-of-web");

    private final ShellSetup shell = ShellSetup.dryRun().withNode("web", "api");
    private final AtomicInteger changes = new AtomicInteger();
    private final ClusterAccess accesses = shell.access();
    private final NodeAccess access = accesses.of(WORKER, changes::incrementAndGet);
    private final ClusterView view = access.view();
    private final Instant began = shell.clock.instant();

    @AfterEach
    void close() {
        view.close();
        shell.close();
    }

    @Test
    void aWholeDepartureWritesNothing() {
        runWholeDeparture();

        assertThat(shell.cluster.writes()).isEmpty();
        assertThat(shell.cluster.journal(NODE)).isEmpty();
        assertThat(shell.cluster.hasPod("web") && shell.cluster.hasPod("api")).isTrue();
        assertThat(shell.autoScaling.completed()).isEmpty();
        assertThat(shell.autoScaling.heartbeats()).isEmpty();
        assertThat(shell.sqs.deleted()).isEmpty();
        assertThat(shell.sqs.released()).isEmpty();
        assertThat(shell.log.count(LogEvent.LIFECYCLE_COMPLETED)).isEqualTo(1);
    }

    @Test
    void whatWasDoneInADryRunIsNotDoneAgain() {
        runWholeDeparture();

        shell.sqs.send("again", shell.terminationNotice(WORKER, TOKEN));
        shell.receive();

        shell.until(() -> shell.log.count(LogEvent.DEPARTURE_SETTLED) == 2);
        assertThat(shell.log.count(LogEvent.NODE_CORDONED)).isEqualTo(1);
        assertThat(shell.log.count(LogEvent.POD_EVICTED)).isEqualTo(2);
    }

    @Test
    void aCordonIsSeenThoughItIsNotWritten() {
        perform(cordon(Scheduling.FORBIDDEN));

        assertThat(seen().journal()).contains(journal().withChanged(Set.of(Change.UNSCHEDULABLE, Change.TAINT)));
        assertThat(view.nodes()).extracting(KubeNode::journalText).containsExactly(seen().journalText());
        assertThat(changes).hasValue(1);
        assertThat(shell.cluster.writes()).isEmpty();
    }

    @Test
    void eachWriteIsSeenWithWhatItWouldHaveChanged() {
        perform(cordon(Scheduling.DISCOURAGED));
        assertThat(changed()).containsExactly(Change.SOFT_TAINT);

        perform(new TakeOutOfService(journal(), seen().journalText()));
        assertThat(changed()).containsExactly(Change.OUT_OF_SERVICE);

        perform(new PutBackInService(seen().journal().orElseThrow(), seen().journalText()));
        assertThat(changed()).isEmpty();

        perform(new UpdateJournal(journal().withChanged(Set.of(Change.TAINT)), seen().journalText()));
        assertThat(changed()).containsExactly(Change.TAINT);

        perform(new Undo(seen().journal().orElseThrow(), seen().journalText(), Ending.WITHDRAWN));
        assertThat(changed()).isEmpty();
    }

    @Test
    void somebodyElsesWriteEndsWhatIsSimulated() {
        perform(cordon(Scheduling.FORBIDDEN));
        String others = shell.openJournal(DEAD).text();

        shell.cluster.writeJournal(NODE, others);

        shell.until(() -> seen().journalText().equals(others));
    }

    @Test
    void podsThatAreAskedAreSeenToGo() {
        perform(new ListPods(1));
        assertThat(pods().pods()).hasSize(2);

        perform(new Evict(WEB, terms()));
        assertThat(pods().pods()).extracting(pod -> pod.ref().name()).containsExactly("api");
        assertThat(pods().gone()).extracting(pod -> pod.ref().name()).containsExactly("web");

        perform(new Delete(new PodRef("shop", "api", "uid-of-api"), terms()));
        assertThat(pods().pods()).isEmpty();
        assertThat(shell.cluster.writes()).isEmpty();
    }

    @Test
    void aMarkMovesNoPod() {
        perform(new ListPods(1));

        perform(new MarkDisrupted(WEB, terms()));

        assertThat(pods().pods()).hasSize(2);
        assertThat(shell.cluster.writes()).isEmpty();
    }

    @Test
    void laterDeparturesOfTheInstanceSeeItAsWell() {
        perform(cordon(Scheduling.FORBIDDEN));

        try (ClusterView later = accesses.of(WORKER, () -> {}).view()) {
            assertThat(later.node())
                    .isInstanceOfSatisfying(
                            Present.class,
                            present -> assertThat(present.node().journal()).isEqualTo(seen().journal()));
        }
    }

    @Test
    void otherInstancesDoNotSeeIt() {
        shell.withNode("node-2", OTHER_WORKER);
        perform(cordon(Scheduling.FORBIDDEN));

        try (ClusterView other = accesses.of(OTHER_WORKER, () -> {}).view()) {
            assertThat(other.nodes()).extracting(KubeNode::journalText).containsExactly("");
        }
    }

    @Test
    void hooksAreAskedAboutAndNeitherHeldNorCompleted() {
        var action = ShellSetup.action(WORKER, TOKEN);

        assertThat(access.executor().begin(new DescribeHook(action)).execute()).isInstanceOf(Described.class);
        perform(new Heartbeat(action));
        perform(new CompleteHook(action, HookResult.CONTINUE));

        assertThat(shell.autoScaling.heartbeats()).isEmpty();
        assertThat(shell.autoScaling.completed()).isEmpty();
    }

    @Test
    void needsNoLeaseAndTakesNothingOver() {
        assertThat(view.claim(view.node()).mayActUntil()).isEqualTo(Instant.MAX);

        shell.cluster.writeJournal(NODE, shell.openJournal(DEAD).text());
        shell.until(() -> !seen().journalText().isEmpty());

        assertThat(view.claim(view.node()).holding()).isEqualTo(new Holding.Other(DEAD, Instant.MAX));
    }

    @Test
    void volumesAreSeenToGoWithTheirPods() {
        shell.cluster.attachment(NODE, "volume-1");

        assertThat(view.attached()).isEmpty();
    }

    private void runWholeDeparture() {
        shell.receive("notice", shell.terminationNotice(WORKER, TOKEN));
        shell.until(() -> shell.log.count(LogEvent.NODE_CORDONED) == 1);
        shell.passBurst();
        shell.until(() -> shell.log.count(LogEvent.POD_EVICTED) == 2);
        shell.passCordonTravel();
        shell.until(() -> shell.log.count(LogEvent.DEPARTURE_SETTLED) == 1);
    }

    private void perform(Action action) {
        assertThat(access.executor().begin(action).execute()).isEqualTo(new Succeeded());
    }

    private Cordon cordon(Scheduling scheduling) {
        return new Cordon(journal(), seen().journalText(), Kind.SPOT_INTERRUPTION, scheduling);
    }

    private Journal journal() {
        return Journal.empty(began)
                .in(Journal.State.OPEN)
                .heldBy(shell.replica.id().holder());
    }

    private KubeNode seen() {
        return view.nodes().getFirst();
    }

    private List<Change> changed() {
        return seen().journal().map(Journal::changed).stream()
                .flatMap(Set::stream)
                .toList();
    }

    private Listed pods() {
        return view.pods() instanceof Listed listed ? listed : new Listed(List.of(), List.of(), Instant.MIN);
    }

    private static Terms terms() {
        return new Terms(Instant.MAX, Instant.MAX, new Grace(Duration.ofSeconds(30), Optional.empty()), Set.of());
    }
}
