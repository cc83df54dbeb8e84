package dev.glidepath.chart;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The chart as Helm renders it with some values, for release {@code glidepath} in namespace {@code glidepath}.
 *
 * @param objects what would be installed
 */
public record Chart(List<JsonNode> objects) {
    /** Where the chart is. */
    public static final Path FOLDER = Path.of("helm", "glidepath");

    public static final String QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath";

    private static final String NAME = "glidepath";

    /** Helm as a library does not know on its own which Kubernetes it was made for. */
    private static final String KUBERNETES = "1.36.0";

    private static final ObjectReader YAML = new YAMLMapper().readerFor(JsonNode.class);

    /** With a queue's URL and nothing else. */
    static Chart rendered() {
        return rendered(Map.of());
    }

    /**
     * With a queue's URL and these values.
     *
     * @param values as {@code --set} has them
     * @throws IllegalStateException with Helm's words when it refuses
     */
    public static Chart rendered(Map<String, ?> values) {
        Map<String, Object> all = new TreeMap<>(values);
        all.putIfAbsent("config.queueUrl", QUEUE);
        return renderedWithJust(all);
    }

    /** With these values alone. */
    static Chart renderedWithJust(Map<String, ?> values) {
        TemplateCommand template =
                new Helm(FOLDER).template().withName(NAME).withNamespace(NAME).withKubeVersion(KUBERNETES);
        values.forEach(template::set);
        try (JsonParser parser = YAML.createParser(template.call());
                MappingIterator<JsonNode> all = YAML.readValues(parser)) {
            return new Chart(all.readAll().stream().filter(JsonNode::isObject).toList());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Those of one kind. */
    public List<JsonNode> all(String kind) {
        return of(kind).toList();
    }

    /** The only one of its kind. */
    public JsonNode one(String kind) {
        List<JsonNode> found = all(kind);
        if (found.size() != 1) {
            throw new AssertionError("%d objects of kind %s".formatted(found.size(), kind));
        }
        return found.getFirst();
    }

    Optional<JsonNode> any(String kind) {
        return of(kind).findAny();
    }

    private Stream<JsonNode> of(String kind) {
        return objects.stream().filter(object -> object.path("kind").asText().equals(kind));
    }
}
