package dev.glidepath.event;

import static dev.glidepath.event.SampleBody.bySns;
import static dev.glidepath.event.SampleBody.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExcerptTest {
    @Test
    void showsPlainTextAsItIs() {
        assertThat(Excerpt.of("hello, world: {1, 2}")).isEqualTo("hello, world: {1, 2}");
    }

    @Test
    void escapesWhatIsNotPrintableAscii() {
        assertThat(Excerpt.of("a\r\n\t\"b\\\0\u001b\u007fé\u2028€😀\ud800"))
                .isEqualTo("a\\r\\n\\t\\\"b\\\\\\u0000\\u001b\\u007f\\u00e9\\u2028\\u20ac\\ud83d\\ude00\\ud800");
    }

    @ParameterizedTest
    @CsvSource({"a, 4096", "é, 2048", "€, 1365", "😀, 1024"})
    void showsFourKibibytesOfUtf8AtMostAndNoHalfCharacter(String character, int count) {
        String shown = Excerpt.of(character.repeat(5000));

        assertThat(shown).isEqualTo(Excerpt.of(character).repeat(count));
        assertThat(character.repeat(count).getBytes(StandardCharsets.UTF_8)).hasSizeBetween(4093, 4096);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"LifecycleActionToken\": \"hidden\", \"a\": \"shown\"}",
                "{\"LifecycleActionToken\" :\n \"hid\\\"den\", \"a\": \"shown\"}",
                "{\"lifecycleactiontoken\":\"hidden\",\"a\":\"shown\"}",
                "{\"clientSecret\":\"hidden\",\"a\":\"shown\"}",
                "{\"secret_access_key\":\"hidden\",\"a\":\"shown\"}",
                "{\"DB-Password\":\"hidden\",\"a\":\"shown\"}",
                "{\"Authorization\":\"Bearer hidden\",\"a\":\"shown\"}",
                "{'LifecycleActionToken': 'hid\"den', 'a': 'shown'}",
                "{\\u0022Token\\u0022: \\u0022hidden\\u0022, \\u0022a\\u0022: \\u0022shown\\u0022}",
                "https://example.com/?Action=Confirm&Token=hidden&a=shown",
                "<LifecycleActionToken>hidden</LifecycleActionToken><a>shown</a>",
                "Authorization: Basic hidden\nX: shown",
                "Secret Access Key: hidden\nshown",
                "token = hidden\nshown",
                "password=hidden\r\nshown"
            })
    void masksWhatIsNamedLikeASecretAndShowsTheRest(String body) {
        assertThat(Excerpt.of(body)).contains("***", "shown").doesNotContain("hidden", "den");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"token\": hidden}",
                "{\"token\": [\"hidden\", \"hidden\"]}",
                "{\"secret\": {\"a\": {\"b\": 1}, \"c\": \"hidden\"}}",
                "{\"token\": \"hidden",
                "{\"Message\": \"{\\\"token\\\": \\\"hidden",
                "token:hidden"
            })
    void masksToTheEndWhereItIsUnclearHowFarASecretGoes(String body) {
        assertThat(Excerpt.of(body)).contains("***").doesNotContain("hidden");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void masksInJsonThatIsInATextOfJson(int depth) {
        String body = "{\"LifecycleActionToken\":\"hid\\\"den\",\"a\":\"shown\"}";
        for (int i = 0; i < depth; i++) {
            body = bySns(body);
        }

        assertThat(Excerpt.of(body)).contains("***", "shown").doesNotContain("hid", "den");
    }

    @Test
    void masksASecretThatTheLimitCutsOff() {
        String body = "{\"a\":" + quoted("x".repeat(4060)) + ",\"token\":\"" + "hidden".repeat(50) + "\"}";

        assertThat(Excerpt.of(body)).endsWith("\\\"token\\\":\\\"***");
    }

    @Test
    void hidesNothingOfASampleButItsToken() {
        String shown = Excerpt.of(SampleBody.of("asg-terminate.json"));

        assertThat(shown)
                .contains("workers-a", "drain-hook", "i-0a1b2c3d4e5f60010", "EC2_INSTANCE_TERMINATING")
                .doesNotContain("210987654310");
    }
}
