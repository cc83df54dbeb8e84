package dev.glidepath.doctor.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import dev.glidepath.node.InstanceName;
import dev.glidepath.node.NodeSelector;
import dev.glidepath.node.ProviderId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks that nodes name the instance they run on. No interruption finds a node that does not. */
final class NodesCheck implements Check {
    private static final int NAMED = 5;

    private final Listing listing;
    private final Optional<NodeSelector> selector;

    /** @param selector which nodes may be touched, if not all */
    NodesCheck(Listing listing, Optional<NodeSelector> selector) {
        this.listing = listing;
        this.selector = selector;
    }

    @Override
    public String about() {
        return "nodes";
    }

    @Override
    public Set<String> after() {
        return Set.of(CLUSTER);
    }

    @Override
    public List<Finding> run() throws IOException, InterruptedException {
        List<String> without = new ArrayList<>();
        int[] all = {0};
        listing.forEach("/api/v1/nodes", node -> {
            if (isSelected(labelsOf(node))) {
                all[0]++;
                if (InstanceName.of(node).isEmpty() && !isElsewhere(node)) {
                    without.add(node.at("/metadata/name").asText());
                }
            }
        });
        if (all[0] == 0) {
            return List.of(
                    selector.isPresent()
                            ? Finding.warn(
                                    about(),
                                    "none has the labels %s: nothing will be drained".formatted(selector.get()),
                                    "correct GLIDEPATH_NODE_SELECTOR, or label the nodes")
                            : Finding.ok(about(), "there are none yet"));
        }
        return without.isEmpty()
                ? List.of(Finding.ok(about(), "%d, and each tells its EC2 instance".formatted(all[0])))
                : List.of(Finding.warn(
                        about(),
                        "%d of %d tell no EC2 instance, neither in spec.providerID nor otherwise (%s): no interruption will find them"
                                .formatted(without.size(), all[0], Names.some(without, NAMED)),
                        "run the AWS cloud controller, or start the kubelet with --provider-id"));
    }

    private static boolean isElsewhere(JsonNode node) {
        return new ProviderId(node.at("/spec/providerID").asText()).isElsewhere();
    }

    /** A node of Fargate has no EC2 instance. */
    private boolean isSelected(Map<String, String> labels) {
        return !"fargate".equals(labels.get("eks.amazonaws.com/compute-type"))
                && selector.map(selected -> selected.selects(labels)).orElse(true);
    }

    private static Map<String, String> labelsOf(JsonNode node) {
        return node.at("/metadata/labels").properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, label -> label.getValue().asText()));
    }
}
