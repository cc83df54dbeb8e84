package dev.glidepath.doctor.cluster;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.doctor.Finding;
import java.util.Optional;

/** What the API server says instead of an answer. */
public final class ClusterFailures {
    private ClusterFailures() {}

    /** The finding for a missing permission; any other failure has no explanation here. */
    public static Optional<Finding> explain(String about, Throwable failure) {
        return failure instanceof ApiServer.Refused refused && refused.isDenied()
                ? Optional.of(Finding.warn(
                        about, "we may not look at them: " + refused.getMessage(), "grant the rights that are missing"))
                : Optional.empty();
    }
}
