package dev.glidepath.apiserver.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.Body;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real API server writes of the same objects, in both encodings: the same is read of both. */
class EncodingIT {
    private static final Set<String> OF_ALL = Set.of(
            "metadata/name",
            "metadata/namespace",
            "metadata/uid",
            "metadata/resourceVersion",
            "metadata/generation",
            "metadata/creationTimestamp",
            "metadata/deletionTimestamp",
            "metadata/deletionGracePeriodSeconds",
            "metadata/labels",
            "metadata/annotations");

    private static final int ATTEMPTS = 20;

    private final ControlPlane plane = ControlPlane.shared();
    private final TestCluster cluster = TestCluster.create(plane);

    @AfterEach
    void takeAway() {
        cluster.close();
    }

    @Test
    void ofPods() throws Exception {
        String node = cluster.node("of-pods").name();
        create("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: with-everything
                  namespace: %1$s
                  labels: {app: web, empty: ""}
                  annotations: {glidepath.dev/drain: skip}
                  finalizers: [lab/keeps]
                spec:
                  nodeName: %2$s
                  terminationGracePeriodSeconds: 0
                  tolerations:
                  - {operator: Exists}
                  - {key: a, operator: Equal, value: "", effect: NoSchedule}
                  volumes:
                  - {name: scratch, emptyDir: {}}
                  - {name: host, hostPath: {path: /var/lib/kubelet/plugins/x, type: Directory}}
                  - {name: claimed, persistentVolumeClaim: {claimName: data}}
                  - {name: own, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}
                  - {name: text, configMap: {name: none, optional: true}}
                  containers: [{name: main, image: none}]
                  initContainers: [{name: first, image: none}]
                """.formatted(cluster.namespace(), node), """
                apiVersion: v1
                kind: Pod
                metadata: {name: plain, namespace: %1$s, generateName: some-}
                spec: {nodeName: %2$s, containers: [{name: main, image: none}]}
                """.formatted(cluster.namespace(), node));
        cluster.client()
                .pods()
                .inNamespace(cluster.namespace())
                .withName("with-everything")
                .delete();

        Set<String> reads = with(
                "metadata/ownerReferences",
                "spec/priority",
                "spec/terminationGracePeriodSeconds",
                "spec/tolerations/key",
                "spec/tolerations/operator",
                "spec/tolerations/value",
                "spec/tolerations/effect",
                "spec/volumes/name",
                "spec/volumes/hostPath/path",
                "spec/volumes/persistentVolumeClaim/claimName",
                "status/phase",
                "status/conditions/type",
                "status/conditions/status",
                "status/conditions/reason");
        List<JsonNode> pods = assertSame("/api/v1/pods", "fieldSelector=spec.nodeName%3D" + node, reads);

        assertThat(pods).hasSize(2);
        JsonNode whole = pods.stream()
                .filter(pod -> pod.path("metadata").path("name").asText().equals("with-everything"))
                .findFirst()
                .orElseThrow();
        assertThat(whole.path("spec").path("terminationGracePeriodSeconds").isNumber())
                .isTrue();
        assertThat(whole.path("metadata").path("deletionTimestamp").asText()).isNotEmpty();
        assertThat(whole.path("metadata").path("labels").path("empty").isTextual())
                .isTrue();
    }

    @Test
    void whichVolumesAndStatesThereAre() throws Exception {
        String node = cluster.node("of-volumes").name();
        create("""
                apiVersion: v1
                kind: Pod
                metadata: {name: volumes, namespace: %1$s}
                spec:
                  nodeName: %2$s
                  volumes:
                  - {name: scratch, emptyDir: {}}
                  - {name: large, emptyDir: {medium: Memory, sizeLimit: 1Gi}}
                  - {name: text, configMap: {name: none, optional: true}}
                  containers: [{name: main, image: none}]
                """.formatted(cluster.namespace(), node));

        // What is beneath them, JSON has whole, and Protobuf only that it is there.
        Set<String> reads = with("spec/volumes/name", "spec/volumes/emptyDir", "status/containerStatuses/state");
        Both pods = readBoth("/api/v1/pods", "fieldSelector=spec.nodeName%3D" + node, reads);

        assertThat(fieldNames(pods.protobuf()))
                .isEqualTo(fieldNames(pods.json()))
                .isNotEmpty();
    }

    private static List<String> fieldNames(List<JsonNode> pods) {
        List<String> names = new ArrayList<>();
        pods.forEach(pod -> {
            pod.path("spec")
                    .path("volumes")
                    .forEach(volume -> volume.fieldNames().forEachRemaining(names::add));
            pod.path("status")
                    .path("containerStatuses")
                    .forEach(container -> container.path("state").fieldNames().forEachRemaining(names::add));
        });
        return names;
    }

    @Test
    void ofNodes() throws Exception {
        LabNode node = cluster.node("of-nodes");
        cluster.cordon(node);
        await("the taint of a cordon")
                .until(() -> !cluster.live(node).getSpec().getTaints().isEmpty());

        List<JsonNode> nodes = assertSame(
                "/api/v1/nodes",
                "labelSelector=lab%2Fcluster%3D" + cluster.namespace(),
                with(
                        "spec/providerID",
                        "spec/unschedulable",
                        "spec/taints/key",
                        "spec/taints/value",
                        "spec/taints/effect",
                        "status/conditions/type",
                        "status/conditions/status",
                        "status/conditions/lastTransitionTime"));

        assertThat(nodes.getFirst().path("spec").path("unschedulable").asBoolean())
                .isTrue();
        assertThat(nodes.getFirst().path("spec").path("taints")).isNotEmpty();
    }

    @Test
    void ofBudgets() throws Exception {
        create("""
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: by-expressions, namespace: %1$s}
                spec:
                  maxUnavailable: 1
                  unhealthyPodEvictionPolicy: AlwaysAllow
                  selector:
                    matchLabels: {app: web}
                    matchExpressions: [{key: tier, operator: In, values: [a, b]}, {key: x, operator: Exists}]
                """.formatted(cluster.namespace()), """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: of-all, namespace: %1$s}
                spec: {minAvailable: 0, selector: {}}
                """.formatted(cluster.namespace()), """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: of-none, namespace: %1$s}
                spec: {minAvailable: 0}
                """.formatted(
                        cluster.namespace()));

        List<JsonNode> budgets = assertSame(
                "/apis/policy/v1/poddisruptionbudgets",
                "fieldSelector=metadata.namespace%3D" + cluster.namespace(),
                with(
                        "spec/selector",
                        "spec/unhealthyPodEvictionPolicy",
                        "status/observedGeneration",
                        "status/currentHealthy",
                        "status/desiredHealthy",
                        "status/expectedPods"));

        assertThat(budgets).hasSize(3);
        assertThat(budgets)
                .filteredOn(budget -> budget.path("spec").has("selector"))
                .hasSize(2);
    }

    @Test
    void ofAWatch() throws Exception {
        LabNode node = cluster.node("watched");
        String version = cluster.live(node).getMetadata().getResourceVersion();
        cluster.cordon(node);

        JsonNode protobuf = firstEvent(node, version, true);
        JsonNode json = firstEvent(node, version, false);

        assertThat(protobuf).isEqualTo(json);
        assertThat(protobuf.path("type").asText()).isEqualTo("MODIFIED");
    }

    private JsonNode firstEvent(LabNode node, String version, boolean isProtobuf) throws Exception {
        String path =
                "/api/v1/nodes?watch=true&fieldSelector=metadata.name%3D" + node.name() + "&resourceVersion=" + version;
        Encoding encoding = encoding("/api/v1/nodes", isProtobuf, with("spec/unschedulable"));
        try (Body body = apiServer().watch(path, mediaType(isProtobuf));
                Encoding.Events events = encoding.events(body)) {
            assertThat(body.mediaType()).startsWith(mediaType(isProtobuf));
            return events.next();
        }
    }

    private void create(String... objects) {
        for (String object : objects) {
            HasMetadata made = Serialization.unmarshal(object, HasMetadata.class);
            cluster.client().resource(made).create();
        }
    }

    private static Set<String> with(String... more) {
        List<String> all = new ArrayList<>(OF_ALL);
        all.addAll(List.of(more));
        return Set.copyOf(all);
    }

    private List<JsonNode> assertSame(String path, String selector, Set<String> reads) throws Exception {
        Both both = readBoth(path, selector, reads);
        assertThat(both.protobuf()).isEqualTo(both.json());
        return both.protobuf();
    }

    /** The same objects in the same versions. */
    private record Both(List<JsonNode> protobuf, List<JsonNode> json) {}

    private Both readBoth(String path, String selector, Set<String> reads) throws Exception {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Both both = new Both(read(path, selector, true, reads), read(path, selector, false, reads));
            if (versions(both.protobuf()).equals(versions(both.json()))) {
                return both;
            }
        }
        throw new AssertionError("they have changed between two lists, again and again");
    }

    private static List<String> versions(List<JsonNode> objects) {
        return objects.stream()
                .map(object -> object.path("metadata").path("resourceVersion").asText())
                .toList();
    }

    private List<JsonNode> read(String path, String selector, boolean isProtobuf, Set<String> reads) throws Exception {
        Encoding encoding = encoding(path, isProtobuf, reads);
        String accept = mediaType(isProtobuf);
        List<JsonNode> objects = new ArrayList<>();
        try (Body body = apiServer().list(path + "?" + selector, accept)) {
            assertThat(body.mediaType()).startsWith(accept);
            JsonNode metadata = encoding.readList(body, objects::add);
            assertThat(metadata.path("resourceVersion").asText()).isNotEmpty();
        }
        return objects;
    }

    private static Encoding encoding(String path, boolean isProtobuf, Set<String> reads) {
        return isProtobuf ? new ProtobufEncoding(MessageType.at(path).orElseThrow(), reads) : new JsonEncoding(reads);
    }

    private static String mediaType(boolean isProtobuf) {
        return isProtobuf ? ProtobufEncoding.MEDIA_TYPE : JsonEncoding.MEDIA_TYPE;
    }

    private ApiServer apiServer() throws IOException {
        return new ApiServer(Config.fromKubeconfig(Files.readString(plane.adminKubeconfig())));
    }
}
