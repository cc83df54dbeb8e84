package dev.glidepath.departure;

import static dev.glidepath.departure.ClusterStandIn.evictionOf;
import static dev.glidepath.departure.ClusterStandIn.patchOf;
import static dev.glidepath.departure.ShellSetup.DEAD;
import static dev.glidepath.departure.ShellSetup.NODE;
import static dev.glidepath.departure.ShellSetup.OTHER_WORKER;
import static dev.glidepath.departure.ShellSetup.WORKER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.glidepath.departure.ClusterStandIn.Answer;
import dev.glidepath.departure.ClusterStandIn.Held;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.Announcement;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The departures of a replica: which begin, which are taken over, and what becomes of messages when one breaks off or all stop. */
class DeparturesTest {
    private static final String TOKEN = "87654321-4321-4321-4321-210987654310";

    private final ShellSetup shell = ShellSetup.live();
    private final AtomicInteger looks = new AtomicInteger();

    @AfterEach
    void close() {
        shell.close();
    }

    // Take-over.

    @Test
    void takesOverWhatADeadReplicaLeftOpen() {
        shell.cluster.pod(NODE, "web");
        shell.cluster.node(NODE, WORKER, shell.openJournal(DEAD).text());
        shell.until(() -> shell.nodes.hasSeen(WORKER));

        shell.untilInTime(() -> shell.log.count(LogEvent.DEPARTURE_TAKEN_OVER) == 1);
        assertThat(shell.journal().flatMap(Journal::holder))
                .contains(shell.replica.id().holder());

        shell.untilInTime(shell::isSettled);
        assertThat(shell.cluster.hasPod("web")).isFalse();
    }

    @Test
    void leavesWhatAnotherReplicaHoldsAsLongAsItsLeaseStands() {
        shell.cluster.lease("pod-9", DEAD);
        shell.until(
                () -> shell.replicas.freeAt(DEAD).isAfter(shell.clock.instant().plusSeconds(10)));
        shell.cluster.node(NODE, WORKER, shell.openJournal(DEAD).text());
        shell.until(() -> shell.nodes.hasSeen(WORKER));
        shell.receive("notice", shell.spotNotice());
        shell.pass(Duration.ofSeconds(2));

        shell.until(() ->
                shell.journal().filter(journal -> journal.causes().size() == 2).isPresent());
        assertThat(shell.journal().flatMap(Journal::holder))
                .as("it is told, and goes on")
                .contains(DEAD);
        assertThat(shell.log.count(LogEvent.DEPARTURE_TAKEN_OVER)).isZero();

        shell.cluster.deleteLease("pod-9");

        shell.untilInTime(() -> shell.log.count(LogEvent.DEPARTURE_TAKEN_OVER) == 1);
    }

    @Test
    void beginsNoneForANodeWhoseJournalIsSettled() {
        Journal settled = Journal.empty(shell.clock.instant()).in(Journal.State.SETTLED);
        shell.cluster.node(NODE, WORKER, settled.text());
        shell.until(() -> shell.nodes.hasSeen(WORKER));

        assertThat(shell.departures.underWay()).isZero();
    }

    // A departure breaks off.

    @Test
    void everyMessageOfADepartureThatDiesIsLeft() {
        CountDownLatch both = new CountDownLatch(1);
        shell.policy = () -> {
            if (looks.incrementAndGet() == 1) {
                awaitUninterrupted(both);
            }
            throw new StackOverflowError("on purpose");
        };
        shell.receive("taken", shell.spotNotice());
        shell.until(() -> looks.get() == 1);
        shell.receive("in the inbox", shell.spotNotice());

        both.countDown();

        shell.until(() -> shell.queue.held() == 0);
        assertThat(shell.isOwed("taken")).isFalse();
        assertThat(shell.isOwed("in the inbox")).isFalse();
        assertThat(shell.sqs.released()).as("they are not thrown back at once").isEmpty();
        shell.until(() -> shell.log.count(LogEvent.DEPARTURE_FAILED) == 1);
    }

    @Test
    void aDepartureThatDiesLetsGoOfNoLaterDelivery() {
        CountDownLatch again = new CountDownLatch(1);
        shell.policy = () -> {
            awaitUninterrupted(again);
            throw new StackOverflowError("on purpose");
        };
        shell.receive("notice", shell.spotNotice());
        shell.sqs.showAgain("notice");
        assertThat(shell.receiveOnly()).hasSize(1);
        shell.owed.owe(new DeliveryId(new MessageId("notice"), 2), Set.of(WORKER, OTHER_WORKER));

        again.countDown();

        shell.until(() -> shell.log.count(LogEvent.DEPARTURE_FAILED) == 1);
        shell.until(() -> shell.departures.underWay() == 0);
        assertThat(shell.queue.held()).isEqualTo(1);
        assertThat(shell.isOwed("notice")).as("the other owes it").isTrue();
    }

    @Test
    void whatBrokeOffBeginsByItselfAfterAPauseOnly() {
        shell.policy = () -> {
            looks.incrementAndGet();
            throw new IllegalStateException("on purpose");
        };
        var began = System.nanoTime();
        shell.cluster.node(NODE, WORKER, shell.openJournal(DEAD).text());
        shell.until(() -> shell.log.count(LogEvent.DEPARTURE_FAILED) == 1 && shell.departures.underWay() == 0);

        shell.cluster.label(NODE, "what", "changes");
        shell.until(() -> looks.get() == 2);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(950));
    }

    @Test
    void aMessageBeginsWhatBrokeOffAtOnce() {
        shell.policy = () -> {
            looks.incrementAndGet();
            throw new IllegalStateException("on purpose");
        };
        shell.receive("first", shell.spotNotice());
        shell.until(() -> shell.log.count(LogEvent.DEPARTURE_FAILED) == 1 && shell.queue.held() == 0);
        var received = System.nanoTime();

        shell.receive("second", shell.spotNotice());
        shell.until(() -> looks.get() == 2);

        assertThat(Duration.ofNanos(System.nanoTime() - received))
                .as("of the second that it would be without the message")
                .isLessThan(Duration.ofMillis(900));
    }

    @Test
    void oneThatBrokeOffOnceDrainsAfterTheNextMessage() {
        shell.withNode("web");
        shell.policy = () -> {
            if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("on purpose");
            }
            return Policy.standard();
        };
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.queue.held() == 0);

        shell.sqs.showAgain("notice");
        shell.receive();

        shell.until(() -> shell.cluster.isCordoned(NODE));
    }

    @Test
    void anActThatDiesIsTriedAgain() {
        shell.withNode();
        shell.sqs.dieAtDelete();

        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.passBurst();
        shell.until(() -> shell.count(Metric.ACTS, "list-pods") == 1);
        shell.passCordonTravel();

        shell.untilInTime(() -> shell.sqs.deleted().contains("notice"));
        assertThat(shell.count(Metric.ACTS, "delete-messages", "try-again")).isEqualTo(1);
    }

    // The program stops.

    @Test
    void whatComesInWhileTheProgramStopsStaysHeldToBeGivenBack() {
        shell.departures.stop();

        shell.receive("late", shell.spotNotice());

        assertThat(shell.departures.underWay()).isZero();
        assertThat(shell.queue.held()).isEqualTo(1);
    }

    @Test
    void sendsNothingOnceTheProgramStopsAndGivesItsMessagesBack() {
        shell.withNode("web");
        Held eviction = shell.cluster.hold(evictionOf("web"));
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.passBurst();
        shell.until(() -> shell.cluster.count(evictionOf("web")) == 1);

        shell.departures.stop();
        List<String> sent = shell.cluster.writes();
        eviction.release();
        shell.departures.close();
        shell.queue.releaseAll();

        assertThat(shell.cluster.writes()).isEqualTo(sent);
        assertThat(shell.cluster.hasPod("web")).as("the request in flight ends").isFalse();
        assertThat(shell.isSettled()).isFalse();
        assertThat(shell.sqs.deleted()).isEmpty();
        assertThat(shell.sqs.released()).containsExactly(QueueStandIn.handle("notice", 1));
    }

    @Test
    void aDepartureThatDiesWhileTheProgramStopsKeepsItsMessages() {
        CountDownLatch stopped = new CountDownLatch(1);
        shell.policy = () -> {
            looks.incrementAndGet();
            awaitUninterrupted(stopped);
            throw new StackOverflowError("on purpose");
        };
        shell.receive("notice", shell.spotNotice());
        shell.until(() -> looks.get() == 1);

        shell.departures.stop();
        stopped.countDown();
        shell.until(() -> shell.departures.underWay() == 0);

        assertThat(shell.queue.held()).isEqualTo(1);
        assertThat(shell.log.count(LogEvent.DEPARTURE_FAILED)).isZero();
    }

    /** Whoever comes next learns it from our Lease, which is released after the departures have ended. */
    @Test
    void whatHooksAreOwedIsStillSaidWhenTheProgramStops() {
        LifecycleToken token = new LifecycleToken(TOKEN);
        shell.withNode("web");
        shell.receive("terminates", shell.terminationNotice(WORKER, TOKEN));
        shell.until(() -> shell.departures.pendingHooks().tokens().containsKey(token));

        shell.departures.close();
        shell.until(() -> shell.departures.underWay() == 0);

        assertThat(shell.departures.pendingHooks().tokens()).containsOnlyKeys(token);
        assertThat(shell.departures.pendingHooks().byWitness())
                .containsExactly(entry(shell.replica.id().holder(), Set.of(WORKER)));
    }

    // What is known of others.

    @Test
    void hooksOfInstancesThatNobodySawAreNotOwed() {
        shell.receive("terminates", shell.terminationNotice(WORKER, TOKEN));
        shell.until(() -> shell.isOwed("terminates"));

        assertThat(shell.departures.pendingHooks().tokens()).isEmpty();
    }

    @Test
    void aNodeThatAnotherReplicaSawIsNotWaitedFor() {
        shell.cluster.lease("pod-9", DEAD);
        shell.receive("terminates", shell.terminationNotice(WORKER, TOKEN));
        shell.until(() -> shell.departures.underWay() == 0);
        shell.pass(Duration.ofSeconds(1));
        shell.freeze();

        shell.cluster.pendingHook("pod-9", DEAD, WORKER);

        shell.until(() -> shell.autoScaling.completed().equals(List.of(TOKEN)));
    }

    @Test
    void noticeAboutAnInstanceThatNobodySawHoldsNoDrainBack() {
        shell.receive("stranger's", shell.spotNotice());

        assertThat(shell.departures.expectMore()).isFalse();
    }

    @Test
    void noticeAboutANodeHoldsDrainsBack() {
        shell.withNode();

        shell.receive("a node's", shell.spotNotice());

        assertThat(shell.departures.expectMore()).isTrue();
    }

    @Test
    void drainsWaitUntilEachNodeOfTheBurstIsCordoned() {
        shell.withNode("web").withNode("node-2", OTHER_WORKER);
        Held cordon = shell.cluster.hold(patchOf("node-2"));
        shell.receive("first", shell.spotNotice());
        shell.receive("second", Announcement.spotInterruption(OTHER_WORKER, shell.clock.instant()));
        shell.until(() -> shell.cluster.isCordoned(NODE));
        shell.until(() -> shell.count(Metric.ACTS, "list-pods") == 1);
        shell.pass(Duration.ofMillis(600));
        shell.freeze();
        shell.receive();
        shell.receive();
        assertThat(shell.departures.expectMore()).isTrue();

        cordon.release();

        shell.until(() -> !shell.cluster.hasPod("web"));
        assertThat(shell.cluster.isCordoned("node-2")).isTrue();
    }

    @Test
    void aPlannedDepartureIsNotUnderWayAndOwesNoMessage() {
        shell.withNode("web");
        var now = shell.clock.instant();
        shell.receive(
                "next week",
                Announcement.scheduledChange(
                        "arn:event", "c-1", "upcoming", now.plus(Duration.ofDays(7)), now, WORKER));

        shell.until(() -> shell.sqs.deleted().contains("next week"));
        shell.until(() -> shell.departures.underWay() == 0);
        assertThat(shell.journal().map(Journal::state)).contains(Journal.State.PLANNED);
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    @Test
    void aDenialIsReportedAndTriedAgain() {
        shell.withNode("web");
        shell.cluster.answer(
                patchOf(NODE),
                Answer.failure(403, "nodes \"node-1\" is forbidden: User \"x\" cannot patch resource \"nodes\""));

        shell.receive("notice", shell.spotNotice());

        shell.until(() -> shell.log.count(LogEvent.ACT_DENIED) == 1);
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
        assertThat(shell.sqs.inFlight()).containsExactly("notice");
    }

    /** As what computes does that nobody can interrupt. */
    private static void awaitUninterrupted(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            Thread.onSpinWait();
        }
    }
}
