package dev.glidepath.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is watched through a {@link FaultProxy} passes while it is open, and waits while it is shut. May be called from any thread.
 */
public final class Valve {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Stream> streams = new ArrayList<>();
    private final Set<String> forgotten = new HashSet<>();
    private boolean open = true;

    /** Nothing passes from now on. */
    public void shut() {
        set(false);
    }

    /** What has waited passes, and what comes. */
    public void open() {
        set(true);
    }

    /**
     * Opens it, but what has waited never passes: each watch ends, and the next of the same objects finds that the API server has forgotten its
     * place, so that they are listed anew. What came and went meanwhile nobody sees.
     */
    public void openAnew() {
        List<Stream> ended;
        lock.lock();
        try {
            ended = List.copyOf(streams);
            ended.forEach(stream -> {
                stream.ended = true;
                forgotten.add(stream.path);
            });
        } finally {
            lock.unlock();
        }
        open();
        ended.forEach(Stream::endContent);
    }

    /** Whether a watch of this path is the first after its place was forgotten. */
    boolean hasForgotten(String path) {
        lock.lock();
        try {
            return forgotten.remove(path);
        } finally {
            lock.unlock();
        }
    }

    /** The answer to a watch, which is to pass through. */
    Stream stream(String path, InputStream content) {
        Stream stream = new Stream(path, content);
        lock.lock();
        try {
            streams.add(stream);
        } finally {
            lock.unlock();
        }
        return stream;
    }

    private void set(boolean open) {
        lock.lock();
        try {
            this.open = open;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** One watch. */
    final class Stream implements AutoCloseable {
        private final String path;
        private final InputStream content;
        private boolean ended;

        private Stream(String path, InputStream content) {
            this.path = path;
            this.content = content;
        }

        /** Waits until a piece may pass; false when none will any more. */
        boolean mayPass() throws InterruptedException {
            lock.lockInterruptibly();
            try {
                while (!open && !ended) {
                    changed.await();
                }
                return !ended;
            } finally {
                lock.unlock();
            }
        }

        private void endContent() {
            try {
                content.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                streams.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }
}
