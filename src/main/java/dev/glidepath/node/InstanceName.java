package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.event.InstanceId;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which instance a Node object says it runs on, and how surely. Only the cloud's controller, or a kubelet at its first
 * registration, says so by {@code spec.providerID}. What else names an instance is written by kubelets and by whoever sets up a
 * cluster: it counts where there is no such provider id, and only if no other node has it as its own.
 *
 * @param isProviderId whether it is the provider id that names it
 */
public record InstanceName(InstanceId instance, boolean isProviderId) {
    /** The EBS CSI driver's name for the node, among those of other drivers: a JSON object as text. */
    private static final String CSI_NODE_IDS = "csi.volume.kubernetes.io/nodeid";

    private static final String EBS = "ebs.csi.aws.com";

    /** A label that eksctl sets; others have taken it over as an annotation. */
    private static final String EKSCTL = "alpha.eksctl.io/instance-id";

    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What a Node object says, by the first of these that it has: its provider id; that as a bare instance id; its name; the label
     * or annotation of eksctl; the annotation of the EBS CSI driver.
     *
     * @param node with metadata and spec, as the API server answers it
     * @return empty where it names no instance
     */
    public static Optional<InstanceName> of(JsonNode node) {
        String providerId = node.path("spec").path("providerID").asText();
        return new ProviderId(providerId)
                .instance()
                .map(instance -> new InstanceName(instance, true))
                .or(() -> second(providerId, node.path("metadata")));
    }

    private static Optional<InstanceName> second(String providerId, JsonNode metadata) {
        JsonNode annotations = metadata.path("annotations");
        return Stream.of(
                        providerId,
                        metadata.path("name").asText(),
                        metadata.path("labels").path(EKSCTL).asText(),
                        annotations.path(EKSCTL).asText(),
                        ofEbs(annotations.path(CSI_NODE_IDS).asText()))
                .filter(InstanceId::isValid)
                .findFirst()
                .map(instance -> new InstanceName(new InstanceId(instance), false));
    }

    /** Empty where it is not said, or the text is garbled: a kubelet's owner may write anything there. */
    private static String ofEbs(String nodeIds) {
        if (!nodeIds.contains(EBS)) {
            return "";
        }
        try {
            return JSON.readTree(nodeIds).path(EBS).asText();
        } catch (JsonProcessingException garbled) {
            return "";
        }
    }
}
