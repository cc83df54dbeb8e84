package dev.glidepath.event;

import java.util.List;

/** What a message body turned out to say. */
public sealed interface Decoded {

    /** Instances are interrupted: one entry for each. */
    record Announced(List<Interruption> interruptions) implements Decoded {
        public Announced {
            interruptions = List.copyOf(interruptions);
        }
    }

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
        /** Auto Scaling's proof that it can reach the queue. */
        TEST_NOTIFICATION,
        /** AWS tells how something went; nobody's end is announced. */
        INFORMATIONAL,
        /** Not about EC2 instances. */
        OTHER_SERVICE,
        /** An event of EC2 or Auto Scaling nobody here knows. */
        UNKNOWN_KIND,
        /** Known, and not acted on by this version. */
        NOT_ACTED_ON_YET
    }
}
