package dev.glidepath.departure.sharing;

import dev.glidepath.event.InstanceId;
import dev.glidepath.queue.MessageQueue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
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
 * has its cordon, or after two seconds. What comes later than that is still {@linkplain #comesFirst more urgent} than a drain, and
 * may begin another burst; a departure waits for its own alone, or notices without end would hold it back without end.
 */
public final class Burst {
    private static final Duration LONGEST = Duration.ofSeconds(2);

    /** SQS looks at a part of its servers only when it is not to wait, and finds nothing now and then though there is some. */
    private static final int EMPTY_RECEIVES = 2;

    /** Two of those in a row come about in every long burst; so many as fit in here do not. */
    private static final Duration QUIET = Duration.ofMillis(500);

    /** So many thousands of messages are received in this time that what then comes is no backlog. */
    private static final Duration LONGEST_BACKLOG = Duration.ofSeconds(10);

    /** A cordon that takes longer waits for something else than its turn. */
    private static final Duration LONGEST_CORDON = Duration.ofSeconds(5);

    /** So long after its burst a departure waits for no other: its drain is about to begin, or has begun. */
    private static final Duration BELONGS_FOR = Duration.ofSeconds(10);

    private final InstantSource clock;
    private final Runnable onEnd;
    private final Lock lock = new ReentrantLock();
    private final Condition allCordoned = lock.newCondition();
    /** Those that keep the burst from its early end. */
    private final Set<InstanceId> uncordoned = new HashSet<>();

    /** When it was noticed of which node that it may want a cordon, the latest last; whether or not the burst is over. */
    private final SequencedMap<InstanceId, Instant> awaitingCordons = new LinkedHashMap<>();

    /** The latest, and whose each departure's is, as long as it matters. */
    private Optional<Gathering> latest = Optional.empty();

    private final Map<InstanceId, Gathering> gatherings = new HashMap<>();
    private int emptyInARow;
    private Instant lastMessageAt = Instant.EPOCH;
    /** Since when one full receive follows the other. */
    private Instant pouringSince = Instant.EPOCH;

    private Instant lastFullReceiveAt = Instant.EPOCH;

    /** One burst: over at its end, or before. */
    private static final class Gathering {
        private final Instant latestEnd;
        private Optional<Instant> endedAt = Optional.empty();

        Gathering(Instant latestEnd) {
            this.latestEnd = latestEnd;
        }

        /** Long past once it is over; or where it is farther away than any can be: then the clock was set back. */
        Instant endAsOf(Instant now) {
            return endedAt.isPresent() || latestEnd.isAfter(now.plus(LONGEST)) ? Instant.MIN : latestEnd;
        }

        boolean isOnAt(Instant now) {
            return now.isBefore(endAsOf(now));
        }

        /** Whether its departures may take part in another. */
        boolean isLongOverAt(Instant now) {
            return !isOnAt(now) && !isWithin(BELONGS_FOR, endedAt.orElse(latestEnd), now);
        }
    }

    /**
     * @param onEnd called when a burst is over before its time is
     */
    public Burst(InstantSource clock, Runnable onEnd) {
        this.clock = clock;
        this.onEnd = onEnd;
    }

    /** A notice has come in that may want its node cordoned. */
    public void noticed(InstanceId instance) {
        lock.lock();
        try {
            Instant now = clock.instant();
            if (!isOnAt(now)) {
                latest = Optional.of(new Gathering(now.plus(LONGEST)));
                gatherings.values().removeIf(gathering -> gathering.isLongOverAt(now));
                uncordoned.clear();
                emptyInARow = 0;
            }
            uncordoned.add(instance);
            awaitingCordons.putLast(instance, now);
            var _ = gatheringOf(instance, now);
        } finally {
            lock.unlock();
        }
    }

    /** The node is cordoned, or will not be. */
    public void cordoned(InstanceId instance) {
        change(() -> {
            uncordoned.remove(instance);
            awaitingCordons.remove(instance);
            if (!isCordoning()) {
                allCordoned.signalAll();
            }
        });
    }

    /** A receive was answered with so many messages. */
    public void received(int messages) {
        change(() -> {
            emptyInARow = messages == 0 ? emptyInARow + 1 : 0;
            lastMessageAt = messages == 0 ? lastMessageAt : clock.instant();
            if (messages == MessageQueue.BATCH) {
                receivedInFull(clock.instant());
            }
        });
    }

    /**
     * Before then no pod is evicted that was not before: two seconds at most after the first notice of this departure's burst, however
     * many more come. A departure of which none was noticed takes part in the burst during which this is first asked of it.
     *
     * @return long past when its burst is over, or it has none
     */
    public Instant drainsFrom(InstanceId instance) {
        lock.lock();
        try {
            Instant now = clock.instant();
            return gatheringOf(instance, now)
                    .map(gathering -> gathering.endAsOf(now))
                    .orElse(Instant.MIN);
        } finally {
            lock.unlock();
        }
    }

    private Optional<Gathering> gatheringOf(InstanceId instance, Instant now) {
        Optional<Gathering> own = Optional.ofNullable(gatherings.get(instance));
        if (own.isPresent() && !own.get().isLongOverAt(now)) {
            return own;
        }
        Optional<Gathering> joined = latest.filter(gathering -> gathering.isOnAt(now));
        joined.ifPresent(gathering -> gatherings.put(instance, gathering));
        return joined;
    }

    /**
     * Whether evictions had better wait, as far as they have the time: a node may have to be cordoned, or the queue gives more than one
     * receive holds, so that there may be more nodes to cordon.
     */
    public boolean comesFirst() {
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
    public boolean isOn() {
        lock.lock();
        try {
            return isOnAt(clock.instant());
        } finally {
            lock.unlock();
        }
    }

    private boolean isOnAt(Instant now) {
        return latest.filter(gathering -> gathering.isOnAt(now)).isPresent();
    }

    private void change(Runnable change) {
        boolean ended;
        lock.lock();
        try {
            change.run();
            Instant now = clock.instant();
            boolean quiet = emptyInARow >= EMPTY_RECEIVES && !now.isBefore(lastMessageAt.plus(QUIET));
            boolean early = quiet && uncordoned.isEmpty();
            ended = latest.isPresent() && (early || !isOnAt(now));
            if (ended) {
                latest.get().endedAt = Optional.of(now);
                latest = Optional.empty();
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
