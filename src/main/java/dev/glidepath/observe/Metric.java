package dev.glidepath.observe;

import java.util.List;
import java.util.Locale;

/** What is measured. Labels are bounded: none holds a node, a pod or an instance. */
public enum Metric {
    INTERRUPTIONS_RECEIVED("Messages that announced an interruption, duplicates included", "kind"),
    MESSAGES_IGNORED("Messages that ask nothing of us", "reason"),
    MESSAGES_UNDECODABLE("Messages that could not be read and were left to the queue's redrive policy"),
    MESSAGES_INCOMPLETE("Messages that were acted on though part of them could not be read"),
    DEPARTURES_SETTLED("Departures that ended", "outcome"),
    JOURNALS_UNREADABLE("Journals on nodes that could not be read where a departure needed them", "reason"),
    ACTS("Calls made for departures, by what came of them", "act", "outcome"),
    EVICTIONS("Evictions asked for, by the API server's answer", "outcome"),
    EVICTIONS_HELD_BACK("Pods that a budget began to hold back", "reason"),
    PODS_REPORTED("Pods of drains that are over, by how they came to leave", "fate"),
    PODS_SHORTENED("Pods that were given less grace than they wished"),
    CLUSTER_EVENTS("Kubernetes events", "outcome"),
    /** A gauge. */
    EVICTIONS_PER_SECOND("Evictions and deletions answered a second while more of them waited"),
    /** A gauge. */
    PERMISSIONS_MISSING("Permissions at AWS that our role lacks"),
    /** A gauge. */
    CLOCK_SKEW_SECONDS(
            "By how much this machine's clock is ahead of the time that decisions are made by; negative where it is behind, 0 where it is believed"),
    MESSAGES_FAILED("Messages that could not be taken in, because of a bug; they are delivered again"),
    QUEUE_FAILURES("Requests to SQS that failed", "category"),
    /** A gauge. */
    NODES_WITHOUT_INSTANCE("Ready nodes that tell no EC2 instance: no interruption finds them"),
    /** A gauge. */
    DEPARTURES_IN_FLIGHT("Departures under way"),
    /** A gauge. */
    MESSAGES_HELD("Messages kept invisible while they are worked on"),
    /** A gauge. */
    CAN_ACT("1 while this replica can act: its Lease is good and its watches are fresh; else 0, and it receives next"
            + " to nothing"),
    /** A gauge. */
    LAST_POLL_TIMESTAMP_SECONDS("When a receive was last answered, in seconds since 1970");

    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // List.of makes it so
    private final List<String> labels;

    Metric(String help, String... labels) {
        this.help = help;
        this.labels = List.of(labels);
    }

    /** Its name in Micrometer; Prometheus writes underscores for the dots, and counters end in {@code _total}. */
    public String id() {
        return "glidepath." + name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    /** What it tells. */
    public String help() {
        return help;
    }

    /** The keys of its labels. */
    public List<String> labels() {
        return labels;
    }

    /** Whether it may go down. */
    public boolean isGauge() {
        return switch (this) {
            case EVICTIONS_PER_SECOND,
                    PERMISSIONS_MISSING,
                    CLOCK_SKEW_SECONDS,
                    NODES_WITHOUT_INSTANCE,
                    DEPARTURES_IN_FLIGHT,
                    MESSAGES_HELD,
                    CAN_ACT,
                    LAST_POLL_TIMESTAMP_SECONDS -> true;
            case INTERRUPTIONS_RECEIVED,
                    MESSAGES_IGNORED,
                    MESSAGES_UNDECODABLE,
                    MESSAGES_INCOMPLETE,
                    MESSAGES_FAILED,
                    DEPARTURES_SETTLED,
                    JOURNALS_UNREADABLE,
                    ACTS,
                    EVICTIONS,
                    EVICTIONS_HELD_BACK,
                    PODS_REPORTED,
                    PODS_SHORTENED,
                    CLUSTER_EVENTS,
                    QUEUE_FAILURES -> false;
        };
    }
}
