package dev.glidepath.node;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A Node object, reduced to what is decided on and written to.
 *
 * @param ready whether the node reports to be Ready
 * @param unschedulable whether it is cordoned, by whomever
 * @param annotated whether it has any annotation at all, on which the form of a patch depends
 * @param journalText our annotation as it stands; empty when there is none
 */
public record KubeNode(
        NodeName name,
        boolean ready,
        boolean unschedulable,
        boolean annotated,
        List<Taint> taints,
        String journalText) {

    public KubeNode {
        taints = List.copyOf(taints);
    }

    static KubeNode of(io.fabric8.kubernetes.api.model.Node node) {
        var annotations =
                Objects.requireNonNullElse(node.getMetadata().getAnnotations(), java.util.Map.<String, String>of());
        boolean ready = node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
        return new KubeNode(
                new NodeName(node.getMetadata().getName()),
                ready,
                Boolean.TRUE.equals(node.getSpec().getUnschedulable()),
                !annotations.isEmpty(),
                node.getSpec().getTaints().stream()
                        .map(taint -> new Taint(
                                taint.getKey(), Objects.requireNonNullElse(taint.getValue(), ""), taint.getEffect()))
                        .toList(),
                annotations.getOrDefault(Journal.ANNOTATION, ""));
    }

    /** What our annotation says; empty when there is none, or none that can be read. */
    public Optional<Journal> journal() {
        return Journal.parse(journalText);
    }
}
