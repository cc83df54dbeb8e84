package dev.glidepath.observe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.thread.LastingThread;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jboss.logging.Logger.Level;

/**
 * Tells decisions where operators look first: {@code kubectl describe}. Nothing waits for it, and where the API server has more
 * urgent things to do, an event is left out and counted.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/">Event</a>
 */
public final class ClusterEvents {
    /** So many wait to be told; a storm has more to say, and nobody reads it all. */
    private static final int MOST_WAITING = 1_000;

    /** The API server takes no longer note. */
    private static final int LONGEST_NOTE = 1024;

    private static final JsonMapper JSON = new JsonMapper();

    private final ApiServer apiServer;
    private final Metrics metrics;
    private final InstantSource clock;
    private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LastingThread teller = new LastingThread("cluster-events", this::tellNext);
    private final boolean dryRun;

    private record Event(Subject subject, LogEvent event, String note, Instant at) {}

    /** Nothing is told before {@link #start}. */
    public ClusterEvents(ApiServer apiServer, Metrics metrics, InstantSource clock) {
        this(apiServer, metrics, clock, false);
    }

    /** Begins to tell what waits and what comes; once only. */
    public void start() {
        teller.start();
    }

    /** Tells nothing. */
    public static ClusterEvents ofDryRun(ApiServer apiServer, Metrics metrics, InstantSource clock) {
        return new ClusterEvents(apiServer, metrics, clock, true);
    }

    private ClusterEvents(ApiServer apiServer, Metrics metrics, InstantSource clock, boolean dryRun) {
        this.apiServer = apiServer;
        this.metrics = metrics;
        this.clock = clock;
        this.dryRun = dryRun;
    }

    /** Tells it before long, if not too much waits to be told. Never blocks. The reason word is the log's. */
    public void tell(Subject subject, LogEvent event, String note) {
        if (dryRun || !waiting.offer(new Event(subject, event, note, clock.instant()))) {
            metrics.count(Metric.CLUSTER_EVENTS, "left-out");
        }
    }

    /** One after the other: so they never crowd out a cordon or an eviction. */
    private boolean tellNext() throws InterruptedException {
        post(waiting.take());
        return true;
    }

    private void post(Event event) throws InterruptedException {
        String namespace = switch (event.subject()) {
            case Subject.Node _ -> "default";
            case Subject.Pod pod -> pod.namespace();
        };
        try {
            int code = apiServer
                    .post("/api/v1/namespaces/" + namespace + "/events", body(event, namespace))
                    .code();
            metrics.count(Metric.CLUSTER_EVENTS, code == 201 ? "told" : "failed");
        } catch (IOException | RuntimeException | Error noAnswer) {
            metrics.count(Metric.CLUSTER_EVENTS, "failed");
        }
    }

    private static String body(Event told, String namespace) {
        String at = told.at().truncatedTo(ChronoUnit.SECONDS).toString();
        String note = told.note();
        ObjectNode body = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Event");
        body.putObject("metadata").put("generateName", "glidepath-").put("namespace", namespace);
        ObjectNode about = body.putObject("involvedObject").put("apiVersion", "v1");
        switch (told.subject()) {
            case Subject.Node(String name) ->
                about.put("kind", "Node").put("name", name).put("uid", name);
            case Subject.Pod(String of, String name, String uid) ->
                about.put("kind", "Pod").put("namespace", of).put("name", name).put("uid", uid);
        }
        body.put("reason", reason(told.event()))
                .put("message", note.length() <= LONGEST_NOTE ? note : note.substring(0, LONGEST_NOTE))
                .put("type", told.event().level() == Level.INFO ? "Normal" : "Warning")
                .put("firstTimestamp", at)
                .put("lastTimestamp", at)
                .put("count", 1);
        body.putObject("source").put("component", "glidepath");
        return body.toString();
    }

    /** Such as {@code NodeCordoned}. */
    private static String reason(LogEvent event) {
        StringBuilder reason = new StringBuilder();
        for (String word : event.name().split("_", -1)) {
            reason.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return reason.toString();
    }
}
