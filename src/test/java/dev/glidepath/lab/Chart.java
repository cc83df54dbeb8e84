package dev.glidepath.lab;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The chart as Helm renders it with some values, for a release {@code glidepath}.
 *
 * @param objects what would be installed
 */
public record Chart(List<JsonNode> objects) {
    /** Where the chart is. */
    public static final Path FOLDER = Path.of("helm", "glidepath");

    public static final String QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath";

    /** The release, the namespace unless another is asked for, and hence the ServiceAccount. */
    public static final String NAME = "glidepath";

    /** Helm as a library does not know on its own which Kubernetes it was made for. */
    private static final String KUBERNETES = "1.36.0";

    private static final Set<String> RIGHTS = Set.of(
            "ServiceAccount",
            "ClusterRole",
            "ClusterRoleBinding",
            "Role",
            "RoleBinding",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding");

    private static final ObjectReader YAML = new YAMLMapper().readerFor(JsonNode.class);

    /** With a queue's URL and nothing else. */
    public static Chart rendered() {
        return rendered(Map.of());
    }

    /**
     * With a queue's URL and these values.
     *
     * @param values as {@code --set} has them
     * @throws IllegalStateException with Helm's words when it refuses
     */
    public static Chart rendered(Map<String, ?> values) {
        return renderedIn(NAME, values);
    }

    /** The same, for that namespace. */
    public static Chart renderedIn(String namespace, Map<String, ?> values) {
        Map<String, Object> all = new TreeMap<>(values);
        all.putIfAbsent("config.queueUrl", QUEUE);
        return renderedWithJust(namespace, all);
    }

    /** With these values alone. */
    public static Chart renderedWithJust(Map<String, ?> values) {
        return renderedWithJust(NAME, values);
    }

    private static Chart renderedWithJust(String namespace, Map<String, ?> values) {
        TemplateCommand template = new Helm(FOLDER)
                .template()
                .withName(NAME)
                .withNamespace(namespace)
                .withKubeVersion(KUBERNETES);
        values.forEach(template::set);
        try (JsonParser parser = YAML.createParser(template.call());
                MappingIterator<JsonNode> all = YAML.readValues(parser)) {
            TerminationSignals.takeBack();
            return new Chart(all.readAll().stream().filter(JsonNode::isObject).toList());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Of it, who the daemon is and what it may do; the admission policy included, where it is switched on. */
    public Chart rights() {
        return new Chart(objects.stream()
                .filter(object -> RIGHTS.contains(object.path("kind").asText()))
                .toList());
    }

    /** All rules of its roles. */
    public List<Rule> rules() {
        return objects.stream()
                .flatMap(role -> stream(role.path("rules")).map(rule -> Rule.of(role, rule)))
                .toList();
    }

    /** The same, and its roles have all rules but that one. */
    public Chart without(Rule rule) {
        return new Chart(objects.stream().map(object -> without(rule, object)).toList());
    }

    private static JsonNode without(Rule rule, JsonNode object) {
        JsonNode changed = object.deepCopy();
        if (changed.path("rules") instanceof ArrayNode rules) {
            rules.removeIf(each -> Rule.of(object, each).equals(rule));
        }
        return changed;
    }

    /**
     * A rule of a role.
     *
     * @param namespace of the Role; empty for a ClusterRole
     */
    public record Rule(String namespace, List<String> apiGroups, List<String> resources, List<String> verbs) {
        private static Rule of(JsonNode role, JsonNode rule) {
            return new Rule(
                    role.at("/metadata/namespace").asText(),
                    texts(rule.path("apiGroups")),
                    texts(rule.path("resources")),
                    texts(rule.path("verbs")));
        }

        /** Such as {@code pods/eviction: create}. */
        @Override
        public String toString() {
            return String.join(", ", resources) + ": " + String.join(", ", verbs);
        }
    }

    private static List<String> texts(JsonNode array) {
        return stream(array).map(JsonNode::asText).toList();
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
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

    public Optional<JsonNode> any(String kind) {
        return of(kind).findAny();
    }

    private Stream<JsonNode> of(String kind) {
        return objects.stream().filter(object -> object.path("kind").asText().equals(kind));
    }
}
