package dev.glidepath.doctor.cluster;

import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Checks that our user has each permission that the daemon needs. */
final class PermissionsCheck implements Check {
    private final AccessReviews reviews;
    private final List<ClusterPermission> needed;

    PermissionsCheck(AccessReviews reviews, List<ClusterPermission> needed) {
        this.reviews = reviews;
        this.needed = List.copyOf(needed);
    }

    @Override
    public String about() {
        return "rights";
    }

    @Override
    public Set<String> after() {
        return Set.of(CLUSTER);
    }

    @Override
    public List<Finding> run() throws IOException, InterruptedException {
        String user = reviews.user();
        List<Finding> missing = new ArrayList<>();
        for (ClusterPermission permission : needed) {
            if (!reviews.allow(permission)) {
                missing.add(Finding.fail(
                        about(),
                        "%s may not %s %s%s, which %s needs"
                                .formatted(
                                        user,
                                        permission.verb(),
                                        nameOf(permission),
                                        placeOf(permission),
                                        permission.neededBy()),
                        "grant it as the chart's roles do, or install with rbac.create=true"));
            }
        }
        return missing.isEmpty()
                ? List.of(Finding.ok(about(), "%s has the %d rights that are needed".formatted(user, needed.size())))
                : missing;
    }

    private static String nameOf(ClusterPermission permission) {
        return permission.group().isEmpty() ? permission.resource() : permission.resource() + "." + permission.group();
    }

    private String placeOf(ClusterPermission permission) {
        String namespace = reviews.namespaceOf(permission);
        return namespace.isEmpty() ? "" : " in namespace " + namespace;
    }
}
