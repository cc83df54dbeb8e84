package dev.glidepath.departure.execution;

import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.node.Nodes;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.Replicas;

/**
 * What shows the cluster as it is, and which replicas work on it.
 *
 * @param watcher for the pods of one node
 */
public record ClusterSources(
        Watcher watcher,
        Nodes nodes,
        Replica replica,
        Replicas replicas,
        Namespaces namespaces,
        Budgets budgets,
        Attachments attachments) {}
