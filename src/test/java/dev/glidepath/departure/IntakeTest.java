package dev.glidepath.departure;

import static dev.glidepath.departure.ShellSetup.NODE;
import static dev.glidepath.departure.ShellSetup.OTHER_WORKER;
import static dev.glidepath.departure.ShellSetup.WORKER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.lab.Announcement;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.QueueTraits;
import dev.glidepath.queue.Receiver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of each message that comes in. */
class IntakeTest {
    private static final String TOKEN = "87654321-4321-4321-4321-210987654310";

    private static final String BLOCK = "cr-0a1b2c3d4e5f60022";

    private final ShellSetup shell = ShellSetup.live();

    @AfterEach
    void close() {
        shell.close();
    }

    // Messages that need no action.

    @Test
    void noiseIsDeleted() {
        shell.receive("noise", Announcement.stateChange(WORKER, shell.clock.instant(), "running"));

        shell.until(() -> shell.sqs.deleted().equals(List.of("noise")));
        assertThat(shell.count(Metric.MESSAGES_IGNORED)).isEqualTo(1);
        assertThat(shell.isOwed("noise")).isFalse();
    }

    @Test
    void theTestNotificationOfANewHookIsDeleted() {
        shell.receive("test", Announcement.testNotification());

        shell.until(() -> shell.sqs.deleted().equals(List.of("test")));
    }

    @Test
    void whatIsIgnoredBySettingIsDeletedAndBeginsNoDeparture() {
        shell.withNode("web");
        shell.intakePolicy = () -> Policy.standard().with(Map.of(Kind.SPOT_INTERRUPTION, Response.IGNORE));

        shell.receive("notice", shell.spotNotice());

        shell.until(() -> shell.sqs.deleted().equals(List.of("notice")));
        assertThat(shell.count(Metric.MESSAGES_IGNORED, "by-setting")).isEqualTo(1);
        assertThat(shell.log.count(LogEvent.INTERRUPTION_RECEIVED)).isZero();
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    @Test
    void whatOnlyNotifiesIsToldOnTheNodeAndDeleted() {
        shell.withNode("web");

        shell.receive("hint", Announcement.rebalanceRecommendation(WORKER, shell.clock.instant()));

        shell.until(() -> shell.sqs.deleted().equals(List.of("hint")));
        shell.until(() -> shell.cluster.count("POST /api/v1/namespaces/default/events") == 1);
        assertThat(shell.cluster
                        .lastBody("POST /api/v1/namespaces/default/events")
                        .at("/involvedObject/name")
                        .asText())
                .isEqualTo(NODE);
        assertThat(shell.log.count(LogEvent.INTERRUPTION_RECEIVED)).isEqualTo(1);
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    @Test
    void aStrangersStateChangeIsDeletedOnceTheServerWasAsked() {
        shell.receive("stranger's", Announcement.stateChange(WORKER, shell.clock.instant(), "shutting-down"));

        shell.until(() -> shell.sqs.deleted().equals(List.of("stranger's")));
        assertThat(shell.count(Metric.MESSAGES_IGNORED, "not-our-node")).isEqualTo(1);
    }

    @Test
    void aStrangersStateChangeWaitsForTheServersAnswer() {
        for (int tries = 0; tries < 3; tries++) {
            var _ = shell.cluster.hold("GET /api/v1/nodes");
        }

        shell.receive("stranger's", Announcement.stateChange(WORKER, shell.clock.instant(), "shutting-down"));
        assertThat(shell.queue.held()).isEqualTo(1);
        assertThat(shell.sqs.released()).isEmpty();

        shell.unseen = List.of("nodes");
        shell.until(() -> shell.sqs.released().equals(List.of(QueueStandIn.handle("stranger's", 1))));
    }

    @Test
    void aStateChangeOfANodeBeginsItsDeparture() {
        shell.withNode("web");

        shell.receive("shutting down", Announcement.stateChange(WORKER, shell.clock.instant(), "shutting-down"));

        shell.until(() -> shell.cluster.isCordoned(NODE));
    }

    // Capacity Blocks.

    @Test
    void aBlockThatExpiresTakesTheNodesThatRunOnIt() {
        shell.withNode("web").withNode("node-2", OTHER_WORKER);
        shell.cluster.label(NODE, "block", BLOCK);
        shell.until(() -> shell.nodes.labelled("block", BLOCK).equals(List.of(WORKER)));

        receiveBlockExpiration();

        shell.until(() -> shell.cluster.isCordoned(NODE));
        assertThat(shell.cluster.isCordoned("node-2")).isFalse();
    }

    @Test
    void aBlockThatNoNodeRunsOnIsDeleted() {
        receiveBlockExpiration();

        shell.until(() -> shell.sqs.deleted().equals(List.of("block")));
        assertThat(shell.count(Metric.MESSAGES_IGNORED, "not-our-node")).isEqualTo(1);
    }

    @Test
    void aBlockWhoseNodesMayBeUnseenIsReleased() {
        shell.unseen = List.of("nodes");

        receiveBlockExpiration();

        assertThat(shell.sqs.released()).containsExactly(QueueStandIn.handle("block", 1));
        assertThat(shell.queue.held()).isZero();
    }

    private void receiveBlockExpiration() {
        var now = shell.clock.instant();
        shell.receive("block", Announcement.capacityBlockExpiration(BLOCK, now, now.plus(Duration.ofMinutes(40))));
    }

    // Messages that cannot be read.

    @Test
    void whatCannotBeReadIsLeftAndReportedOnce() {
        shell.traits = new QueueTraits(Optional.empty(), OptionalInt.of(5));
        shell.receive("odd", "not JSON");
        assertThat(shell.log.count(LogEvent.MESSAGE_UNDECODABLE)).isEqualTo(1);

        redeliver("odd");
        redeliver("odd");

        assertThat(shell.log.count(LogEvent.MESSAGE_UNDECODABLE)).isEqualTo(1);
        assertThat(shell.count(Metric.MESSAGES_UNDECODABLE)).isEqualTo(1);
        assertThat(shell.queue.held()).isZero();
        assertThat(shell.sqs.released()).isEmpty();
        assertThat(shell.sqs.inFlight()).containsExactly("odd");
    }

    @Test
    void whatCannotBeReadIsDeletedAtItsThirdDeliveryWithoutRedrive() {
        shell.receive("odd", "not JSON");
        redeliver("odd");
        assertThat(shell.queue.held()).isZero();

        redeliver("odd");

        shell.until(() -> shell.sqs.deleted().equals(List.of("odd")));
        assertThat(shell.log.count(LogEvent.MESSAGE_UNDECODABLE)).isEqualTo(2);
    }

    @Test
    void aNoticeWithoutATimeIsActedOnAndReported() {
        shell.withNode("web");

        shell.receive("odd", """
                {"detail-type": "EC2 Spot Instance Interruption Warning", "source": "aws.ec2",
                 "detail": {"instance-id": "%s", "instance-action": "terminate"}}""".formatted(WORKER));

        assertThat(shell.log.count(LogEvent.MESSAGE_INCOMPLETE)).isEqualTo(1);
        assertThat(shell.count(Metric.MESSAGES_INCOMPLETE)).isEqualTo(1);
        shell.until(() -> shell.cluster.isCordoned(NODE));
    }

    private void redeliver(String message) {
        shell.sqs.showAgain(message);
        shell.receive();
    }

    // Messages that break something.

    @Test
    void aMessageThatThrowsCostsTheOthersOfItsBatchNothing() {
        AtomicInteger asked = new AtomicInteger();
        shell.intakePolicy = () -> {
            if (asked.incrementAndGet() == 2) {
                throw new StackOverflowError("on purpose");
            }
            return Policy.standard();
        };

        sendThree();

        shell.receive();

        assertThat(shell.queue.held()).isEqualTo(2);
        assertThat(shell.isOwed("one") && shell.isOwed("three")).isTrue();
        assertThat(shell.isOwed("two")).isFalse();
        assertThat(shell.sqs.inFlight()).contains("two");
        assertThat(shell.count(Metric.MESSAGES_FAILED)).isEqualTo(1);
        assertThat(shell.log.count(LogEvent.MESSAGE_FAILED)).isEqualTo(1);
    }

    @Test
    void aMessageWhoseDepartureCannotBeginIsLeftAndOwedByNobody() {
        sendThree();
        shell.clockBreaks.set(1);

        shell.receive();

        assertThat(shell.queue.held()).isEqualTo(2);
        assertThat(List.of("one", "two", "three")).filteredOn(shell::isOwed).hasSize(2);
        assertThat(shell.count(Metric.MESSAGES_FAILED)).isEqualTo(1);
    }

    private void sendThree() {
        for (String id : List.of("one", "two", "three")) {
            InstanceId instance = new InstanceId("i-%08x".formatted(id.hashCode()));
            shell.withNode("node-" + id, instance);
            shell.sqs.send(id, Announcement.spotInterruption(instance, shell.clock.instant()));
        }
    }

    // What is owed.

    @Test
    void whatAnnouncesAnInterruptionIsHeldAndOwed() {
        shell.withNode("web");

        shell.receive("notice", shell.spotNotice());

        assertThat(shell.isOwed("notice")).isTrue();
        assertThat(shell.queue.held()).isEqualTo(1);
        assertThat(shell.count(Metric.INTERRUPTIONS_RECEIVED, "spot-interruption"))
                .isEqualTo(1);
        assertThat(shell.log.count(LogEvent.INTERRUPTION_RECEIVED)).isEqualTo(1);
    }

    @Test
    void aTokenIsRememberedWhereItsHookIsIgnored() {
        shell.intakePolicy = () -> Policy.standard().with(Map.of(Kind.ASG_TERMINATION, Response.IGNORE));

        shell.receive("terminates", shell.terminationNotice(WORKER, TOKEN));

        assertThat(shell.tokens.of(ShellSetup.action(WORKER, TOKEN))).isPresent();
    }

    @Test
    void aHookThatComesToOneThatCannotActIsHeartbeatedAndGoesBack() {
        shell.withNode("web");
        shell.unseen = List.of("nodes");
        shell.sqs.send("terminates", shell.terminationNotice(WORKER, TOKEN));

        shell.receiveSeldom();

        shell.until(() -> shell.autoScaling.heartbeats().equals(List.of(TOKEN)));
        shell.untilInTime(() -> shell.sqs.released().contains(QueueStandIn.handle("terminates", 1)));
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    // How it receives.

    @Test
    void receivesSeldomWhereItCannotAct() {
        assertThat(shell.intake.pace()).isEqualTo(Receiver.Pace.FREELY);

        shell.unseen = List.of("nodes");

        assertThat(shell.intake.pace()).isEqualTo(Receiver.Pace.SELDOM);
    }

    @Test
    void waitsForNoMessageWhileABurstIsOn() {
        shell.withNode("web");
        assertThat(shell.intake.patience()).isEqualTo(MessageQueue.LONG_POLL);

        shell.receive("notice", shell.spotNotice());
        assertThat(shell.intake.patience()).isEqualTo(Duration.ZERO);

        shell.passBurst();
        assertThat(shell.intake.patience()).isEqualTo(MessageQueue.LONG_POLL);
    }
}
