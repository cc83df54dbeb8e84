package dev.glidepath.apiserver.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectionTest {
    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "{'a': 1, 'b': 2}                          | {'a': 1}",
                "{'b': {'a': 1}}                           | {}",
                "{'a': {'any': ['thing']}}                 | {'a': {'any': ['thing']}}",
                "{'c': {'d': 1, 'e': 2}, 'f': [{'g': 1}]}  | {'c': {'d': 1}}",
                "{'c': [{'d': 1, 'e': 2}, {'e': 3}, null]} | {'c': [{'d': 1}, {}, null]}",
                "{'c': 'no object'}                        | {'c': 'no object'}",
                "{'c': null}                               | {'c': null}",
                "{}                                        | {}",
                "null                                      | null",
            })
    void readsTheseAndSkipsTheOthers(String json, String read) throws IOException {
        assertThat(Projection.of(Set.of("a", "c/d")).read(quoted(json))).isEqualTo(JSON.readTree(quoted(read)));
    }

    @Test
    void wholeValueIsReadWhateverElseIsNamedBeneathIt() throws IOException {
        assertThat(Projection.of(Set.of("a", "a/b")).read(quoted("{'a': {'b': 1, 'c': 2}}")))
                .isEqualTo(JSON.readTree(quoted("{'a': {'b': 1, 'c': 2}}")));
    }

    @Test
    void stopsBehindTheValue() throws IOException {
        try (JsonParser parser = JSON.createParser(quoted("[{'a': 1, 'b': [{}]}, 'next']"))) {
            parser.nextToken();
            parser.nextToken();
            Projection.of(Set.of("a")).read(parser);

            assertThat(parser.nextToken()).isEqualTo(JsonToken.VALUE_STRING);
        }
    }

    @Test
    void emptyTextIsMissing() throws IOException {
        assertThat(Projection.of(Set.of("a")).read("").isMissingNode()).isTrue();
    }

    @Test
    void whatIsNoJsonIsSaidToBeNone() {
        assertThatExceptionOfType(JsonProcessingException.class)
                .isThrownBy(() -> Projection.of(Set.of("a")).read("Too many requests"));
        assertThatExceptionOfType(JsonProcessingException.class)
                .isThrownBy(() -> Projection.of(Set.of("a")).read("{\"a\": "));
    }

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }
}
