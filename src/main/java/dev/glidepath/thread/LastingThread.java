package dev.glidepath.thread;

import dev.glidepath.trouble.Trouble;
import dev.glidepath.trouble.Trouble.Remedy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * A thread that does one thing round by round for as long as the program runs. What a round throws, whatever it is, is
 * logged when it begins, and the next round comes after a pause; {@link #trouble} says so until a round succeeds. An interrupt ends
 * it.
 */
public final class LastingThread {
    private static final Logger LOG = Logger.getLogger(LastingThread.class);
    private static final String FAILS = " fails and is tried again";
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Round round;
    private final Thread thread;
    private final Trouble<Remedy> trouble;
    private volatile boolean ended;

    /** What is done over and over. */
    @FunctionalInterface
    public interface Round {
        /**
         * Goes round once.
         *
         * @return whether another round is to follow
         * @throws InterruptedException which ends the thread
         */
        boolean run() throws InterruptedException;
    }

    /**
     * A virtual thread. Nothing runs before {@link #start}.
     *
     * @param name for the log, and for readiness
     */
    public LastingThread(String name, Round round) {
        this(name, round, Thread.ofVirtual());
    }

    private LastingThread(String name, Round round, Thread.Builder kind) {
        this.round = round;
        this.trouble =
                new Trouble<>(LOG, Trouble.Words.of(name + FAILS, name + " works again"), InstantSource.system());
        this.thread = kind.name(name).unstarted(this::run);
    }

    /**
     * For what must not be late: a thread of the system, which is given its share of a processor however many virtual threads want
     * theirs. Nothing runs before {@link #start}.
     *
     * @param name for the log, and for readiness
     */
    public static LastingThread ofSystem(String name, Round round) {
        return new LastingThread(name, round, Thread.ofPlatform().daemon());
    }

    /** Begins the first round; once only. */
    public LastingThread start() {
        thread.start();
        return this;
    }

    /** Ends it: the wait it is in, and with it the thread. */
    public void interrupt() {
        thread.interrupt();
    }

    /**
     * Waits until it has ended.
     *
     * @return whether it has; at once, if it is the thread that asks
     */
    public boolean join(Duration atMost) throws InterruptedException {
        return thread.equals(Thread.currentThread()) || thread.join(atMost);
    }

    /** As it was given. */
    public String name() {
        return thread.getName();
    }

    /** Why its work is not done; empty while it is, and when it has ended as it should. */
    public Optional<String> trouble() {
        boolean died = thread.getState() == Thread.State.TERMINATED && !ended;
        return died ? Optional.of(name() + " has died") : trouble.why().map(why -> name() + FAILS + ": " + why);
    }

    private void run() {
        try {
            Duration pause = FIRST_PAUSE;
            boolean goesOn = true;
            while (goesOn) {
                try {
                    goesOn = round.run();
                    pause = FIRST_PAUSE;
                    trouble.ended();
                } catch (RuntimeException | Error failure) { // whatever it is, it must not end the thread
                    trouble.met(Remedy.PERSON, failure);
                    Thread.sleep(pause); // on this thread alone; an interrupt ends it
                    pause = longer(pause);
                }
            }
        } catch (InterruptedException interrupted) {
            LOG.debugf("%s was interrupted", name());
        }
        ended = true;
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }
}
