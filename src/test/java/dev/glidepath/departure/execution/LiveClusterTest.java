package dev.glidepath.departure.execution;

import static dev.glidepath.departure.ShellSetup.DEAD;
import static dev.glidepath.departure.ShellSetup.NODE;
import static dev.glidepath.departure.ShellSetup.WORKER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.ShellSetup;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one departure sees of the cluster, of other replicas and of Auto Scaling. */
class LiveClusterTest {
    private final ShellSetup shell = ShellSetup.live();
    private final AtomicInteger changes = new AtomicInteger();
    private final NodeAccess access = shell.access().of(WORKER, changes::incrementAndGet);
    private final ClusterView view = access.view();

    @AfterEach
    void close() {
        view.close();
        shell.close();
    }

    @Test
    void aNodeIsSeenFromItsJoiningToItsDeletion() {
        assertThat(view.node())
                .isInstanceOfSatisfying(
                        NeverSeen.class,
                        never -> assertThat(never.seenByAnotherAt()).isEmpty());
        assertThat(view.nodeName()).isEmpty();

        shell.withNode();
        assertThat(view.node()).isInstanceOf(Present.class);
        assertThat(view.nodeName()).contains(new NodeName(NODE));

        shell.cluster.deleteNode(NODE);
        shell.until(() -> view.node() instanceof Gone);
        assertThat(view.nodeName()).contains(new NodeName(NODE));
    }

    @Test
    void ofSeveralNodesTheOneThatIsFollowedIsSeen() {
        shell.withNode().withNode("node-2", WORKER);
        shell.until(() -> view.nodes().size() == 2);

        view.follow(new NodeName("node-2"));

        assertThat(view.nodeName()).contains(new NodeName("node-2"));
        assertThat(view.nodes()).extracting(KubeNode::name).containsExactly(new NodeName(NODE), new NodeName("node-2"));
    }

    @Test
    void podsAreSeenOnceTheyAreListedAndUntilItRests() {
        shell.withNode("web");
        assertThat(view.pods()).isInstanceOf(NotListed.class);

        list();
        assertThat(names()).containsExactly("web");

        shell.cluster.pod(NODE, "api");
        shell.until(() -> names().contains("api"));
        assertThat(changes.get()).isPositive();

        view.rest();
        assertThat(view.pods()).isInstanceOf(NotListed.class);
    }

    @Test
    void budgetsLackTheRoomThatEvictionsUnderWayWillTake() {
        shell.cluster.budget("web", 2);
        shell.withNode("web");
        list();
        shell.until(() -> !view.budgets(view.pods()).isEmpty());
        assertThat(view.budgets(view.pods())).extracting(Budget::allowed).containsExactly(2);

        var place = shell.gate.enter(new Gate.Entry(
                Gate.Request.EVICTION,
                new PodRef("shop", "web", "uid-of-web"),
                shell.clock.instant(),
                Instant.MAX,
                Set.of(new Budget.Id("shop", "web"))));

        assertThat(view.budgets(view.pods())).extracting(Budget::allowed).containsExactly(1);
        place.close();
        assertThat(view.budgets(new NotListed())).isEmpty();
    }

    @Test
    void volumesAreSeenOnTheirNode() {
        shell.cluster.attachment(NODE, "volume-1");
        shell.cluster.attachment("node-2", "volume-2");
        assertThat(view.attached()).as("there is no node").isEmpty();

        shell.withNode();

        shell.until(() -> view.attached().equals(Set.of("volume-1")));
    }

    @Test
    void noticesOfActionsAreSeenOnceTheyAreKnown() {
        var action = ShellSetup.action(WORKER, "token");
        assertThat(view.announced(Set.of(action))).isEmpty();

        ActionNotice notice = new ActionNotice(action, Route.DIRECT);
        shell.tokens.learn(new LifecycleToken("token"), notice);

        assertThat(view.announced(Set.of(action))).containsExactly(notice);
        assertThat(view.announced(Set.of(ShellSetup.action(WORKER, "another"))))
                .as("the hook told us itself before")
                .containsExactly(notice);
    }

    // Whose departure it is.

    @Test
    void aNodeWithoutAJournalIsNobodys() {
        shell.withNode();

        assertThat(claim().holding()).isEqualTo(new Holding.Nobody());
        assertThat(claim().us()).isEqualTo(shell.replica.id().holder());
        assertThat(claim().mayActUntil()).isEqualTo(shell.replica.mayActUntil());
    }

    @Test
    void ourOwnJournalIsOurs() {
        withJournal(shell.openJournal(shell.replica.id().holder()).text());

        assertThat(claim().holding()).isEqualTo(new Holding.Us());
    }

    @Test
    void anothersJournalIsFreeASecondAfterItsHolderIsMissed() {
        withJournal(shell.openJournal(DEAD).text());

        assertThat(claim().holding()).isInstanceOfSatisfying(Holding.Other.class, other -> {
            assertThat(other.holder()).isEqualTo(DEAD);
            assertThat(other.ofOtherRelease()).isFalse();
            assertThat(other.freeAt())
                    .isBetween(shell.clock.instant(), shell.clock.instant().plusSeconds(1));
        });
    }

    @Test
    void aJournalOfAnotherReleaseIsKnownToBeOne() {
        withJournal(shell.openJournal("pod-9/dead@other:release").text());

        assertThat(claim().holding())
                .isInstanceOfSatisfying(
                        Holding.Other.class,
                        other -> assertThat(other.ofOtherRelease()).isTrue());
    }

    @Test
    void aBrokenJournalIsNobodys() {
        withJournal("broken");

        assertThat(claim().holding()).isEqualTo(new Holding.Nobody());
    }

    @Test
    void aJournalOfALaterVersionIsAnothersUntilNobodyCanReadIt() {
        withJournal("{\"version\": 999, \"holder\": \"%s\"}".formatted(DEAD));

        assertThat(claim().holding())
                .isInstanceOfSatisfying(
                        Holding.Other.class, other -> assertThat(other.holder()).isEqualTo(DEAD));
    }

    @Test
    void ourNameInAJournalOfALaterVersionIsNotOurs() {
        withJournal("{\"version\": 999, \"holder\": \"%s\"}"
                .formatted(shell.replica.id().holder()));

        assertThat(claim().holding()).isInstanceOf(Holding.Other.class);
    }

    private void withJournal(String journal) {
        shell.departures.stop(); // none begins by it
        shell.cluster.node(NODE, WORKER, journal);
        shell.until(() -> shell.nodes.hasSeen(WORKER));
    }

    private Claim claim() {
        return view.claim(view.node());
    }

    private void list() {
        assertThat(access.executor().begin(new ListPods(1)).execute()).isEqualTo(new Succeeded());
    }

    private List<String> names() {
        return Optional.of(view.pods())
                .filter(Listed.class::isInstance)
                .map(Listed.class::cast)
                .map(listed ->
                        listed.pods().stream().map(pod -> pod.ref().name()).toList())
                .orElse(List.of());
    }
}
