package dev.glidepath.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.demo.Screen.Ink;
import dev.glidepath.demo.Timeline.Moment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final Instant NOTICE = Instant.parse("2026-01-01T12:00:00Z");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void tellsMomentsInTheOrderTheyHappened() {
        var timeline = timeline(false);
        timeline.add(moment(12_345, "node-b", "later"));
        timeline.add(moment(0, "node-a", "first"));

        timeline.tellAll();

        assertThat(lines()).containsExactly("  +  0.0s  node-a  first", "  + 12.3s  node-b  later");
    }

    @Test
    void holdsBackWhatIsTooYoung() {
        var timeline = timeline(false);
        timeline.add(moment(1_000, "node-a", "old enough"));
        timeline.add(moment(2_000, "node-a", "too young"));

        timeline.tellUntil(NOTICE.plusMillis(1_500));

        assertThat(lines()).containsExactly("  +  1.0s  node-a  old enough");
    }

    @Test
    void wrapsLongSentencesUnderTheirBeginning() {
        var timeline = timeline(false);
        timeline.add(moment(0, "node-a", "word ".repeat(20).strip()));

        timeline.tellAll();

        assertThat(lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(Screen.WIDTH))
                .last()
                .asString()
                .isEqualTo(" ".repeat(19) + "word word word word");
    }

    @Test
    void coloursOnlyWhereThereIsColour() {
        var timeline = timeline(true);
        timeline.add(new Moment(NOTICE, "node-a", Ink.GREEN, "well"));

        timeline.tellAll();

        assertThat(lines()).singleElement().asString().endsWith("\u001b[32mwell\u001b[0m");
    }

    private Timeline timeline(boolean coloured) {
        return new Timeline(screen(coloured), NOTICE, List.of("node-a", "node-b"));
    }

    private Screen screen(boolean coloured) {
        return new Screen(new PrintStream(printed, true, StandardCharsets.UTF_8), coloured);
    }

    private static Moment moment(long millis, String node, String text) {
        return new Moment(NOTICE.plus(Duration.ofMillis(millis)), node, Ink.PLAIN, text);
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
