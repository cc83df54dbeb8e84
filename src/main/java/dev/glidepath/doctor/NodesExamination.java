package dev.glidepath.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.ProviderId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether nodes tell which instance they run on: no interruption finds those that do not. */
final class NodesExamination implements Examination {
    private static final int NAMED = 5;

    private final Listing listing;

    NodesExamination(Listing listing) {
        this.listing = listing;
    }

    @Override
    public String about() {
        return "nodes";
    }

    @Override
    public List<Finding> look() throws IOException, InterruptedException {
        List<String> without = new ArrayList<>();
        int[] all = {0};
        listing.forEach("/api/v1/nodes", node -> {
            all[0]++;
            if (instanceOf(node).isEmpty()) {
                without.add(node.at("/metadata/name").asText());
            }
        });
        return without.isEmpty()
                ? List.of(Finding.ok(about(), "%d nodes, each on an instance it tells".formatted(all[0])))
                : List.of(
                        Finding.warn(
                                about(),
                                "%d of %d nodes tell no EC2 instance in spec.providerID (%s): no interruption will find them"
                                        .formatted(without.size(), all[0], Names.some(without, NAMED)),
                                "run the AWS cloud controller, or start the kubelet with --provider-id; Fargate's nodes need nothing"));
    }

    static Optional<InstanceId> instanceOf(JsonNode node) {
        return new ProviderId(node.at("/spec/providerID").asText()).instance();
    }
}
