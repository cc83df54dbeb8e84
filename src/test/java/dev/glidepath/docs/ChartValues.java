package dev.glidepath.docs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The values of a chart as {@code values.yaml} tells them: each has its description in the comment above it, which begins with
 * {@code --}, and what its type does not say in a JSON schema in the comment behind it.
 */
record ChartValues(List<Value> values) {
    private static final String DESCRIBES = "--";

    /**
     * One value.
     *
     * @param path its name, such as {@code image.tag}
     * @param found its default
     * @param schema what it may be, its type included
     */
    record Value(String path, JsonNode found, String description, ObjectNode schema) {}

    static ChartValues read(Path file) {
        try {
            String text = Files.readString(file);
            LoaderOptions options = new LoaderOptions();
            options.setProcessComments(true);
            Node root = new Yaml(options).compose(new StringReader(text));
            JsonNode found = new YAMLMapper().readTree(text);
            List<Value> values = new ArrayList<>();
            read("", (MappingNode) root, found, values);
            return new ChartValues(values);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static void read(String prefix, MappingNode group, JsonNode found, List<Value> values) {
        for (NodeTuple tuple : group.getValue()) {
            String key = ((ScalarNode) tuple.getKeyNode()).getValue();
            String path = prefix + key;
            Optional<String> description = descriptionOf(tuple.getKeyNode());
            description.ifPresent(
                    words -> values.add(new Value(path, found.path(key), words, schemaOf(tuple, found.path(key)))));
            if (tuple.getValueNode() instanceof MappingNode below && isGroup(below)) {
                read(path + ".", below, found.path(key), values);
            } else if (description.isEmpty()) {
                throw new AssertionError("values.yaml: " + path + " has no description (# -- …) above it");
            }
        }
    }

    /** Else it is one value, whatever is in it. */
    private static boolean isGroup(MappingNode node) {
        return node.getValue().stream()
                .anyMatch(tuple -> descriptionOf(tuple.getKeyNode()).isPresent());
    }

    private static Optional<String> descriptionOf(Node key) {
        String words = comments(key.getBlockComments()).collect(Collectors.joining(" "));
        int from = words.indexOf(DESCRIBES);
        return from < 0
                ? Optional.empty()
                : Optional.of(words.substring(from + DESCRIBES.length()).strip());
    }

    private static ObjectNode schemaOf(NodeTuple tuple, JsonNode found) {
        String note = Stream.of(tuple.getKeyNode(), tuple.getValueNode())
                .flatMap(node -> comments(node.getInLineComments()))
                .collect(Collectors.joining());
        try {
            ObjectNode schema =
                    note.isEmpty() ? new JsonMapper().createObjectNode() : (ObjectNode) new JsonMapper().readTree(note);
            return schema.has("type") ? schema : schema.put("type", typeOf(found));
        } catch (JsonProcessingException unreadable) {
            throw new AssertionError("values.yaml: no JSON schema: " + note, unreadable);
        }
    }

    private static String typeOf(JsonNode found) {
        return switch (found.getNodeType()) {
            case BOOLEAN -> "boolean";
            case NUMBER -> "integer";
            case ARRAY -> "array";
            case OBJECT -> "object";
            default -> "string";
        };
    }

    private static Stream<String> comments(List<CommentLine> lines) {
        return lines == null
                ? Stream.empty()
                : lines.stream().map(line -> line.getValue().strip()).filter(line -> !line.isEmpty());
    }
}
