package dev.glidepath.queue;

import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Polls the queue on one virtual thread or several, each with a long poll of its own, and keeps what is held invisible from
 * another. None ends by a failure: trouble is backed off from, logged when it begins, when it changes its kind and when it ends,
 * and shown by {@link #state}.
 *
 * <p>{@link #receiveNoMore} and {@link #stop} end the polling only; what is held is kept invisible until {@link #close}, so that
 * work in progress can be brought to its end in between.
 */
public final class Receiver implements AutoCloseable {

    /** What is done with what comes in, and how eagerly more is asked for. Called on all polling threads. */
    public interface Handler {
        /**
         * How long the next receive may wait for messages: 0 to 20 s, whole seconds. Asked right before it; a receive under way
         * keeps the wait it began with.
         */
        Duration patience();

        /** How eagerly more may be received now; asked before each receive and, while it may not, several times a second. */
        Pace pace();

        /**
         * What one receive brought, which may be nothing; the next receive of this poller waits for it, and it is never
         * interrupted. The messages are the handler's from then on. If it throws, that is logged and they are left, to be
         * delivered again.
         *
         * @param pace at which they were asked for; that of a long poll may be another than it is now
         */
        void accept(List<Message> messages, Pace pace);
    }

    /** How eagerly messages are received. */
    public enum Pace {
        /** One receive after the other, by each poller. */
        FREELY,
        /** One receive every ten to twenty seconds, by one of the pollers, and without waiting for messages. */
        SELDOM,
        /** None. */
        NOT_NOW
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

    /** Between two receives while the pace is {@link Pace#SELDOM}; at most twice as much. */
    static final Duration SELDOM = Duration.ofSeconds(10);

    /** How long {@link #stop} waits for receives and handlers, and {@link #close} for the keeper: a receive has its wait. */
    private static final Duration END_WITHIN = MessageQueue.LONG_POLL.plusSeconds(2);

    private static final Duration BREAK_OFF_WITHIN = Duration.ofSeconds(1);

    private static final Logger LOG = Logger.getLogger(Receiver.class);

    private final MessageQueue queue;
    private final int pollersWanted;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Sleeper sleeper;
    private final QueueTrouble polling;
    private final QueueTrouble keeping;
    private final AtomicReference<@Nullable Instant> lastPollAt = new AtomicReference<>();

    /** Guards the fields below. */
    private final Lock lock = new ReentrantLock();

    private List<Poller> pollers = List.of();
    private @Nullable LastingThread keeper;
    private boolean stopping;

    /** Touched by the keeper alone, once it has started. */
    private Instant keepAgainAt = Instant.MIN;

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
        this.polling = new QueueTrouble("receiving messages", LOG, clock, failures);
        this.keeping = new QueueTrouble("keeping messages invisible", LOG, clock, failures);
    }

    /** Starts polling; once only. */
    public void start(Handler handler) {
        lock.lock();
        try {
            if (!pollers.isEmpty() || stopping) {
                throw new IllegalStateException("a receiver starts once");
            }
            Poller.Shared shared =
                    new Poller.Shared(queue, sleeper, random, new ReceiveTurns(clock, random), polling, this::answered);
            pollers = IntStream.rangeClosed(1, pollersWanted)
                    .mapToObj(number -> new Poller(number, handler, shared))
                    .toList();
            pollers.forEach(poller -> poller.thread().start());
            keepAgainAt = clock.instant().plus(KEEP_EVERY);
            keeper = new LastingThread("queue-keeper", this::keep).start();
        } finally {
            lock.unlock();
        }
    }

    /** No receive begins from this moment. Those under way, and handlers, go on; returns at once. */
    public void receiveNoMore() {
        lock.lock();
        try {
            stopping = true;
            pollers.forEach(Poller::stop);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the polling when the receives under way are answered and the handlers return, for which it is waited a few seconds. A
     * receive is not broken off before: SQS may give a message to a receive whose connection is closed, and then nobody sees the
     * message for 30 s. What such a receive brings is held, to be released with the rest. Messages are still kept invisible.
     * Calling it again does nothing.
     */
    public void stop() {
        receiveNoMore();
        List<LastingThread> slow = awaitEnd(threads(_ -> true), END_WITHIN);
        List<LastingThread> unanswered = threads(Poller::isReceiving);
        unanswered.forEach(LastingThread::interrupt);
        awaitEnd(slow, BREAK_OFF_WITHIN).forEach(Receiver::hasNotEnded);
    }

    private List<LastingThread> threads(Predicate<Poller> which) {
        lock.lock();
        try {
            return pollers.stream().filter(which).map(Poller::thread).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Stops, and keeps nothing invisible any more. */
    @Override
    public void close() {
        stop();
        List<LastingThread> ending = new ArrayList<>();
        lock.lock();
        try {
            if (keeper != null) {
                keeper.interrupt();
                ending.add(keeper);
            }
        } finally {
            lock.unlock();
        }
        awaitEnd(ending, END_WITHIN).forEach(Receiver::hasNotEnded);
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

    /** Why one of its threads does not do its work; empty while they do. */
    public Optional<String> trouble() {
        lock.lock();
        try {
            return Stream.concat(pollers.stream().map(Poller::thread), Optional.ofNullable(keeper).stream())
                    .flatMap(thread -> thread.trouble().stream())
                    .findFirst();
        } finally {
            lock.unlock();
        }
    }

    /** When a receive was last answered; empty before the first. */
    public Optional<Instant> lastPollAt() {
        return Optional.ofNullable(lastPollAt.get());
    }

    private void answered() {
        lastPollAt.set(clock.instant());
        polling.ended();
    }

    private boolean keep() throws InterruptedException {
        Duration left = Duration.between(clock.instant(), keepAgainAt);
        if (left.isPositive()) {
            boolean wasSetBack = left.compareTo(KEEP_EVERY) > 0; // the clock, in between
            sleeper.sleep(wasSetBack ? KEEP_EVERY : left);
        }
        Instant began = clock.instant();
        keepOnce();
        keepAgainAt = began.plus(KEEP_EVERY); // at once, where this time it came to nothing
        return true;
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

    /** Gives those that have not ended in time. */
    private static List<LastingThread> awaitEnd(List<LastingThread> ending, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        List<LastingThread> slow = new ArrayList<>();
        try {
            for (LastingThread thread : ending) {
                if (!thread.join(Duration.ofNanos(end - System.nanoTime()))) {
                    slow.add(thread);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return slow;
    }

    private static void hasNotEnded(LastingThread thread) {
        LOG.warnf("%s has not ended in time; going on without", thread.name());
    }
}
