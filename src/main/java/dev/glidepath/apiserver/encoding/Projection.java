package dev.glidepath.apiserver.encoding;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The fields of an object that are read. All others are skipped while it is parsed: nothing is made of a pod's containers, a node's
 * images, or what managed whose fields. Immutable.
 */
public final class Projection {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final Projection WHOLE = new Projection(Map.of());

    /** By name; none where the whole value is read. */
    private final Map<String, Projection> beneath;

    private Projection(Map<String, Projection> beneath) {
        this.beneath = beneath;
    }

    /**
     * These, each with all beneath it.
     *
     * @param paths names joined by a slash, as {@code metadata/labels}; where a list is met, what follows is read of each of its items
     */
    public static Projection of(Set<String> paths) {
        Projection all = new Projection(new HashMap<>());
        paths.forEach(all::add);
        return all;
    }

    private void add(String path) {
        String[] names = path.split("/", 2);
        if (names.length == 1) {
            beneath.put(path, WHOLE);
        } else {
            Projection of = beneath.computeIfAbsent(names[0], _ -> new Projection(new HashMap<>()));
            if (of != WHOLE) {
                of.add(names[1]);
            }
        }
    }

    /**
     * Reads a text.
     *
     * @return what is read of it; missing where the text is empty
     * @throws JsonProcessingException when it is no JSON
     */
    public JsonNode read(String json) throws JsonProcessingException {
        try (JsonParser parser = JSON.createParser(json)) {
            return parser.nextToken() == null ? JSON.missingNode() : read(parser);
        } catch (JsonProcessingException noJson) {
            throw noJson;
        } catch (IOException neverOfAText) {
            throw new UncheckedIOException(neverOfAText);
        }
    }

    /**
     * Reads the value at which the parser is, to its end.
     *
     * @return what is read of it; a field that the value has not is missing
     * @throws IOException as the parser does
     */
    public JsonNode read(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default -> parser.readValueAsTree();
        };
    }

    private JsonNode object(JsonParser parser) throws IOException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            Optional<Projection> wanted = of(name);
            parser.nextToken();
            if (wanted.isPresent()) {
                object.set(name, wanted.get().read(parser));
            } else {
                parser.skipChildren();
            }
        }
        return object;
    }

    /** The names of its fields; none where the whole value is read. */
    Set<String> names() {
        return Set.copyOf(beneath.keySet());
    }

    /** Those of its fields whose names are such. */
    Projection among(Predicate<String> names) {
        return new Projection(beneath.entrySet().stream()
                .filter(field -> names.test(field.getKey()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** What is read of its field of that name; nothing, if that is skipped. */
    Optional<Projection> of(String name) {
        return beneath.isEmpty() ? Optional.of(WHOLE) : Optional.ofNullable(beneath.get(name));
    }

    private JsonNode array(JsonParser parser) throws IOException {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(read(parser));
        }
        return array;
    }
}
