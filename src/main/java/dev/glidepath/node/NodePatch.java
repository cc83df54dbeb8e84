package dev.glidepath.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.node.Journal.Change;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The JSON patches we write to nodes (pure). Each begins with a test of our annotation, so that it is a compare-and-set
 * which the node's other writers do not disturb.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6902">RFC 6902, JSON Patch</a>
 */
final class NodePatch {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String JOURNAL_PATH = "/metadata/annotations/" + Journal.ANNOTATION.replace("/", "~1");

    /** Where the text is kept that was in the place of the journal, could not be read and was written over. */
    private static final String UNREAD_PATH = "/metadata/annotations/glidepath.dev~1departure-unread";

    private static final String JOINED_PATH = "/metadata/creationTimestamp";

    /** An object's annotations may have 256 KiB in all, and are not all ours. */
    private static final int MOST_UNREAD = 16_384;

    private static final String UNSCHEDULABLE_PATH = "/spec/unschedulable";

    /**
     * A node that bears it is no target of external load balancers, whatever its value; ours tells that it was we.
     *
     * @see <a href="https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-exclude-from-external-load-balancers">The
     *     label</a>
     */
    private static final String EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

    private static final String OUR_LABEL = "glidepath";
    private static final String LABEL_PATH = "/metadata/labels/" + EXCLUDED.replace("/", "~1");

    private final ArrayNode operations = JSON.createArrayNode();

    private NodePatch() {}

    /** Cordons, taints, labels and journals in one go; what is there already is left as it is and is not ours to undo. */
    static String depart(
            KubeNode node, Journal journal, String kind, Scheduling scheduling, boolean excludeFromLoadBalancers) {
        NodePatch patch = new NodePatch();
        patch.testJournal(node);
        Set<Change> changed = EnumSet.noneOf(Change.class);
        boolean forbidden = scheduling == Scheduling.FORBIDDEN;
        if (forbidden && !node.unschedulable()) {
            changed.add(Change.UNSCHEDULABLE);
            patch.operation("test", UNSCHEDULABLE_PATH).putNull("value");
            patch.operation("add", UNSCHEDULABLE_PATH).put("value", true);
        }
        Taint taint = Taint.departing(kind, scheduling);
        if (node.taints().stream().noneMatch(taint::isSameAs)) {
            changed.add(taintedBy(scheduling));
            patch.appendTaint(node, taint);
        }
        if (forbidden && excludeFromLoadBalancers && !node.labels().containsKey(EXCLUDED)) {
            changed.add(Change.LOAD_BALANCER_LABEL);
            patch.label(node);
        }
        patch.writeJournal(node, journal.withChanged(changed));
        return patch.operations.toString();
    }

    /**
     * Reverts what the journal that was seen calls ours, as far as it is still there, and writes another that calls nothing
     * ours. Whoever schedules pods on the node again in between does what we do.
     */
    static String undo(KubeNode node, Journal journal) {
        NodePatch patch = new NodePatch();
        patch.testJournal(node);
        Set<Change> ours = node.journal().map(Journal::changed).orElse(Set.of());
        if (ours.contains(Change.UNSCHEDULABLE) && node.unschedulable()) {
            patch.operation("add", UNSCHEDULABLE_PATH).put("value", false);
        }
        patch.removeTaints(node, taint -> changeBy(taint).filter(ours::contains).isPresent());
        if (ours.contains(Change.LOAD_BALANCER_LABEL)
                && OUR_LABEL.equals(node.labels().get(EXCLUDED))) {
            patch.operation("test", LABEL_PATH).put("value", OUR_LABEL);
            patch.operation("remove", LABEL_PATH);
        }
        patch.writeJournal(node, journal.withoutChanged(EnumSet.allOf(Change.class)));
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
            patch.removeTaints(node, Taint.OUT_OF_SERVICE::isSameAs);
        }
        patch.writeJournal(node, journal.withoutChanged(Set.of(Change.OUT_OF_SERVICE)));
        return patch.operations.toString();
    }

    /** Writes the journal and nothing else. */
    static String journal(KubeNode node, Journal journal) {
        NodePatch patch = new NodePatch();
        patch.testJournal(node);
        patch.writeJournal(node, journal);
        return patch.operations.toString();
    }

    /** Where there is none, another node may have come under its name, which has none either: of that one nothing is known. */
    private void testJournal(KubeNode node) {
        if (node.journalText().isEmpty()) {
            if (node.joinedAt().isAfter(Instant.EPOCH)) {
                operation("test", JOINED_PATH).put("value", node.joinedAt().toString());
            }
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
        if (node.isUnread()) {
            String text = node.journalText();
            operation("add", UNREAD_PATH).put("value", text.substring(0, Math.min(text.length(), MOST_UNREAD)));
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

    /**
     * By their places in the list, if it is still they that stand there; from the end, so that none is at another place by the
     * time it is its turn. The time of adding, which some have, is not looked at.
     */
    private void removeTaints(KubeNode node, Predicate<Taint> which) {
        List<Taint> taints = node.taints();
        for (int i = taints.size() - 1; i >= 0; i--) {
            if (which.test(taints.get(i))) {
                String path = "/spec/taints/" + i;
                operation("test", path + "/key").put("value", taints.get(i).key());
                operation("test", path + "/effect").put("value", taints.get(i).effect());
                operation("remove", path);
            }
        }
    }

    private void label(KubeNode node) {
        if (node.labels().isEmpty()) {
            operation("test", "/metadata/labels").putNull("value");
            operation("add", "/metadata/labels").putObject("value").put(EXCLUDED, OUR_LABEL);
        } else {
            operation("test", LABEL_PATH).putNull("value");
            operation("add", LABEL_PATH).put("value", OUR_LABEL);
        }
    }

    /** Which change of ours puts such a taint on a node. */
    private static Optional<Change> changeBy(Taint taint) {
        if (taint.isSameAs(Taint.OUT_OF_SERVICE)) {
            return Optional.of(Change.OUT_OF_SERVICE);
        }
        return Arrays.stream(Scheduling.values())
                .filter(scheduling -> taint.isSameAs(Taint.departing("", scheduling)))
                .map(NodePatch::taintedBy)
                .findFirst();
    }

    private static Change taintedBy(Scheduling scheduling) {
        return switch (scheduling) {
            case FORBIDDEN -> Change.TAINT;
            case DISCOURAGED -> Change.SOFT_TAINT;
        };
    }

    private ObjectNode operation(String op, String path) {
        return operations.addObject().put("op", op).put("path", path);
    }
}
