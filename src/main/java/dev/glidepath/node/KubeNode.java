package dev.glidepath.node;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.node.Journal.Reading;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A Node object, reduced to what is decided on and written to.
 *
 * @param joinedAt when it was made; long past where that is not said
 * @param readiness what its condition Ready says
 * @param unschedulable whether it is cordoned, by whomever
 * @param shutDown whether the cloud provider says, by its taint, that the machine is off
 * @param annotated whether it has any annotation at all, on which the form of a patch depends
 * @param labels all of them, for selectors
 * @param journalText our annotation as it stands; empty when there is none
 * @param journal what our annotation says; empty when there is none, or none that can be read
 */
public record KubeNode(
        NodeName name,
        Instant joinedAt,
        Readiness readiness,
        boolean unschedulable,
        boolean shutDown,
        boolean annotated,
        Map<String, String> labels,
        List<Taint> taints,
        String journalText,
        Optional<Journal> journal) {

    /** All fields of a Node that are read, its version and its instance's provider ID among them. */
    static final Set<String> READS = Set.of(
            "metadata/name",
            "metadata/resourceVersion",
            "metadata/creationTimestamp",
            "metadata/labels",
            "metadata/annotations",
            "spec/providerID",
            "spec/unschedulable",
            "spec/taints",
            "status/conditions/type",
            "status/conditions/status",
            "status/conditions/lastTransitionTime");

    public KubeNode {
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
    }

    /** Reads the journal off its text, once: each look at a departure asks for it several times. */
    public KubeNode(
            NodeName name,
            Instant joinedAt,
            Readiness readiness,
            boolean unschedulable,
            boolean shutDown,
            boolean annotated,
            Map<String, String> labels,
            List<Taint> taints,
            String journalText) {
        this(
                name,
                joinedAt,
                readiness,
                unschedulable,
                shutDown,
                annotated,
                labels,
                taints,
                journalText,
                Journal.parse(journalText));
    }

    /** Whether the node reports to be Ready. */
    public boolean ready() {
        return readiness.isReady();
    }

    /** When its condition Ready turned True; empty where it is not. */
    public Optional<Instant> readySince() {
        return readiness.since().filter(_ -> ready());
    }

    /** When its condition Ready turned False or Unknown; empty where it is Ready, or has not reported yet. */
    public Optional<Instant> notReadySince() {
        return readiness.since().filter(_ -> !ready());
    }

    /** When its condition Ready turned Unknown, for its kubelet had not been heard of; empty where it is not. */
    public Optional<Instant> unknownSince() {
        return readiness.since().filter(_ -> readiness.status() == Readiness.Status.UNKNOWN);
    }

    /** What our annotation turns out to be. */
    public Reading reading() {
        return journal.<Reading>map(Reading.Read::new).orElseGet(() -> Journal.read(journalText));
    }

    /** Whether there is a text that we cannot read. */
    public boolean isUnread() {
        return journal.isEmpty() && !journalText.isEmpty();
    }

    /** The same with another journal. */
    public KubeNode withJournal(Journal other) {
        return new KubeNode(
                name,
                joinedAt,
                readiness,
                unschedulable,
                shutDown,
                true,
                labels,
                taints,
                other.text(),
                Optional.of(other));
    }

    /** Reduces a Node object. */
    static KubeNode of(JsonNode node) {
        JsonNode metadata = node.path("metadata");
        JsonNode annotations = metadata.path("annotations");
        List<Taint> taints = node.path("spec")
                .path("taints")
                .valueStream()
                .map(taint -> new Taint(
                        taint.path("key").asText(),
                        taint.path("value").asText(),
                        taint.path("effect").asText()))
                .toList();
        return new KubeNode(
                new NodeName(metadata.path("name").asText()),
                time(metadata.path("creationTimestamp")).orElse(Instant.EPOCH),
                Readiness.read(node.path("status").path("conditions")),
                node.path("spec").path("unschedulable").asBoolean(),
                taints.stream().anyMatch(taint -> taint.key().equals(Taint.SHUT_DOWN)),
                !annotations.isEmpty(),
                labels(metadata.path("labels")),
                taints,
                annotations.path(Journal.ANNOTATION).asText());
    }

    static Optional<Instant> time(JsonNode text) {
        return Optional.of(text).filter(JsonNode::isTextual).map(time -> Instant.parse(time.asText()));
    }

    private static Map<String, String> labels(JsonNode labels) {
        return labels.propertyStream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, label -> label.getValue().asText()));
    }
}
