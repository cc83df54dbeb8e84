package dev.glidepath.doctor.cluster;

import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import java.io.IOException;
import java.util.List;

/** Checks that the API server accepts our credentials, and reports our user name. */
final class ClusterCheck implements Check {
    private final AccessReviews reviews;

    ClusterCheck(AccessReviews reviews) {
        this.reviews = reviews;
    }

    @Override
    public String about() {
        return CLUSTER;
    }

    @Override
    public List<Finding> run() throws NoAccess, InterruptedException {
        try {
            return List.of(Finding.ok(about(), "%s knows us as %s".formatted(reviews.url(), reviews.user())));
        } catch (IOException failed) {
            throw new NoAccess(
                    Finding.fail(
                            about(),
                            "%s does not answer us: %s".formatted(reviews.url(), failed.getMessage()),
                            "see whether KUBECONFIG, or the pod's ServiceAccount, is right, and whether a NetworkPolicy is in the way"));
        }
    }
}
