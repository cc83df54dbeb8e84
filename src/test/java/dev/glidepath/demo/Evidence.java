package dev.glidepath.demo;

import static dev.glidepath.lab.AuditLog.to;

import dev.glidepath.demo.Demo.Notice;
import dev.glidepath.demo.Demo.Parts;
import dev.glidepath.demo.PodWatch.Seen;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.LabNode;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What can be said of one node afterwards, from the daemon's log, the watch over the pods and the API server's audit log. */
final class Evidence {
    private final LabNode node;
    private final List<Line> told;
    private final List<AuditLog.Request> requests;
    private final PodWatch pods;

    /** All there is since the notice. */
    static List<Evidence> of(List<LabNode> nodes, Parts parts, Notice notice, PodWatch pods) {
        var requests = parts.plane().audit().since(notice.mark());
        var lines = parts.daemon().lines();
        return nodes.stream()
                .map(node -> new Evidence(node, lines, requests, pods))
                .toList();
    }

    private Evidence(LabNode node, List<Line> lines, List<AuditLog.Request> requests, PodWatch pods) {
        this.node = node;
        this.told = lines.stream()
                .filter(line -> line.get(Field.NODE).equals(node.name()))
                .toList();
        this.requests = requests;
        this.pods = pods;
    }

    LabNode node() {
        return node;
    }

    Optional<Instant> cordonedAt() {
        return told(LogEvent.NODE_CORDONED).stream().map(Line::at).findFirst();
    }

    int evicted() {
        return told(LogEvent.POD_EVICTED).size();
    }

    /** The longest time each budget held a pod back. */
    Map<String, Duration> heldBackByBudget() {
        return told(LogEvent.POD_EVICTED).stream()
                .filter(line -> !line.get(Field.BUDGET).isEmpty())
                .collect(Collectors.toMap(
                        line -> line.get(Field.BUDGET),
                        line -> Duration.parse(line.get(Field.BLOCKED_FOR)),
                        (one, other) -> one.compareTo(other) > 0 ? one : other,
                        TreeMap::new));
    }

    List<Seen> leavers() {
        return pods.leftFrom(node.name());
    }

    long replaced() {
        return pods.replaced(leavers());
    }

    /** When the API server was asked to forget the last pod, which kubelets do once its containers have ended. */
    Optional<Instant> lastPodGoneAt() {
        var names = leavers().stream().map(Seen::name).collect(Collectors.toSet());
        return requests.stream()
                .filter(to("delete", "pods"))
                .filter(request -> names.contains(request.name()))
                .map(AuditLog.Request::at)
                .max(Comparator.naturalOrder());
    }

    int messagesDeleted() {
        return told(LogEvent.MESSAGE_DELETED).stream()
                .mapToInt(line -> Integer.parseInt(line.get(Field.MESSAGES)))
                .sum();
    }

    boolean messageOutlivedThePods() {
        return told(LogEvent.MESSAGE_DELETED).stream().map(Line::at).allMatch(this::isAfterTheLastPod);
    }

    boolean isAfterTheLastPod(Instant at) {
        return lastPodGoneAt().map(gone -> !at.isBefore(gone)).orElse(false);
    }

    /** How the daemon says it ended. */
    String ending() {
        return told(LogEvent.DEPARTURE_SETTLED).stream()
                .map(line -> line.get(Field.OUTCOME))
                .findFirst()
                .orElse("not settled");
    }

    private List<Line> told(LogEvent event) {
        return told.stream().filter(line -> line.is(event)).toList();
    }
}
