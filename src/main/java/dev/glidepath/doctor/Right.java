package dev.glidepath.doctor;

import java.util.List;
import java.util.stream.Stream;

/**
 * A right that the daemon needs in the cluster.
 *
 * @param group the API group, empty for the core
 * @param resource with its subresource behind a slash, such as {@code pods/eviction}
 * @param scope where it is needed
 * @param neededBy the class that makes the request
 */
public record Right(String group, String resource, String verb, Scope scope, String neededBy) {

    /** Where a right is needed. */
    public enum Scope {
        CLUSTER,
        /** In the namespace the daemon runs in. */
        OWN_NAMESPACE,
        /** Where kubelets renew their Leases. */
        NODE_LEASES
    }

    /**
     * All that are needed.
     *
     * @param writes not so in a dry run
     * @param deletes not so without the last call
     */
    public static List<Right> needed(boolean writes, boolean deletes) {
        return Stream.of(
                        reads(),
                        writes ? writes() : Stream.<Right>empty(),
                        writes && deletes ? deletes() : Stream.<Right>empty())
                .flatMap(rights -> rights)
                .toList();
    }

    private static Stream<Right> reads() {
        return Stream.of(
                cluster("", "nodes", "list", "node.Nodes"),
                cluster("", "nodes", "watch", "node.Nodes"),
                cluster("", "pods", "list", "drain.pod.PodsOnNode"),
                cluster("", "pods", "watch", "drain.pod.PodsOnNode"),
                cluster("policy", "poddisruptionbudgets", "list", "drain.budget.Budgets"),
                cluster("policy", "poddisruptionbudgets", "watch", "drain.budget.Budgets"),
                cluster("", "namespaces", "list", "drain.pod.Namespaces"),
                cluster("", "namespaces", "watch", "drain.pod.Namespaces"),
                cluster("", "persistentvolumeclaims", "get", "drain.volume.ClaimLookup"),
                cluster("storage.k8s.io", "volumeattachments", "list", "drain.volume.Attachments"),
                cluster("storage.k8s.io", "volumeattachments", "watch", "drain.volume.Attachments"),
                lease("list", "replica.Replicas"),
                lease("watch", "replica.Replicas"),
                new Right("coordination.k8s.io", "leases", "get", Scope.NODE_LEASES, "node.KubeletLeases"));
    }

    private static Stream<Right> writes() {
        return Stream.concat(
                Stream.of(
                        cluster("", "nodes", "patch", "node.NodeWriter"),
                        cluster("", "pods/eviction", "create", "drain.eviction.Evictor"),
                        cluster("", "events", "create", "observe.ClusterEvents")),
                Stream.of("get", "create", "update", "delete").map(verb -> lease(verb, "replica.Replica")));
    }

    private static Stream<Right> deletes() {
        return Stream.of(
                cluster("", "pods", "delete", "drain.eviction.Deleter"),
                cluster("", "pods/status", "patch", "drain.eviction.Deleter"));
    }

    private static Right cluster(String group, String resource, String verb, String neededBy) {
        return new Right(group, resource, verb, Scope.CLUSTER, neededBy);
    }

    private static Right lease(String verb, String neededBy) {
        return new Right("coordination.k8s.io", "leases", verb, Scope.OWN_NAMESPACE, neededBy);
    }
}
