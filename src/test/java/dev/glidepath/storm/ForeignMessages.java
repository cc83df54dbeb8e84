package dev.glidepath.storm;

import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.ControlGroup;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.ProcessUsage;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * A queue full of messages about instances that are no nodes here, as in an account of many clusters.
 *
 * @param messages that are in the queue before the first is received
 * @param warnings the same of spot interruption warnings, which are all held at once
 */
record ForeignMessages(int messages, int warnings) implements Probe {
    private static final int BATCH = 10;
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Duration LOOK = Duration.ofMillis(100);

    @Override
    public String name() {
        return "foreign-messages";
    }

    @Override
    public String title() {
        return "%,d state changes, and %,d spot interruption warnings, of foreign instances"
                .formatted(messages, warnings);
    }

    @Override
    public String description() {
        return "The queue holds them all when the clock starts. State changes are done with when the API server was asked for the nodes:"
                + " the clock stops when the queue is empty. A spot interruption warning waits for a node that may yet join: the clock stops"
                + " when each was handed out. The reference is a loop that receives ten messages, deletes them, and begins again, until the"
                + " queue is empty.";
    }

    @Override
    public List<Reading> run(Bench bench) throws Exception {
        double bare = messages / bareLoop(bench);
        Taken changes = program(
                bench,
                messages,
                instance -> Announcement.stateChange(instance, Instant.now(), "shutting-down"),
                (queue, _) -> queue.isEmpty());
        Taken warned = program(
                bench,
                warnings,
                instance -> Announcement.spotInterruption(instance, Instant.now()),
                (_, front) -> front.handedOut() == warnings);
        return List.of(
                new Reading("state changes a second", 0, bare, messages / changes.seconds()),
                Reading.alone("CPU, ms a state change", 2, changes.cpuMillis() / messages),
                Reading.alone("peak resident memory, state changes, MB", 0, changes.peakMegabytes()),
                new Reading("spot interruption warnings a second", 0, bare, warnings / warned.seconds()),
                Reading.alone("CPU, ms a warning", 2, warned.cpuMillis() / warnings),
                Reading.alone("peak resident memory, warnings, MB", 0, warned.peakMegabytes()));
    }

    /** What it took the program. */
    private record Taken(double seconds, double cpuMillis, double peakMegabytes) {}

    private Taken program(
            Bench bench,
            int count,
            Function<InstanceId, String> announcement,
            BiPredicate<TestQueue, SqsFront> isDone) {
        TestQueue queue = TestQueue.create();
        try (SqsFront front = SqsFront.holding();
                ControlGroup group = ControlGroup.of(bench.memory(), OptionalDouble.empty());
                DaemonProcess daemon = bench.start(group, queue, front)) {
            daemon.awaitReady();
            fill(queue, count, announcement, bench);
            bench.progress().accept("Glidepath");
            ProcessUsage before = ProcessUsage.of(daemon.pid());
            double seconds = secondsUntil(() -> isDone.test(queue, front) || !daemon.isAlive(), front);
            if (!daemon.isAlive()) {
                throw new IllegalStateException(
                        "the program ended in the midst (%d killed for memory)".formatted(group.killedForMemory()));
            }
            ProcessUsage after = ProcessUsage.of(daemon.pid());
            return new Taken(seconds, after.cpu().minus(before.cpu()).toNanos() / 1e6, after.peakResident() / 1e6);
        }
    }

    /** @return how many seconds it took */
    private double bareLoop(Bench bench) throws InterruptedException {
        TestQueue queue = TestQueue.create();
        fill(queue, messages, instance -> Announcement.stateChange(instance, Instant.now(), "shutting-down"), bench);
        bench.progress().accept("bare loop");
        try (SqsFront front = SqsFront.holding();
                SqsClient sqs = TestQueue.newClient(front.endpoint())) {
            Thread loop = Thread.ofPlatform().name("bare-loop").start(() -> receiveAndDelete(sqs, queue));
            double seconds = secondsUntil(queue::isEmpty, front);
            loop.join();
            return seconds;
        }
    }

    private void receiveAndDelete(SqsClient sqs, TestQueue queue) {
        int deleted = 0;
        while (deleted < messages) {
            List<Message> received = sqs.receiveMessage(
                            request -> request.queueUrl(queue.url().toString())
                                    .maxNumberOfMessages(BATCH)
                                    .waitTimeSeconds(1))
                    .messages();
            if (!received.isEmpty()) {
                deleted += sqs.deleteMessageBatch(request -> request.queueUrl(
                                        queue.url().toString())
                                .entries(IntStream.range(0, received.size())
                                        .mapToObj(place -> DeleteMessageBatchRequestEntry.builder()
                                                .id(Integer.toString(place))
                                                .receiptHandle(
                                                        received.get(place).receiptHandle())
                                                .build())
                                        .toList()))
                        .successful()
                        .size();
            }
        }
    }

    private static double secondsUntil(Callable<Boolean> isDone, SqsFront front) {
        Instant start = Instant.now();
        front.open();
        Awaitility.await("all messages").atMost(LIMIT).pollInterval(LOOK).until(isDone);
        return Figures.seconds(start, Instant.now());
    }

    private static void fill(TestQueue queue, int count, Function<InstanceId, String> announcement, Bench bench) {
        bench.progress().accept("%,d messages".formatted(count));
        Random random = new Random(count);
        queue.sendAll(Stream.generate(() -> new InstanceId("i-0%016x".formatted(random.nextLong())))
                .limit(count)
                .map(announcement)
                .toList());
    }
}
