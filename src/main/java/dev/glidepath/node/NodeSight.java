package dev.glidepath.node;

/** What can be seen of an instance's node. */
public sealed interface NodeSight {
    /** The node is there. */
    record Present(KubeNode node) implements NodeSight {}

    /** The node was there, and its deletion was seen. */
    record Gone(NodeName name) implements NodeSight {}

    /** No node with this instance behind it was ever seen here. */
    record NeverSeen() implements NodeSight {}
}
