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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** So often in a row a server that fails is asked to go on from where the watch was; what it fails at may be that place. */
    private static final int MOST_FAILURES_IN_PLACE = 3;

    private final Watcher watcher;
    private final Kind<R> kind;
    private final Listener<R> listener;
    private final PagedList<R> lists;
    private final ListDemand demand;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile long heardAtNanos = System.nanoTime();

    /**
     * One list at a time, taken in before the next is read. By one that was read earlier and taken in later, an object that went
     * meanwhile would come back, and its end would never be seen.
     */
    private final ReentrantLock oneList = new ReentrantLock();

    /** Where the next watch begins; empty where it has to be listed first. Touched by the watching thread alone, as is what follows. */
    private String position = "";

    /** Counts watches and lists in a row that came to nothing, also those whose place the server had forgotten. */
    private final WatchPauses pauses;

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

        /** @param rest where a page begins, as the one before says; empty for the first */
        String pageUri(String rest) {
            String query = inPages ? "limit=" + PAGE_SIZE : "";
            return uri(rest.isEmpty() ? query : query + (query.isEmpty() ? "" : "&") + "continue=" + encode(rest));
        }

        /** @param version after which the watch begins */
        String watchUri(String version) {
            return uri("watch=true&allowWatchBookmarks=true&timeoutSeconds=" + WATCH_SECONDS + "&resourceVersion="
                    + encode(version));
        }

        private String uri(String query) {
            return resource.path() + "?" + selector + (selector.isEmpty() || query.isEmpty() ? "" : "&") + query;
        }

        private static String encode(String value) {
            return URLEncoder.encode(value, StandardCharsets.UTF_8);
        }

        /** What is kept of an object; empty where it cannot be read, which is no reason to see none. */
        Optional<R> reduced(JsonNode object) {
            try {
                return Optional.of(reduce.apply(object));
            } catch (RuntimeException unforeseen) {
                LOG.errorf(
                        unforeseen,
                        "one of the %s cannot be read: %s",
                        what,
                        object.path("metadata").path("name").asText());
                return Optional.empty();
            }
        }
    }

    /**
     * All that a list held.
     *
     * @param askedAt when it was asked for: what was there then is in it
     */
    public record Listed<R>(List<R> objects, Instant askedAt) {}

    /**
     * Receives what a watch sees, one thing after the other, on the thread of the watch: be brief. What a listener throws at, it has
     * not taken in; a list follows.
     */
    public interface Listener<R> {
        /** These are there, and no others. What happened between this list and what was received before is not received. */
        void listed(Listed<R> all);

        /** One is new, or has changed. */
        void seen(R object);

        /** One is gone; this is what it was last. */
        void deleted(R object);

        /** The objects cannot be watched or listed; called at each attempt. */
        default void failed(IOException why) {}

        /** The objects are watched, after they were not. */
        default void watched() {}
    }

    /** Nothing is asked of the API server yet. */
    public Watch(Watcher watcher, Kind<R> kind, Listener<R> listener) {
        this.watcher = watcher;
        this.kind = kind;
        this.listener = listener;
        this.lists = new PagedList<>(watcher.apiServer(), kind);
        this.demand = new ListDemand(kind.what(), watcher.clock());
        this.pauses = new WatchPauses(watcher.random());
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
        return demand.awaitListSince(moment, atMost);
    }

    /** When the last list was asked for that has been taken in; long past where there was none. */
    public Instant listedAt() {
        return demand.listedAt();
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
        demand.close();
    }

    private void startFrom(String version) {
        if (demand.isClosed() || !running.compareAndSet(false, true)) {
            return;
        }
        position = version;
        new LastingThread(kind.what(), this::watchOnce).start();
    }

    /** Follows one watch to its end, from a list or from where the last one ended. */
    private boolean watchOnce() throws InterruptedException {
        try {
            if (position.isEmpty() || demand.isDue()) {
                listAnew();
            }
            boolean brief = follow();
            if (position.isEmpty()) {
                pauses.failed();
                pause(pauses.afterFailure()); // others are to be listed anew in the same moment
            } else {
                pauses.succeeded();
                if (brief) {
                    pause(pauses.afterBriefWatch()); // somebody between us and the server ends each watch as it begins
                }
            }
        } catch (RuntimeException | Error unforeseen) {
            position = ""; // the listener has perhaps not taken it in
            throw unforeseen;
        } catch (ApiServer.FellSilent silent) {
            LOG.debugf("the watch of %s has fallen silent and is opened again", kind.what());
        } catch (IOException broken) {
            if (!demand.isClosed() && !demand.isDue()) { // else it was we who ended it
                failed(broken);
            }
        }
        return !demand.isClosed();
    }

    private void failed(IOException broken) throws InterruptedException {
        LOG.debugf("watching %s: %s", kind.what(), broken.getMessage());
        pauses.failed();
        if (isToBeListedAnew(broken)) {
            position = "";
        }
        report(() -> listener.failed(broken));
        pause(
                broken instanceof ApiServer.Refused refused
                        ? pauses.afterFailure(refused.retryAfter())
                        : pauses.afterFailure());
    }

    /** A connection that broke is no reason to ask for everything, nor is a server that is busy, or that starts. */
    private boolean isToBeListedAnew(IOException broken) {
        return switch (broken) {
            case ApiServer.Refused refused when refused.isBusy() -> false;
            case ApiServer.Refused refused when refused.isOfServer() -> pauses.failures() >= MOST_FAILURES_IN_PLACE;
            case ApiServer.Refused _, JsonProcessingException _, Encoding.Malformed _ -> true;
            default -> false;
        };
    }

    private void pause(Duration pause) throws InterruptedException {
        var _ = demand.awaitClose(pause);
    }

    private void listAnew() throws IOException, InterruptedException {
        position = "";
        demand.beginList();
        position = readAndTake(listener::listed);
        demand.endList();
    }

    private String readAndTake(Consumer<Listed<R>> take) throws IOException, InterruptedException {
        oneList.lockInterruptibly();
        try {
            Moment askedAt = watcher.clock().moment();
            long began = System.nanoTime();
            PagedList.All<R> all = lists.read(this::heard);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            take.accept(new Listed<>(all.objects(), askedAt.at()));
            demand.taken(askedAt, took);
            return all.version();
        } finally {
            oneList.unlock();
        }
    }

    /**
     * Follows a watch to its end; the position tells where the next one begins.
     *
     * @return whether it ended as soon as it began, though there is nothing wrong with it
     */
    private boolean follow() throws IOException, InterruptedException {
        Body body = watcher.apiServer()
                .watch(kind.watchUri(position), kind.resource().mediaTypes());
        begin(body);
        long began = System.nanoTime();
        try (Encoding.Events events =
                kind.resource().encodingOf(body.mediaType()).events(body)) {
            for (JsonNode event = events.next(); !event.isMissingNode(); event = events.next()) {
                heard();
                JsonNode object = event.path("object");
                switch (event.path("type").asText()) {
                    case "ADDED", "MODIFIED" -> kind.reduced(object).ifPresent(listener::seen);
                    case "DELETED" -> kind.reduced(object).ifPresent(listener::deleted);
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
                pauses.succeeded(); // it was well, however it ended
            }
        }
    }

    private static boolean isBrief(long began) {
        return System.nanoTime() - began < WatchPauses.FIRST.toNanos();
    }

    private void begin(Body body) {
        demand.beginWatch(body);
        heard();
        report(listener::watched);
    }

    private void heard() {
        heardAtNanos = System.nanoTime();
    }

    /** Calls the listener about the watch itself, not about an object: a listener that throws at that misses nothing. */
    private void report(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException unforeseen) {
            LOG.errorf(unforeseen, "who was told how the watch of %s goes met something unforeseen", kind.what());
        }
    }
}
