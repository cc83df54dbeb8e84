package dev.glidepath.apiserver;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connections for requests, or those for watches. It counts the streams of each below what the server allows, grows when all
 * of them are full or suspect, and closes those that nobody uses. Safe for use by many threads.
 */
final class ConnectionPool {
    /** The API server allows 100 by default, and the JDK's client notes the end of a stream a moment after its answer. */
    private static final int STREAMS_A_CONNECTION = 80;

    private static final Duration LONGEST_IDLE = Duration.ofSeconds(10);

    private final Opener opener;
    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();

    /** Guarded by the lock, as is what follows. */
    private final List<Member> members = new ArrayList<>();

    private int limit = STREAMS_A_CONNECTION;

    /** Makes the client of a new connection. */
    @FunctionalInterface
    interface Opener {
        /**
         * Makes one; nothing is sent yet.
         *
         * @throws IOException when its settings cannot be used
         */
        HttpClient open() throws IOException;
    }

    /** A connection, and how many streams of it are taken. */
    static final class Member {
        private final Connection connection;
        private int streams;
        private boolean retired;
        private long idleSinceNanos = System.nanoTime();

        Member(Connection connection) {
            this.connection = connection;
        }
    }

    /**
     * A stream that is taken.
     *
     * @param ordinal how many were taken of its connection by then, with this one
     */
    record Stream(Member member, int ordinal) {
        Connection connection() {
            return member.connection;
        }
    }

    /** @param most how many connections there may be */
    ConnectionPool(Opener opener, int most) {
        this.opener = opener;
        this.most = most;
    }

    /**
     * Takes a stream of a connection on which a request can be sent now; to be given back.
     *
     * @param deadlineNanos of {@link System#nanoTime}
     * @return nothing, if there was none in time
     * @throws IOException when no connection can be opened
     */
    Optional<Stream> take(long deadlineNanos) throws IOException, InterruptedException {
        Optional<Stream> taken = reserve(deadlineNanos);
        while (taken.isPresent() && !awaitOpen(taken.get(), deadlineNanos)) {
            giveBack(taken.get());
            taken = reserve(deadlineNanos);
        }
        return taken;
    }

    /** Gives back a stream that is over. */
    void giveBack(Stream stream) {
        Member member = stream.member();
        lock.lock();
        try {
            member.streams--;
            member.idleSinceNanos = System.nanoTime();
            closeIfDone(member);
            room.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The server did not allow this stream, as there were so many. */
    void lowerLimit(Stream refused) {
        lock.lock();
        try {
            limit = Math.max(1, Math.min(limit, refused.ordinal() - 1));
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more streams of this connection, and closes it with its last one. */
    void retire(Member member) {
        lock.lock();
        try {
            member.retired = true;
            members.remove(member);
            closeIfDone(member);
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Probes connections that are suspect, closes dead ones and those that nobody uses. To be called by one thread. */
    void lookAfter(HttpRequest probe) {
        for (Member member : snapshot()) {
            long now = System.nanoTime();
            if (isIdle(member, now)) {
                retire(member);
            } else if (member.connection.probe(probe, now)) {
                retire(member);
                member.connection.closeAsDead();
            }
        }
    }

    /** Whether there is no connection. */
    boolean isEmpty() {
        return snapshot().isEmpty();
    }

    /**
     * Waits until requests may be sent. A stream of a connection that cannot be opened is given back.
     *
     * @return whether they may be
     */
    private boolean awaitOpen(Stream stream, long deadlineNanos) throws IOException, InterruptedException {
        boolean given = true;
        try {
            Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
            boolean open = stream.connection().awaitOpen(left.compareTo(Exchange.SOON) < 0 ? left : Exchange.SOON);
            given = false;
            return open;
        } finally {
            if (given) {
                giveBack(stream);
            }
        }
    }

    private Optional<Stream> reserve(long deadlineNanos) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = System.nanoTime();
                if (now - deadlineNanos >= 0) {
                    room.signal(); // what woke us, at the last moment, is somebody else's
                    return Optional.empty();
                }
                Optional<Member> found = find(now);
                if (found.isPresent()) {
                    return found.map(member -> new Stream(member, ++member.streams));
                }
                var _ = room.await(deadlineNanos - now, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The oldest that is well, or a new one; where there may be no more of them, any that has room. */
    private Optional<Member> find(long nowNanos) throws IOException {
        for (Member member : members) {
            if (hasRoom(member) && !member.connection.isSuspect(nowNanos)) {
                return Optional.of(member);
            }
        }
        if (members.size() < most) {
            Member added = new Member(new Connection(opener.open()));
            members.add(added);
            return Optional.of(added);
        }
        return members.stream().filter(this::hasRoom).findFirst();
    }

    private boolean hasRoom(Member member) {
        return member.streams < limit || member.connection.isUnlimited();
    }

    private boolean isIdle(Member member, long nowNanos) {
        lock.lock();
        try {
            return member.streams == 0 && nowNanos - member.idleSinceNanos > LONGEST_IDLE.toNanos();
        } finally {
            lock.unlock();
        }
    }

    private void closeIfDone(Member member) {
        if (member.retired && member.streams == 0) {
            member.connection.close();
        }
    }

    private List<Member> snapshot() {
        lock.lock();
        try {
            return List.copyOf(members);
        } finally {
            lock.unlock();
        }
    }
}
