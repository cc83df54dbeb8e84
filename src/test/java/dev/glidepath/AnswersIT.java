package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Taint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is done about interruptions where it is set otherwise, where processes come and go, and about what nobody can read. */
@RunsTheProgram
class AnswersIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");
    /** After which a replica counts as dead that renews its Lease no more. */
    private static final Duration LEASE = ofSeconds(15);

    /** After which SQS delivers a message again that nobody keeps. */
    private static final Duration VISIBILITY = ofSeconds(30);

    private static final int LARGEST_MESSAGE = 256 * 1024;

    private final ControlPlane plane = ControlPlane.shared();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestQueue queue = TestQueue.create();
    private TestCluster cluster;
    private LabNode doomed;
    private AuditLog.Mark mark;

    @BeforeEach
    void twoNodes() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        cluster.node("spare");
        mark = plane.audit().mark();
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    void aCalmDrainTurnsIntoOneWithADeadlineWhenTheSpotNoticeFollows() {
        Workload web = cluster.deployment("web").createOn(doomed);
        Workload kept = cluster.deployment("kept").grace(ofSeconds(5)).createOn(doomed);
        cluster.budget("kept", kept).maxUnavailable(0);
        try (DaemonProcess daemon = startDaemon(Map.of("GLIDEPATH_RESPONSE_REBALANCE_RECOMMENDATION", "drain"))) {
            queue.send(Announcement.rebalanceRecommendation(
                    doomed.instance(), Instant.now().minus(ofMinutes(10))));
            await().atMost(LIMIT)
                    .until(() -> web.podsOn(doomed).isEmpty()
                            && !daemon.told(LogEvent.EVICTION_BLOCKED).isEmpty());
            Journal calm = cluster.journal(doomed).orElseThrow();
            assertThat(calm.term()).as("deadline of a calm drain").isEmpty();
            Instant noticedAt = Instant.now().minus(ofSeconds(80)).truncatedTo(ChronoUnit.SECONDS);

            queue.send(Announcement.spotInterruption(doomed.instance(), noticedAt));

            await().atMost(LIMIT)
                    .until(() -> cluster.journal(doomed)
                            .filter(journal -> journal.causes().size() == 2)
                            .isPresent());
            Journal hurried = cluster.journal(doomed).orElseThrow();
            assertThat(hurried.start()).as("it goes on").isEqualTo(calm.start());
            assertThat(hurried.term().orElseThrow().deadline()).isEqualTo(noticedAt.plus(ofMinutes(2)));
            awaitSettled(doomed);
            assertThat(kept.podsOn(doomed)).isEmpty();
            assertThat(evictionsGranted())
                    .as("evictions beside the one refused")
                    .hasSize(1);
            assertThat(ours().filter(to("delete", "pods"))).hasSize(1);
            assertThat(daemon.told(LogEvent.DEPARTURE_SETTLED)).hasSize(1);
        }
    }

    @Test
    void theNextProcessCarriesOutAPlannedChangeAtItsTime() {
        Workload web = cluster.deployment("web").createOn(doomed);
        Map<String, String> lead = Map.of("GLIDEPATH_SCHEDULED_LEAD_TIME", "1m");
        Instant due;
        try (DaemonProcess first = startDaemon(lead)) {
            due = Instant.now().plus(ofSeconds(75)).truncatedTo(ChronoUnit.SECONDS); // time for two starts
            queue.send(Announcement.scheduledChange(
                    "arn:aws:health:eu-west-1::event/EC2/CODE/1",
                    "first",
                    "upcoming",
                    due.plus(ofMinutes(1)),
                    Instant.now(),
                    doomed.instance()));
            await().atMost(LIMIT).until(() -> cluster.journal(doomed).isPresent() && queue.isEmpty());
            assertThat(cluster.journal(doomed).orElseThrow().state()).isEqualTo(Journal.State.PLANNED);
            first.terminate();
        }
        try (DaemonProcess next = startDaemon(lead)) {
            assertThat(Instant.now()).as("started in time").isBefore(due);
            assertThat(cluster.isCordoned(doomed)).isFalse();

            awaitSettled(doomed);

            assertThat(next.await1(LogEvent.NODE_CORDONED).at()).isBetween(due, due.plus(ofSeconds(45)));
            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(evictionsGranted()).hasSize(1);
        }
    }

    @Test
    void eachKindIsAnsweredAsItIsSet() {
        LabNode hooked = doomed;
        LabNode risky = cluster.node("risky");
        LabNode announced = cluster.node("announced");
        LabNode notOurs = cluster.node("not-ours", Map.of("team", "db"));
        List<LabNode> nodes = List.of(hooked, risky, announced, notOurs);
        Workload agents = cluster.deployment("web").replicas(2).createOn(hooked);
        autoScaling.addHook(Hook.of("workers", "drain"));
        autoScaling.addHook(Hook.of("databases", "drain"));
        try (DaemonProcess daemon = startDaemon(Map.of(
                "GLIDEPATH_RESPONSE_ASG_TERMINATION", "cordon",
                "GLIDEPATH_RESPONSE_REBALANCE_RECOMMENDATION", "cordon",
                "GLIDEPATH_RESPONSE_SCHEDULED_CHANGE", "notify",
                "GLIDEPATH_RESPONSE_STATE_CHANGE", "ignore",
                "GLIDEPATH_NODE_SELECTOR", "team!=db"))) {

            LifecycleAction ours =
                    autoScaling.terminate("workers", hooked.instance(), queue).getFirst();
            queue.send(Announcement.rebalanceRecommendation(risky.instance(), Instant.now()));
            queue.send(Announcement.scheduledChange(
                    "arn:aws:health:eu-west-1::event/EC2/CODE/1",
                    "first",
                    "upcoming",
                    Instant.now().plus(ofMinutes(30)),
                    Instant.now(),
                    announced.instance()));
            queue.send(Announcement.stateChange(announced.instance(), Instant.now(), "stopping"));
            LifecycleAction theirs = autoScaling
                    .terminate("databases", notOurs.instance(), queue)
                    .getFirst();
            queue.send(Announcement.spotInterruption(notOurs.instance(), Instant.now()));

            await().atMost(LIMIT)
                    .until(() -> queue.isEmpty()
                            && autoScaling.stateOf(ours) instanceof ActionState.Completed
                            && cluster.journal(risky).isPresent());
            await().atMost(LIMIT)
                    .untilAsserted(() ->
                            assertThat(reasonsOn(announced)).as("cordon").containsExactly("InterruptionReceived"));
            assertThat(cluster.isCordoned(hooked)).isTrue();
            assertThat(taints(hooked)).containsExactly("glidepath.dev/departing:NoSchedule");
            assertThat(cluster.isCordoned(risky)).isFalse();
            assertThat(taints(risky)).containsExactly("glidepath.dev/departing:PreferNoSchedule");
            assertThat(List.of(announced, notOurs)).allSatisfy(node -> {
                assertThat(cluster.isCordoned(node)).isFalse();
                assertThat(taints(node)).isEmpty();
                assertThat(cluster.journal(node)).isEmpty();
            });
            assertThat(agents.podsOn(hooked)).as("pods stay").hasSize(2);
            assertThat(ours().filter(to("create", "pods/eviction"))).isEmpty();
            assertThat(autoScaling.completionsOf(ours)).hasSize(1);
            assertThat(autoScaling.calls())
                    .as("calls about a node outside the selector")
                    .noneMatch(call -> "databases".equals(call.parameters().get("AutoScalingGroupName")));
            assertThat(autoScaling.stateOf(theirs)).isInstanceOf(ActionState.Waiting.class);
            assertThat(nodes)
                    .allSatisfy(node ->
                            assertThat(daemon.output()).contains(node.instance().value()));
        }
    }

    @Test
    void onlyTheHooksThatAreListedAreOursWhateverTheyNotify() {
        LabNode other = cluster.node("other");
        Workload web = cluster.deployment("web").createOn(doomed);
        Workload db = cluster.deployment("db").createOn(other);
        autoScaling.addHook(
                Hook.of("workers", "drain").withNotificationTarget("arn:aws:sqs:eu-west-1:123456789012:somebody-else"));
        autoScaling.addHook(Hook.of("databases", "backup").withHeartbeatTimeout(ofSeconds(4)));
        try (DaemonProcess daemon = startDaemon(Map.of("GLIDEPATH_LIFECYCLE_HOOKS", "drain,launch"))) {
            LifecycleAction listed =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();
            LifecycleAction notListed =
                    autoScaling.terminate("databases", other.instance(), queue).getFirst();

            awaitSettled(doomed);
            awaitSettled(other);

            assertThat(web.podsOn(doomed)).isEmpty();
            assertThat(db.podsOn(other)).isEmpty();
            assertThat(autoScaling.stateOf(listed)).isInstanceOf(ActionState.Completed.class);
            assertThat(autoScaling.completionsOf(notListed)).isEmpty();
            assertThat(autoScaling.heartbeatsOf(notListed)).isEmpty();
            assertThat(daemon.await1(LogEvent.LIFECYCLE_NOT_OURS).get(Field.INSTANCE))
                    .isEqualTo(other.instance().value());
        }
    }

    @Test
    void sigtermInMidDrainHandsItToTheOtherReplicaAtOnce() {
        Workload web = cluster.deployment("web")
                .replicas(8)
                .exitAfter(ofSeconds(4))
                .readyAfter(ofSeconds(1))
                .createOn(doomed);
        cluster.budget("web", web).maxUnavailable(1);
        autoScaling.addHook(Hook.of("workers", "drain"));
        try (SqsFront front = SqsFront.start(1);
                DaemonProcess one = DaemonProcess.start(plane, queue, autoScaling, through(front));
                DaemonProcess two = DaemonProcess.start(plane, queue, autoScaling, through(front))) {
            one.awaitReady();
            two.awaitReady();
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();
            await().atMost(LIMIT).until(() -> !evictionsGranted().isEmpty());
            DaemonProcess holder = isHeldBy(one) ? one : two;
            DaemonProcess other = isHeldBy(one) ? two : one;
            assertThat(isHeldBy(holder)).isTrue();

            assertThat(front.released()).isZero();

            assertThat(holder.terminate()).isEqualTo(143);

            Instant ended = Instant.now();
            assertThat(front.released()).as("messages made visible at once").isEqualTo(1);
            await().atMost(LIMIT).until(() -> isHeldBy(other));
            assertThat(other.await1(LogEvent.DEPARTURE_TAKEN_OVER).at())
                    .as("taken over before the Lease of the one that ended would have lapsed")
                    .isBefore(lastLeaseOf(holder).plus(LEASE));
            assertThat(evictionsGranted()).as("still in mid-drain").hasSizeLessThan(8);
            // Not before the other has copied from it which hooks are owed.
            await("the Lease of the one that ended to be gone")
                    .atMost(LIMIT)
                    .until(() -> plane.client()
                                    .leases()
                                    .inNamespace("glidepath")
                                    .withName(holder.podName())
                                    .get()
                            == null);
            awaitSettled(doomed);
            assertThat(evictionsGranted()).hasSize(8).extracting(Request::name).doesNotHaveDuplicates();
            assertThat(autoScaling.completionsOf(action))
                    .singleElement()
                    .satisfies(call -> assertThat(call.at()).isAfter(ended));
            assertThat(autoScaling.stateOf(action)).isInstanceOf(ActionState.Completed.class);
            assertThat(other.await1(LogEvent.DEPARTURE_SETTLED).get(Field.OUTCOME))
                    .isEqualTo("drained");
        }
    }

    /** One run, for both take longer than the thirty seconds after which SQS delivers again what nobody keeps from it. */
    @Test
    void whatCannotBeReadIsPutAsideAndALongDrainIsDeliveredOnce() {
        TestQueue redriving = TestQueue.createWithDeadLetters(1);
        Workload slow = cluster.deployment("slow")
                .grace(ofSeconds(90))
                .exitAfter(ofSeconds(60))
                .createOn(doomed);
        autoScaling.addHook(Hook.of("workers", "drain"));
        try (DaemonProcess putsAside = DaemonProcess.start(plane, redriving, autoScaling);
                DaemonProcess deletes = DaemonProcess.start(plane, queue, autoScaling)) {
            putsAside.awaitReady();
            deletes.awaitReady();
            LifecycleAction action = autoScaling
                    .terminate("workers", doomed.instance(), redriving)
                    .getFirst();
            List<String> unreadable =
                    List.of(garbage(), "[".repeat(LARGEST_MESSAGE), sample("missing-instance-id.json"));
            unreadable.forEach(redriving::send);
            unreadable.forEach(queue::send);

            Instant drained = slow.awaitGoneFrom(doomed);
            await().atMost(LIMIT).until(redriving::isEmpty);
            awaitSettled(doomed);
            assertThat(putsAside.await1(LogEvent.DEPARTURE_SETTLED).at())
                    .as("settled before any message would have been delivered again")
                    .isBefore(drained.plus(VISIBILITY));
            assertThat(evictionsGranted()).hasSize(1);
            assertThat(autoScaling.completionsOf(action)).hasSize(1);
            assertThat(redriving.deadLetters().visible())
                    .as("dead letters, which the drain's message would be among, had it been delivered twice")
                    .isEqualTo(3);
            assertThat(putsAside.told(LogEvent.MESSAGE_UNDECODABLE)).hasSize(3);

            await().atMost(LIMIT).until(queue::isEmpty);
            assertThat(deletes.told(LogEvent.MESSAGE_UNDECODABLE))
                    .as("at the first delivery, and when it is deleted")
                    .hasSize(6)
                    .allSatisfy(line -> assertThat(line.message()).doesNotContain("not-to-be-told"));
            List<Line> told = deletes.told(LogEvent.MESSAGE_UNDECODABLE).stream()
                    .filter(line -> line.message().contains("is deleted"))
                    .toList();
            assertThat(told)
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line.message())
                            .contains("is deleted")
                            .doesNotContain("not-to-be-told")
                            .hasSizeLessThan(30_000));
            assertThat(told).anySatisfy(line -> assertThat(line.message()).contains("[[[[[[[["));
            assertThat(told).anySatisfy(line -> assertThat(line.message()).contains("EC2 Spot"));
            assertThat(deletes.get("/metrics")).contains("glidepath_messages_undecodable_total 3.0");
            assertThat(Stream.of(putsAside, deletes))
                    .allSatisfy(
                            daemon -> assertThat(daemon.get("/health/ready")).contains("\"UP\""));
        }
    }

    private static String garbage() {
        String beginning = "{\"LifecycleActionToken\": \"not-to-be-told\", \"more\": \u00e4\ud83d\ude00";
        return beginning + "x".repeat(LARGEST_MESSAGE - beginning.getBytes(StandardCharsets.UTF_8).length);
    }

    private static String sample(String file) {
        try (InputStream event = AnswersIT.class.getResourceAsStream("/events/" + file)) {
            return new String(Objects.requireNonNull(event, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    // The world.

    private DaemonProcess startDaemon(Map<String, String> more) {
        return DaemonProcess.start(plane, queue, autoScaling, more).awaitReady();
    }

    private static Map<String, String> through(SqsFront front) {
        return Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString());
    }

    private void awaitSettled(LabNode node) {
        await().atMost(LIMIT)
                .until(() -> cluster.journal(node)
                        .filter(journal -> journal.state() == Journal.State.SETTLED)
                        .isPresent());
        await().atMost(LIMIT).until(queue::isEmpty);
    }

    private boolean isHeldBy(DaemonProcess daemon) {
        return cluster.journal(doomed)
                .flatMap(Journal::holder)
                .filter(holder -> holder.startsWith(daemon.podName() + "/"))
                .isPresent();
    }

    /** When it last wrote its Lease while it ran, or gave it up. */
    private Instant lastLeaseOf(DaemonProcess daemon) {
        return ours().filter(to("update", "leases"))
                .filter(request -> request.name().equals(daemon.podName()))
                .map(Request::at)
                .max(Instant::compareTo)
                .orElseThrow();
    }

    private List<String> taints(LabNode node) {
        return cluster.live(node).getSpec().getTaints().stream()
                .filter(taint -> !taint.getKey().startsWith("node.kubernetes.io/"))
                .map((Taint taint) -> taint.getKey() + ":" + taint.getEffect())
                .toList();
    }

    private List<String> reasonsOn(LabNode node) {
        return plane.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(node.name()))
                .filter(event -> "glidepath".equals(event.getSource().getComponent()))
                .map(Event::getReason)
                .toList();
    }

    private Stream<Request> ours() {
        return plane.audit().since(mark).stream().filter(by(USER));
    }

    private List<Request> evictionsGranted() {
        return ours().filter(to("create", "pods/eviction"))
                .filter(call -> call.namespace().equals(cluster.namespace()))
                .filter(call -> call.code() == 201)
                .toList();
    }
}
