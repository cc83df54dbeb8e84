package dev.glidepath.doctor.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Checks for budgets that never allow a disruption, because all of their pods must be healthy.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/run-application/configure-pdb/">Specifying a disruption budget</a>
 */
final class BudgetsCheck implements Check {
    private static final int NAMED = 10;

    private final Listing listing;

    BudgetsCheck(Listing listing) {
        this.listing = listing;
    }

    @Override
    public String about() {
        return "budgets";
    }

    @Override
    public Set<String> after() {
        return Set.of(CLUSTER);
    }

    @Override
    public List<Finding> run() throws IOException, InterruptedException {
        List<String> never = new ArrayList<>();
        int[] all = {0};
        listing.forEach("/apis/policy/v1/poddisruptionbudgets", budget -> {
            all[0]++;
            if (neverAllows(budget.path("status"))) {
                never.add("%s/%s"
                        .formatted(
                                budget.at("/metadata/namespace").asText(),
                                budget.at("/metadata/name").asText()));
            }
        });
        return never.isEmpty()
                ? List.of(Finding.ok(about(), "%d, and each has room when all its pods are healthy".formatted(all[0])))
                : List.of(Finding.warn(
                        about(),
                        "%d of %d budgets let no pod go even when all are healthy (%s)"
                                .formatted(never.size(), all[0], Names.some(never, NAMED)),
                        "allow one to be away (maxUnavailable: 1), or run more replicas than minAvailable"));
    }

    private static boolean neverAllows(JsonNode status) {
        int expected = status.path("expectedPods").asInt();
        return expected > 0 && status.path("desiredHealthy").asInt() >= expected;
    }
}
