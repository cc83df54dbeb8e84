package dev.glidepath.departure;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.eviction.Deleter;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.drain.volume.ClaimLookup;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.LogLines;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.lifecycle.AutoScalingClients;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeletLeases;
import dev.glidepath.node.NodeSelector;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Metrics;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.queue.QueueTraits;
import dev.glidepath.queue.Receiver;
import dev.glidepath.replica.Capabilities;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.ReplicaId;
import dev.glidepath.replica.Replicas;
import dev.glidepath.time.SteadyClock;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/** What becomes of messages when a departure or an act dies; in a dry run, which needs no Lease, over a queue that does delete. */
class DeparturesTest {
    private static final Duration BOUND = ofMinutes(1);
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId OTHER = new InstanceId("i-0a1b2c3d4e5f60002");

    private final SteadyClock clock = SteadyClock.ofThisMachine();
    private final AtomicInteger failures = new AtomicInteger();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Metrics metrics = new Metrics(registry);
    private final Queue sqs = new Queue();
    private final Permissions permissions = new Permissions(_ -> {});
    private final MessageQueue queue =
            new MessageQueue(sqs, URI.create("https://sqs.eu-west-1.amazonaws.com/1/q"), clock, permissions);
    private final ScriptedApiServer.Stream watch = new ScriptedApiServer.Stream();
    private final ScriptedApiServer server = new ScriptedApiServer().onWatch(watch);
    private final KubernetesClient kubernetes = server.client();
    private final Watcher watcher = new Watcher(new ApiServer(kubernetes.getConfiguration()), clock, new Random(7));
    private final Nodes nodes = new Nodes(watcher, NodeSelector.all());
    private final OwedMessages owed = new OwedMessages();
    private final Disposal disposal = new Disposal(queue, clock, new Random(7), Thread::sleep, _ -> {});
    private final ClusterEvents events =
            ClusterEvents.ofDryRun(new ApiServer(kubernetes.getConfiguration()), metrics, clock);
    private final Replica replica = new Replica(
            new ApiServer(kubernetes.getConfiguration()),
            new ReplicaId("glidepath", "glidepath", "pod-0", "5eed"),
            new Capabilities(1, ""),
            clock,
            new Random(7));
    private final Ability ability = new Ability(List::of, replica, clock, true);
    private Departures departures = departures(Policy::standard);

    @AfterEach
    void close() {
        departures.close();
        disposal.close();
        nodes.close();
        kubernetes.close();
        server.close();
    }

    @Test
    void everyMessageOfADepartureThatDiesIsLeftThoseItDidNotGetToAmongThem() throws InterruptedException {
        hold("taken", "in the inbox");
        MessageId ofTwo = new MessageId("taken");
        owed.owe(new DeliveryId(ofTwo, 1), Set.of(INSTANCE, OTHER));
        CountDownLatch both = new CountDownLatch(1);
        AtomicInteger looks = new AtomicInteger();
        departures = departures(() -> {
            if (looks.incrementAndGet() == 1) {
                awaitUninterrupted(both);
            }
            throw new StackOverflowError("on purpose");
        });

        departures.accept(notice("taken", clock.instant()));
        await().atMost(BOUND).until(() -> looks.get() == 1);
        departures.accept(notice("in the inbox", clock.instant()));
        both.countDown();

        await().atMost(BOUND).untilAsserted(() -> assertThat(queue.held()).isZero());
        assertThat(owed.pay(Set.of(ofTwo), INSTANCE))
                .as("who owes it is not remembered")
                .containsExactly(ofTwo);
    }

    @Test
    void whatBreaksOffAgainAndAgainBeginsLaterEachTimeUnlessAMessageComes() {
        List<Instant> looks = new CopyOnWriteArrayList<>();
        departures.close();
        departures = departures(() -> {
            looks.add(clock.instant());
            throw new IllegalStateException("on purpose");
        });
        String open = Journal.empty(clock.instant()).heldBy("pod-9/cafe").text();

        watch.tell("""
                {"type": "ADDED", "object": {
                  "metadata": {"name": "node-1", "resourceVersion": "7", "annotations": {"glidepath.dev/departure": %s}},
                  "spec": {"providerID": "aws:///eu-west-1a/%s"}}}""".replace("\n", "").formatted(TextNode.valueOf(open), INSTANCE));
        await().atMost(BOUND).until(() -> looks.size() == 4);

        assertThat(Duration.between(looks.get(2), looks.get(3))).isGreaterThan(Duration.ofMillis(3_900));
        Instant accepted = clock.instant();
        departures.accept(notice("new", accepted));
        await().atMost(BOUND).until(() -> looks.size() == 5);
        assertThat(Duration.between(accepted, looks.get(4)))
                .as("of the eight seconds that it would be without the message")
                .isLessThan(ofSeconds(7));
    }

    @Test
    void anActThatDiesIsTriedAgain() throws InterruptedException {
        hold("stale");
        sqs.dies.set(1);

        departures.accept(notice("stale", clock.instant().minus(Duration.ofHours(1))));

        await().atMost(BOUND).untilAsserted(() -> assertThat(queue.held()).isZero());
        assertThat(sqs.deletes).hasValue(2);
    }

    @Test
    void whatComesInWhileTheProgramStopsStaysHeldToBeGivenBack() throws InterruptedException {
        hold("late");
        departures.stop();

        departures.accept(notice("late", clock.instant()));

        assertThat(departures.underWay()).isZero();
        assertThat(queue.held()).isEqualTo(1);
    }

    /** Whoever comes next learns it from our Lease, which is released after the departures have ended. */
    @Test
    void whatHooksAreOwedIsStillSaidWhenTheProgramStops() throws InterruptedException {
        join(INSTANCE);
        LifecycleToken token = new LifecycleToken("5eed");
        var terminates = new AsgTermination(
                LifecycleAction.of("workers", "drain", token, INSTANCE), clock.instant(), Route.EVENT_BRIDGE, false);
        hold("terminates");
        departures.heard(token, terminates);
        departures.accept(new Notice(terminates, new MessageId("terminates"), clock.instant(), Notice.Delivery.FIRST));
        await().atMost(BOUND).until(() -> departures.owingHooks().tokens().containsKey(token));

        departures.close();
        await().atMost(BOUND).until(() -> departures.underWay() == 0);

        assertThat(departures.owingHooks().tokens()).containsOnlyKeys(token);
        assertThat(departures.owingHooks().byWitness())
                .containsExactly(entry(replica.id().holder(), Set.of(INSTANCE)));
    }

    @Test
    void aDepartureThatDiesLetsGoOfNoLaterDelivery() throws InterruptedException {
        hold("handed back for another instance");
        MessageId message = new MessageId("handed back for another instance");
        CountDownLatch again = new CountDownLatch(1);
        departures = departures(() -> {
            awaitUninterrupted(again);
            throw new StackOverflowError("on purpose");
        });
        departures.accept(notice(message.value(), clock.instant()));

        queue.release(Set.of(new DeliveryId(message, 1)));
        sqs.deliveries.set(2);
        hold(message.value());
        owed.owe(new DeliveryId(message, 2), Set.of(INSTANCE, OTHER));
        again.countDown();

        await().atMost(BOUND).until(() -> departures.underWay() == 0);
        assertThat(queue.held()).isEqualTo(1);
        assertThat(owed.pay(Set.of(message), INSTANCE)).as("the other owes it").isEmpty();
    }

    @Test
    void aMessageThatCannotBeReadIsLeftAndCostsTheOthersOfItsBatchNothing() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        Intake intake = intake(() -> {
            if (asked.incrementAndGet() == 2) {
                throw new StackOverflowError("on purpose");
            }
            return Policy.standard();
        });

        intake.accept(receive("one", "two", "three"), Receiver.Pace.FREELY);

        assertThat(queue.held()).isEqualTo(2);
        assertThat(List.of("one", "three")).allMatch(this::isOwed);
        assertThat(registry.counter("glidepath.messages.failed").count()).isEqualTo(1);
    }

    @Test
    void aMessageWhoseDepartureCannotBeginIsLeftAndOwedByNobody() throws InterruptedException {
        Intake intake = intake(Policy::standard);
        List<dev.glidepath.queue.Message> batch = receive("one", "two", "three");
        Stream.of("one", "two", "three").map(DeparturesTest::instanceOf).forEach(this::join);
        failures.set(1);

        intake.accept(batch, Receiver.Pace.FREELY);

        assertThat(queue.held()).isEqualTo(2);
        assertThat(List.of("one", "two", "three")).filteredOn(this::isOwed).hasSize(2);
        assertThat(registry.counter("glidepath.messages.failed").count()).isEqualTo(1);
    }

    @Test
    void noticeAboutAnInstanceThatNobodySawHoldsNoDrainBack() throws InterruptedException {
        hold("stranger's");
        departures.accept(notice("stranger's", clock.instant()));

        assertThat(departures.expectMore()).isFalse();
    }

    @Test
    void noticeAboutANodeHoldsDrainsBack() throws InterruptedException {
        join(INSTANCE);
        hold("a node's");
        departures.accept(notice("a node's", clock.instant()));

        assertThat(departures.expectMore()).isTrue();
    }

    @Test
    void whatCannotBeReadIsToldAtItsFirstDelivery() {
        Intake intake = intake(Policy::standard);
        try (LogLines lines = new LogLines("dev.glidepath.decisions")) {
            intake.accept(List.of(delivery("not JSON", 1)), Receiver.Pace.FREELY);

            assertThat(lines.atLeast(Level.WARNING)).singleElement().asString().contains("cannot be read");
            assertThat(registry.counter("glidepath.messages.undecodable").count())
                    .isEqualTo(1);

            intake.accept(List.of(delivery("not JSON", 2)), Receiver.Pace.FREELY);

            assertThat(lines.atLeast(Level.WARNING)).hasSize(1);
        }
    }

    @Test
    void aNoticeWithoutATimeIsActedOnAndToldOf() {
        Intake intake = intake(Policy::standard);
        String body = """
                {"detail-type": "EC2 Spot Instance Interruption Warning", "source": "aws.ec2",
                 "detail": {"instance-id": "%s", "instance-action": "terminate"}}""".formatted(INSTANCE);
        join(INSTANCE);
        try (LogLines lines = new LogLines("dev.glidepath.decisions")) {
            intake.accept(List.of(delivery(body, 1)), Receiver.Pace.FREELY);

            assertThat(lines.atLeast(Level.WARNING)).singleElement().asString().contains("part of it cannot be read");
            assertThat(registry.counter("glidepath.messages.incomplete").count())
                    .isEqualTo(1);
            assertThat(departures.expectMore()).as("a departure that drains").isTrue();
        }
    }

    private dev.glidepath.queue.Message delivery(String body, int count) {
        return new dev.glidepath.queue.Message(
                new MessageId("odd"), body, count, clock.instant().minusMillis(200), clock.instant());
    }

    private Intake intake(Supplier<Policy> policy) {
        return new Intake(
                queue,
                disposal,
                owed,
                departures,
                new Intake.Blocks(nodes, "block"),
                policy,
                () -> new QueueTraits(Optional.empty(), OptionalInt.empty()),
                ability,
                new Intake.Telling(new DecisionLog(), metrics, events));
    }

    /** A node of this instance joins. */
    private void join(InstanceId instance) {
        watch.tell("""
                {"type": "ADDED", "object": {"metadata": {"name": "node-%1$s", "resourceVersion": "2"},
                 "spec": {"providerID": "aws:///eu-west-1a/%1$s"}}}""".formatted(instance).replace('\n', ' '));
        await().atMost(BOUND).until(() -> nodes.hasSeen(instance));
    }

    /** The instance that a message of this id is about. */
    private static InstanceId instanceOf(String message) {
        return new InstanceId("i-%08x".formatted(message.hashCode()));
    }

    /** Whether somebody owes this message, of whom none is asked here. */
    private boolean isOwed(String message) {
        return owed.pay(Set.of(new MessageId(message)), new InstanceId("i-0a1b2c3d4e5f6ffff"))
                .isEmpty();
    }

    private void hold(String... messages) throws InterruptedException {
        assertThat(receive(messages)).hasSameSizeAs(messages);
    }

    private List<dev.glidepath.queue.Message> receive(String... messages) throws InterruptedException {
        sqs.next = messages;
        return queue.receive(Duration.ZERO);
    }

    /** For the departures alone. */
    private Instant now() {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("on purpose");
        }
        return clock.instant();
    }

    private Notice notice(String message, Instant at) {
        return new Notice(
                new SpotInterruption(INSTANCE, at, SpotAction.TERMINATE),
                new MessageId(message),
                clock.instant(),
                Notice.Delivery.FIRST);
    }

    private Departures departures(Supplier<Policy> policy) {
        ApiServer apiServer = new ApiServer(kubernetes.getConfiguration());
        server.onList(ScriptedApiServer.answer(200, "{\"metadata\": {\"resourceVersion\": \"1\"}, \"items\": []}"));
        nodes.start(() -> {});
        ActionTokens tokens = new ActionTokens();
        Tools tools = new Tools(
                watcher,
                nodes,
                new NodeWriter(apiServer, _ -> {}, true),
                new KubeletLeases(apiServer),
                replica,
                new Replicas(watcher, replica),
                new Namespaces(watcher),
                new Budgets(watcher),
                new Attachments(watcher),
                new ClaimLookup(apiServer),
                new Gate(1, clock),
                new Evictor(apiServer),
                new Deleter(apiServer, clock),
                new LifecycleHooks(AutoScalingClients.forRegion("eu-west-1"), tokens, clock, permissions),
                tokens,
                queue,
                owed,
                true);
        return new Departures(
                tools, ability, policy, new Brake(20), new DecisionLog(), metrics, events, this::now, new Random(7));
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Brings what it is told to, and deletes; but some deletes do not even fail. */
    private static final class Queue implements SqsClient {
        private volatile String[] next = {};
        private final AtomicInteger deliveries = new AtomicInteger(1);
        private final AtomicInteger dies = new AtomicInteger();
        private final AtomicInteger deletes = new AtomicInteger();

        @Override
        public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
            return ReceiveMessageResponse.builder()
                    .messages(Stream.of(next)
                            .map(id -> Message.builder()
                                    .messageId(id)
                                    .receiptHandle("handle of " + id)
                                    .body(Announcement.spotInterruption(instanceOf(id), Instant.now()))
                                    .attributes(Map.of(
                                            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                            deliveries.toString()))
                                    .build())
                            .toList())
                    .build();
        }

        @Override
        public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
            deletes.incrementAndGet();
            if (dies.getAndDecrement() > 0) {
                throw new StackOverflowError("on purpose");
            }
            return DeleteMessageBatchResponse.builder().build();
        }

        @Override
        public String serviceName() {
            return "sqs";
        }

        @Override
        public void close() {}
    }
}
