package dev.glidepath.drain.pod;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads pods off the API server's answers, each reduced to a {@link Pod} before the next is parsed. */
final class PodReader {
    /** What the API server sets where a pod says nothing. */
    private static final int DEFAULT_GRACE_SECONDS = 30;

    /** No lifecycle hook holds an instance for longer; and what is more would not fit into any reckoning with times. */
    private static final Duration LONGEST_GRACE = Duration.ofDays(2);

    private static final JsonMapper JSON = new JsonMapper();

    private PodReader() {}

    /** A page of a list: where it stands in time, and how to ask for the rest. */
    record Page(String resourceVersion, String continueToken) {}

    /** One event of a watch. */
    record WatchEvent(String type, JsonNode object) {}

    /** Reads a PodList as it arrives and hands each pod on. */
    static Page readList(InputStream body, Instant seenAt, Consumer<Pod> pods) throws IOException {
        try (JsonParser parser = JSON.createParser(body)) {
            Page page = new Page("", "");
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals("items") && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        pods.accept(pod(parser.readValueAsTree(), seenAt));
                    }
                } else if (field.equals("metadata")) {
                    JsonNode metadata = parser.readValueAsTree();
                    page = new Page(
                            metadata.path("resourceVersion").asText(),
                            metadata.path("continue").asText());
                } else {
                    parser.skipChildren();
                }
            }
            return page;
        }
    }

    /** Reads one line of a watch. */
    static WatchEvent readEvent(String line) throws IOException {
        JsonNode event = JSON.readTree(line);
        return new WatchEvent(event.path("type").asText(), event.path("object"));
    }

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
                termination(metadata),
                grace(spec.path("terminationGracePeriodSeconds")),
                spec.path("priority").asInt(0),
                owner(metadata.path("ownerReferences")),
                tolerated(spec.path("tolerations")),
                Set.of(),
                Map.of());
    }

    private static Set<Trait> traits(JsonNode pod) {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        if (pod.path("metadata").path("annotations").has("kubernetes.io/config.mirror")) {
            traits.add(Trait.MIRROR);
        }
        if (items(pod.path("spec").path("volumes")).anyMatch(volume -> volume.has("emptyDir"))) {
            traits.add(Trait.EMPTY_DIR);
        }
        return traits;
    }

    private static Optional<Termination> termination(JsonNode metadata) {
        return metadata.hasNonNull("deletionTimestamp")
                ? Optional.of(new Termination(
                        Instant.parse(metadata.path("deletionTimestamp").asText()),
                        Duration.ofSeconds(
                                metadata.path("deletionGracePeriodSeconds").asLong()),
                        false))
                : Optional.empty();
    }

    private static Duration grace(JsonNode seconds) {
        return Duration.ofSeconds(Math.clamp(seconds.asLong(DEFAULT_GRACE_SECONDS), 0, LONGEST_GRACE.toSeconds()));
    }

    private static Phase phase(String text) {
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "PENDING" -> Phase.PENDING;
            case "RUNNING" -> Phase.RUNNING;
            case "SUCCEEDED" -> Phase.SUCCEEDED;
            case "FAILED" -> Phase.FAILED;
            default -> Phase.UNKNOWN;
        };
    }

    private static Owner owner(JsonNode references) {
        return items(references)
                .filter(reference -> reference.path("controller").asBoolean())
                .findFirst()
                .<Owner>map(reference -> new Owner.Controller(
                        reference.path("kind").asText(),
                        reference.path("name").asText(),
                        reference.path("uid").asText()))
                .orElseGet(Owner.Nobody::new);
    }

    private static Set<String> tolerated(JsonNode tolerations) {
        Set<String> keys = new HashSet<>();
        items(tolerations)
                .filter(toleration -> toleration.hasNonNull("key"))
                .forEach(toleration -> keys.add(toleration.path("key").asText()));
        return keys;
    }

    private static Stream<JsonNode> items(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
