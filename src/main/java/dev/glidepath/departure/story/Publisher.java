package dev.glidepath.departure.story;

/** Receives the entries of all departures, each departure's in their order. Safe for use by many threads; waits for no
 * server. */
@FunctionalInterface
public interface Publisher {
    /** Publishes what a departure reports. */
    void publish(Entry entry);
}
