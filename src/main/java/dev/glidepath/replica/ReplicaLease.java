package dev.glidepath.replica;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A replica's Lease, reduced.
 *
 * @param name of the replica's pod as well
 * @param version of the object, which a write must name
 * @param holder whose it is; empty when it has been released
 * @param renewTime as its holder wrote it, by its own clock: it is compared with what it was before, and with nothing else
 * @param owed the instances whose hooks its holder owes
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/">Lease</a>
 */
record ReplicaLease(String name, String version, String holder, String renewTime, Set<InstanceId> owed) {
    /** By which the Leases of replicas are known among others. */
    static final String LABEL = "glidepath.dev/replica";

    static final String OWED = "glidepath.dev/hooks-owed";
    static final int SECONDS = 15;

    private static final JsonMapper JSON = new JsonMapper();

    /** A MicroTime, which has six decimals, no more and no less. */
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    ReplicaLease {
        owed = Set.copyOf(owed);
    }

    /** Where the Leases of that namespace are found. */
    static String folder(String namespace) {
        return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
    }

    /** @throws JsonProcessingException when it is no JSON */
    static ReplicaLease parse(String json) throws JsonProcessingException {
        JsonNode lease = JSON.readTree(json);
        JsonNode metadata = lease.path("metadata");
        return new ReplicaLease(
                metadata.path("name").asText(),
                metadata.path("resourceVersion").asText(),
                lease.path("spec").path("holderIdentity").asText(),
                lease.path("spec").path("renewTime").asText(),
                instances(metadata.path("annotations").path(OWED).asText()));
    }

    /** Reads the list of hooks owed; whatever in it is no instance counts for nothing. */
    static Set<InstanceId> instances(String list) {
        try {
            return JSON.readTree(list)
                    .valueStream()
                    .map(JsonNode::asText)
                    .filter(InstanceId::isValid)
                    .map(InstanceId::new)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (JsonProcessingException broken) {
            return Set.of();
        }
    }

    /**
     * The object to be written.
     *
     * @param version of the one to be replaced; empty for one that is not there yet
     */
    static String text(
            String namespace,
            String name,
            String version,
            String holder,
            Instant renewTime,
            Collection<InstanceId> owed) {
        ArrayNode list = JSON.createArrayNode();
        owed.forEach(instance -> list.add(instance.value()));
        ObjectNode lease = JSON.createObjectNode()
                .put("apiVersion", "coordination.k8s.io/v1")
                .put("kind", "Lease");
        ObjectNode metadata = lease.putObject("metadata").put("name", name).put("namespace", namespace);
        if (!version.isEmpty()) {
            metadata.put("resourceVersion", version);
        }
        metadata.putObject("labels").put(LABEL, "true");
        metadata.putObject("annotations").put(OWED, list.toString());
        lease.putObject("spec")
                .put("holderIdentity", holder)
                .put("leaseDurationSeconds", SECONDS)
                .put("renewTime", MICROS.format(renewTime));
        return lease.toString();
    }

    /** What deletes an object of this version and no other. */
    static String deletionOf(String version) {
        ObjectNode options = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "DeleteOptions");
        options.putObject("preconditions").put("resourceVersion", version);
        return options.toString();
    }
}
