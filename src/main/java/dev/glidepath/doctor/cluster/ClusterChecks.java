package dev.glidepath.doctor.cluster;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.doctor.Check;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.InstanceName;
import dev.glidepath.node.NodeSelector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the checks in the cluster. They use the credentials of the API server's client. */
public final class ClusterChecks {
    private final Listing listing;
    private final AccessReviews reviews;

    /**
     * Takes the API server of the current user.
     *
     * @param namespace the daemon's own
     */
    public ClusterChecks(ApiServer apiServer, String namespace) {
        this.listing = new Listing(apiServer);
        this.reviews = new AccessReviews(apiServer, namespace);
    }

    public Check access() {
        return new ClusterCheck(reviews);
    }

    /**
     * Asks for those permissions only that the daemon needs.
     *
     * @param writes whether the daemon changes anything; a dry run does not
     * @param deletes whether the daemon deletes pods; it does not without the last call
     */
    public Check permissions(boolean writes, boolean deletes) {
        return new PermissionsCheck(reviews, ClusterPermission.needed(writes, deletes));
    }

    /**
     * Leaves out nodes that the daemon may not touch.
     *
     * @param selector which nodes may be touched, if not all
     */
    public Check nodes(Optional<NodeSelector> selector) {
        return new NodesCheck(listing, selector);
    }

    public Check budgets() {
        return new BudgetsCheck(listing);
    }

    public Check gracePeriods() {
        return new GracePeriodsCheck(listing);
    }

    /** Reads the instances behind all nodes; nodes that name no instance are left out. */
    public List<InstanceId> instances() throws IOException, InterruptedException {
        List<InstanceId> instances = new ArrayList<>();
        listing.forEach(
                "/api/v1/nodes",
                node -> InstanceName.of(node).map(InstanceName::instance).ifPresent(instances::add));
        return instances;
    }
}
