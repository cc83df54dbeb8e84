package dev.glidepath.event;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kinds of interruption, each of which can be answered in its own way. */
public enum Kind {
    /** EC2 takes a spot instance back. */
    SPOT_INTERRUPTION,
    /** A spot instance is at elevated risk; it may never be taken. */
    REBALANCE_RECOMMENDATION,
    /** An instance is stopping, stopped, shutting down or terminated. */
    STATE_CHANGE,
    /** An Auto Scaling group terminates an instance, and a lifecycle hook holds it. */
    ASG_TERMINATION,
    /** An Auto Scaling group launches an instance, and a lifecycle hook holds it. */
    ASG_LAUNCH,
    /** Maintenance, a reboot, a retirement at a time that is known long before. */
    SCHEDULED_CHANGE,
    /** A capacity reservation is interrupted, or a Capacity Block ends. */
    CAPACITY_RESERVATION,
    /** Whatever else AWS Health says of an instance. */
    HEALTH_NOTICE;

    /** The kind of this name, as it stands in a journal. */
    public static Optional<Kind> named(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label().equals(label))
                .findFirst();
    }

    /** The word for it in logs, metrics, settings and on the node. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether nobody takes the instance yet: such a departure can wait for better times. */
    public boolean isVoluntary() {
        return this == REBALANCE_RECOMMENDATION || this == SCHEDULED_CHANGE;
    }
}
