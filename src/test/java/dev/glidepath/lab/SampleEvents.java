package dev.glidepath.lab;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;

/** The documented messages in {@code events/}, against which the ones we make up are held. */
final class SampleEvents {
    private static final JsonMapper JSON = new JsonMapper();

    private SampleEvents() {}

    /** Fails unless the text has the same fields as the sample, each of the same type; gives what was read. */
    static JsonNode assertHasShapeOf(String sample, String text) {
        try (InputStream file = SampleEvents.class.getResourceAsStream("/events/" + sample)) {
            JsonNode actual = JSON.readTree(text);
            assertSameShape(actual, JSON.readTree(requireNonNull(file, sample)));
            return actual;
        } catch (IOException e) {
            throw new UncheckedIOException(sample, e);
        }
    }

    private static void assertSameShape(JsonNode actual, JsonNode sample) {
        assertThat(actual.getNodeType()).isEqualTo(sample.getNodeType());
        assertThat(namesIn(actual)).isEqualTo(namesIn(sample));
        namesIn(sample).forEach(name -> assertSameShape(actual.get(name), sample.get(name)));
    }

    private static Set<String> namesIn(JsonNode node) {
        var names = new TreeSet<String>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
