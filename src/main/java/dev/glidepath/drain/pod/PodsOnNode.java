package dev.glidepath.drain.pod;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.pod.PodReader.Page;
import dev.glidepath.drain.pod.PodReader.WatchEvent;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * The pods on one departing node: listed from the server, then watched, so that their going costs no call. A pod is gone
 * when its UID is, and never comes back; it is remembered as it was seen last.
 *
 * <p>Lists and watches are raw: each pod is reduced while it is parsed, for the client's own model of a busy node's pods
 * is a hundred times as large.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes">Efficient
 *     detection of changes</a>
 */
public final class PodsOnNode implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodsOnNode.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int PAGE_SIZE = 250;

    /** The server ends a watch then, and we begin the next where it ended. */
    private static final int WATCH_SECONDS = 290;

    private final ApiServer apiServer;
    private final String node;
    private final InstantSource clock;
    private final Runnable onChange;

    /** So many that are gone are kept as they were: a DaemonSet whose pod is evicted may make another, again and again. */
    private static final int MOST_GONE = 1_000;

    /**
     * One list at a time. Else a list read early and heeded late could add a pod that went before the watch began anew, of
     * which nobody would ever tell.
     */
    private final ReentrantLock listing = new ReentrantLock();

    private final Object lock = new Object();
    private final Map<String, Pod> present = new LinkedHashMap<>();
    private final Map<String, Pod> gone = new LinkedHashMap<>();
    private final Set<String> everGone = new HashSet<>();
    private Instant listedAt = Instant.MIN;
    private InputStream watched = InputStream.nullInputStream();
    private boolean closed;

    /**
     * Nothing is asked of the server yet.
     *
     * @param node the node's name
     * @param onChange called after each change, on a thread of ours: be brief
     */
    public PodsOnNode(ApiServer apiServer, String node, InstantSource clock, Runnable onChange) {
        this.apiServer = apiServer;
        this.node = node;
        this.clock = clock;
        this.onChange = onChange;
    }

    /** What can be seen now. */
    public PodSight sight() {
        synchronized (lock) {
            return listedAt.equals(Instant.MIN)
                    ? new NotListed()
                    : new Listed(List.copyOf(present.values()), List.copyOf(gone.values()), listedAt);
        }
    }

    /**
     * Lists the pods from the server, and watches them from then on. A later list adds those the watch has not told of
     * yet; it takes none away, which is for the watch to tell.
     *
     * @throws IOException when the server cannot be reached or refuses
     * @throws InterruptedException when the program ends meanwhile
     */
    public void list() throws IOException, InterruptedException {
        listing.lockInterruptibly();
        try {
            Instant askedAt = clock.instant();
            List<Pod> pods = new ArrayList<>();
            String resourceVersion = readAll(pods);
            change(() -> {
                boolean first = listedAt.equals(Instant.MIN);
                pods.forEach(this::seeIfNew);
                listedAt = askedAt;
                if (first && !closed) {
                    Thread.ofVirtual().name("pods of " + node).start(() -> watchFrom(resourceVersion));
                }
            });
        } finally {
            listing.unlock();
        }
    }

    /** Ends the watch. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            closeQuietly(watched);
        }
    }

    private void watchFrom(String resourceVersion) {
        String from = resourceVersion;
        try {
            while (!isClosed()) {
                Instant began = clock.instant();
                try {
                    from = from.isEmpty() ? listAnew() : follow(from);
                    if (clock.instant().isBefore(began.plus(PAUSE)) && !from.isEmpty() && !isClosed()) {
                        Thread.sleep(PAUSE); // somebody between us and the server ends each watch as it begins
                    }
                } catch (IOException broken) {
                    LOG.debugf("watching the pods of %s: %s; listing anew in %s", node, broken.getMessage(), PAUSE);
                    Thread.sleep(PAUSE); // on the watch's own thread
                    from = "";
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /** Follows a watch to its end; gives where the next one begins, or nothing where the server has forgotten that. */
    private String follow(String resourceVersion) throws IOException, InterruptedException {
        String from = resourceVersion;
        InputStream body = apiServer.watch(pods("watch=true&allowWatchBookmarks=true&timeoutSeconds=" + WATCH_SECONDS
                + "&resourceVersion=" + encode(resourceVersion)));
        synchronized (lock) {
            watched = body;
            if (closed) {
                closeQuietly(body);
            }
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                WatchEvent event = PodReader.readEvent(line);
                switch (event.type()) {
                    case "ADDED", "MODIFIED" -> change(() -> see(PodReader.pod(event.object(), clock.instant())));
                    case "DELETED" ->
                        change(() -> {
                            Pod last = PodReader.pod(event.object(), clock.instant());
                            see(last);
                            forget(last.ref().uid());
                        });
                    case "ERROR" -> {
                        return "";
                    }
                    default -> {}
                }
                from = event.object().path("metadata").path("resourceVersion").asText(from);
            }
            return from;
        }
    }

    /** After a gap nobody told of: what is not in the list any more is gone. */
    private String listAnew() throws IOException, InterruptedException {
        listing.lockInterruptibly();
        try {
            List<Pod> pods = new ArrayList<>();
            String resourceVersion = readAll(pods);
            change(() -> {
                Set<String> there = new HashSet<>();
                pods.forEach(pod -> there.add(pod.ref().uid()));
                List.copyOf(present.keySet()).stream()
                        .filter(uid -> !there.contains(uid))
                        .forEach(this::forget);
                pods.forEach(this::see);
            });
            return resourceVersion;
        } finally {
            listing.unlock();
        }
    }

    private void see(Pod pod) {
        if (!everGone.contains(pod.ref().uid())) {
            Pod before = present.get(pod.ref().uid());
            present.put(pod.ref().uid(), before == null ? pod : pod.after(before));
        }
    }

    /** The watch may have told of a pod in the meantime, and knows better than a list that was read before. */
    private void seeIfNew(Pod pod) {
        if (!present.containsKey(pod.ref().uid())) {
            see(pod);
        }
    }

    private void forget(String uid) {
        Pod last = present.remove(uid);
        if (last == null) {
            return;
        }
        everGone.add(uid);
        gone.put(uid, last);
        if (gone.size() > MOST_GONE) {
            gone.remove(gone.keySet().iterator().next());
        }
    }

    private void change(Runnable change) {
        synchronized (lock) {
            change.run();
        }
        onChange.run();
    }

    private String readAll(List<Pod> pods) throws IOException, InterruptedException {
        String resourceVersion = "";
        String continueToken = "";
        do {
            String query = "limit=" + PAGE_SIZE + (continueToken.isEmpty() ? "" : "&continue=" + encode(continueToken));
            try (InputStream body = apiServer.list(pods(query))) {
                Page page = PodReader.readList(body, clock.instant(), pods::add);
                resourceVersion = page.resourceVersion();
                continueToken = page.continueToken();
            }
        } while (!continueToken.isEmpty());
        return resourceVersion;
    }

    private String pods(String query) {
        return "/api/v1/pods?fieldSelector=" + encode("spec.nodeName=" + node) + "&" + query;
    }

    private boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
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
