package dev.glidepath.doctor.cluster;

import java.util.List;
import java.util.stream.Stream;

/**
 * A permission that the daemon needs in the cluster.
 *
 * @param group the API group, empty for the core
 * @param resource with its subresource behind a slash, such as {@code pods/eviction}
 * @param scope where the permission is needed
 * @param neededBy the class that makes the request
 */
record ClusterPermission(String group, String resource, String verb, Scope scope, String neededBy) {

    /** Where a permission is needed. */
    enum Scope {
        CLUSTER,
        /** In the namespace the daemon runs in. */
        OWN_NAMESPACE,
        /** Where kubelets renew their Leases. */
        NODE_LEASES
    }

    /**
     * All permissions that the daemon needs.
     *
     * @param writes whether the daemon changes anything; a dry run does not
     * @param deletes whether the daemon deletes pods; it does not without the last call
     */
    static List<ClusterPermission> needed(boolean writes, boolean deletes) {
        return Stream.of(
                        reads(),
                        writes ? writes() : Stream.<ClusterPermission>empty(),
                        writes && deletes ? deletes() : Stream.<ClusterPermission>empty())
                .flatMap(permissions -> permissions)
                .toList();
    }

    private static Stream<ClusterPermission> reads() {
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
                new ClusterPermission("coordination.k8s.io", "leases", "get", Scope.NODE_LEASES, "node.KubeletLeases"));
    }

    private static Stream<ClusterPermission> writes() {
        return Stream.concat(
                Stream.of(
                        cluster("", "nodes", "patch", "node.NodeWriter"),
                        cluster("", "pods/eviction", "create", "drain.eviction.Evictor"),
                        cluster("", "events", "create", "observe.ClusterEvents")),
                Stream.of("get", "create", "update", "delete").map(verb -> lease(verb, "replica.Replica")));
    }

    private static Stream<ClusterPermission> deletes() {
        return Stream.of(
                cluster("", "pods", "delete", "drain.eviction.Deleter"),
                cluster("", "pods/status", "patch", "drain.eviction.Deleter"));
    }

    private static ClusterPermission cluster(String group, String resource, String verb, String neededBy) {
        return new ClusterPermission(group, resource, verb, Scope.CLUSTER, neededBy);
    }

    private static ClusterPermission lease(String verb, String neededBy) {
        return new ClusterPermission("coordination.k8s.io", "leases", verb, Scope.OWN_NAMESPACE, neededBy);
    }
}
