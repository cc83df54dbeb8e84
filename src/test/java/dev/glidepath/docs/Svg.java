package dev.glidepath.docs;

import java.util.List;
import java.util.Locale;

/** Writes a picture, shape by shape; what comes later lies above. Coordinates are rounded to tenths, so that they are stable. */
public final class Svg {
    private final StringBuilder text = new StringBuilder();

    /**
     * @param title for those who do not see it, as is the description
     */
    public Svg(int width, int height, String title, String description, List<String> style) {
        text.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n"
                        .formatted(width, height, width, height));
        text.append("<title>%s</title>\n<desc>%s</desc>\n".formatted(escaped(title), escaped(description)));
        text.append("<style>\n%s\n</style>\n".formatted(String.join("\n", style)));
    }

    /** A polygon's outline or an open line through these points, x and y in turns. */
    public Svg path(String look, List<Double> points) {
        StringBuilder outline = new StringBuilder("M");
        points.forEach(point -> outline.append(' ').append(number(point)));
        text.append("<path class=\"%s\" d=\"%s\"/>\n".formatted(look, outline));
        return this;
    }

    /** Shapes that others are filled with. */
    public Svg definitions(String definitions) {
        text.append("<defs>\n").append(definitions).append("\n</defs>\n");
        return this;
    }

    public Svg box(String look, double x, double y, double width, double height) {
        text.append("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\"/>\n"
                .formatted(look, number(x), number(y), number(width), number(height)));
        return this;
    }

    public Svg line(String look, double fromX, double fromY, double toX, double toY) {
        text.append("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
                .formatted(look, number(fromX), number(fromY), number(toX), number(toY)));
        return this;
    }

    /** A small shape around a point, by its outline relative to that point. */
    public Svg mark(String look, double x, double y, String outline) {
        text.append("<path class=\"%s\" transform=\"translate(%s %s)\" d=\"%s\"/>\n"
                .formatted(look, number(x), number(y), outline));
        return this;
    }

    public Svg words(String look, double x, double y, String words) {
        text.append("<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                .formatted(look, number(x), number(y), escaped(words)));
        return this;
    }

    /** The whole of it. */
    public String drawn() {
        return text + "</svg>\n";
    }

    private static String number(double value) {
        String rounded = String.format(Locale.ROOT, "%.1f", value);
        return rounded.endsWith(".0") ? rounded.substring(0, rounded.length() - 2) : rounded;
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
