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
    private String text() {
        try {
            return Files.exists(path) ? Files.readString(path, UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * All it says now, with this between the marks {@code <!-- made: name -->} and {@code <!-- end of name -->}.
     *
     * @throws IllegalStateException where it has no such marks
     */
    String withSection(String name, String made) {
        String text = text();
        String begins = "<!-- made: " + name + " -->\n";
        String ends = "<!-- end of " + name + " -->";
        int from = text.indexOf(begins);
        int to = text.indexOf(ends);
        if (from < 0 || to < from) {
            throw new IllegalStateException(path + " has no " + begins.strip() + " and " + ends);
        }
        return text.substring(0, from + begins.length()) + made + text.substring(to);
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
