package dev.glidepath.replica;

import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A replica: a pod, and which of the processes that ever ran in it.
 *
 * @param namespace where the pod runs
 * @param release the installation that it belongs to, one of perhaps several in the namespace
 * @param pod its name, which its Lease bears as well
 * @param start random, made anew by each process
 */
public record ReplicaId(String namespace, String release, String pod, String start) {
    private static final String SEPARATOR = "/";
    private static final String OF = "@";

    /** A process of this pod that has just begun. */
    public static ReplicaId startedIn(String namespace, String release, String pod, RandomGenerator random) {
        return new ReplicaId(namespace, release, pod, HexFormat.of().toHexDigits(random.nextLong()));
    }

    /** As a Lease and a claim name it. Older builds, whose names end before the {@code @}, find its Lease by it as well. */
    public String holder() {
        return pod + SEPARATOR + start + OF + installation();
    }

    /** Whether this is the name of a replica of another release, or of another namespace. One of an older build may be ours. */
    boolean isOfOtherRelease(String holder) {
        return installationOf(holder)
                .filter(other -> !other.equals(installation()))
                .isPresent();
    }

    private String installation() {
        return namespace + ":" + release;
    }

    private static Optional<String> installationOf(String holder) {
        int of = holder.lastIndexOf(OF);
        return of < 0 ? Optional.empty() : Optional.of(holder.substring(of + 1));
    }

    /** The pod of whoever is named so; the whole of it, if it is no name of ours. */
    static String podOf(String holder) {
        int end = holder.lastIndexOf(SEPARATOR);
        return end < 0 ? holder : holder.substring(0, end);
    }
}
