package dev.glidepath.points;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.lab.FaultProxy.Request;
import dev.glidepath.node.Journal;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names the requests of one departure that change something, in the order in which they come. Leases, events, and how long a message stays unseen
 * are no part of it: they come by the clock. May be called from any thread.
 */
final class Requests {
    /** A pod that is refused is asked as often as there is time for; the first of these requests are points. */
    private static final int OF_ONE_OBJECT = 3;

    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern NODE = Pattern.compile("/api/v1/nodes/([^/]+)");
    private static final Pattern POD =
            Pattern.compile("/api/v1/namespaces/[^/]+/pods/([^/]+)(?:/(?<subresource>eviction|status))?");
    private static final String JOURNAL = "/metadata/annotations/glidepath.dev~1departure";

    /** By which the program tries its own permissions, at its start: nothing is changed. */
    private static final String PERMISSION_CHECK = "glidepath-permission-check";

    private final Map<String, Integer> counts = new HashMap<>();
    private final List<Point> seen = new ArrayList<>();

    /** What is asked of what, whichever request of this kind it is. */
    private record Asked(String request, String object) {}

    /** Whether it changes something. */
    static boolean changes(Request request) {
        return asked(request).isPresent();
    }

    /** Takes note of a request, and names it; empty where it changes nothing. */
    synchronized Optional<Point> note(Request request) {
        return asked(request).map(asked -> {
            Point point = new Point(
                    asked.request(),
                    asked.object(),
                    counts.merge(asked.request() + " " + asked.object(), 1, Integer::sum));
            seen.add(point);
            return point;
        });
    }

    /** All of them so far, in the order in which they came. */
    synchronized List<Point> all() {
        return List.copyOf(seen);
    }

    /** Those that are disturbed, one after the other. */
    List<Point> points() {
        return all().stream().filter(point -> point.number() <= OF_ONE_OBJECT).toList();
    }

    private static Optional<Asked> asked(Request request) {
        if (request.body().contains(PERMISSION_CHECK)) {
            return Optional.empty();
        }
        if (request.action().startsWith("DeleteMessage")) {
            return Optional.of(new Asked("delete", "messages"));
        }
        Matcher node = NODE.matcher(request.path());
        if (request.method().equals("PATCH") && node.matches()) {
            return Optional.of(new Asked(ofNode(request.body()), nodeName(node.group(1))));
        }
        Matcher pod = POD.matcher(request.path());
        if (pod.matches()) {
            return ofPod(request.method(), Optional.ofNullable(pod.group("subresource")))
                    .map(asked -> new Asked(asked, workload(pod.group(1))));
        }
        return ofHook(request.body());
    }

    private static Optional<String> ofPod(String method, Optional<String> subresource) {
        return switch (method + subresource.orElse("")) {
            case "POSTeviction" -> Optional.of("evict");
            case "PATCHstatus" -> Optional.of("mark");
            case "DELETE" -> Optional.of("delete");
            default -> Optional.empty();
        };
    }

    private static String ofNode(String patch) {
        boolean closes = false;
        boolean opens = false;
        String journal = "";
        for (JsonNode operation : read(patch)) {
            String op = operation.path("op").asText();
            String path = operation.path("path").asText();
            closes |= op.equals("add") && path.startsWith("/spec/taints");
            opens |= op.equals("remove") && path.startsWith("/spec/taints");
            journal = op.equals("add") && path.equals(JOURNAL)
                    ? operation.path("value").asText()
                    : journal;
        }
        if (closes || opens) {
            return closes ? "cordon" : "undo";
        }
        boolean settles = Journal.parse(journal)
                .filter(read -> read.state() == Journal.State.SETTLED)
                .isPresent();
        return settles ? "settle" : "rejournal";
    }

    private static Iterable<JsonNode> read(String patch) {
        try {
            return JSON.readTree(patch);
        } catch (JsonProcessingException noPatch) {
            return List.of();
        }
    }

    private static Optional<Asked> ofHook(String form) {
        Map<String, String> parameters = new HashMap<>();
        Stream.of(form.split("&"))
                .map(parameter -> parameter.split("=", 2))
                .filter(parameter -> parameter.length == 2)
                .forEach(parameter -> parameters.put(parameter[0], URLDecoder.decode(parameter[1], UTF_8)));
        String hook = parameters.getOrDefault("LifecycleHookName", "");
        return switch (parameters.getOrDefault("Action", "")) {
            case "CompleteLifecycleAction" -> Optional.of(new Asked("complete", hook));
            case "RecordLifecycleActionHeartbeat" -> Optional.of(new Asked("heartbeat", hook));
            default -> Optional.empty();
        };
    }

    /** Without what makes it a name of this setup's own. */
    private static String nodeName(String name) {
        return name.substring(name.lastIndexOf('-') + 1);
    }

    /** Without what makes it a name of this pod's own: the names of our workloads have no hyphen. */
    private static String workload(String pod) {
        int hyphen = pod.indexOf('-');
        return hyphen < 0 ? pod : pod.substring(0, hyphen);
    }
}
