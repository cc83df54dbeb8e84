package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.LogLines;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.queue.Receiver.Pace;
import dev.glidepath.queue.Receiver.State;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.SqsException;

class ReceiverTest {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final Instant NOW = Instant.parse("2026-08-24T11:00:00Z");

    private final Permissions permissions = new Permissions(_ -> {});
    private final ScriptedSqs sqs = new ScriptedSqs();
    private final MessageQueue queue = new MessageQueue(
            sqs, URI.create("https://sqs.eu-west-1.amazonaws.com/1/q"), InstantSource.fixed(NOW), permissions);
    private final List<Duration> backoffs = new CopyOnWriteArrayList<>();
    private final List<QueueException> failures = new CopyOnWriteArrayList<>();
    private final List<String> handled = new CopyOnWriteArrayList<>();
    /** A permit lets the keeper do one round. */
    private final BlockingQueue<String> rounds = new LinkedBlockingQueue<>();

    /** A permit lets a poller ask again whether it may receive. */
    private final BlockingQueue<String> pauses = new LinkedBlockingQueue<>();

    private final List<Duration> paused = new CopyOnWriteArrayList<>();
    /** At which pace each was asked for that brought messages. */
    private final List<Pace> paces = new CopyOnWriteArrayList<>();

    private final AtomicReference<Pace> pace = new AtomicReference<>(Pace.FREELY);
    private final AtomicReference<Duration> patience = new AtomicReference<>(Duration.ofSeconds(20));
    private final AtomicInteger empties = new AtomicInteger();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final Receiver receiver = receiver(1);

    @AfterEach
    void close() {
        end(receiver);
    }

    @Test
    void handsOnWhatItReceives() {
        sqs.answer("a", "b");
        sqs.answer("c");

        receiver.start(handler(this::handle));

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("a", "b", "c"));
        assertThat(receiver.state()).isEqualTo(new State.Polling(NOW));
        assertThat(receiver.lastPollAt()).contains(NOW);
    }

    @Test
    void asksFirstWithoutWaiting() {
        sqs.answer();
        sqs.answer("a");

        receiver.start(handler(this::handle));

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("a"));
        assertThat(sqs.waits.subList(0, 2)).containsExactly(0, 20);
    }

    @Test
    void backsOffFromFailuresAndRecovers() {
        for (int i = 0; i < 10; i++) {
            sqs.fail(SdkClientException.create("Connection refused"));
        }
        sqs.answer("after all");

        receiver.start(handler(this::handle));

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("after all"));
        assertThat(backoffs)
                .hasSize(10)
                .allSatisfy(wait ->
                        assertThat(wait).isBetween(Receiver.FIRST_BACKOFF.dividedBy(2), Receiver.LONGEST_BACKOFF));
        assertThat(backoffs.getLast()).isGreaterThanOrEqualTo(Receiver.LONGEST_BACKOFF.dividedBy(2));
        assertThat(failures)
                .hasSize(10)
                .allSatisfy(failure -> assertThat(failure.category()).isEqualTo(Category.UNREACHABLE));
        assertThat(receiver.state()).isInstanceOf(State.Polling.class);
    }

    @Test
    void tellsOfTroubleWhenItBeginsAndWhenItEnds() {
        var lines = new LogLines(Receiver.class);
        for (int i = 0; i < 5; i++) {
            sqs.fail(SdkClientException.create("Connection refused"));
        }
        sqs.answer("after all");

        try (lines) {
            receiver.start(handler(this::handle));
            await().atMost(BOUND).until(() -> !handled.isEmpty());
        }

        assertThat(lines.atLeast(Level.INFO))
                .satisfiesExactly(
                        began -> assertThat(began).startsWith("WARN trouble receiving messages: https://sqs."),
                        ended -> assertThat(ended).startsWith("INFO no more trouble receiving messages"));
    }

    @Test
    void leavesItToOthersToReportAMissingPermission() {
        var lines = new LogLines(Receiver.class);
        sqs.fail(accessDenied());
        sqs.answer("after all");

        try (lines) {
            receiver.start(handler(this::handle));
            await().atMost(BOUND).until(() -> !handled.isEmpty());
        }

        assertThat(lines.atLeast(Level.INFO)).isEmpty();
    }

    @Test
    void showsTroubleWithItsRemedy() {
        sqs.fail(accessDenied());

        receiver.start(handler(this::handle));

        await().atMost(BOUND)
                .untilAsserted(() -> assertThat(receiver.state())
                        .isInstanceOfSatisfying(State.Troubled.class, state -> {
                            assertThat(state.since()).isEqualTo(NOW);
                            assertThat(state.category()).isEqualTo(Category.DENIED);
                            assertThat(state.why()).contains("sqs:ReceiveMessage");
                        }));
    }

    @Test
    void aHandlerThatThrowsDoesNotEndIt() {
        sqs.answer("bad");
        sqs.answer("good");

        receiver.start(handler(messages -> {
            if (messages.getFirst().body().equals("bad")) {
                throw new StackOverflowError("on purpose");
            }
            handle(messages);
        }));

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("good"));
        assertThat(queue.held()).as("the bad one is left to be delivered again").isEqualTo(1);
    }

    /** SQS may hand a message to a receive that was broken off: then nobody sees it for a while. */
    @Test
    void stopWaitsForTheAnswerToALongPollAndBeginsNoOther() throws InterruptedException {
        AtomicBoolean answers = new AtomicBoolean();
        sqs.answer();
        sqs.answerOnce(answers::get, "late");
        sqs.answer("never asked for");
        receiver.start(handler(this::handle));
        await().atMost(BOUND).until(() -> sqs.waits.size() == 2);

        receiver.receiveNoMore();
        Thread stopping = Thread.startVirtualThread(receiver::stop);
        assertThat(receiver.state()).isEqualTo(new State.Stopped());
        assertThat(stopping.join(Duration.ofMillis(200))).isFalse();
        assertThat(sqs.polling).as("receives under way").hasValue(1);
        answers.set(true);

        assertThat(stopping.join(BOUND)).isTrue();
        assertThat(sqs.waits).hasSize(2);
        assertThat(handled).isEmpty();
        assertThat(queue.held()).as("held, to be released with the rest").isEqualTo(1);
        assertThat(sqs.visibilities).isEmpty();
    }

    @Test
    void stopBreaksOffAReceiveWhoseAnswerIsLate() {
        sqs.answer();
        receiver.start(handler(this::handle));
        await().atMost(BOUND).until(() -> sqs.waits.size() == 2);

        receiver.stop();

        assertThat(sqs.polling.get()).as("receives under way").isZero();
    }

    @Test
    void stopLetsAHandlerEnd() throws InterruptedException {
        sqs.answer("slow");
        sqs.answer("never asked for");
        var inHandler = new CountDownLatch(1);
        var finish = new CountDownLatch(1);
        receiver.start(handler(messages -> {
            inHandler.countDown();
            awaitUninterrupted(finish);
            handle(messages);
        }));
        inHandler.await();
        Thread stopping = Thread.startVirtualThread(receiver::stop);
        await().atMost(BOUND).until(() -> receiver.state() instanceof State.Stopped);

        finish.countDown();

        assertThat(stopping.join(BOUND)).isTrue();
        assertThat(handled).containsExactly("slow");
        assertThat(sqs.waits).hasSize(1);
    }

    @Test
    void keepsMessagesInvisibleUntilClosedNotOnlyUntilStopped() {
        sqs.answer("a", "b");
        receiver.start(handler(this::handle));
        await().atMost(BOUND).until(() -> handled.size() == 2);

        rounds.add("one");
        await().atMost(BOUND).until(() -> sqs.visibilities.size() == 2);
        sqs.endLongPolls();
        receiver.stop();
        rounds.add("another");
        await().atMost(BOUND).until(() -> sqs.visibilities.size() == 4);

        assertThat(sqs.visibilities).containsOnly(30);
    }

    @Test
    void anErrorEndsNeitherTheKeepingNorGoesUnseen() {
        sqs.answer("a");
        receiver.start(handler(this::handle));
        await().atMost(BOUND).until(() -> handled.size() == 1);
        sqs.dieAtVisibility(new StackOverflowError("on purpose"));

        rounds.add("one that dies");
        await().atMost(BOUND).until(() -> receiver.trouble().isPresent());
        assertThat(receiver.trouble().orElseThrow()).contains("queue-keeper", "StackOverflowError");
        rounds.add("the next");

        await().atMost(BOUND).until(() -> sqs.visibilities.equals(List.of(30)));
        await().atMost(BOUND).until(() -> receiver.trouble().isEmpty());
    }

    @Test
    void handsOnEmptyReceivesToo() {
        sqs.answer();
        sqs.answer();
        sqs.answer("a");

        receiver.start(handler(this::handle));

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("a"));
        assertThat(empties).hasValue(2);
    }

    @Test
    void waitsAsLongAsTheHandlerHasPatience() {
        sqs.answer();
        sqs.answer("a burst begins");
        sqs.answer();
        sqs.answer("it ends");

        receiver.start(handler(messages -> {
            handle(messages);
            patience.set(Duration.ofSeconds(handled.size() == 1 ? 0 : 20));
        }));

        await().atMost(BOUND).until(() -> sqs.waits.size() == 5);
        assertThat(sqs.waits).containsExactly(0, 20, 0, 0, 20);
    }

    @Test
    void eachPollerHasALongPollOfItsOwn() {
        for (int i = 0; i < 3; i++) {
            sqs.answer();
        }
        try (Receiver three = receiver(3)) {
            three.start(handler(this::handle));
            await().atMost(BOUND).until(() -> sqs.polling.get() == 3);

            end(three);

            assertThat(sqs.polling).as("receives under way").hasValue(0);
            assertThat(three.state()).isEqualTo(new State.Stopped());
        }
    }

    @Test
    void oneSlowHandlerDoesNotHoldUpTheOtherPollers() throws InterruptedException {
        var finish = new CountDownLatch(1);
        try (Receiver two = receiver(2)) {
            sqs.answer("slow");
            sqs.answer("quick");
            two.start(handler(messages -> {
                if (bodies(messages).contains("slow")) {
                    awaitUninterrupted(finish);
                }
                handle(messages);
            }));

            await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("quick"));
            finish.countDown();
            await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("quick", "slow"));
            end(two);
        }
    }

    @Test
    void tellsOfTheTroubleOfSeveralPollersOnce() {
        var lines = new LogLines(Receiver.class);
        for (int i = 0; i < 6; i++) {
            sqs.fail(SdkClientException.create("Connection refused"));
        }
        sqs.answerOnce(() -> failures.size() == 6, "after all");

        try (lines;
                Receiver two = receiver(2)) {
            two.start(handler(this::handle));
            await().atMost(BOUND).until(() -> !handled.isEmpty());

            assertThat(two.state()).as("one poller's success is enough").isEqualTo(new State.Polling(NOW));
            end(two);
        }

        assertThat(lines.atLeast(Level.INFO))
                .satisfiesExactly(
                        began -> assertThat(began).startsWith("WARN trouble receiving messages: https://sqs."),
                        ended -> assertThat(ended).startsWith("INFO no more trouble receiving messages"));
    }

    @Test
    void pausesWhileNothingMoreMayBeReceived() {
        var lines = new LogLines(Receiver.class);
        sqs.answer("fills it");
        sqs.answer("after all");
        try (lines) {
            receiver.start(handler(messages -> {
                handle(messages);
                pace.set(handled.size() == 1 ? Pace.NOT_NOW : Pace.FREELY);
            }));
            pauses.add("one");
            pauses.add("another");
            await().atMost(BOUND).until(() -> paused.size() == 3);
            assertThat(handled).containsExactly("fills it");
            assertThat(sqs.waits).hasSize(1);
            assertThat(receiver.state()).as("well, only full").isEqualTo(new State.Polling(NOW));

            pace.set(Pace.FREELY);
            pauses.add("the last");
            await().atMost(BOUND).until(() -> handled.contains("after all"));
        }

        assertThat(paused)
                .hasSize(3)
                .allSatisfy(pause ->
                        assertThat(pause).isBetween(Receiver.LONGEST_PAUSE.dividedBy(2), Receiver.LONGEST_PAUSE));
        assertThat(lines.atLeast(Level.INFO))
                .containsExactly(
                        "INFO receiving pauses: nothing more may be received for now", "INFO receiving goes on");
    }

    @Test
    void receivesSeldomByOneOfItsPollersAndWithoutWaiting() {
        pace.set(Pace.SELDOM);
        sqs.answer();
        sqs.answer("after all");
        try (Receiver two = receiver(2)) {
            two.start(handler(this::handle));
            askAgain(6);
            assertThat(sqs.waits).as("not at once").isEmpty();

            now.updateAndGet(before -> before.plus(Receiver.SELDOM.multipliedBy(2)));
            askAgain(6);
            assertThat(sqs.waits).containsExactly(0);

            now.updateAndGet(before -> before.plus(Receiver.SELDOM.multipliedBy(2)));
            askAgain(6);
            assertThat(sqs.waits).containsExactly(0, 0);
            assertThat(handled).containsExactly("after all");
        }
    }

    /** What is received by a replica that cannot act is for others; where it cannot hand it back, they are not to wait long. */
    @Test
    void aSeldomReceiveIsShortThoughItCannotBeHandedBack() {
        permissions.denied(Permission.CHANGE_MESSAGE_VISIBILITY, "the queue", "on purpose");
        pace.set(Pace.SELDOM);
        sqs.answer();
        receiver.start(handler(this::handle));
        askAgain(2);
        now.updateAndGet(before -> before.plus(Receiver.SELDOM.multipliedBy(2)));
        askAgain(2);
        pace.set(Pace.FREELY);
        pauses.add("the last");

        await().atMost(BOUND).until(() -> sqs.invisible.size() == 2);
        assertThat(sqs.invisible).containsExactly(30, 300);
    }

    @Test
    void aClockThatIsSetBackHoldsUpNeitherTheKeepingNorTheTrickle() {
        pace.set(Pace.SELDOM);
        sqs.answer();
        receiver.start(handler(this::handle));
        askAgain(2);
        rounds.add("one");
        await().atMost(BOUND).until(rounds::isEmpty);

        now.updateAndGet(before -> before.minus(Duration.ofHours(1)));
        rounds.add("another");
        askAgain(2);

        await().atMost(BOUND).until(() -> sqs.waits.size() == 1);
        await().atMost(BOUND).until(rounds::isEmpty);
        assertThat(backoffs).as("longer sleeps").isEmpty();
    }

    @Test
    void tellsAtWhichPaceALongPollWasBegunThoughItIsAnotherNow() {
        AtomicBoolean answers = new AtomicBoolean();
        sqs.answer();
        sqs.answerOnce(answers::get, "late");
        receiver.start(handler(this::handle));
        await().atMost(BOUND).until(() -> sqs.waits.size() == 2);

        pace.set(Pace.SELDOM);
        answers.set(true);

        await().atMost(BOUND).until(() -> handled.contains("late"));
        assertThat(paces).containsExactly(Pace.FREELY);
    }

    @Test
    void receivesFreelyAgainWhenTheHandlerIsEagerAgain() {
        pace.set(Pace.SELDOM);
        sqs.answer();
        receiver.start(handler(this::handle));
        askAgain(2);

        pace.set(Pace.FREELY);
        pauses.add("the last");

        await().atMost(BOUND).until(() -> sqs.waits.size() == 2);
        assertThat(sqs.waits).containsExactly(0, 20);
    }

    @Test
    void stopEndsAPause() throws InterruptedException {
        pace.set(Pace.NOT_NOW);
        receiver.start(handler(this::handle));
        await().atMost(BOUND).until(() -> paused.size() == 1);

        assertThat(Thread.startVirtualThread(receiver::stop).join(Duration.ofSeconds(6)))
                .as("ended before it would go on without")
                .isTrue();

        assertThat(sqs.waits).isEmpty();
    }

    @Test
    void aHandlerThatCannotSayWhetherMoreMayComeIsTrouble() {
        var asked = new AtomicInteger();
        sqs.answer("after all");

        receiver.start(new Receiver.Handler() {
            @Override
            public Duration patience() {
                return patience.get();
            }

            @Override
            public Pace pace() {
                if (asked.incrementAndGet() == 1) {
                    throw new IllegalStateException("on purpose");
                }
                return Pace.FREELY;
            }

            @Override
            public void accept(List<Message> messages, Pace asked) {
                handle(messages);
            }
        });

        await().atMost(BOUND).untilAsserted(() -> assertThat(handled).containsExactly("after all"));
        assertThat(failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure.category()).isEqualTo(Category.UNEXPECTED));
    }

    /** SQS answers each long poll in the end. */
    private void end(Receiver some) {
        some.receiveNoMore();
        sqs.endLongPolls();
        some.close();
    }

    private Receiver receiver(int pollers) {
        return new Receiver(queue, pollers, now::get, new Random(1), this::sleep, failures::add);
    }

    private Receiver.Handler handler(Consumer<List<Message>> accept) {
        return new Receiver.Handler() {
            @Override
            public Duration patience() {
                return patience.get();
            }

            @Override
            public Pace pace() {
                return pace.get();
            }

            @Override
            public void accept(List<Message> messages, Pace asked) {
                if (messages.isEmpty()) {
                    empties.incrementAndGet();
                } else {
                    paces.add(asked);
                    accept.accept(messages);
                }
            }
        };
    }

    private void handle(List<Message> messages) {
        handled.addAll(bodies(messages));
    }

    private static List<String> bodies(List<Message> messages) {
        return messages.stream().map(Message::body).toList();
    }

    private static SdkException accessDenied() {
        return SqsException.builder()
                .statusCode(403)
                .awsErrorDetails(
                        AwsErrorDetails.builder().errorCode("AccessDenied").build())
                .build();
    }

    /** Lets the pollers ask so often, between them, whether they may receive. */
    private void askAgain(int times) {
        int before = paused.size();
        for (int time = 0; time < times; time++) {
            pauses.add("again");
        }
        await().atMost(BOUND).until(() -> paused.size() >= before + times && pauses.isEmpty());
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError("a handler is never interrupted", interrupted);
        }
    }

    private void sleep(Duration time) throws InterruptedException {
        if (time.equals(Receiver.KEEP_EVERY)) {
            rounds.take();
        } else if (time.compareTo(Receiver.LONGEST_PAUSE) < 0) {
            paused.add(time);
            pauses.take();
        } else {
            backoffs.add(time);
        }
    }
}
