package dev.glidepath.storm;

import dev.glidepath.docs.Svg;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws how a share of all grows over time, a line for each client.
 *
 * @param title of the picture
 * @param note under it, smaller
 */
record CurvePlot(String title, String note, List<Curve> curves) {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 360;
    private static final int LEFT = 64;
    private static final int RIGHT = 730;
    private static final int TOP = 84;
    private static final int BOTTOM = 310;
    private static final int TICKS = 8;
    private static final List<Double> STEPS = List.of(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0);

    /** A card of its own: the same on a light page and on a dark one. */
    private static final List<String> STYLE = List.of(
            "text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }",
            ".card { fill: #ffffff; stroke: #d0d7de; }",
            ".title { font-size: 17px; font-weight: 600; }",
            ".note { font-size: 11.5px; fill: #59636e; }",
            ".axis { font-size: 11.5px; fill: #59636e; text-anchor: middle; }",
            ".share { font-size: 11.5px; fill: #59636e; text-anchor: end; }",
            ".grid { stroke: #eaeef2; }",
            ".bare { fill: none; stroke: #59636e; stroke-width: 2; stroke-dasharray: 5 3; }",
            ".handler { fill: none; stroke: #2f6fbd; stroke-width: 2.4; }");

    /**
     * One line.
     *
     * @param look its style: {@code bare} or {@code handler}
     * @param name in the legend
     * @param reached the share that is reached in the end, from 0 to 1
     */
    record Curve(String look, String name, Distribution times, double reached) {}

    CurvePlot {
        curves = List.copyOf(curves);
    }

    /** The picture's text. */
    String drawn() {
        double last = Math.max(
                1e-3,
                curves.stream()
                        .mapToDouble(curve -> curve.times().max())
                        .filter(Double::isFinite)
                        .max()
                        .orElse(1));
        Svg svg = new Svg(WIDTH, HEIGHT, title, note, STYLE).box("card", 0.5, 0.5, WIDTH - 1.0, HEIGHT - 1.0);
        svg.words("title", 20, 32, title).words("note", 20, 52, note);
        axes(svg, last);
        int at = LEFT;
        for (Curve curve : curves) {
            svg.path(curve.look(), points(curve, last));
            svg.line(curve.look(), at, 341, at + 26.0, 341).words("note", at + 34.0, 345, curve.name());
            at += 180;
        }
        return svg.drawn();
    }

    private static void axes(Svg svg, double last) {
        double step =
                STEPS.stream().filter(each -> last / each <= TICKS).findFirst().orElse(last / TICKS);
        for (int tick = 0; tick * step <= last; tick++) {
            double x = x(tick * step, last);
            svg.line("grid", x, TOP, x, BOTTOM).words("axis", x, BOTTOM + 16, number(tick * step) + " s");
        }
        for (int percent = 0; percent <= 100; percent += 25) {
            svg.line("grid", LEFT, y(percent / 100.0), RIGHT, y(percent / 100.0))
                    .words("share", LEFT - 8, y(percent / 100.0) + 4, percent + " %");
        }
    }

    private static List<Double> points(Curve curve, double last) {
        List<Double> points = new ArrayList<>(List.of(x(0, last), y(0)));
        List<Double> percentiles = curve.times().percentiles();
        for (int percent = 0; percent < percentiles.size(); percent++) {
            points.add(x(Math.max(0, percentiles.get(percent)), last));
            points.add(y(percent / 100.0 * curve.reached()));
        }
        return points;
    }

    private static double x(double seconds, double last) {
        return LEFT + (RIGHT - LEFT) * seconds / last;
    }

    private static double y(double share) {
        return BOTTOM - (BOTTOM - TOP) * share;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
    }
}
