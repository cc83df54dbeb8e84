package dev.glidepath.queue;

import dev.glidepath.queue.QueueException.Category;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Polls the queue on one virtual thread and keeps what is held invisible from another. Neither ends by a failure: trouble is
 * backed off from, logged when it begins, when it changes its kind and when it ends, and shown by {@link #state}.
 *
 * <p>{@link #stop} ends the polling only; what is held is kept invisible until {@link #close}, so that work in progress can be
 * brought to its end in between.
 */
public final class Receiver implements AutoCloseable {

    /** How receiving goes. */
    public sealed interface State {
        /** Not started yet, or stopped. */
        record Stopped() implements State {}

        /** Well; the last receive was answered then. */
        record Polling(Instant lastPollAt) implements State {}

        /** Requests have failed since; {@code why} names the remedy. */
        record Troubled(Instant since, Category category, String why) implements State {}
    }

    /** Waits; {@code Thread::sleep} except in tests. */
    @FunctionalInterface
    public interface Sleeper {
        void sleep(Duration duration) throws InterruptedException;
    }

    /** Thrice within the time a message stays invisible, so that two rounds may fail. */
    static final Duration KEEP_EVERY = MessageQueue.VISIBILITY.dividedBy(3);

    static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    static final Duration LONGEST_BACKOFF = Duration.ofSeconds(15);

    /** How long {@link #stop} and {@link #close} wait for a handler or a request that is slow to end. */
    private static final Duration END_WITHIN = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(Receiver.class);

    private final MessageQueue queue;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final Consumer<QueueException> failures;
    private final Backoff backoff;
    private final Trouble polling = new Trouble("receiving messages");
    private final Trouble keeping = new Trouble("keeping messages invisible");
    private final AtomicReference<@Nullable Instant> lastPollAt = new AtomicReference<>();

    /** Guards the fields below. */
    private final Lock lock = new ReentrantLock();

    private @Nullable Thread poller;
    private @Nullable Thread keeper;
    private boolean stopping;
    /** Whether the poller is in a wait that an interrupt may end; a handler is never interrupted. */
    private boolean waiting;

    /**
     * @param random spreads the back-off
     * @param failures is told of every request that failed, on the thread that made it; for metrics
     */
    public Receiver(
            MessageQueue queue,
            InstantSource clock,
            RandomGenerator random,
            Sleeper sleeper,
            Consumer<QueueException> failures) {
        this.queue = queue;
        this.clock = clock;
        this.sleeper = sleeper;
        this.failures = failures;
        this.backoff = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, random);
    }

    /**
     * Starts polling; once only.
     *
     * @param handler is given what a receive brought, never an empty list, on the polling thread: the next receive waits for
     *     it. It owns the messages from then on. If it throws, that is logged and the messages are left, to be delivered again.
     */
    public void start(Consumer<List<Message>> handler) {
        lock.lock();
        try {
            if (poller != null || stopping) {
                throw new IllegalStateException("a receiver starts once");
            }
            poller = Thread.ofVirtual().name("queue-receiver").start(() -> poll(handler));
            keeper = Thread.ofVirtual().name("queue-keeper").start(this::keep);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the polling: a receive under way within a moment, a handler under way when it returns, for which it is waited a few
     * seconds. Messages are still kept invisible. Calling it again does nothing.
     */
    public void stop() {
        @Nullable Thread ending;
        lock.lock();
        try {
            stopping = true;
            ending = poller;
            if (waiting && ending != null) {
                ending.interrupt();
            }
        } finally {
            lock.unlock();
        }
        awaitEnd(ending);
    }

    /** Stops, and keeps nothing invisible any more. */
    @Override
    public void close() {
        stop();
        @Nullable Thread ending;
        lock.lock();
        try {
            ending = keeper;
        } finally {
            lock.unlock();
        }
        if (ending != null) {
            ending.interrupt();
        }
        awaitEnd(ending);
    }

    /** How it goes now; for readiness. Cheap, and safe on any thread. */
    public State state() {
        lock.lock();
        try {
            if (poller == null || stopping) {
                return new State.Stopped();
            }
        } finally {
            lock.unlock();
        }
        return polling.state()
                .or(keeping::state)
                .orElseGet(() -> lastPollAt().<State>map(State.Polling::new).orElseGet(State.Stopped::new));
    }

    /** When a receive was last answered; empty before the first. */
    public Optional<Instant> lastPollAt() {
        return Optional.ofNullable(lastPollAt.get());
    }

    private void poll(Consumer<List<Message>> handler) {
        while (mayWait()) {
            List<Message> messages = receive();
            if (!mayGoOn()) {
                queue.release(idsOf(messages));
                return;
            }
            if (!messages.isEmpty()) {
                hand(messages, handler);
            }
        }
    }

    /** The first receive, and the first after a failure, do not wait for messages: they ask whether SQS is there. */
    private List<Message> receive() {
        try {
            try {
                boolean well = lastPollAt.get() != null && polling.state().isEmpty();
                List<Message> messages = well ? queue.receive() : queue.receive(Duration.ZERO);
                lastPollAt.set(clock.instant());
                polling.ended();
                backoff.reset();
                return messages;
            } catch (QueueException failure) {
                polling.began(failure);
                tell(failure);
                sleeper.sleep(backoff.next());
            }
        } catch (InterruptedException stopped) {
            LOG.debug("the receive was interrupted");
        }
        return List.of();
    }

    private void hand(List<Message> messages, Consumer<List<Message>> handler) {
        try {
            handler.accept(messages);
        } catch (Throwable unexpected) { // whatever it is, one batch must not cost all those after it
            LOG.errorf(unexpected, "%d messages could not be handled; they will be delivered again", messages.size());
            queue.leave(idsOf(messages));
        }
    }

    private void keep() {
        try {
            Instant next = clock.instant().plus(KEEP_EVERY);
            while (true) {
                Duration left = Duration.between(clock.instant(), next);
                if (left.isPositive()) {
                    sleeper.sleep(left);
                }
                next = clock.instant().plus(KEEP_EVERY);
                keepOnce();
            }
        } catch (InterruptedException closed) {
            LOG.debug("messages are no longer kept invisible");
        }
    }

    private void keepOnce() throws InterruptedException {
        try {
            queue.keepInvisible();
            keeping.ended();
        } catch (QueueException failure) {
            if (failure.category() == Category.INTERRUPTED) {
                throw new InterruptedException();
            }
            keeping.began(failure);
            tell(failure);
        }
    }

    private void tell(QueueException failure) {
        try {
            failures.accept(failure);
        } catch (RuntimeException unexpected) {
            LOG.error("a failure could not be counted", unexpected);
        }
    }

    /** Enters a wait that an interrupt may end, unless we are stopping. */
    private boolean mayWait() {
        lock.lock();
        try {
            waiting = !stopping;
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the wait; an interrupt that came too late for it is swallowed. */
    private boolean mayGoOn() {
        lock.lock();
        try {
            waiting = false;
            var _ = Thread.interrupted();
            return !stopping;
        } finally {
            lock.unlock();
        }
    }

    private static void awaitEnd(@Nullable Thread ending) {
        if (ending == null || ending.equals(Thread.currentThread())) {
            return;
        }
        try {
            if (!ending.join(END_WITHIN)) {
                LOG.warnf("%s has not ended within %s; going on without", ending.getName(), END_WITHIN);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<MessageId> idsOf(List<Message> messages) {
        return messages.stream().map(Message::id).toList();
    }

    /** Trouble with one thing we do: told when it begins, when its kind changes and when it ends, not at each attempt. */
    private final class Trouble {
        private final String doing;
        private final AtomicReference<State.@Nullable Troubled> now = new AtomicReference<>();

        Trouble(String doing) {
            this.doing = doing;
        }

        void began(QueueException failure) {
            State.Troubled before = now.get();
            Instant since = before == null ? clock.instant() : before.since();
            now.set(new State.Troubled(since, failure.category(), String.valueOf(failure.getMessage())));
            if (before == null || before.category() != failure.category()) {
                var level = failure.category().needsPerson() ? Logger.Level.ERROR : Logger.Level.WARN;
                LOG.logf(level, "trouble %s: %s", doing, failure.getMessage());
            }
        }

        void ended() {
            State.Troubled before = now.getAndSet(null);
            if (before != null) {
                LOG.infof("no more trouble %s, after %s", doing, Duration.between(before.since(), clock.instant()));
            }
        }

        Optional<State> state() {
            return Optional.ofNullable(now.get());
        }
    }
}
