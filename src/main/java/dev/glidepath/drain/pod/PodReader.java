package dev.glidepath.drain.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Reduces pods to what we decide on. */
final class PodReader {
    /** What the API server sets where a pod says nothing. */
    private static final int DEFAULT_GRACE_SECONDS = 30;

    /** No lifecycle hook holds an instance for longer; and what is more would not fit into any reckoning with times. */
    private static final Duration LONGEST_GRACE = Duration.ofDays(2);

    /** Where a kubelet looks for plugins, below its root; device plugins have a folder of their own and move no volume. */
    private static final Set<String> PLUGIN_FOLDERS = Set.of("plugins", "plugins_registry");

    /** All fields that are read here. */
    static final Set<String> READS = Set.of(
            "metadata/namespace",
            "metadata/name",
            "metadata/uid",
            "metadata/labels",
            "metadata/annotations",
            "metadata/ownerReferences",
            "metadata/resourceVersion",
            "metadata/deletionTimestamp",
            "metadata/deletionGracePeriodSeconds",
            "spec/priority",
            "spec/terminationGracePeriodSeconds",
            "spec/tolerations",
            "spec/volumes/name",
            "spec/volumes/emptyDir",
            "spec/volumes/ephemeral",
            "spec/volumes/hostPath",
            "spec/volumes/persistentVolumeClaim",
            "status/phase",
            "status/conditions/type",
            "status/conditions/status",
            "status/conditions/reason",
            "status/containerStatuses/state",
            "status/initContainerStatuses/state",
            "status/ephemeralContainerStatuses/state");

    private static final List<String> CONTAINERS =
            List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses");

    private PodReader() {}

    /** Reduces a Pod object to what we decide on. */
    static Pod pod(JsonNode pod, Instant seenAt) {
        JsonNode metadata = pod.path("metadata");
        JsonNode spec = pod.path("spec");
        return new Pod(
                new PodRef(
                        metadata.path("namespace").asText(),
                        metadata.path("name").asText(),
                        metadata.path("uid").asText()),
                seenAt,
                phase(pod.path("status").path("phase").asText()),
                traits(pod),
                termination(pod),
                grace(spec.path("terminationGracePeriodSeconds")),
                spec.path("priority").asInt(0),
                owner(metadata.path("ownerReferences")),
                tolerated(spec.path("tolerations")),
                claims(pod),
                labels(metadata.path("labels")),
                metadata.path("resourceVersion").asText());
    }

    private static Set<Trait> traits(JsonNode pod) {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        JsonNode annotations = pod.path("metadata").path("annotations");
        JsonNode volumes = pod.path("spec").path("volumes");
        addIf(!condition(pod, "Ready").isMissingNode(), Trait.READY, traits);
        addIf(containersEnded(pod.path("status")), Trait.CONTAINERS_ENDED, traits);
        addIf(annotations.has("kubernetes.io/config.mirror"), Trait.MIRROR, traits);
        addIf(isAny(volumes, volume -> volume.has("emptyDir")), Trait.EMPTY_DIR, traits);
        addIf(isAny(volumes, PodReader::isKubeletPlugin), Trait.VOLUME_PLUMBING, traits);
        addIf(isAny(pod.path("spec").path("tolerations"), PodReader::isBlanket), Trait.TOLERATES_ALL, traits);
        addIf(
                annotations
                        .path("cluster-autoscaler.kubernetes.io/enable-ds-eviction")
                        .asText()
                        .equals("true"),
                Trait.DAEMON_SET_EVICTION,
                traits);
        addIf(isNotToBeDisrupted(annotations), Trait.DO_NOT_DISRUPT, traits);
        DrainAnnotation.trait(annotations.path(DrainAnnotation.KEY).asText()).ifPresent(traits::add);
        return traits;
    }

    /**
     * Whether the cluster autoscaler or Karpenter would keep the node for this pod.
     *
     * @see <a href="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md">safe-to-evict</a>
     * @see <a href="https://karpenter.sh/docs/concepts/disruption/#pod-level-controls">do-not-disrupt</a>
     */
    private static boolean isNotToBeDisrupted(JsonNode annotations) {
        return annotations
                        .path("cluster-autoscaler.kubernetes.io/safe-to-evict")
                        .asText()
                        .equals("false")
                || annotations.path("karpenter.sh/do-not-disrupt").asText().equals("true");
    }

    private static void addIf(boolean holds, Trait trait, Set<Trait> traits) {
        if (holds) {
            traits.add(trait);
        }
    }

    /** The condition of this type, if it is True. */
    private static JsonNode condition(JsonNode pod, String type) {
        return first(
                pod.path("status").path("conditions"),
                condition -> condition.path("type").asText().equals(type)
                        && condition.path("status").asText().equals("True"));
    }

    /** Init containers count as well, for a sidecar is one; and a pod of which no container is known has not ended. */
    private static boolean containersEnded(JsonNode status) {
        return !status.path("containerStatuses").isEmpty()
                && CONTAINERS.stream().noneMatch(list -> isAny(status.path(list), PodReader::mayRun));
    }

    private static boolean mayRun(JsonNode container) {
        return !container.path("state").hasNonNull("terminated");
    }

    /**
     * Whether this is the folder, on the host, of a plugin by which the kubelet mounts volumes. The kubelet's root is not the
     * same everywhere, but most often called so: {@code /var/lib/kubelet}, {@code /var/lib/k0s/kubelet}.
     */
    private static boolean isKubeletPlugin(JsonNode volume) {
        if (!volume.has("hostPath")) {
            return false;
        }
        String[] segments = volume.path("hostPath").path("path").asText().split("/+", -1);
        return IntStream.range(1, segments.length)
                .anyMatch(i -> segments[i - 1].equals("kubelet") && PLUGIN_FOLDERS.contains(segments[i]));
    }

    private static boolean isBlanket(JsonNode toleration) {
        String effect = toleration.path("effect").asText();
        return toleration.path("operator").asText().equals("Exists")
                && toleration.path("key").asText().isEmpty()
                && (effect.isEmpty() || effect.equals("NoSchedule"));
    }

    private static Optional<Termination> termination(JsonNode pod) {
        JsonNode metadata = pod.path("metadata");
        boolean evicted =
                condition(pod, "DisruptionTarget").path("reason").asText().equals("EvictionByEvictionAPI");
        return metadata.hasNonNull("deletionTimestamp")
                ? Optional.of(new Termination(
                        Instant.parse(metadata.path("deletionTimestamp").asText()),
                        Duration.ofSeconds(
                                metadata.path("deletionGracePeriodSeconds").asLong()),
                        evicted))
                : Optional.empty();
    }

    /** A generic ephemeral volume has a claim made for it, named after the pod and the volume. */
    private static Set<String> claims(JsonNode pod) {
        Set<String> claims = new HashSet<>();
        for (JsonNode volume : pod.path("spec").path("volumes")) {
            if (volume.hasNonNull("persistentVolumeClaim")) {
                claims.add(
                        volume.path("persistentVolumeClaim").path("claimName").asText());
            }
            if (volume.hasNonNull("ephemeral")) {
                claims.add(pod.path("metadata").path("name").asText() + "-"
                        + volume.path("name").asText());
            }
        }
        return claims;
    }

    private static Map<String, String> labels(JsonNode labels) {
        Map<String, String> all = new HashMap<>();
        labels.properties()
                .forEach(label -> all.put(label.getKey(), label.getValue().asText()));
        return all;
    }

    private static Duration grace(JsonNode seconds) {
        return Duration.ofSeconds(Math.clamp(seconds.asLong(DEFAULT_GRACE_SECONDS), 0, LONGEST_GRACE.toSeconds()));
    }

    private static Phase phase(String text) {
        return switch (text) {
            case "Pending" -> Phase.PENDING;
            case "Running" -> Phase.RUNNING;
            case "Succeeded" -> Phase.SUCCEEDED;
            case "Failed" -> Phase.FAILED;
            default -> Phase.UNKNOWN;
        };
    }

    private static Owner owner(JsonNode references) {
        JsonNode controller =
                first(references, reference -> reference.path("controller").asBoolean());
        return controller.isMissingNode()
                ? new Owner.Nobody()
                : new Owner.Controller(
                        controller.path("kind").asText(),
                        controller.path("name").asText(),
                        controller.path("uid").asText());
    }

    private static Set<String> tolerated(JsonNode tolerations) {
        Set<String> keys = new HashSet<>();
        for (JsonNode toleration : tolerations) {
            if (toleration.hasNonNull("key")) {
                keys.add(toleration.path("key").asText());
            }
        }
        return keys;
    }

    private static boolean isAny(JsonNode array, Predicate<JsonNode> which) {
        return !first(array, which).isMissingNode();
    }

    /** Missing where there is none. */
    private static JsonNode first(JsonNode array, Predicate<JsonNode> which) {
        for (JsonNode item : array) {
            if (which.test(item)) {
                return item;
            }
        }
        return MissingNode.getInstance();
    }
}
