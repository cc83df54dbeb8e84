package dev.glidepath.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.node.Journal.Change;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The JSON patches we write to nodes (pure). Each begins with a test of our annotation, so that it is a compare-and-set
 * which the node's other writers do not disturb.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6902">RFC 6902, JSON Patch</a>
 */
final class NodePatch {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String JOURNAL_PATH = "/metadata/annotations/" + Journal.ANNOTATION.replace("/", "~1");

    private final ArrayNode operations = JSON.createArrayNode();

    private NodePatch() {}

    /** Cordons, taints and journals in one go; what is there already is left as it is and is not ours to undo. */
    static String depart(KubeNode node, Journal journal, Taint taint) {
        NodePatch patch = new NodePatch();
        patch.testJournal(node);
        Set<Change> changed = EnumSet.noneOf(Change.class);
        if (!node.unschedulable()) {
            changed.add(Change.UNSCHEDULABLE);
            patch.operation("add", "/spec/unschedulable").put("value", true);
        }
        if (node.taints().stream().noneMatch(present -> present.key().equals(taint.key()))) {
            changed.add(Change.TAINT);
            patch.appendTaint(node, taint);
        }
        patch.writeJournal(node, journal.withChanged(changed));
        return patch.operations.toString();
    }

    /** Says that the machine is off for good, unless somebody has said so before: then it is not ours to take back. */
    static String outOfService(KubeNode node, Journal journal) {
        NodePatch patch = new NodePatch();
        patch.testJournal(node);
        boolean isNews = node.taints().stream().noneMatch(Taint.OUT_OF_SERVICE::isSameAs);
        if (isNews) {
            patch.appendTaint(node, Taint.OUT_OF_SERVICE);
        }
        patch.writeJournal(node, isNews ? journal.withChanged(Set.of(Change.OUT_OF_SERVICE)) : journal);
        return patch.operations.toString();
    }

    /** Takes back what {@link #outOfService} said, if it was ours. */
    static String backInService(KubeNode node, Journal journal) {
        NodePatch patch = new NodePatch();
        patch.testJournal(node);
        if (journal.changed().contains(Change.OUT_OF_SERVICE)) {
            patch.removeTaint(node, Taint.OUT_OF_SERVICE);
        }
        patch.writeJournal(node, journal.withoutChanged(Change.OUT_OF_SERVICE));
        return patch.operations.toString();
    }

    /** Writes the journal and nothing else. */
    static String journal(KubeNode node, Journal journal) {
        NodePatch patch = new NodePatch();
        patch.testJournal(node);
        patch.writeJournal(node, journal);
        return patch.operations.toString();
    }

    private void testJournal(KubeNode node) {
        if (node.journalText().isEmpty()) {
            if (node.annotated()) {
                operation("test", JOURNAL_PATH).putNull("value");
            }
        } else {
            operation("test", JOURNAL_PATH).put("value", node.journalText());
        }
    }

    private void writeJournal(KubeNode node, Journal journal) {
        if (!node.annotated()) {
            operation("test", "/metadata/annotations").putNull("value");
            operation("add", "/metadata/annotations").putObject("value");
        }
        operation("add", JOURNAL_PATH).put("value", journal.text());
    }

    /** The list of taints is one value for every kind of patch but this: only here can one be appended. */
    private void appendTaint(KubeNode node, Taint taint) {
        JsonNode value = JSON.createObjectNode()
                .put("key", taint.key())
                .put("value", taint.value())
                .put("effect", taint.effect());
        if (node.taints().isEmpty()) {
            operation("test", "/spec/taints").putNull("value");
            operation("add", "/spec/taints").putArray("value").add(value);
        } else {
            operation("add", "/spec/taints/-").set("value", value);
        }
    }

    /** By its place in the list, if it is still what stands there. Its time of adding, which some have, is not looked at. */
    private void removeTaint(KubeNode node, Taint taint) {
        IntStream.range(0, node.taints().size())
                .filter(i -> node.taints().get(i).isSameAs(taint))
                .forEach(i -> {
                    String path = "/spec/taints/" + i;
                    operation("test", path + "/key").put("value", taint.key());
                    operation("test", path + "/effect").put("value", taint.effect());
                    operation("remove", path);
                });
    }

    private ObjectNode operation(String op, String path) {
        return operations.addObject().put("op", op).put("path", path);
    }
}
