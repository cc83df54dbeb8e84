package dev.glidepath.departure.execution;

import dev.glidepath.drain.eviction.Deleter;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.volume.ClaimLookup;
import dev.glidepath.node.KubeletLeases;
import dev.glidepath.node.NodeWriter;

/** What sends single requests to the API server, and the gate before those about pods. */
public record ClusterRequests(
        NodeWriter nodeWriter,
        KubeletLeases kubelets,
        ClaimLookup claims,
        Gate gate,
        Evictor evictor,
        Deleter deleter) {}
