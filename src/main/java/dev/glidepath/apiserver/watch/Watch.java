package dev.glidepath.apiserver.watch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.Body;
import dev.glidepath.apiserver.encoding.Encoding;
import dev.glidepath.apiserver.encoding.Resource;
import dev.glidepath.thread.LastingThread;
import dev.glidepath.time.SteadyClock.Moment;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The objects of one kind, or some of them, listed page by page and then watched for as long as this is open: the only way in
 * which anything here is watched. Each object is reduced while it is parsed; the API server's own text of it is not kept.
 *
 * <p>A watch goes on where the last one ended. It is listed anew where the server has forgotten that place, or refuses; a watch
 * that has fallen silent is opened again at once.
 *
 * @param <R> what is kept of an object
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes">Efficient
 *     detection of changes</a>
 */
public final class Watch<R> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Watch.class);

    private static final int PAGE_SIZE = 250;

    /** The server ends a watch then, give or take, and the next begins where it ended. */
    private static final int WATCH_SECONDS = 290;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** So often in a row a server that fails is asked to go on from where the watch was; what it fails at may be that place. */
    private static final int MOST_FAILURES_IN_PLACE = 3;

    /** A list that somebody asks for is read so much later than the last, and the longer it took the later. */
    private static final Duration SHORTEST_REST = Duration.ofSeconds(1);

    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    private static final int TIMES_AS_LONG_AS_IT_TOOK = 20;

    private final Watcher watcher;
    private final Kind<R> kind;
    private final Listener<R> listener;
    private final String mediaTypes;

    /**
     * One list at a time, taken in before the next is read. By one that was read earlier and taken in later, an object that went
     * meanwhile would come back, and nobody would ever tell of its end.
     */
    private final ReentrantLock oneList = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition listed = lock.newCondition();
    private final CountDownLatch closing = new CountDownLatch(1);
    private InputStream watched = InputStream.nullInputStream();
    private boolean running;
    private Progress progress = Progress.WATCHING;
    private volatile long heardAtNanos = System.nanoTime();
    private Moment listedAt = Moment.NEVER;
    /** Of steady time. */
    private Instant nextListAt = Instant.MIN;

    /** Where the next watch begins; empty where it has to be listed first. Touched by the watching thread alone, as is what follows. */
    private String position = "";

    /** Watches and lists in a row that came to nothing, the server having forgotten their place among them. */
    private int failures;

    /** How far a list is that somebody wants. */
    private enum Progress {
        WATCHING,
        /** Wanted, and not to be read yet. */
        WANTED,
        /** The watch is ended for it. */
        DUE,
        LISTING
    }

    /**
     * Which objects, and what is kept of each.
     *
     * @param selector as {@code labelSelector=…}, encoded; empty for all
     * @param inPages whether they are listed page by page, for there may be many
     * @param what the objects in the plural, for log and thread names
     * @param reduce makes of the fields that are read what is kept
     */
    public record Kind<R>(
            Resource resource, String selector, boolean inPages, String what, Function<JsonNode, R> reduce) {
        /** All of the kind. */
        public static <R> Kind<R> all(String path, String what, Set<String> reads, Function<JsonNode, R> reduce) {
            return new Kind<>(new Resource(path, reads), "", true, what, reduce);
        }

        private String uri(String query) {
            return resource.path() + "?" + selector + (selector.isEmpty() || query.isEmpty() ? "" : "&") + query;
        }
    }

    /**
     * All that a list held.
     *
     * @param askedAt when it was asked for: what was there then is in it
     */
    public record Listed<R>(List<R> objects, Instant askedAt) {}

    /**
     * Whom a watch tells, one thing after the other, on a thread of its own: be brief. Who throws has not taken in what it was
     * told, and is told by a list.
     */
    public interface Listener<R> {
        /** These are there, and no others: of what happened between them and what was told before, nothing is told. */
        void listed(Listed<R> all);

        /** One is new, or has changed. */
        void seen(R object);

        /** One is gone; it was so at last. */
        void deleted(R object);

        /** It cannot be watched, or listed; told each time it is tried in vain. */
        default void failed(IOException why) {}

        /** It is watched, after it was not. */
        default void watched() {}
    }

    /** Nothing is asked of the API server yet. */
    public Watch(Watcher watcher, Kind<R> kind, Listener<R> listener) {
        this.watcher = watcher;
        this.kind = kind;
        this.listener = listener;
        this.mediaTypes = kind.resource().mediaTypes();
    }

    /** Begins to list and watch, and goes on trying for as long as it takes; not waited for. */
    public void start() {
        startFrom("");
    }

    /**
     * Lists at once, on the calling thread, and begins to watch from there, unless that has begun.
     *
     * @param take is given the list, before another can be read
     * @throws IOException when the server cannot be reached or refuses; then nothing is taken in
     */
    public void list(Consumer<Listed<R>> take) throws IOException, InterruptedException {
        startFrom(readAndTake(take));
    }

    /**
     * Waits until a list has been read that was asked for at this moment or later. All who wait share one, and there is a while
     * between two of them.
     *
     * @return whether that was so in time
     */
    public boolean awaitListSince(Instant moment, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (lastAsked().isBefore(moment) && !isClosed() && left > 0) {
                if (progress == Progress.WATCHING) {
                    progress = Progress.WANTED;
                    endWatchWhenItMayBeListed();
                }
                left = listed.awaitNanos(left);
            }
            return !lastAsked().isBefore(moment);
        } finally {
            lock.unlock();
        }
    }

    /** When the last list was asked for that has been taken in; long past where there was none. */
    public Instant listedAt() {
        lock.lock();
        try {
            return lastAsked();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How long the server has said nothing: no event, bookmark or list, and no watch was opened. Where it has never been heard,
     * since this was made. The clock may be set meanwhile.
     */
    public Duration silentFor() {
        return Duration.ofNanos(System.nanoTime() - heardAtNanos);
    }

    /** Ends the watch. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing.countDown();
            closeQuietly(watched);
            listed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void startFrom(String version) {
        lock.lock();
        try {
            if (running || isClosed()) {
                return;
            }
            running = true;
            position = version;
        } finally {
            lock.unlock();
        }
        new LastingThread(kind.what(), this::watchOnce).start();
    }

    /** Follows one watch to its end, from a list or from where the last one ended. */
    private boolean watchOnce() throws InterruptedException {
        try {
            if (position.isEmpty() || isListDue()) {
                listAnew();
            }
            boolean brief = follow();
            if (position.isEmpty()) {
                failures++;
                pause(pauseAfter()); // others are to be listed anew in the same moment
            } else {
                failures = 0;
                if (brief) {
                    pause(spread(FIRST_PAUSE)); // somebody between us and the server ends each watch as it begins
                }
            }
        } catch (RuntimeException | Error unforeseen) {
            position = ""; // who was told has perhaps not taken it in
            throw unforeseen;
        } catch (ApiServer.FellSilent silent) {
            LOG.debugf("the watch of %s has fallen silent and is opened again", kind.what());
        } catch (IOException broken) {
            if (!isClosed() && !isListDue()) { // else it was we who ended it
                failed(broken);
            }
        }
        return !isClosed();
    }

    private void failed(IOException broken) throws InterruptedException {
        LOG.debugf("watching %s: %s", kind.what(), broken.getMessage());
        failures++;
        if (isToBeListedAnew(broken)) {
            position = "";
        }
        tell(() -> listener.failed(broken));
        Duration usual = pauseAfter();
        Duration wanted =
                broken instanceof ApiServer.Refused refused ? spreadBeyond(refused.retryAfter()) : Duration.ZERO;
        pause(usual.compareTo(wanted) < 0 ? wanted : usual);
    }

    /** A connection that broke is no reason to ask for everything, nor is a server that is busy, or that starts. */
    private boolean isToBeListedAnew(IOException broken) {
        return switch (broken) {
            case ApiServer.Refused refused when refused.isBusy() -> false;
            case ApiServer.Refused refused when refused.isOfServer() -> failures >= MOST_FAILURES_IN_PLACE;
            case ApiServer.Refused _, JsonProcessingException _, Encoding.Malformed _ -> true;
            default -> false;
        };
    }

    private Duration pauseAfter() {
        long grown = FIRST_PAUSE.toMillis() << Math.clamp(failures - 1L, 0, 10);
        return spread(Duration.ofMillis(Math.min(grown, LONGEST_PAUSE.toMillis())));
    }

    private Duration spread(Duration most) {
        return Duration.ofMillis(
                (long) (most.toMillis() * (0.5 + watcher.random().nextDouble() / 2)));
    }

    private Duration spreadBeyond(Duration least) {
        return Duration.ofMillis(
                (long) (least.toMillis() * (1 + watcher.random().nextDouble() / 2)));
    }

    private void pause(Duration pause) throws InterruptedException {
        var _ = closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void listAnew() throws IOException, InterruptedException {
        position = "";
        advance(Progress.LISTING);
        position = readAndTake(listener::listed);
        advance(Progress.WATCHING);
    }

    private String readAndTake(Consumer<Listed<R>> take) throws IOException, InterruptedException {
        oneList.lockInterruptibly();
        try {
            List<R> objects = new ArrayList<>();
            Moment askedAt = watcher.clock().moment();
            long began = System.nanoTime();
            String version = readAll(objects);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            take.accept(new Listed<>(objects, askedAt.at()));
            taken(askedAt, took);
            return version;
        } finally {
            oneList.unlock();
        }
    }

    private void taken(Moment askedAt, Duration took) {
        long rest = took.multipliedBy(TIMES_AS_LONG_AS_IT_TOOK).toMillis();
        lock.lock();
        try {
            listedAt = askedAt;
            nextListAt = watcher.clock()
                    .steady()
                    .plusMillis(Math.clamp(rest, SHORTEST_REST.toMillis(), LONGEST_REST.toMillis()));
        } finally {
            lock.unlock();
        }
    }

    private void advance(Progress next) {
        lock.lock();
        try {
            progress = next;
            listed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isListDue() {
        lock.lock();
        try {
            return progress == Progress.DUE;
        } finally {
            lock.unlock();
        }
    }

    /** By the clock as it is now: once that was set back, a list of before is not to seem asked for after receipts of now. */
    private Instant lastAsked() {
        return watcher.clock().earliest(listedAt);
    }

    /** The place of the watch is then taken by a list, and what happens meanwhile is in that. */
    private void endWatchWhenItMayBeListed() {
        long wait = nextListAt.equals(Instant.MIN)
                ? 0
                : Duration.between(watcher.clock().steady(), nextListAt).toMillis();
        Thread.ofVirtual().name("list of " + kind.what()).start(() -> {
            try {
                if (!closing.await(wait, TimeUnit.MILLISECONDS)) {
                    endWatchForList();
                }
            } catch (InterruptedException neverHappens) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void endWatchForList() {
        lock.lock();
        try {
            if (progress == Progress.WANTED) {
                progress = Progress.DUE;
                closeQuietly(watched);
            }
        } finally {
            lock.unlock();
        }
    }

    private String readAll(List<R> objects) throws IOException, InterruptedException {
        String version = "";
        String rest = "";
        do {
            try (Body body = watcher.apiServer().list(kind.uri(page(rest)), mediaTypes)) {
                JsonNode metadata = kind.resource()
                        .encodingOf(body.mediaType())
                        .readList(body, object -> reduced(object).ifPresent(objects::add));
                heard();
                version = metadata.path("resourceVersion").asText();
                if (version.isEmpty()) {
                    throw new IOException("what the API server, or a proxy before it, answered is no list");
                }
                rest = metadata.path("continue").asText();
            }
        } while (!rest.isEmpty());
        return version;
    }

    private String page(String rest) {
        String query = kind.inPages() ? "limit=" + PAGE_SIZE : "";
        return rest.isEmpty() ? query : query + (query.isEmpty() ? "" : "&") + "continue=" + encode(rest);
    }

    /**
     * Follows a watch to its end; the position tells where the next one begins.
     *
     * @return whether it ended as soon as it began, though there is nothing wrong with it
     */
    private boolean follow() throws IOException, InterruptedException {
        Body body = watcher.apiServer()
                .watch(
                        kind.uri("watch=true&allowWatchBookmarks=true&timeoutSeconds=" + WATCH_SECONDS
                                + "&resourceVersion=" + encode(position)),
                        mediaTypes);
        begin(body);
        long began = System.nanoTime();
        try (Encoding.Events events =
                kind.resource().encodingOf(body.mediaType()).events(body)) {
            for (JsonNode event = events.next(); !event.isMissingNode(); event = events.next()) {
                heard();
                JsonNode object = event.path("object");
                switch (event.path("type").asText()) {
                    case "ADDED", "MODIFIED" -> reduced(object).ifPresent(listener::seen);
                    case "DELETED" -> reduced(object).ifPresent(listener::deleted);
                    case "ERROR" -> {
                        position = "";
                        return isBrief(began);
                    }
                    default -> {}
                }
                position = object.path("metadata").path("resourceVersion").asText(position);
            }
            return isBrief(began);
        } finally {
            if (!isBrief(began)) {
                failures = 0; // it was well, however it ended
            }
        }
    }

    private static boolean isBrief(long began) {
        return System.nanoTime() - began < FIRST_PAUSE.toNanos();
    }

    private void begin(InputStream body) {
        lock.lock();
        try {
            watched = body;
            if (isClosed() || progress == Progress.DUE) {
                closeQuietly(body);
            }
        } finally {
            lock.unlock();
        }
        heard();
        tell(listener::watched);
    }

    private void heard() {
        heardAtNanos = System.nanoTime();
    }

    /** One object that cannot be read is no reason to see none. */
    private Optional<R> reduced(JsonNode object) {
        try {
            return Optional.of(kind.reduce().apply(object));
        } catch (RuntimeException unforeseen) {
            LOG.errorf(
                    unforeseen,
                    "one of the %s cannot be read: %s",
                    kind.what(),
                    object.path("metadata").path("name").asText());
            return Optional.empty();
        }
    }

    /** How the watch goes, not what it has shown: who throws at that misses nothing. */
    private void tell(Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException unforeseen) {
            LOG.errorf(unforeseen, "who was told how the watch of %s goes met something unforeseen", kind.what());
        }
    }

    private boolean isClosed() {
        return closing.getCount() == 0;
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException alreadyBroken) {
            LOG.tracef(alreadyBroken, "closing a watch");
        }
    }
}
