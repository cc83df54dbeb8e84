package dev.glidepath.demo;

import dev.glidepath.demo.Screen.Ink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Prints moments in the order they happened, each with the time since the notice. Moments may be added from any thread. */
final class Timeline {
    private final Screen screen;
    private final Instant notice;
    private final int subjectWidth;
    private final List<Moment> untold = new ArrayList<>();

    /**
     * Something that happened.
     *
     * @param subject the node it happened to
     */
    record Moment(Instant at, String subject, Ink ink, String text) {}

    /** @param subjects all that may appear, so that the text has a column of its own */
    Timeline(Screen screen, Instant notice, List<String> subjects) {
        this.screen = screen;
        this.notice = notice;
        this.subjectWidth = subjects.stream().mapToInt(String::length).max().orElse(0);
    }

    synchronized void add(Moment moment) {
        untold.add(moment);
    }

    /** Prints what happened until then; what is younger may yet learn of something that came before it. */
    synchronized void tellUntil(Instant until) {
        untold.sort(Comparator.comparing(Moment::at));
        while (!untold.isEmpty() && !untold.getFirst().at().isAfter(until)) {
            print(untold.removeFirst());
        }
    }

    /** Prints all there is. */
    void tellAll() {
        tellUntil(Instant.MAX);
    }

    private void print(Moment moment) {
        String time = String.format(Locale.ROOT, "  +%6s", seconds(Duration.between(notice, moment.at())));
        String subject = "%-" + Math.max(1, subjectWidth) + "s";
        int indent = time.length() + 2 + subjectWidth + 2;
        List<String> lines = wrapped(moment.text(), Screen.WIDTH - indent);
        screen.line(screen.paint(Ink.DIM, time)
                + "  "
                + screen.paint(Ink.BOLD, subject.formatted(moment.subject()))
                + "  "
                + screen.paint(moment.ink(), lines.getFirst()));
        lines.stream().skip(1).forEach(line -> screen.line(" ".repeat(indent) + screen.paint(moment.ink(), line)));
    }

    /** As one reads it, such as {@code 3.1s}. */
    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1000.0);
    }

    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
