package dev.glidepath.demo;

import dev.glidepath.demo.Screen.Ink;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows under a header, in columns as wide as they need to be. A cell may have several lines. */
final class Table {
    private final List<List<String>> header;
    private final List<Row> rows = new ArrayList<>();

    private record Row(Ink ink, List<List<String>> cells) {}

    Table(String... header) {
        this.header = cells(header);
    }

    void row(String... cells) {
        row(Ink.PLAIN, cells);
    }

    void row(Ink ink, String... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException("%d cells under %d headings".formatted(cells.length, header.size()));
        }
        rows.add(new Row(ink, cells(cells)));
    }

    void printTo(Screen screen) {
        print(new Row(Ink.DIM, header), screen);
        rows.forEach(row -> print(row, screen));
    }

    private void print(Row row, Screen screen) {
        int height = row.cells().stream().mapToInt(List::size).max().orElse(0);
        for (int line = 0; line < height; line++) {
            int at = line;
            String text = IntStream.range(0, row.cells().size())
                    .mapToObj(column -> padded(row.cells().get(column), at, widthOf(column)))
                    .collect(Collectors.joining("  "));
            screen.line(screen.paint(row.ink(), "  " + text.stripTrailing()));
        }
    }

    private int widthOf(int column) {
        return IntStream.concat(
                        header.get(column).stream().mapToInt(String::length),
                        rows.stream()
                                .flatMap(row -> row.cells().get(column).stream())
                                .mapToInt(String::length))
                .max()
                .orElse(0);
    }

    private static String padded(List<String> cell, int line, int width) {
        String text = line < cell.size() ? cell.get(line) : "";
        return text + " ".repeat(width - text.length());
    }

    private static List<List<String>> cells(String... texts) {
        return List.of(texts).stream().map(text -> text.lines().toList()).toList();
    }
}
