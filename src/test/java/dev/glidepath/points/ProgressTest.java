package dev.glidepath.points;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.points.KeptRuns.Run;
import dev.glidepath.points.KeptRuns.Verdict;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void reckonsTheTimeThatIsLeftFromTheRunsOfThisTimeAlone() {
        Progress progress = new Progress(10, List.of(run(Verdict.RIGHT), run(Verdict.WRONG)));
        assertThat(progress.line(Duration.ZERO)).isEqualTo("points: 2 of 10, 1 wrong, 0 with nothing to disturb");

        progress.add(run(Verdict.NOTHING_TO_DISTURB));
        progress.add(run(Verdict.RIGHT));

        assertThat(progress.line(Duration.ofMinutes(4)))
                .isEqualTo("points: 4 of 10, 1 wrong, 1 with nothing to disturb, about 12 min left");
        assertThat(progress.wrong()).hasSize(1);
    }

    private static Run run(Verdict verdict) {
        return new Run("program", RecordedDeparture.SPOT, "cordon doomed 1", Disturbance.KILLED, verdict, "");
    }
}
