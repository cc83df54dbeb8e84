package dev.glidepath;

import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSelector;
import dev.glidepath.node.Nodes;
import dev.glidepath.node.Nodes.Known;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.replica.Replicas;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether another release of Glidepath may touch nodes that this one may touch. Seen are the Leases in our own namespace, and on
 * nodes the holders of departures, in whichever namespace they run.
 */
final class Overlap {
    private final Nodes nodes;
    private final Replicas replicas;
    private final NodeSelector ours;
    private final DecisionLog log;
    private final AtomicBoolean reported = new AtomicBoolean();

    Overlap(Nodes nodes, Replicas replicas, NodeSelector ours, DecisionLog log) {
        this.nodes = nodes;
        this.replicas = replicas;
        this.ours = ours;
        this.log = log;
    }

    /**
     * To be called when nodes are known, and when Leases are: warns once, when both are and there is a reason. Not on the calling
     * thread, which is the client's and loses the fields of a log line.
     */
    void reportOnceKnown() {
        if (nodes.isSynced() && replicas.isSynced() && !reported.getAndSet(true)) {
            Thread.ofVirtual().name("release-overlap").start(this::report);
        }
    }

    private void report() {
        List<KubeNode> selected = nodes.all().stream()
                .map(Known::node)
                .filter(node -> ours.selects(node.labels()))
                .toList();
        TreeSet<String> others = new TreeSet<>();
        replicas.selectorsOfOtherReleases().forEach((release, selector) -> {
            if (overlaps(selector, selected)) {
                others.add("release " + release + " in this namespace");
            }
        });
        selected.stream()
                .flatMap(node -> node.journal().flatMap(Journal::holder).stream())
                .filter(replicas::isOfOtherRelease)
                .map(holder -> "the release of " + holder)
                .forEach(others::add);
        if (!others.isEmpty()) {
            log.tell(
                    LogEvent.RELEASES_OVERLAP,
                    String.join(", ", others)
                            + ": may touch nodes that this release may touch as well, so that either handles"
                            + " their interruptions and neither takes over from the other; set GLIDEPATH_NODE_SELECTOR so that"
                            + " each has nodes of its own, or uninstall one",
                    Map.of());
        }
    }

    /** On the nodes there are, or on all that may come. */
    private boolean overlaps(String selector, List<KubeNode> selected) {
        NodeSelector theirs = NodeSelector.parse(selector).orElseGet(NodeSelector::all);
        return theirs.equals(ours) || selected.stream().anyMatch(node -> theirs.selects(node.labels()));
    }
}
