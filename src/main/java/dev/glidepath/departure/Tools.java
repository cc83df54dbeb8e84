package dev.glidepath.departure;

import dev.glidepath.drain.Evictor;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.queue.MessageQueue;
import io.fabric8.kubernetes.client.KubernetesClient;

/** What every departure sees and acts with; shared by all of them. */
public record Tools(
        KubernetesClient kubernetes,
        Nodes nodes,
        NodeWriter nodeWriter,
        Evictor evictor,
        LifecycleHooks hooks,
        MessageQueue queue) {}
