package dev.glidepath.replica;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * A replica: a pod, and which of the processes that ever ran in it.
 *
 * @param pod its name, which its Lease bears as well
 * @param start random, made anew by each process
 */
public record ReplicaId(String pod, String start) {
    private static final String SEPARATOR = "/";

    /** A process of this pod that has just begun. */
    public static ReplicaId startedIn(String pod, RandomGenerator random) {
        return new ReplicaId(pod, HexFormat.of().toHexDigits(random.nextLong()));
    }

    /** As a Lease and a claim name it. */
    public String holder() {
        return pod + SEPARATOR + start;
    }

    /** The pod of whoever is named so; the whole of it, if it is no name of ours. */
    static String podOf(String holder) {
        int end = holder.lastIndexOf(SEPARATOR);
        return end < 0 ? holder : holder.substring(0, end);
    }
}
