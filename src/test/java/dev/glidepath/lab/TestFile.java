package dev.glidepath.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Reads payloads from {@code src/test/resources}, one file for each case. */
public final class TestFile {
    private TestFile() {}

    /**
     * Returns the text of a file, without the line break at its end.
     *
     * @param name with its folder, such as {@code doctor/queue-policy.json}
     */
    public static String read(String name) {
        try (InputStream file = TestFile.class.getResourceAsStream("/" + name)) {
            return new String(requireNonNull(file, name).readAllBytes(), UTF_8).stripTrailing();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(name, unreadable);
        }
    }
}
