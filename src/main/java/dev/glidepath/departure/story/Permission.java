package dev.glidepath.departure.story;

/** What an outcome changes about a permission in the cluster, for all departures together. */
public enum Permission {
    /** Nothing that has not been reported. */
    UNCHANGED,
    /** It turns out to be missing. */
    MISSING,
    /** It was missing, and is granted. */
    GRANTED
}
