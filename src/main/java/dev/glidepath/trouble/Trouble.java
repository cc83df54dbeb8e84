package dev.glidepath.trouble;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Trouble with one thing that is tried again and again, on one thread or several: logged when it begins, when its kind changes and
 * when it ends, not at each attempt. One success ends it.
 *
 * @param <K> kind of trouble; two are the same if they are equal
 */
public final class Trouble<K extends Trouble.Kind> {
    private final Logger log;
    private final Words words;
    private final InstantSource clock;
    private final Lock lock = new ReentrantLock();

    /** Changed under the lock, and logged under it: the lines are in the order in which it happened. Reading does not wait for that. */
    private volatile @Nullable Present<K> now;

    /** Guarded by the lock: whether the present trouble was logged. */
    private boolean logged;

    /** What distinguishes one trouble from another. */
    public interface Kind {
        /** Whether a person must act, since it will not end by itself. Such trouble is logged as an error, other as a warning. */
        boolean needsPerson();
    }

    /** The two kinds, where no more than that is known. */
    public enum Remedy implements Kind {
        /** A person must act. */
        PERSON,
        /** Trying again may help. */
        TIME;

        /** The one of them that says so. */
        public static Remedy of(boolean needsPerson) {
            return needsPerson ? PERSON : TIME;
        }

        @Override
        public boolean needsPerson() {
            return this == PERSON;
        }
    }

    /**
     * Words for the log.
     *
     * @param begin what is logged when trouble begins; the reason follows
     * @param end what is logged when trouble is over that has lasted for this time
     */
    public record Words(String begin, Function<Duration, String> end) {
        /** The usual words. */
        public static Words of(String doing) {
            return new Words("trouble " + doing, lasted -> "no more trouble " + doing + ", after " + lasted);
        }

        /** Words that do not say for how long the trouble has lasted. */
        public static Words of(String begin, String end) {
            return new Words(begin, _ -> end);
        }
    }

    /**
     * Trouble that has not ended.
     *
     * @param since when it began, whatever kind it was of then
     */
    public record Present<K>(Instant since, K kind, String why) {}

    /** @param log of the class that does it */
    public Trouble(Logger log, Words words, InstantSource clock) {
        this.log = log;
        this.words = words;
        this.clock = clock;
    }

    /** It failed, perhaps again. */
    public void met(K kind, String why) {
        met(kind, why, () -> log.log(level(kind), words.begin() + ": " + why));
    }

    /** It failed, perhaps again, in a way that nobody foresaw: logged with its stack trace, which says why. */
    public void met(K kind, Throwable unforeseen) {
        met(kind, unforeseen.toString(), () -> log.log(level(kind), words.begin(), unforeseen));
    }

    /** It failed, perhaps again, and another class logs that. */
    public void metUnlogged(K kind, String why) {
        met(kind, why, null);
    }

    /** It succeeded. */
    public void ended() {
        lock.lock();
        try {
            Present<K> before = now;
            now = null;
            if (before != null && logged) {
                logged = false;
                log.info(words.end().apply(Duration.between(before.since(), clock.instant())));
            }
        } finally {
            lock.unlock();
        }
    }

    /** The trouble there is now; empty while there is none. */
    public Optional<Present<K>> present() {
        return Optional.ofNullable(now);
    }

    /** The reason of the trouble there is now; empty while there is none. */
    public Optional<String> why() {
        return present().map(Present::why);
    }

    private void met(K kind, String why, @Nullable Runnable logging) {
        lock.lock();
        try {
            Present<K> before = now;
            now = new Present<>(before == null ? clock.instant() : before.since(), kind, why);
            boolean isNew = before == null || !before.kind().equals(kind);
            if (isNew && logging != null) {
                logged = true;
                logging.run();
            }
        } finally {
            lock.unlock();
        }
    }

    private static Logger.Level level(Kind kind) {
        return kind.needsPerson() ? Logger.Level.ERROR : Logger.Level.WARN;
    }
}
