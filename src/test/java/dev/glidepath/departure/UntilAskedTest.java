package dev.glidepath.departure;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.departure.UntilAsked.Waiting;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.node.NodeSelector;
import dev.glidepath.node.Nodes;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UntilAskedTest {
    private static final Duration LIMIT = ofMinutes(1);
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final String NONE = "{\"metadata\": {\"resourceVersion\": \"9\"}, \"items\": []}";

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final Nodes nodes = new Nodes(Clients.watcher(client, now::get), NodeSelector.all());
    private final List<MessageId> answered = new CopyOnWriteArrayList<>();
    private final Queue<Error> unforeseen = new ConcurrentLinkedQueue<>();
    private final List<DeliveryId> handedBack = new CopyOnWriteArrayList<>();
    private final List<DeliveryId> left = new CopyOnWriteArrayList<>();
    private final UntilAsked untilAsked =
            new UntilAsked(nodes, this::takeIn, each -> each.delivery().count() > 1, handedBack::addAll, left::addAll);

    @BeforeEach
    void start() {
        server.onList(answer(200, NONE), noAnswer(), answer(200, NONE));
        nodes.start(() -> {});
        await().atMost(LIMIT).until(() -> nodes.askedAt().equals(NOON));
    }

    @AfterEach
    void close() {
        nodes.close();
        client.close();
        server.close();
    }

    @Test
    void oneAnswerIsEnoughForAllAndIsAskedForAgainWhereNoneCame() {
        now.set(NOON.plusSeconds(60));
        for (int i = 0; i < 1_000; i++) {
            untilAsked.add(waiting("m-" + i, now.get()));
        }

        await().atMost(LIMIT).until(() -> answered.size() == 1_000);
        assertThat(nodes.askedAt()).isEqualTo(now.get());
        assertThat(lists()).as("at the start, in vain, and for all").isEqualTo(3);
    }

    @Test
    void anAnswerToAnEarlierQuestionIsNone() {
        now.set(NOON.plusSeconds(60));
        untilAsked.add(waiting("early", NOON.plusSeconds(60)));
        untilAsked.add(waiting("late", NOON.plusSeconds(61)));

        await().atMost(LIMIT).until(() -> !answered.isEmpty());
        assertThat(answered).containsExactly(new MessageId("early"));
        now.set(NOON.plusSeconds(120));

        await().atMost(LIMIT.multipliedBy(3)).until(() -> answered.size() == 2);
        assertThat(nodes.askedAt()).isEqualTo(NOON.plusSeconds(120));
    }

    @Test
    void isHandedBackWhileNoAnswerComes() {
        now.set(NOON.plusMillis(1)); // a list was read just now
        untilAsked.add(waiting("mine", now.get()));
        untilAsked.add(new Waiting(
                new Undecodable("whatever"), new MessageId("theirs"), now.get(), new Delivery(2, false, false)));

        await().atMost(LIMIT).until(() -> !handedBack.isEmpty());

        assertThat(handedBack).containsExactly(new DeliveryId(new MessageId("theirs"), 2));
        assertThat(answered).isEmpty();
    }

    @Test
    void anErrorLeavesItsMessagesAndLaterOnesAreAnswered() {
        unforeseen.add(new StackOverflowError("too deep"));
        untilAsked.add(waiting("unlucky", NOON));

        await().atMost(LIMIT).until(() -> !left.isEmpty());
        untilAsked.add(waiting("later", NOON));

        await().atMost(LIMIT).until(() -> !answered.isEmpty());
        assertThat(left).containsExactly(new DeliveryId(new MessageId("unlucky"), 1));
        assertThat(handedBack).isEmpty();
        assertThat(answered).containsExactly(new MessageId("later"));
    }

    /** Who holds 10,000 messages receives none; what strangers leave of them is for what concerns us. */
    @Test
    void isFullBeforeTheQueueIs() {
        now.set(NOON.plusMillis(1)); // a list was read just now
        IntStream.range(0, 4_999).forEach(i -> untilAsked.add(waiting("m-" + i, now.get())));
        assertThat(untilAsked.isFull()).isFalse();

        untilAsked.add(waiting("one more", now.get()));

        assertThat(untilAsked.isFull()).isTrue();
    }

    private void takeIn(List<Waiting> all) {
        Error next = all.isEmpty() ? null : unforeseen.poll();
        if (next != null) {
            throw next;
        }
        all.forEach(each -> answered.add(each.message()));
    }

    private long lists() {
        return server.requests().stream()
                .filter(line -> line.contains("limit="))
                .count();
    }

    private static Waiting waiting(String id, Instant receivedAt) {
        return new Waiting(new Undecodable("whatever"), new MessageId(id), receivedAt, Delivery.FIRST);
    }
}
