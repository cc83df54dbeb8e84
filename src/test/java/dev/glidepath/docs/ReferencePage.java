package dev.glidepath.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A page of {@code docs/reference} that is made from the code, and so never tells anything else. */
final class ReferencePage {
    private static final Path FOLDER = Path.of("docs", "reference");
    private static final String COMMAND = "make docs";

    private final Path file;
    private final StringBuilder text = new StringBuilder();

    /**
     * @param opening what the page is, in one sentence
     */
    ReferencePage(String name, String title, String opening) {
        file = FOLDER.resolve(name);
        text.append("# ").append(title).append("\n\n");
        paragraph(opening + " Made from the code by `" + COMMAND + "`; changes here are overwritten.");
    }

    ReferencePage paragraph(String words) {
        text.append(words).append("\n\n");
        return this;
    }

    ReferencePage section(String title) {
        text.append("## ").append(title).append("\n\n");
        return this;
    }

    ReferencePage table(List<String> head, List<List<String>> rows) {
        row(head);
        row(head.stream().map(column -> "---").toList());
        rows.forEach(this::row);
        text.append('\n');
        return this;
    }

    /** Fails when the page in the repository says anything else; with {@code -Ddocs.renew=true} writes it instead. */
    void check() {
        String made = text.toString().strip() + "\n";
        try {
            if (Boolean.getBoolean("docs.renew")) {
                Files.createDirectories(FOLDER);
                Files.writeString(file, made, UTF_8);
            }
            assertThat(Files.exists(file) ? Files.readString(file, UTF_8) : "")
                    .as("%s is out of date; renew it with: %s", file, COMMAND)
                    .isEqualTo(made);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void row(List<String> cells) {
        text.append("| ")
                .append(String.join(
                        " | ",
                        cells.stream().map(cell -> cell.replace("|", "\\|")).toList()))
                .append(" |\n");
    }
}
