package dev.glidepath.doctor.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.stream.Stream;

/** Reads the JSON that AWS keeps as text. */
final class Json {
    private static final JsonMapper JSON = new JsonMapper();

    private Json() {}

    static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException unreadable) {
            throw new IllegalArgumentException("AWS told something else than JSON", unreadable);
        }
    }

    /** The elements of a list, or the only one, which AWS lets people write without it; none where it is missing. */
    static Stream<JsonNode> oneOrMany(JsonNode node) {
        if (node.isMissingNode()) {
            return Stream.empty();
        }
        return node.isArray() ? node.valueStream() : Stream.of(node);
    }
}
