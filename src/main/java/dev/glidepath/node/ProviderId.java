package dev.glidepath.node;

import dev.glidepath.event.InstanceId;
import java.util.Optional;

/**
 * A Node's {@code spec.providerID}; on EC2 {@code aws:///eu-west-1a/i-0123456789abcdef0}.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/#NodeSpec">NodeSpec</a>
 */
public record ProviderId(String value) {

    /** The EC2 instance behind the node, unless it is something else: Fargate, another cloud, a node by hand. */
    public Optional<InstanceId> instance() {
        if (!value.startsWith("aws:///")) {
            return Optional.empty();
        }
        String last = value.substring(value.lastIndexOf('/') + 1);
        return InstanceId.isValid(last) ? Optional.of(new InstanceId(last)) : Optional.empty();
    }

    /** Whether it says that the node is on no EC2 instance of ours: on Fargate, or a hybrid node of EKS. */
    public boolean isElsewhere() {
        return (value.startsWith("aws:///") && instance().isEmpty()) || value.startsWith("eks-hybrid:");
    }
}
