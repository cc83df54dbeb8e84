package dev.glidepath.drain.plan;

/**
 * Pods that go together.
 *
 * @param rank its place: lower goes first
 * @param name for people
 * @param opens when its turn comes
 * @param share the part of all the time there was, of 1, after which the next wave's turn comes at the latest; 0 where time
 *     alone opens nothing
 */
public record Wave(int rank, String name, Opens opens, double share) {
    /** After those of the table, in this order. */
    static final Wave DAEMON_SETS = new Wave(1_000, "daemon-sets", Opens.OTHERS_GONE, 0);

    static final Wave VOLUME_PLUMBING = new Wave(1_001, "volume-plumbing", Opens.VOLUMES_DETACHED, 0);

    static final Wave OURSELVES = new Wave(1_002, "ourselves", Opens.OTHERS_GONE, 0);

    /** When a wave's turn comes. A pod at its last call goes, whatever its wave. */
    public enum Opens {
        /** At once, or when each pod of the waves before was asked or is blocked by its budget. */
        OTHERS_ASKED,
        /** When the pods of the waves before are gone. */
        OTHERS_GONE,
        /** When these are gone, or, under a deadline, the waves before have had their share of the time. */
        OTHERS_GONE_OR_SHARE_SPENT,
        /** When these are gone and their volumes are detached. */
        VOLUMES_DETACHED
    }
}
