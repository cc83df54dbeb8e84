package dev.glidepath.departure;

import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.event.Decoded;
import dev.glidepath.node.Nodes;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Messages that wait until the API server was asked which nodes there are: what we watch may be behind, and before that no
 * instance is called a stranger. One question answers all that wait, for accounts announce thousands of instances that are no nodes
 * here.
 */
final class UntilAsked {
    /** Half of what may be held at once. */
    private static final int MOST = 5_000;

    /** While no answer comes, it is looked so often whether they are to be handed back. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Nodes nodes;
    private final Consumer<List<Waiting>> answered;
    private final Predicate<Waiting> isToBeHandedBack;
    private final Consumer<List<DeliveryId>> handBack;
    private final Consumer<List<DeliveryId>> leave;

    private final Lock lock = new ReentrantLock();
    private List<Waiting> waiting = new ArrayList<>();
    private boolean asking;

    /** A message, as far as it is needed later: its text is not kept. */
    record Waiting(Decoded decoded, MessageId message, Instant receivedAt, Delivery delivery) {
        DeliveryId deliveryId() {
            return new DeliveryId(message, delivery.count());
        }
    }

    /**
     * @param answered is given those for which the server was asked after their receipt, on a thread of ours
     * @param isToBeHandedBack asked while no answer comes
     * @param handBack is given those, for others to receive at once
     * @param leave is given those that could not be taken in, to be delivered again before long
     */
    UntilAsked(
            Nodes nodes,
            Consumer<List<Waiting>> answered,
            Predicate<Waiting> isToBeHandedBack,
            Consumer<List<DeliveryId>> handBack,
            Consumer<List<DeliveryId>> leave) {
        this.nodes = nodes;
        this.answered = answered;
        this.isToBeHandedBack = isToBeHandedBack;
        this.handBack = handBack;
        this.leave = leave;
    }

    /** Whether as many wait as may. */
    boolean isFull() {
        lock.lock();
        try {
            return waiting.size() >= MOST;
        } finally {
            lock.unlock();
        }
    }

    /** One more waits. */
    void add(Waiting message) {
        lock.lock();
        try {
            waiting.add(message);
            if (!asking) {
                asking = true;
                new LastingThread("until-asked", this::askOnce).start();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean askOnce() throws InterruptedException {
        Instant since = newest();
        if (since.equals(Instant.MIN)) {
            return false;
        }
        boolean inTime = nodes.awaitAskedSince(since, PAUSE);
        answer(nodes.askedAt());
        if (!inTime) {
            handBackWhatIsToBe();
            Thread.sleep(PAUSE); // for when the program ends, and nothing waits any more
        }
        return true;
    }

    /** Nothing is asked any more once none waits. */
    private Instant newest() {
        lock.lock();
        try {
            asking = !waiting.isEmpty();
            return waiting.stream()
                    .map(Waiting::receivedAt)
                    .max(Comparator.naturalOrder())
                    .orElse(Instant.MIN);
        } finally {
            lock.unlock();
        }
    }

    private void handBackWhatIsToBe() {
        handBack.accept(deliveriesOf(takeOut(isToBeHandedBack)));
    }

    private static List<DeliveryId> deliveriesOf(List<Waiting> messages) {
        return messages.stream().map(Waiting::deliveryId).toList();
    }

    private List<Waiting> takeOut(Predicate<Waiting> chosen) {
        lock.lock();
        try {
            Map<Boolean, List<Waiting>> parts = waiting.stream().collect(Collectors.partitioningBy(chosen));
            waiting = new ArrayList<>(parts.getOrDefault(false, List.of()));
            return parts.getOrDefault(true, List.of());
        } finally {
            lock.unlock();
        }
    }

    /** What is not taken in, whatever the reason, is delivered again. */
    private void answer(Instant askedAt) {
        List<Waiting> done = takeOut(each -> !askedAt.isBefore(each.receivedAt()));
        boolean taken = false;
        try {
            answered.accept(done);
            taken = true;
        } finally {
            if (!taken) {
                leave.accept(deliveriesOf(done));
            }
        }
    }
}
