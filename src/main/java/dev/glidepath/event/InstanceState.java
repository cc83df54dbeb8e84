package dev.glidepath.event;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Where an instance stands between launch and termination.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html">Instance lifecycle</a>
 */
public enum InstanceState {
    PENDING,
    RUNNING,
    STOPPING,
    SHUTTING_DOWN,
    STOPPED,
    TERMINATED;

    /** The state EC2 calls by this name, whatever its case. */
    static Optional<InstanceState> named(String text) {
        return Arrays.stream(values())
                .filter(state -> state.label().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** EC2's own name for it, such as {@code shutting-down}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
