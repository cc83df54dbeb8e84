package dev.glidepath.event;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a message body turned out to say. */
public sealed interface Decoded {

    /**
     * Instances are interrupted: one entry for each.
     *
     * @param token of the lifecycle action, where it is one
     */
    record Announced(List<Interruption> interruptions, Optional<LifecycleToken> token) implements Decoded {
        public Announced {
            interruptions = List.copyOf(interruptions);
        }

        /** What is no lifecycle action. */
        public Announced(List<Interruption> interruptions) {
            this(interruptions, Optional.empty());
        }
    }

    /**
     * A Capacity Block ends. The message names no instance: those that run on it are found by their nodes.
     *
     * @param reservation the capacity reservation's id
     * @param noticedAt the event's own time
     * @param goneAt when EC2 begins to terminate the instances
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-blocks-monitor.html">Monitoring Capacity
     *     Blocks</a>
     */
    record BlockExpires(String reservation, Instant noticedAt, Instant goneAt) implements Decoded {}

    /** Understood, and nothing to do. */
    record Ignored(Reason reason, String what) implements Decoded {}

    /** Not understood. {@code why} names what is missing or wrong and quotes nothing of the body. */
    record Undecodable(String why) implements Decoded {}

    /** Why a message that was understood asks nothing of us. */
    enum Reason {
        /** The instance is starting or running. */
        INSTANCE_IS_UP,
        /** The instance is no node of this cluster, and what is told of it not worth waiting for one. */
        NOT_OUR_NODE,
        /** The setting for this kind of interruption says so. */
        BY_SETTING,
        /** Auto Scaling's proof that it can reach the queue. */
        TEST_NOTIFICATION,
        /** AWS tells how something went; nobody's end is announced. */
        INFORMATIONAL,
        /** Not about EC2 instances. */
        OTHER_SERVICE,
        /** An event of EC2, Auto Scaling or Health nobody here knows. */
        UNKNOWN_KIND
    }
}
