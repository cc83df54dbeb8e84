package dev.glidepath.departure;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Nodes;
import dev.glidepath.queue.MessageQueue;

/** What every departure sees and acts with; shared by all of them. */
public record Tools(
        ApiServer apiServer,
        Nodes nodes,
        NodeWriter nodeWriter,
        Evictor evictor,
        LifecycleHooks hooks,
        MessageQueue queue) {}
