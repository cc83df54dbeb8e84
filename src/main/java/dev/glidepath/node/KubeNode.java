package dev.glidepath.node;

import io.fabric8.kubernetes.api.model.NodeCondition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A Node object, reduced to what is decided on and written to.
 *
 * @param ready whether the node reports to be Ready
 * @param readySince when its condition Ready turned True; empty where it is not
 * @param notReadySince when its condition Ready turned False or Unknown; empty where it is Ready, or has not reported yet
 * @param unschedulable whether it is cordoned, by whomever
 * @param shutDown whether the cloud provider says, by its taint, that the machine is off
 * @param annotated whether it has any annotation at all, on which the form of a patch depends
 * @param labels all of them, for selectors
 * @param journalText our annotation as it stands; empty when there is none
 * @param journal what our annotation says; empty when there is none, or none that can be read
 */
public record KubeNode(
        NodeName name,
        boolean ready,
        Optional<Instant> readySince,
        Optional<Instant> notReadySince,
        boolean unschedulable,
        boolean shutDown,
        boolean annotated,
        Map<String, String> labels,
        List<Taint> taints,
        String journalText,
        Optional<Journal> journal) {

    public KubeNode {
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
    }

    /** Reads the journal off its text, once: each look at a departure asks for it several times. */
    public KubeNode(
            NodeName name,
            boolean ready,
            Optional<Instant> readySince,
            Optional<Instant> notReadySince,
            boolean unschedulable,
            boolean shutDown,
            boolean annotated,
            Map<String, String> labels,
            List<Taint> taints,
            String journalText) {
        this(
                name,
                ready,
                readySince,
                notReadySince,
                unschedulable,
                shutDown,
                annotated,
                labels,
                taints,
                journalText,
                Journal.parse(journalText));
    }

    /** The same with another journal. */
    public KubeNode withJournal(Journal other) {
        return new KubeNode(
                name,
                ready,
                readySince,
                notReadySince,
                unschedulable,
                shutDown,
                true,
                labels,
                taints,
                other.text(),
                Optional.of(other));
    }

    static KubeNode of(io.fabric8.kubernetes.api.model.Node node) {
        var metadata = node.getMetadata();
        Map<String, String> annotations = Objects.requireNonNullElse(metadata.getAnnotations(), Map.of());
        Optional<NodeCondition> readiness = Optional.ofNullable(node.getStatus()).stream()
                .flatMap(status -> status.getConditions().stream())
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst();
        boolean ready = readiness
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
        Optional<Instant> turned =
                readiness.map(NodeCondition::getLastTransitionTime).map(Instant::parse);
        List<Taint> taints = node.getSpec().getTaints().stream()
                .map(taint ->
                        new Taint(taint.getKey(), Objects.requireNonNullElse(taint.getValue(), ""), taint.getEffect()))
                .toList();
        return new KubeNode(
                new NodeName(metadata.getName()),
                ready,
                turned.filter(_ -> ready),
                turned.filter(_ -> !ready),
                Boolean.TRUE.equals(node.getSpec().getUnschedulable()),
                taints.stream().anyMatch(taint -> taint.key().equals(Taint.SHUT_DOWN)),
                !annotations.isEmpty(),
                Objects.requireNonNullElse(metadata.getLabels(), Map.of()),
                taints,
                annotations.getOrDefault(Journal.ANNOTATION, ""));
    }
}
