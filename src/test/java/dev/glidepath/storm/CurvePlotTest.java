package dev.glidepath.storm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.storm.CurvePlot.Curve;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurvePlotTest {
    /** The card's corners, by the plot's axes: x from 64 to 730, y from 310 up to 84. */
    @Test
    void lineEndsAtItsLastTimeAndAtTheShareThatWasReached() {
        String picture = plot(
                new Curve("bare", "all", Distribution.of(List.of(10.0)), 1),
                new Curve("handler", "half", Distribution.of(List.of(5.0)), 0.5));

        assertThat(picture)
                .contains("class=\"bare\" d=\"M 64 310 730 310")
                .contains(" 730 84\"/>")
                .contains(" 397 197\"/>");
    }

    @Test
    void axisIsDividedIntoRoundSeconds() {
        String picture = plot(new Curve("bare", "all", Distribution.of(List.of(37.5)), 1));

        assertThat(picture)
                .contains(">0 s<")
                .contains(">5 s<")
                .contains(">35 s<")
                .doesNotContain(">40 s<");
    }

    @Test
    void lineOfNothingStaysAtZero() {
        assertThat(plot(new Curve("bare", "none", Distribution.of(List.of()), 0)))
                .contains("d=\"M 64 310\"");
    }

    private static String plot(Curve... curves) {
        return new CurvePlot("Title", "note", List.of(curves)).drawn();
    }
}
