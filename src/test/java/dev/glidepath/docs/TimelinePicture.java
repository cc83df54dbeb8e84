package dev.glidepath.docs;

import dev.glidepath.departure.decision.SpotTimeline;
import dev.glidepath.departure.decision.SpotTimeline.Call;
import dev.glidepath.departure.decision.SpotTimeline.Request;
import dev.glidepath.departure.decision.SpotTimeline.Row;
import dev.glidepath.drain.plan.Verdict;
import java.time.Duration;
import java.util.List;

/** Draws how a spot notice is spent: a row for each pod, seconds from left to right. */
final class TimelinePicture {
    private static final int WIDTH = 980;
    private static final int LEFT = 206;
    private static final int TOP = 112;
    private static final int ROW = 36;
    private static final int BAR = 12;
    private static final int LEGEND = 92;
    private static final double BESIDE = 11;
    private static final double PER_SECOND = 4.5;
    private static final int TICK_SECONDS = 15;

    private static final String DISC = "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z";
    private static final String SQUARE = "M-4.5 -4.5h9v9h-9Z";
    private static final String CROSS = "M-4 -4L4 4M-4 4L4 -4";
    private static final String FLAG = "M0 11V-12M0 -12h7l-2.5 3.5L7 -5H0";

    /** A card of its own: the same on a light page and on a dark one. */
    private static final List<String> STYLE = List.of(
            "text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }",
            ".card { fill: #ffffff; stroke: #d0d7de; }",
            ".title { font-size: 17px; font-weight: 600; }",
            ".name { font-size: 13px; font-weight: 600; }",
            ".note { font-size: 11.5px; fill: #59636e; }",
            ".axis { font-size: 11.5px; fill: #59636e; text-anchor: middle; }",
            ".end { font-size: 11.5px; font-weight: 600; fill: #b3261e; text-anchor: middle; }",
            ".grid { stroke: #eaeef2; }",
            ".rule { stroke: #f1f3f5; }",
            ".notice { stroke: #59636e; stroke-width: 1.5; }",
            ".deadline { stroke: #b3261e; stroke-width: 2; }",
            ".margin { fill: url(#margin); }",
            ".runs { fill: #d5dbe1; }",
            ".held { fill: url(#held); stroke: #d9902f; stroke-width: 0.8; }",
            ".grace { fill: #dcebfb; stroke: #86b3e3; stroke-width: 0.8; }",
            ".ends { fill: #2f6fbd; }",
            ".detaches { fill: #8a5cc7; }",
            ".call { fill: #ffffff; stroke: #cf9aa1; stroke-width: 1.4; stroke-linejoin: round; }",
            ".called { fill: #8c2f39; stroke: #8c2f39; stroke-width: 1.4; stroke-linejoin: round; }",
            ".evicted { fill: #ffffff; stroke: #174a86; stroke-width: 2; }",
            ".refused { fill: none; stroke: #b3261e; stroke-width: 2.4; stroke-linecap: round; }",
            ".deleted { fill: #b3261e; stroke: #ffffff; }");

    private static final String PATTERNS = """
            <pattern id="held" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
            <rect width="6" height="6" fill="#fdebd0"/><rect width="2.6" height="6" fill="#eda843"/></pattern>
            <pattern id="margin" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">\
            <rect width="1.2" height="5" fill="#c3cad1"/></pattern>""";

    private final SpotTimeline timeline;
    private final int bottom;
    private final Svg svg;

    private TimelinePicture(SpotTimeline timeline) {
        this.timeline = timeline;
        this.bottom = TOP + timeline.rows().size() * ROW;
        this.svg = new Svg(
                WIDTH,
                bottom + LEGEND,
                "How the two minutes of a spot notice are spent",
                "A row for each pod of one node; the drain page tells the same as a table.",
                STYLE);
    }

    /** The picture's text. */
    static String of(SpotTimeline timeline) {
        return new TimelinePicture(timeline).drawn();
    }

    private String drawn() {
        svg.definitions(PATTERNS).box("card", 0.5, 0.5, WIDTH - 1.0, bottom + LEGEND - 1.0);
        svg.words("title", 20, 32, "How the two minutes of a spot notice are spent");
        svg.words("note", 20, 52, "One node, played by the code that decides. Seconds since the notice.");
        axis();
        for (int place = 0; place < timeline.rows().size(); place++) {
            row(timeline.rows().get(place), TOP + place * ROW);
        }
        frame();
        legend();
        return svg.drawn();
    }

    private void axis() {
        for (long second = 0; second <= timeline.deadline().toSeconds(); second += TICK_SECONDS) {
            double x = x(Duration.ofSeconds(second));
            svg.line("grid", x, TOP, x, bottom).words("axis", x, TOP - 8, String.valueOf(second));
        }
    }

    /** Above the rows, for these lines hold for all of them. */
    private void frame() {
        double notice = x(timeline.cordoned());
        double deadline = x(timeline.deadline());
        svg.line("notice", notice, TOP - 4, notice, bottom).words("axis", notice, TOP - 24, "notice, cordon");
        svg.line("deadline", deadline, TOP - 4, deadline, bottom).words("end", deadline, TOP - 24, "deadline");
    }

    private void row(Row row, int top) {
        double middle = top + ROW / 2.0;
        svg.line("rule", 20, top, WIDTH - 20.0, top);
        svg.words("name", 20, middle - 2, row.pod()).words("note", 20, middle + 12, row.about());
        if (row.verdict().asks()) {
            Duration from = row.goneBy();
            svg.box("margin", x(from), top + 1, x(timeline.deadline()) - x(from), ROW - 2.0);
        }
        bars(row, middle - BAR / 2.0);
        row.lastCall().ifPresent(at -> svg.mark(isCalled(row) ? "called" : "call", x(at), middle, FLAG));
        calls(row, middle);
        double right = x(timeline.deadline()) + 14;
        svg.words("name", right, middle - 2, outcome(row)).words("note", right, middle + 12, comment(row));
    }

    private void bars(Row row, double y) {
        Duration sent = row.sent().map(Call::at).orElse(timeline.deadline());
        bar("runs", Duration.ZERO, sent, y);
        row.heldBackFrom().ifPresent(from -> bar("held", from, sent, y));
        row.given().ifPresent(given -> bar("grace", sent, sent.plus(given), y));
        row.gone().ifPresent(gone -> bar("ends", sent, gone, y));
        row.gone().ifPresent(gone -> row.detached().ifPresent(free -> bar("detaches", gone, free, y)));
    }

    /** Those of one moment stand side by side, the last at its place. */
    private void calls(Row row, double y) {
        double next = WIDTH;
        for (Call call : row.calls().reversed()) {
            double x = Math.min(x(call.at()), next - BESIDE);
            mark(call, x, y);
            next = x;
        }
    }

    private void mark(Call call, double x, double y) {
        if (!call.granted()) {
            svg.mark("refused", x, y, CROSS);
        } else if (call.request() == Request.DELETION) {
            svg.mark("deleted", x, y, SQUARE);
        } else {
            svg.mark("evicted", x, y, DISC);
        }
    }

    private void legend() {
        int upper = bottom + 34;
        int lower = bottom + 64;
        legendBar("runs", 20, upper, "runs on");
        legendBar("held", 128, upper, "held back by its budget");
        legendBar("grace", 320, upper, "grace it was given");
        legendBar("ends", 482, upper, "grace it took");
        legendBar("detaches", 604, upper, "volume detaches");
        legendBar("margin", 750, upper, "margin before the deadline");
        legendMark("evicted", DISC, 20, lower, "evicted");
        legendMark("refused", CROSS, 128, lower, "eviction refused");
        legendMark("deleted", SQUARE, 320, lower, "deleted");
        legendMark("called", FLAG, 482, lower, "last call");
        legendMark("call", FLAG, 604, lower, "last call, not needed any more");
    }

    private void legendBar(String look, int x, int y, String words) {
        svg.box(look, x, y - BAR / 2.0, 22, BAR).words("note", x + 30.0, y + 4.0, words);
    }

    private void legendMark(String look, String outline, int x, int y, String words) {
        svg.mark(look, x + 11.0, y, outline).words("note", x + 30.0, y + 4.0, words);
    }

    private void bar(String look, Duration from, Duration to, double y) {
        svg.box(look, x(from), y, x(to) - x(from), BAR);
    }

    private static boolean isCalled(Row row) {
        return row.calls().stream().anyMatch(call -> call.request() == Request.LAST_EVICTION);
    }

    /** In a word, and when. */
    static String outcome(Row row) {
        return row.sent()
                .map(call -> (call.request() == Request.DELETION ? "deleted at " : "evicted at ") + seconds(call.at()))
                .orElse(row.verdict() instanceof Verdict.Stay ? "stays" : "left");
    }

    private static String comment(Row row) {
        String volume =
                row.detached().map(free -> ", volume free at " + seconds(free)).orElse("");
        return row.sent().isPresent() ? "grace " + grace(row) + volume : "ends with the machine";
    }

    /** What it was given, and of what, if that is less than it wished. */
    static String grace(Row row) {
        Duration given = row.given().orElse(row.grace());
        return given.equals(row.grace()) ? seconds(given) : seconds(given) + " of " + seconds(row.grace());
    }

    /** To a tenth, unless it is whole. */
    static String seconds(Duration time) {
        long tenths = (time.toMillis() + 50) / 100;
        return tenths % 10 == 0 ? tenths / 10 + " s" : tenths / 10 + "." + tenths % 10 + " s";
    }

    private static double x(Duration since) {
        return LEFT + since.toMillis() / 1000.0 * PER_SECOND;
    }
}
