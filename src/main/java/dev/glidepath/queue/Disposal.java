package dev.glidepath.queue;

import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Gatherers;
import org.jboss.logging.Logger;

/**
 * Deletes messages without anybody waiting for it: collects them into full requests, of which a few are under way at once, and
 * tries again what SQS did not delete, until it is deleted or no longer held. As long as it is held it is kept invisible like
 * everything that is.
 *
 * <p>After a failure no request begins until a back-off is over, which grows only as long as nothing at all gets deleted.
 */
public final class Disposal implements AutoCloseable {
    static final int REQUESTS_AT_MOST = 4;
    /** How long a request that is not full yet waits for more messages to delete: one by one they cost ten times as much. */
    static final Duration COLLECT_FOR = Duration.ofMillis(100);

    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

    private static final Logger LOG = Logger.getLogger(Disposal.class);

    private final MessageQueue queue;
    private final Receiver.Sleeper sleeper;
    private final QueueTrouble trouble;
    private final LastingThread collector;

    /** Guards the fields below; {@code changed} tells of each change. */
    private final Lock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Backoff backoff;
    private final Set<MessageId> waiting = new LinkedHashSet<>();
    private final Set<Thread> requests = new HashSet<>();
    private int requested;
    /** Whether a request has failed since the last pause. */
    private boolean failed;

    private boolean closed;

    /**
     * Ready to delete.
     *
     * @param random spreads the back-off
     * @param failures is told of every request that failed or was not carried out in full, on the thread that made it; for metrics
     */
    public Disposal(
            MessageQueue queue,
            InstantSource clock,
            RandomGenerator random,
            Receiver.Sleeper sleeper,
            Consumer<QueueException> failures) {
        this.queue = queue;
        this.sleeper = sleeper;
        this.trouble = new QueueTrouble("deleting messages", LOG, clock, failures);
        this.backoff = new Backoff(Receiver.FIRST_BACKOFF, Receiver.LONGEST_BACKOFF, random);
        this.collector = new LastingThread("queue-disposal", this::collect).start();
    }

    /** Has the messages deleted soon; returns at once. What is not held is no work. After {@link #close} it does nothing. */
    public void delete(Collection<MessageId> ids) {
        lock.lock();
        try {
            if (!closed) {
                waiting.addAll(ids);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many messages are to be deleted and are not yet. */
    public int pending() {
        lock.lock();
        try {
            return waiting.size() + requested;
        } finally {
            lock.unlock();
        }
    }

    /** Why nothing is deleted; empty while that goes on. */
    public Optional<String> trouble() {
        return collector.trouble();
    }

    /**
     * Tries once more, for two seconds in all, to delete what is pending. The rest stays held, for its owner to release. Calling
     * it again does nothing.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        collector.interrupt();
        try {
            if (collector.join(CLOSE_WITHIN)) {
                tryOnceMore();
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        int left = pending();
        if (left > 0) {
            LOG.warnf("%d messages that are done with could not be deleted; they will be delivered again", left);
        }
    }

    private void tryOnceMore() throws InterruptedException {
        lock.lock();
        try {
            long nanos = CLOSE_WITHIN.toNanos();
            var batches = waiting.stream()
                    .gather(Gatherers.windowFixed(MessageQueue.BATCH))
                    .toList();
            for (List<MessageId> batch : batches) {
                while (requests.size() == REQUESTS_AT_MOST && nanos > 0) {
                    nanos = changed.awaitNanos(nanos);
                }
                if (nanos <= 0) {
                    break;
                }
                request(batch);
            }
            while (!requests.isEmpty() && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            requests.forEach(Thread::interrupt);
            lock.unlock();
        }
    }

    private boolean collect() throws InterruptedException {
        Duration pause = awaitWork();
        if (pause.isPositive()) {
            sleeper.sleep(pause);
        }
        begin();
        return true;
    }

    /** Returns when there is something to delete and a request may begin, with how long that shall wait all the same. */
    private Duration awaitWork() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() || requests.size() == REQUESTS_AT_MOST) {
                changed.await();
            }
            if (failed) {
                return backoff.next();
            }
            return waiting.size() < MessageQueue.BATCH ? COLLECT_FOR : Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    private void begin() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            failed = false;
            request(waiting.stream().limit(MessageQueue.BATCH).toList());
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held. */
    private void request(List<MessageId> batch) {
        batch.forEach(waiting::remove);
        requested += batch.size();
        Thread request = Thread.ofVirtual().name("queue-delete").unstarted(() -> attempt(batch));
        requests.add(request);
        request.start();
    }

    private void attempt(List<MessageId> batch) {
        Collection<MessageId> left = batch;
        try {
            left = queue.delete(batch);
            if (left.isEmpty()) {
                trouble.ended();
            } else {
                trouble.met(new QueueException(
                        Category.UNAVAILABLE,
                        "DeleteMessageBatch",
                        "SQS did not delete " + left.size() + " of " + batch.size() + " messages: retrying"));
            }
        } catch (QueueException failure) {
            if (failure.category() != Category.INTERRUPTED) {
                trouble.met(failure);
            }
        } catch (RuntimeException | Error unexpected) { // whatever it is, the messages are tried again
            trouble.met(new QueueException(
                    Category.UNEXPECTED, "DeleteMessageBatch", "deleting failed: " + unexpected, unexpected));
        } finally {
            end(batch, left);
        }
    }

    private void end(List<MessageId> batch, Collection<MessageId> left) {
        lock.lock();
        try {
            requests.remove(Thread.currentThread());
            requested -= batch.size();
            waiting.addAll(left);
            failed |= !left.isEmpty();
            if (left.size() < batch.size()) {
                backoff.reset();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
