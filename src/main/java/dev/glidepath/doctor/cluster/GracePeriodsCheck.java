package dev.glidepath.doctor.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Checks for pods with a grace period longer than a spot notice leaves. */
final class GracePeriodsCheck implements Check {
    /** Two minutes, less the time before the first eviction and after the last pod is gone. */
    private static final Duration SPOT_LEAVES = Duration.ofSeconds(110);

    private static final int NAMED = 10;

    private final Listing listing;

    GracePeriodsCheck(Listing listing) {
        this.listing = listing;
    }

    @Override
    public String about() {
        return "graces";
    }

    @Override
    public Set<String> after() {
        return Set.of(CLUSTER);
    }

    @Override
    public List<Finding> run() throws IOException, InterruptedException {
        List<String> longer = new ArrayList<>();
        listing.forEach("/api/v1/pods", pod -> {
            if (!isFinished(pod) && !isOfDaemonSet(pod) && gracePeriodOf(pod).compareTo(SPOT_LEAVES) > 0) {
                longer.add("%s/%s %d s"
                        .formatted(
                                pod.at("/metadata/namespace").asText(),
                                pod.at("/metadata/name").asText(),
                                gracePeriodOf(pod).toSeconds()));
            }
        });
        return longer.isEmpty()
                ? List.of(Finding.ok(about(), "each pod can end within the two minutes of a spot notice"))
                : List.of(Finding.warn(
                        about(),
                        "%d pods ask for more grace than the two minutes of a spot notice leave (%s): theirs is cut short there"
                                .formatted(longer.size(), Names.some(longer, NAMED)),
                        "shorten terminationGracePeriodSeconds, or keep such pods on nodes that are no spot capacity"));
    }

    private static Duration gracePeriodOf(JsonNode pod) {
        return Duration.ofSeconds(pod.at("/spec/terminationGracePeriodSeconds").asLong(30));
    }

    private static boolean isFinished(JsonNode pod) {
        String phase = pod.at("/status/phase").asText();
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    private static boolean isOfDaemonSet(JsonNode pod) {
        for (JsonNode owner : pod.at("/metadata/ownerReferences")) {
            if (owner.path("kind").asText().equals("DaemonSet")) {
                return true;
            }
        }
        return false;
    }
}
