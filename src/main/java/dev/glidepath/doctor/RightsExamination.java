package dev.glidepath.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether whoever asks has each right that the daemon needs. */
final class RightsExamination implements Examination {
    private final Reviews reviews;
    private final List<Right> needed;

    RightsExamination(Reviews reviews, List<Right> needed) {
        this.reviews = reviews;
        this.needed = List.copyOf(needed);
    }

    @Override
    public String about() {
        return "rights";
    }

    @Override
    public Set<String> after() {
        return Set.of(ClusterExamination.ABOUT);
    }

    @Override
    public List<Finding> look() throws IOException, InterruptedException {
        String who = reviews.who();
        List<Finding> missing = new ArrayList<>();
        for (Right right : needed) {
            if (!reviews.allow(right)) {
                missing.add(Finding.fail(
                        about(),
                        "%s may not %s %s%s, which %s needs"
                                .formatted(who, right.verb(), nameOf(right), placeOf(right), right.neededBy()),
                        "grant it as the chart's roles do, or install with rbac.create=true"));
            }
        }
        return missing.isEmpty()
                ? List.of(Finding.ok(about(), "%s has the %d rights that are needed".formatted(who, needed.size())))
                : missing;
    }

    private static String nameOf(Right right) {
        return right.group().isEmpty() ? right.resource() : right.resource() + "." + right.group();
    }

    private String placeOf(Right right) {
        String namespace = reviews.namespaceOf(right);
        return namespace.isEmpty() ? "" : " in namespace " + namespace;
    }
}
