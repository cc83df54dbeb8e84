package dev.glidepath.cluster;

/** The taint of a node that departs: set on nodes, and tolerated by pods that are to stay. */
public final class DepartingTaint {
    /** A pod that tolerates this key by name stays on its node. */
    public static final String KEY = "glidepath.dev/departing";

    private DepartingTaint() {}
}
