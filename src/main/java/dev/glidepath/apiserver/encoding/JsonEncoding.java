package dev.glidepath.apiserver.encoding;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** JSON, which every server writes. */
final class JsonEncoding implements Encoding {
    static final String MEDIA_TYPE = "application/json";

    private static final JsonMapper JSON = new JsonMapper();

    private final Projection objectFields;
    private final Projection eventFields;

    /** @param reads of an object */
    JsonEncoding(Set<String> reads) {
        this.objectFields = Projection.of(reads);
        this.eventFields =
                Projection.of(Stream.concat(Stream.of("type"), reads.stream().map("object/"::concat))
                        .collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public JsonNode readList(InputStream body, Consumer<JsonNode> take) throws IOException {
        try (JsonParser parser = JSON.createParser(body)) {
            JsonNode metadata = JSON.missingNode();
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals("items") && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        take.accept(objectFields.read(parser));
                    }
                } else if (field.equals("metadata")) {
                    metadata = parser.readValueAsTree();
                } else {
                    parser.skipChildren();
                }
            }
            while (parser.nextToken() != null) {
                // To the end of the body.
            }
            return metadata;
        }
    }

    @Override
    public Events events(InputStream body) throws IOException {
        JsonParser parser = JSON.createParser(body);
        return new Events() {
            @Override
            public JsonNode next() throws IOException {
                return parser.nextToken() == null ? JSON.missingNode() : eventFields.read(parser);
            }

            @Override
            public void close() throws IOException {
                parser.close();
            }
        };
    }
}
