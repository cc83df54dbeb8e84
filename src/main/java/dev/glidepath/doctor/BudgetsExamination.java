package dev.glidepath.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Budgets that never have room: as many of their pods must be healthy as there are.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/run-application/configure-pdb/">Specifying a disruption budget</a>
 */
final class BudgetsExamination implements Examination {
    private static final int NAMED = 10;

    private final Listing listing;

    BudgetsExamination(Listing listing) {
        this.listing = listing;
    }

    @Override
    public String about() {
        return "budgets";
    }

    @Override
    public Set<String> after() {
        return Set.of(ClusterExamination.ABOUT);
    }

    @Override
    public List<Finding> look() throws IOException, InterruptedException {
        List<String> never = new ArrayList<>();
        int[] all = {0};
        listing.forEach("/apis/policy/v1/poddisruptionbudgets", budget -> {
            all[0]++;
            if (neverHasRoom(budget.path("status"))) {
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

    private static boolean neverHasRoom(JsonNode status) {
        int expected = status.path("expectedPods").asInt();
        return expected > 0 && status.path("desiredHealthy").asInt() >= expected;
    }
}
