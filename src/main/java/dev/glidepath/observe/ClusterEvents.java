package dev.glidepath.observe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.ApiServer;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger.Level;

/**
 * Tells decisions where operators look first: {@code kubectl describe}. Nothing waits for it, and where the API server has more
 * urgent things to do, an event is left out and counted.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/">Event</a>
 */
public final class ClusterEvents {
    private static final int MOST_IN_FLIGHT = 8;

    /** The API server takes no longer note. */
    private static final int LONGEST_NOTE = 1024;

    private static final JsonMapper JSON = new JsonMapper();

    private final ApiServer apiServer;
    private final Metrics metrics;
    private final Executor threads;
    private final InstantSource clock;
    private final Semaphore inFlight;

    /**
     * @param threads runs requests, each on a thread of its own
     */
    public ClusterEvents(ApiServer apiServer, Metrics metrics, Executor threads, InstantSource clock) {
        this(apiServer, metrics, threads, clock, MOST_IN_FLIGHT);
    }

    /** Tells nothing. */
    public static ClusterEvents ofDryRun(ApiServer apiServer, Metrics metrics, InstantSource clock) {
        return new ClusterEvents(apiServer, metrics, _ -> {}, clock, 0);
    }

    private ClusterEvents(
            ApiServer apiServer, Metrics metrics, Executor threads, InstantSource clock, int mostInFlight) {
        this.apiServer = apiServer;
        this.metrics = metrics;
        this.threads = threads;
        this.clock = clock;
        this.inFlight = new Semaphore(mostInFlight);
    }

    /** What an event is about. */
    public sealed interface Subject {
        /** A node, which has no namespace: its events are kept in {@code default}, and found by its name. */
        record Node(String name) implements Subject {}

        /** A pod. */
        record Pod(String namespace, String name, String uid) implements Subject {}
    }

    /** Tells it, if there is room to. The reason word is the log's. */
    public void tell(Subject subject, LogEvent event, String note) {
        if (!inFlight.tryAcquire()) {
            metrics.count(Metric.CLUSTER_EVENTS, "left-out");
            return;
        }
        threads.execute(() -> {
            try {
                post(subject, event, note);
            } finally {
                inFlight.release();
            }
        });
    }

    private void post(Subject subject, LogEvent event, String note) {
        String namespace = switch (subject) {
            case Subject.Node _ -> "default";
            case Subject.Pod pod -> pod.namespace();
        };
        try {
            int code = apiServer
                    .post("/api/v1/namespaces/" + namespace + "/events", body(subject, namespace, event, note))
                    .code();
            metrics.count(Metric.CLUSTER_EVENTS, code == 201 ? "told" : "failed");
        } catch (IOException noAnswer) {
            metrics.count(Metric.CLUSTER_EVENTS, "failed");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private String body(Subject subject, String namespace, LogEvent event, String note) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        ObjectNode body = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Event");
        body.putObject("metadata").put("generateName", "glidepath-").put("namespace", namespace);
        ObjectNode about = body.putObject("involvedObject").put("apiVersion", "v1");
        switch (subject) {
            case Subject.Node(String name) ->
                about.put("kind", "Node").put("name", name).put("uid", name);
            case Subject.Pod(String of, String name, String uid) ->
                about.put("kind", "Pod").put("namespace", of).put("name", name).put("uid", uid);
        }
        body.put("reason", reason(event))
                .put("message", note.length() <= LONGEST_NOTE ? note : note.substring(0, LONGEST_NOTE))
                .put("type", event.level() == Level.INFO ? "Normal" : "Warning")
                .put("firstTimestamp", now.toString())
                .put("lastTimestamp", now.toString())
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
