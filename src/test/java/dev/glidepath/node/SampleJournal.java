package dev.glidepath.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The sample journals, one a file. */
final class SampleJournal {
    private static final Path FOLDER = Path.of("src", "test", "resources", "journals");
    private static final JsonMapper JSON = new JsonMapper();

    private SampleJournal() {}

    /** As it stands in an annotation: without spaces. */
    static String text(String file) {
        try {
            return JSON.readTree(FOLDER.resolve(file).toFile()).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
