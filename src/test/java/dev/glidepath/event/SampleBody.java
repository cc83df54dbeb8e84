package dev.glidepath.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** The sample bodies, one a file, and what can be made of them. */
final class SampleBody {
    static final Instant SENT_AT = Instant.parse("2026-08-24T10:15:02Z");
    static final Path FOLDER = Path.of("src", "test", "resources", "events");

    private static final JsonMapper JSON = new JsonMapper();
    private static final ObjectNode SNS = (ObjectNode) tree("asg-sns-wrapped.json");

    private SampleBody() {}

    /** The names of the files, sorted. */
    static List<String> names() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String of(String file) {
        try {
            return Files.readString(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode tree(String file) {
        return json(of(file));
    }

    /** What a body says that came into the queue two seconds after a quarter past ten. */
    static Decoded decoded(String body) {
        return Decoder.decode(body, SENT_AT).decoded();
    }

    /** What of it could not be read. */
    static List<String> notes(String body) {
        return Decoder.decode(body, SENT_AT).notes();
    }

    /** With this JSON in a field of the object at a JSON pointer. */
    static String with(String file, String at, String field, String value) {
        JsonNode event = tree(file);
        ((ObjectNode) event.at(at)).set(field, json(value));
        return event.toString();
    }

    static String without(String file, String at, String field) {
        JsonNode event = tree(file);
        ((ObjectNode) event.at(at)).remove(field);
        return event.toString();
    }

    /** As SNS delivers it to a queue, without raw delivery. */
    static String bySns(String body) {
        return SNS.deepCopy().put("Message", body).toString();
    }

    /** The text as JSON. */
    static String quoted(String text) {
        return JSON.valueToTree(text).toString();
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
