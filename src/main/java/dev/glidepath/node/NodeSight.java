package dev.glidepath.node;

import java.time.Instant;
import java.util.Optional;

/** What can be seen of an instance's node. */
public sealed interface NodeSight {
    /** The node is there. */
    record Present(KubeNode node) implements NodeSight {}

    /**
     * The node was there, and its deletion was seen. A node of the same instance may have joined since.
     *
     * @param wentAt when its deletion was seen
     * @param askedAt when the server was last asked for all nodes, and this one was not among them; may be before that
     */
    record Gone(NodeName name, Instant wentAt, Instant askedAt) implements NodeSight {
        /** Whether the server said so at this moment or later. */
        public boolean isKnownSince(Instant moment) {
            return !wentAt.isBefore(moment) || !askedAt.isBefore(moment);
        }
    }

    /**
     * No node with this instance behind it was ever seen here.
     *
     * @param askedAt when the server was last asked for all nodes: one that has joined since may not be seen yet; long past
     *     where it never was
     * @param seenByAnotherAt when it was learnt that another replica saw one: it was a node of this cluster, and may be yet
     */
    record NeverSeen(Instant askedAt, Optional<Instant> seenByAnotherAt) implements NodeSight {
        /** By nobody else either, as far as is known. */
        public NeverSeen(Instant askedAt) {
            this(askedAt, Optional.empty());
        }
    }
}
