package dev.glidepath.departure;

import static dev.glidepath.departure.ClusterStandIn.evictionOf;
import static dev.glidepath.departure.ClusterStandIn.patchOf;
import static dev.glidepath.departure.ShellSetup.NODE;
import static dev.glidepath.departure.ShellSetup.OTHER_WORKER;
import static dev.glidepath.departure.ShellSetup.WORKER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.ClusterStandIn.Answer;
import dev.glidepath.departure.ClusterStandIn.Held;
import dev.glidepath.lab.Announcement;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.queue.Receiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One departure from its message to its end, as the cluster, the queue and Auto Scaling see it. */
class DepartureTest {
    private static final String TOKEN = "87654321-4321-4321-4321-210987654310";

    private final List<Held> evictionsHeld = new ArrayList<>();
    private ShellSetup shell = ShellSetup.live();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void drainsTheNodeAndDeletesItsMessageLast() {
        shell.withNode("web", "api");

        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));
        assertThat(shell.cluster.hasPod("web"))
                .as("evicted only after the burst")
                .isTrue();

        shell.passBurst();
        shell.until(() -> !shell.cluster.hasPod("web") && !shell.cluster.hasPod("api"));
        assertThat(shell.isSettled()).isFalse();
        assertThat(shell.sqs.deleted()).isEmpty();

        shell.passCordonTravel();
        shell.until(() -> shell.log.count(LogEvent.DEPARTURE_SETTLED) == 1);
        assertThat(shell.isSettled()).isTrue();
        assertThat(shell.sqs.deleted()).containsExactly("notice");
        assertThat(shell.queue.held()).isZero();
    }

    @Test
    void completesTheHookOnceThePodsAreGone() {
        shell.withNode("web");
        shell.receive("notice", shell.terminationNotice(WORKER, TOKEN));
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.passBurst();
        shell.until(() -> !shell.cluster.hasPod("web"));
        assertThat(shell.autoScaling.completed()).isEmpty();

        shell.passCordonTravel();
        shell.until(() -> shell.sqs.deleted().contains("notice"));

        assertThat(shell.autoScaling.completed()).containsExactly(TOKEN);
        assertThat(shell.isSettled()).isTrue();
    }

    @Test
    void hooksAreOwedUntilTheyAreCompleted() {
        shell.withNode("web");
        shell.receive("notice", shell.terminationNotice(WORKER, TOKEN));
        shell.until(() -> shell.departures.pendingHooks().tokens().size() == 1);

        drain("notice");

        shell.until(() -> shell.departures.pendingHooks().tokens().isEmpty());
    }

    @Test
    void duplicateNoticesAreOneDeparture() {
        shell.withNode("web");
        String notice = shell.spotNotice();
        shell.receive("first", notice);
        shell.receive("second", notice);
        shell.until(() -> shell.cluster.isCordoned(NODE));
        assertThat(shell.departures.underWay()).isEqualTo(1);

        drain("first", "second");

        assertThat(shell.sqs.deleted()).containsExactlyInAnyOrder("first", "second");
        assertThat(shell.log.count(LogEvent.NODE_CORDONED)).isEqualTo(1);
        assertThat(shell.cluster.count(evictionOf("web"))).isEqualTo(1);
    }

    @Test
    void aMessageIsDeletedByItsNewestDelivery() {
        shell.withNode("web");
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.sqs.showAgain("notice");
        shell.receive();

        drain("notice");

        assertThat(shell.sqs.deleted()).containsExactly("notice");
        assertThat(shell.log.count(LogEvent.NODE_CORDONED)).isEqualTo(1);
    }

    @Test
    void handsBackTheNewestDelivery() {
        shell.receive("notice", shell.spotNotice());
        shell.sqs.showAgain("notice");
        shell.receive();
        shell.until(() -> shell.departures.underWay() == 0);

        shell.unseen = List.of("nodes");
        shell.departures.abilityChanged();

        shell.until(() -> shell.sqs.released().equals(List.of(QueueStandIn.handle("notice", 2))));
    }

    @Test
    void anOlderDeliveryThatComesLateDoesNotCount() {
        shell.sqs.send("notice", shell.spotNotice());
        var first = shell.receiveOnly();
        shell.sqs.showAgain("notice");
        shell.receive();
        shell.intake.accept(first, Receiver.Pace.FREELY);
        shell.until(() -> shell.departures.underWay() == 0);

        shell.unseen = List.of("nodes");
        shell.departures.abilityChanged();

        shell.until(() -> shell.sqs.released().equals(List.of(QueueStandIn.handle("notice", 2))));
    }

    @Test
    void handsBackWhatItHasNotBegunWhereItCannotAct() {
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.departures.underWay() == 0);

        shell.unseen = List.of("nodes");
        shell.departures.abilityChanged();

        shell.until(() -> !shell.sqs.released().isEmpty());
        assertThat(shell.sqs.released()).containsExactly(QueueStandIn.handle("notice", 1));
        shell.until(() -> shell.queue.held() == 0);
        shell.until(() -> !shell.isOwed("notice"));
    }

    @Test
    void anOlderDeliveryHandsTheNewerOneNotBack() {
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.departures.underWay() == 0);
        shell.sqs.showAgain("notice");
        assertThat(shell.receiveOnly()).hasSize(1);

        shell.unseen = List.of("nodes");
        shell.departures.abilityChanged();

        shell.until(() -> shell.log.count(LogEvent.MESSAGE_HANDED_BACK) == 1);
        assertThat(shell.sqs.released()).isEmpty();
        assertThat(shell.sqs.inFlight()).containsExactly("notice");
        assertThat(shell.queue.held()).isEqualTo(1);
    }

    @Test
    void aNodeThatJoinsLateIsCordoned() {
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.departures.underWay() == 0);

        shell.withNode("web");

        shell.until(() -> shell.cluster.isCordoned(NODE));
        assertThat(shell.departures.underWay()).isEqualTo(1);
    }

    @Test
    void aNodeThatGoesMeanwhileEndsTheDeparture() {
        shell.withNode("web");
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));

        shell.cluster.deleteNode(NODE);
        shell.untilInTime(() -> shell.sqs.deleted().contains("notice"));

        assertThat(shell.cluster.count(evictionOf("web"))).isZero();
    }

    @Test
    void allNodesOfAnInstanceDepartBeforeItsMessageGoes() {
        shell.withNode("web").withNode("node-2", WORKER);
        shell.cluster.pod("node-2", "api");
        shell.receive("notice", shell.terminationNotice(WORKER, TOKEN));

        shell.until(() -> shell.cluster.isCordoned(NODE) && shell.cluster.isCordoned("node-2"));
        shell.passBurst();
        shell.until(() -> !shell.cluster.hasPod("web") && !shell.cluster.hasPod("api"));
        shell.passCordonTravel();

        shell.until(() -> shell.sqs.deleted().contains("notice"));
        assertThat(shell.autoScaling.completed()).containsExactly(TOKEN);
        shell.until(() -> shell.departures.underWay() == 0);
    }

    @Test
    void whatFailsForTheInstanceIsRetriedByAllItsNodes() {
        shell.withNode("web").withNode("node-2", WORKER);
        shell.sqs.refuseDelete();
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE) && shell.cluster.isCordoned("node-2"));
        shell.passBurst();
        shell.until(() -> !shell.cluster.hasPod("web"));
        shell.passCordonTravel();

        shell.untilInTime(() -> shell.sqs.deleted().contains("notice"));
        assertThat(shell.count(Metric.ACTS, "delete-messages", "try-again")).isEqualTo(1);
    }

    @Test
    void aMessageAboutTwoInstancesIsDeletedOnceBothAreDone() {
        shell.withNode("web").withNode("node-2", OTHER_WORKER);
        shell.cluster.pod("node-2", "api");
        var now = shell.clock.instant();
        shell.receive(
                "retirement",
                Announcement.scheduledChange(
                        "arn:event", "c-1", "upcoming", now.plus(Duration.ofMinutes(20)), now, WORKER, OTHER_WORKER));
        shell.until(() -> shell.cluster.isCordoned(NODE) && shell.cluster.isCordoned("node-2"));
        Held eviction = shell.cluster.hold(evictionOf("api"));
        shell.passBurst();
        shell.until(() -> !shell.cluster.hasPod("web"));
        shell.passCordonTravel();
        shell.until(shell::isSettled);
        assertThat(shell.sqs.deleted()).as("the other node has a pod yet").isEmpty();

        eviction.release();

        shell.untilInTime(() -> shell.sqs.deleted().contains("retirement"));
    }

    @Test
    void aBudgetThatGainsRoomWakesIt() {
        shell.cluster.budget("web", 0);
        shell.withNode("web");
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.passBurst();
        shell.until(() -> shell.log.count(LogEvent.EVICTION_BLOCKED) == 1);
        assertThat(shell.cluster.hasPod("web")).isTrue();

        shell.cluster.budget("web", 1);

        shell.until(() -> !shell.cluster.hasPod("web"));
    }

    @Test
    void aFullGateLetsTheNextPodPassAfterTheFirst() {
        fillGate();
        assertThat(evictions()).hasSize(1);

        evictionsHeld.forEach(Held::release);

        shell.until(() -> !shell.cluster.hasPod("web") && !shell.cluster.hasPod("api"));
    }

    @Test
    void whatWaitsAtTheGateIsNotSentOnceItsNodeIsGone() {
        fillGate();

        shell.cluster.deleteNode(NODE);
        shell.until(() -> shell.count(Metric.ACTS, "evict", "not-sent") == 1);
        evictionsHeld.forEach(Held::release);

        shell.untilInTime(() -> shell.sqs.deleted().contains("notice"));
        assertThat(evictions()).hasSize(1);
    }

    @Test
    void whatWaitsAtTheGateIsNotSentOnceTheLeaseHasLapsed() {
        fillGate();

        shell.lapseLease();
        evictionsHeld.forEach(Held::release);

        shell.until(() -> shell.count(Metric.ACTS, "evict", "not-sent") >= 1);
        assertThat(evictions()).hasSize(1);
    }

    @Test
    void whatWaitsAtTheGateIsNotSentOnceTheProgramStops() {
        fillGate();

        shell.departures.stop();
        evictionsHeld.forEach(Held::release);
        shell.departures.close();

        assertThat(evictions()).hasSize(1);
        assertThat(shell.sqs.deleted()).isEmpty();
    }

    @Test
    void aConflictIsTriedAgain() {
        shell.withNode("web");
        shell.cluster.answer(patchOf(NODE), Answer.failure(409, "the object has been modified"));

        shell.receive("notice", shell.spotNotice());

        shell.untilInTime(() -> shell.cluster.isCordoned(NODE));
        assertThat(shell.cluster.count(patchOf(NODE))).isEqualTo(2);
    }

    @Test
    void aVolumeThatIsDetachedWakesIt() {
        shell.cluster.attachment(NODE, "volume-1");
        shell.cluster.claim("data", "volume-1");
        shell.withNode();
        shell.cluster.podWithClaim(NODE, "db", "data");
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.passBurst();
        shell.until(() -> !shell.cluster.hasPod("db"));
        shell.passCordonTravel();
        shell.until(() -> shell.count(Metric.ACTS, "list-pods") == 2);
        assertThat(shell.isSettled()).isFalse();

        shell.cluster.detach("volume-1");

        shell.until(shell::isSettled);
    }

    /** One eviction at a time is allowed, and it is not answered for now. */
    private void fillGate() {
        shell.close();
        shell = ShellSetup.live(1).withNode("web", "api");
        Stream.of("web", "api").map(pod -> shell.cluster.hold(evictionOf(pod))).forEach(evictionsHeld::add);
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.passBurst();
        shell.until(() -> !evictions().isEmpty());
    }

    private List<String> evictions() {
        return shell.cluster.requests().stream()
                .filter(request -> request.endsWith("/eviction"))
                .toList();
    }

    private void drain(String... messages) {
        shell.passBurst();
        shell.until(() -> !shell.cluster.hasPod("web"));
        shell.passCordonTravel();
        shell.until(() -> shell.sqs.deleted().containsAll(List.of(messages)));
    }
}
