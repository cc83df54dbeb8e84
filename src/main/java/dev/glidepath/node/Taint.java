package dev.glidepath.node;

/**
 * A node's taint.
 *
 * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
 */
record Taint(String key, String value, String effect) {
    /** The key of the taint that says a node departs; a pod that tolerates it by name stays. */
    static final String DEPARTING = "glidepath.dev/departing";

    /** NoSchedule: NoExecute would have the pods deleted past their budgets. */
    static Taint departing(String kind) {
        return new Taint(DEPARTING, kind, "NoSchedule");
    }
}
