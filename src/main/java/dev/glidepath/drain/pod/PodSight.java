package dev.glidepath.drain.pod;

import java.time.Instant;
import java.util.List;

/** What can be seen of the pods on a node. */
public sealed interface PodSight {
    /** They have not been listed yet. */
    record NotListed() implements PodSight {}

    /**
     * The pods that are there, and those that were.
     *
     * @param gone each as it was last seen, in the order of their going; the last thousand
     * @param listedAt when the server was last asked for all of them
     */
    record Listed(List<Pod> pods, List<Pod> gone, Instant listedAt) implements PodSight {
        public Listed {
            pods = List.copyOf(pods);
            gone = List.copyOf(gone);
        }
    }
}
