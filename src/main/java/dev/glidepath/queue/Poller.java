package dev.glidepath.queue;

import dev.glidepath.queue.QueueException.Category;
import dev.glidepath.queue.Receiver.Handler;
import dev.glidepath.queue.Receiver.Pace;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** One thread that receives, hands on, and receives again. */
final class Poller {
    private static final Logger LOG = Logger.getLogger(Receiver.class);

    private final Handler handler;
    private final Shared shared;
    private final LastingThread thread;
    private final Backoff backoff;
    private final Backoff pause;
    /** Whether the last receive was answered; touched by the thread alone. */
    private boolean well;
    /** At which the last receive was begun; touched by the thread alone. */
    private Pace pace = Pace.NOT_NOW;

    private final Lock lock = new ReentrantLock();

    /** Guarded by the lock, as is what follows. */
    private Doing at = Doing.WORK;

    private boolean stopping;

    /** What the poller is at. */
    private enum Doing {
        /** A wait that an interrupt may end. */
        PAUSE,
        /** A receive, which is broken off only when its answer is late. */
        RECEIVE,
        /** What is never interrupted: a handler. */
        WORK
    }

    /**
     * What all pollers of a receiver share.
     *
     * @param random spreads the back-off
     * @param trouble with receives
     * @param answered called after each receive that was answered
     */
    record Shared(
            MessageQueue queue,
            Receiver.Sleeper sleeper,
            RandomGenerator random,
            ReceiveTurns turns,
            QueueTrouble trouble,
            Runnable answered) {}

    Poller(int number, Handler handler, Shared shared) {
        this.handler = handler;
        this.shared = shared;
        this.backoff = new Backoff(Receiver.FIRST_BACKOFF, Receiver.LONGEST_BACKOFF, shared.random());
        this.pause = new Backoff(Receiver.LONGEST_PAUSE, Receiver.LONGEST_PAUSE, shared.random());
        this.thread = new LastingThread("queue-receiver-" + number, this::poll);
    }

    LastingThread thread() {
        return thread;
    }

    /** No receive begins from this moment. One under way, and a handler, go on. */
    void stop() {
        lock.lock();
        try {
            stopping = true;
            if (at == Doing.PAUSE) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether a receive is under way. */
    boolean isReceiving() {
        lock.lock();
        try {
            return at == Doing.RECEIVE;
        } finally {
            lock.unlock();
        }
    }

    private boolean poll() {
        if (!turnsTo(Doing.PAUSE)) {
            return false;
        }
        Optional<List<Message>> answer = receive();
        boolean goesOn = turnsTo(Doing.WORK);
        var _ = Thread.interrupted(); // one that came too late for the wait
        if (goesOn) {
            answer.ifPresent(this::hand);
        }
        return goesOn;
    }

    /**
     * Receives, unless another poller has the turn. The first receive, and the first after a failure, do not wait for messages:
     * they ask whether SQS is there.
     *
     * @return empty if SQS did not answer, or was not asked
     */
    private Optional<List<Message>> receive() {
        try {
            try {
                pace = handler.pace();
                if (!shared.turns().take(pace)) {
                    shared.sleeper().sleep(pause.next());
                    return Optional.empty();
                }
                boolean waits = well && pace == Pace.FREELY;
                List<Message> messages = ask(waits ? handler.patience() : Duration.ZERO);
                well = true;
                shared.answered().run();
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

    private List<Message> ask(Duration wait) throws InterruptedException {
        if (!turnsTo(Doing.RECEIVE)) {
            throw new InterruptedException("stopping");
        }
        try {
            return pace == Pace.SELDOM
                    ? shared.queue().receiveForOthers(wait)
                    : shared.queue().receive(wait);
        } finally {
            if (!turnsTo(Doing.PAUSE)) {
                Thread.currentThread().interrupt(); // there is nothing to wait for any more
            }
        }
    }

    private void backOff(QueueException failure) throws InterruptedException {
        well = false;
        shared.trouble().met(failure);
        shared.sleeper().sleep(backoff.next());
    }

    private void hand(List<Message> messages) {
        try {
            handler.accept(messages, pace);
        } catch (Throwable unexpected) { // whatever it is, one batch must not cost all those after it
            shared.queue().leave(messages.stream().map(Message::deliveryId).toList());
            LOG.errorf(unexpected, "%d messages could not be handled; they will be delivered again", messages.size());
        }
    }

    /** Is at this from now on, unless it is stopping: then nothing is begun any more. */
    private boolean turnsTo(Doing next) {
        lock.lock();
        try {
            at = stopping ? Doing.WORK : next;
            return !stopping;
        } finally {
            lock.unlock();
        }
    }
}
