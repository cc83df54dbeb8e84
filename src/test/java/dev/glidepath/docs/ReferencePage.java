package dev.glidepath.docs;

import java.util.List;

/** A page of {@code docs/reference} that is made from the code, and so never tells anything else. */
final class ReferencePage {
    private final MadeFile file;
    private final StringBuilder text = new StringBuilder();

    /**
     * @param opening what the page is, in one sentence
     */
    ReferencePage(String name, String title, String opening) {
        file = new MadeFile("docs", "reference", name);
        text.append("# ").append(title).append("\n\n");
        paragraph(opening + " Made from the code by `" + MadeFile.COMMAND + "`; changes here are overwritten.");
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
        file.check(text.toString().strip() + "\n");
    }

    private void row(List<String> cells) {
        text.append("| ")
                .append(String.join(
                        " | ",
                        cells.stream().map(cell -> cell.replace("|", "\\|")).toList()))
                .append(" |\n");
    }
}
