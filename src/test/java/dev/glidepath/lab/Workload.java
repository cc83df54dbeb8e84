package dev.glidepath.lab;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A Deployment, DaemonSet or bare pod of a test, seen through its pods.
 *
 * @param desired how many pods it wants
 */
public record Workload(TestCluster cluster, String name, int desired) {

    /** Selects its pods. */
    public Map<String, String> label() {
        return Map.of("app", name);
    }

    /** All its pods, terminating and pending ones included. */
    public List<Pod> pods() {
        return select().list().getItems();
    }

    /** Its pods on that node, terminating ones included. */
    public List<Pod> podsOn(LabNode node) {
        return select().withField("spec.nodeName", node.name()).list().getItems();
    }

    /** Waits until as many pods as it wants are Ready and none is on its way out. */
    public Workload awaitReady() {
        cluster.await(desired + " pods of " + name + " to be Ready", () -> {
            var pods = pods();
            return pods.size() == desired && pods.stream().allMatch(Workload::isAvailable);
        });
        return this;
    }

    /**
     * Waits until none of its pods is on that node.
     *
     * @return when one was seen there last: what is later by no more than a look may have come before the last of them went
     */
    public Instant awaitGoneFrom(LabNode node) {
        AtomicReference<Instant> seenAt = new AtomicReference<>(Instant.now());
        cluster.await("the pods of " + name + " to be gone from " + node.name(), () -> {
            Instant asked = Instant.now();
            boolean gone = podsOn(node).isEmpty();
            if (!gone) {
                seenAt.set(asked);
            }
            return gone;
        });
        return seenAt.get();
    }

    /** Watches how many of its pods are away at once, from now until it is closed. */
    public Unavailability watchUnavailability() {
        return new Unavailability(this);
    }

    /** Ready, and not on its way out. */
    static boolean isAvailable(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null && Readiness.isPodReady(pod);
    }

    FilterWatchListDeletable<Pod, PodList, PodResource> select() {
        return cluster.client().pods().inNamespace(cluster.namespace()).withLabels(label());
    }
}
