package dev.glidepath.queue;

import dev.glidepath.queue.QueueException.Category;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Polls the queue on one virtual thread or several, each with a long poll of its own, and keeps what is held invisible from
 * another. None ends by a failure: trouble is backed off from, logged when it begins, when it changes its kind and when it ends,
 * and shown by {@link #state}.
 *
 * <p>{@link #stop} ends the polling only; what is held is kept invisible until {@link #close}, so that work in progress can be
 * brought to its end in between.
 */
public final class Receiver implements AutoCloseable {

    /** What is done with what comes in, and how eagerly more is asked for. Called on all polling threads. */
    public interface Handler {
        /**
         * How long the next receive may wait for messages: 0 to 20 s, whole seconds. Asked right before it; a receive under way
         * keeps the wait it began with.
         */
        Duration patience();

        /** Whether more may be received now; asked before each receive and, while it may not, several times a second. */
        boolean mayReceive();

        /**
         * What one receive brought, which may be nothing; the next receive of this poller waits for it, and it is never
         * interrupted. The messages are the handler's from then on. If it throws, that is logged and they are left, to be
         * delivered again.
         */
        void accept(List<Message> messages);
    }

    /** How receiving goes. */
    public sealed interface State {
        /** Not started, without the first answer yet, or stopped. */
        record Stopped() implements State {}

        /** Well; the last receive was answered then, which may be a while ago if no more may be received now. */
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

    /** At most so long until it is asked again whether more may be received. */
    static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

    /** How long {@link #stop} and {@link #close} wait for a handler or a request that is slow to end. */
    private static final Duration END_WITHIN = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(Receiver.class);

    private final MessageQueue queue;
    private final int pollersWanted;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Sleeper sleeper;
    private final Trouble polling;
    private final Trouble keeping;
    private final AtomicReference<@Nullable Instant> lastPollAt = new AtomicReference<>();
    private final AtomicBoolean pausing = new AtomicBoolean();

    /** Guards the fields below, and each poller's {@code waiting}. */
    private final Lock lock = new ReentrantLock();

    private List<Poller> pollers = List.of();
    private @Nullable Thread keeper;
    private boolean stopping;

    /**
     * @param pollers how many receives may be under way at once, 1 or more
     * @param random spreads the back-off
     * @param failures is told of every request that failed, on the thread that made it; for metrics
     */
    public Receiver(
            MessageQueue queue,
            int pollers,
            InstantSource clock,
            RandomGenerator random,
            Sleeper sleeper,
            Consumer<QueueException> failures) {
        if (pollers < 1) {
            throw new IllegalArgumentException(pollers + " pollers receive nothing: choose 1 or more");
        }
        this.queue = queue;
        this.pollersWanted = pollers;
        this.clock = clock;
        this.random = random;
        this.sleeper = sleeper;
        this.polling = new Trouble("receiving messages", LOG, clock, failures);
        this.keeping = new Trouble("keeping messages invisible", LOG, clock, failures);
    }

    /** Starts polling; once only. */
    public void start(Handler handler) {
        lock.lock();
        try {
            if (!pollers.isEmpty() || stopping) {
                throw new IllegalStateException("a receiver starts once");
            }
            pollers = IntStream.rangeClosed(1, pollersWanted)
                    .mapToObj(number -> new Poller(number, handler))
                    .toList();
            pollers.forEach(poller -> poller.thread.start());
            keeper = Thread.ofVirtual().name("queue-keeper").start(this::keep);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the polling: receives under way within a moment, handlers under way when they return, for which it is waited a few
     * seconds. Messages are still kept invisible. Calling it again does nothing.
     */
    public void stop() {
        List<Thread> ending = new ArrayList<>();
        lock.lock();
        try {
            stopping = true;
            for (Poller poller : pollers) {
                ending.add(poller.thread);
                if (poller.waiting) {
                    poller.thread.interrupt();
                }
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
        List<Thread> ending = new ArrayList<>();
        lock.lock();
        try {
            if (keeper != null) {
                keeper.interrupt();
                ending.add(keeper);
            }
        } finally {
            lock.unlock();
        }
        awaitEnd(ending);
    }

    /** How it goes now; for readiness. Cheap, and safe on any thread. */
    public State state() {
        lock.lock();
        try {
            if (pollers.isEmpty() || stopping) {
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
            keeping.met(failure);
        }
    }

    private void awaitEnd(List<Thread> ending) {
        Instant end = clock.instant().plus(END_WITHIN);
        try {
            for (Thread thread : ending) {
                if (!thread.equals(Thread.currentThread()) && !thread.join(Duration.between(clock.instant(), end))) {
                    LOG.warnf("%s has not ended within %s; going on without", thread.getName(), END_WITHIN);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<MessageId> idsOf(List<Message> messages) {
        return messages.stream().map(Message::id).toList();
    }

    /** One thread that receives, hands on, and receives again. */
    private final class Poller {
        private final Handler handler;
        private final Thread thread;
        private final Backoff backoff = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, random);
        private final Backoff pause = new Backoff(LONGEST_PAUSE, LONGEST_PAUSE, random);
        /** Whether the last receive was answered; touched by the thread alone. */
        private boolean well;
        /** Whether the thread is in a wait that an interrupt may end; a handler is never interrupted. */
        private boolean waiting;

        Poller(int number, Handler handler) {
            this.handler = handler;
            this.thread = Thread.ofVirtual().name("queue-receiver-" + number).unstarted(this::poll);
        }

        private void poll() {
            while (mayWait()) {
                Optional<List<Message>> answer = receive();
                if (!mayGoOn()) {
                    answer.ifPresent(messages -> queue.release(idsOf(messages)));
                    return;
                }
                answer.ifPresent(this::hand);
            }
        }

        /**
         * What SQS answered; empty if it did not, or was not asked. The first receive, and the first after a failure, do not
         * wait for messages: they ask whether SQS is there.
         */
        private Optional<List<Message>> receive() {
            try {
                try {
                    if (!mayReceive()) {
                        sleeper.sleep(pause.next());
                        return Optional.empty();
                    }
                    List<Message> messages = queue.receive(well ? handler.patience() : Duration.ZERO);
                    well = true;
                    lastPollAt.set(clock.instant());
                    polling.ended();
                    backoff.reset();
                    return Optional.of(messages);
                } catch (QueueException failure) {
                    backOff(failure);
                } catch (RuntimeException | Error unexpected) { // whatever it is, it must not end the receiving
                    LOG.error("receiving failed in a way nobody thought of", unexpected);
                    backOff(new QueueException(
                            Category.UNEXPECTED, "ReceiveMessage", "receiving failed: " + unexpected, unexpected));
                }
            } catch (InterruptedException stopped) {
                LOG.debug("the receive was interrupted");
            }
            return Optional.empty();
        }

        private void backOff(QueueException failure) throws InterruptedException {
            well = false;
            polling.met(failure);
            sleeper.sleep(backoff.next());
        }

        private boolean mayReceive() {
            boolean may = handler.mayReceive();
            if (pausing.compareAndSet(may, !may)) {
                LOG.info(may ? "receiving goes on" : "receiving pauses: nothing more may be received for now");
            }
            return may;
        }

        private void hand(List<Message> messages) {
            try {
                handler.accept(messages);
            } catch (Throwable unexpected) { // whatever it is, one batch must not cost all those after it
                LOG.errorf(
                        unexpected, "%d messages could not be handled; they will be delivered again", messages.size());
                queue.leave(idsOf(messages));
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
    }
}
