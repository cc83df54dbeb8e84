package dev.glidepath.storm;

import org.jspecify.annotations.Nullable;

/**
 * One figure of a {@link Probe}.
 *
 * @param what it is, with its unit
 * @param decimals that are shown
 * @param reference of whatever the program is measured beside; null where that has no such figure
 */
record Reading(String what, int decimals, @Nullable Double reference, double program) {
    /** Of the program alone. */
    static Reading alone(String what, int decimals, double program) {
        return new Reading(what, decimals, null, program);
    }
}
