package dev.glidepath.apiserver.encoding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class KnownTextsTest {
    private final KnownTexts texts = new KnownTexts(16);

    @Test
    void textThatComesAgainIsTheSame() {
        assertThat(of("Running")).isEqualTo("Running").isSameAs(of("Running"));
    }

    @Test
    void textIsReadOfItsPartOfTheBytes() {
        byte[] bytes = "app=shop,tier=web".getBytes(UTF_8);

        assertThat(texts.of(bytes, 4, 4)).isEqualTo("shop");
        assertThat(texts.of(bytes, 14, 3)).isEqualTo("web");
        assertThat(texts.of(bytes, 0, 0)).isEmpty();
    }

    @Test
    void otherCharactersThanThoseOfAsciiAreReadAsTheyAre() {
        for (String text : List.of("Zürich", "\u00fc", "\u00c3\u00bc", "日本", "👋", "\u0000")) {
            assertThat(of(text)).isEqualTo(text);
            assertThat(of(text)).as("again").isEqualTo(text);
        }
    }

    @Test
    void whatIsNoUtf8IsReplaced() {
        byte[] broken = {'a', (byte) 0xff};

        assertThat(texts.of(broken, 0, 2)).isEqualTo("a\ufffd");
        assertThat(texts.of(broken, 0, 2)).as("again").isEqualTo("a\ufffd");
    }

    @Test
    void longTextIsNotKept() {
        String text = "x".repeat(65);

        assertThat(of(text)).isEqualTo(text).isNotSameAs(of(text));
    }

    @Test
    void manyTextsByManyThreadsAreNeverMistaken() throws Exception {
        List<Future<?>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int reader = 0; reader < 4; reader++) {
                Random random = new Random(reader);
                readers.add(threads.submit(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        String text = Integer.toString(random.nextInt(500), 36);
                        assertThat(of(text)).isEqualTo(text);
                    }
                }));
            }
        }
        for (Future<?> reader : readers) {
            reader.get();
        }
    }

    private String of(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return texts.of(bytes, 0, bytes.length);
    }
}
