package dev.glidepath.departure;

import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.eviction.Deleter;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.drain.volume.ClaimLookup;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.node.KubeletLeases;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.Replicas;

/**
 * What every departure sees and acts with; shared by all of them.
 *
 * @param dryRun whether what would be written is imagined instead
 */
public record Tools(
        Watcher watcher,
        Nodes nodes,
        NodeWriter nodeWriter,
        KubeletLeases kubelets,
        Replica replica,
        Replicas replicas,
        Namespaces namespaces,
        Budgets budgets,
        Attachments attachments,
        ClaimLookup claims,
        Gate gate,
        Evictor evictor,
        Deleter deleter,
        LifecycleHooks hooks,
        ActionTokens tokens,
        MessageQueue queue,
        OwedMessages owed,
        boolean dryRun) {}
