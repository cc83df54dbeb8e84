package dev.glidepath.doctor;

import java.io.IOException;
import java.util.List;

/** Which cluster this is, and who we are to it. */
final class ClusterExamination implements Examination {
    static final String ABOUT = "cluster";

    private final Reviews reviews;

    ClusterExamination(Reviews reviews) {
        this.reviews = reviews;
    }

    @Override
    public String about() {
        return ABOUT;
    }

    @Override
    public List<Finding> look() throws Closed, InterruptedException {
        try {
            return List.of(Finding.ok(about(), "%s knows us as %s".formatted(reviews.url(), reviews.who())));
        } catch (IOException failed) {
            throw new Closed(
                    Finding.fail(
                            about(),
                            "%s does not answer us: %s".formatted(reviews.url(), failed.getMessage()),
                            "see whether KUBECONFIG, or the pod's ServiceAccount, is right, and whether a NetworkPolicy is in the way"));
        }
    }
}
