package dev.glidepath.departure;

import dev.glidepath.event.InstanceId;
import dev.glidepath.queue.MessageQueue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Notices that come together. All their nodes are cordoned before the first of them is drained, so that no pod moves from one
 * doomed node to the next: it begins with the first notice, and is over when the queue has given nothing for a while and each node
 * has its cordon, or after two seconds. What comes later than that is still {@linkplain #comesFirst more urgent} than a drain.
 */
final class Burst {
    private static final Duration LONGEST = Duration.ofSeconds(2);

    /** SQS looks at a part of its servers only when it is not to wait, and finds nothing now and then though there is some. */
    private static final int EMPTY_RECEIVES = 2;

    /** Two of those in a row come about in every long burst; so many as fit in here do not. */
    private static final Duration QUIET = Duration.ofMillis(500);

    /** So many thousands of messages are received in this time that what then comes is no backlog. */
    private static final Duration LONGEST_BACKLOG = Duration.ofSeconds(10);

    /** A cordon that takes longer waits for something else than its turn. */
    private static final Duration LONGEST_CORDON = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final Runnable onEnd;
    private final Lock lock = new ReentrantLock();
    private final Condition allCordoned = lock.newCondition();
    /** Those that keep the burst from its early end. */
    private final Set<InstanceId> uncordoned = new HashSet<>();

    /** When it was noticed of which node that it may want a cordon, the latest last; whether or not the burst is over. */
    private final SequencedMap<InstanceId, Instant> awaitingCordons = new LinkedHashMap<>();

    private Optional<Instant> latestEnd = Optional.empty();
    private int emptyInARow;
    private Instant lastMessageAt = Instant.EPOCH;
    /** Since when one full receive follows the other. */
    private Instant pouringSince = Instant.EPOCH;

    private Instant lastFullReceiveAt = Instant.EPOCH;

    /**
     * @param onEnd told when a burst is over before its time is
     */
    Burst(InstantSource clock, Runnable onEnd) {
        this.clock = clock;
        this.onEnd = onEnd;
    }

    /** A notice has come in that may want its node cordoned. */
    void noticed(InstanceId instance) {
        lock.lock();
        try {
            Instant now = clock.instant();
            if (endAsOf(now).filter(now::isBefore).isEmpty()) {
                latestEnd = Optional.of(now.plus(LONGEST));
                uncordoned.clear();
                emptyInARow = 0;
            }
            uncordoned.add(instance);
            awaitingCordons.putLast(instance, now);
        } finally {
            lock.unlock();
        }
    }

    /** The node is cordoned, or will not be. */
    void cordoned(InstanceId instance) {
        change(() -> {
            uncordoned.remove(instance);
            awaitingCordons.remove(instance);
            if (!isCordoning()) {
                allCordoned.signalAll();
            }
        });
    }

    /** A receive was answered with so many messages. */
    void received(int messages) {
        change(() -> {
            emptyInARow = messages == 0 ? emptyInARow + 1 : 0;
            lastMessageAt = messages == 0 ? lastMessageAt : clock.instant();
            if (messages == MessageQueue.BATCH) {
                receivedInFull(clock.instant());
            }
        });
    }

    /** Before then nobody is evicted who was not before; long past when there is no burst. */
    Instant drainsFrom() {
        lock.lock();
        try {
            return endAsOf(clock.instant()).orElse(Instant.MIN);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether evictions had better wait, as far as they have the time: a node may have to be cordoned, or the queue gives more than one
     * receive holds, so that there may be more nodes to cordon.
     */
    boolean comesFirst() {
        lock.lock();
        try {
            return isCordoning() || isPouring(clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /** Waits while a node may have to be cordoned, so long at most: for what is not urgent before its drain begins. */
    void awaitCordons(Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (isCordoning() && left > 0) {
                left = allCordoned.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isCordoning() {
        Instant latest = Optional.ofNullable(awaitingCordons.lastEntry())
                .map(Map.Entry::getValue)
                .orElse(Instant.EPOCH);
        return isWithin(LONGEST_CORDON, latest, clock.instant());
    }

    private void receivedInFull(Instant now) {
        if (!isWithin(QUIET, lastFullReceiveAt, now)) {
            pouringSince = now;
        }
        lastFullReceiveAt = now;
    }

    /** Messages of others may come without end: they put nothing off for longer than a backlog takes. */
    private boolean isPouring(Instant now) {
        return isWithin(QUIET, lastFullReceiveAt, now) && isWithin(LONGEST_BACKLOG, pouringSince, now);
    }

    /** Not where it lies ahead: then the clock was set back. */
    private static boolean isWithin(Duration time, Instant since, Instant now) {
        return !now.isBefore(since) && now.isBefore(since.plus(time));
    }

    /** Whether more may be waiting in the queue. */
    boolean isOn() {
        return clock.instant().isBefore(drainsFrom());
    }

    /** None where it is farther away than any can be: then the clock was set back, and nobody is to wait for as long. */
    private Optional<Instant> endAsOf(Instant now) {
        return latestEnd.filter(end -> !end.isAfter(now.plus(LONGEST)));
    }

    private void change(Runnable change) {
        boolean ended;
        lock.lock();
        try {
            change.run();
            Instant now = clock.instant();
            boolean quiet = emptyInARow >= EMPTY_RECEIVES && !now.isBefore(lastMessageAt.plus(QUIET));
            boolean early = quiet && uncordoned.isEmpty();
            boolean late = endAsOf(now).filter(now::isBefore).isEmpty();
            ended = latestEnd.isPresent() && (early || late);
            if (ended) {
                latestEnd = Optional.empty();
                uncordoned.clear();
            }
        } finally {
            lock.unlock();
        }
        if (ended) {
            onEnd.run();
        }
    }
}
