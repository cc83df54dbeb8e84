package dev.glidepath.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of the repository that is made from the code, whole or in part, and so never tells anything else. */
final class MadeFile {
    /** What makes them all. */
    static final String COMMAND = "make docs";

    private final Path path;

    MadeFile(String first, String... more) {
        path = Path.of(first, more);
    }

    /** What it says now; nothing where it is not there. */
    String text() {
        try {
            return Files.exists(path) ? Files.readString(path, UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails when the file says anything else; with {@code -Ddocs.renew=true} writes it instead. */
    void check(String made) {
        if (Boolean.getBoolean("docs.renew")) {
            write(made);
        }
        assertThat(text())
                .as("%s is out of date; renew it with: %s", path, COMMAND)
                .isEqualTo(made);
    }

    private void write(String made) {
        try {
            Files.writeString(path, made, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
