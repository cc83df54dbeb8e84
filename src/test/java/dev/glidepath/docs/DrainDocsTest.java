package dev.glidepath.docs;

import static java.util.stream.Collectors.joining;

import dev.glidepath.departure.decision.SpotTimeline;
import dev.glidepath.departure.decision.SpotTimeline.Row;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The drain's page shows what the code decides. */
class DrainDocsTest {
    private final SpotTimeline timeline = SpotTimeline.play();

    @Test
    void pictureTellsHowASpotNoticeIsSpent() {
        new MadeFile("docs", "drain-timeline.svg").check(TimelinePicture.of(timeline));
    }

    @Test
    void tableTellsTheSame() {
        MadeFile page = new MadeFile("docs", "drain.md");

        page.check(page.withSection("timeline", table()));
    }

    private String table() {
        String head = """
                | pod | what is special about it | last call | outcome | grace | gone | volume free |
                | --- | --- | --- | --- | --- | --- | --- |
                """;
        return head + timeline.rows().stream().map(DrainDocsTest::line).collect(joining());
    }

    private static String line(Row row) {
        return Stream.of(
                        row.pod(),
                        row.about(),
                        seconds(row.lastCall()),
                        TimelinePicture.outcome(row),
                        row.sent().map(_ -> TimelinePicture.grace(row)).orElse(""),
                        seconds(row.gone()),
                        seconds(row.detached()))
                .collect(joining(" | ", "| ", " |\n"));
    }

    private static String seconds(Optional<Duration> time) {
        return time.map(TimelinePicture::seconds).orElse("");
    }
}
