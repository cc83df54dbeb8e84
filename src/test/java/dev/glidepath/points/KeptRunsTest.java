package dev.glidepath.points;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.points.KeptRuns.Run;
import dev.glidepath.points.KeptRuns.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptRunsTest {
    private static final Point CORDON = new Point("cordon", "doomed", 1);
    private static final Point EVICT = new Point("evict", "web", 2);

    @TempDir
    private Path folder;

    private Path file;
    private KeptRuns kept;

    @BeforeEach
    void inAFolderThatIsNotThereYet() {
        file = folder.resolve("points").resolve("results.jsonl");
        kept = new KeptRuns(file, "program");
    }

    @Test
    void aRestartedRunFindsWhatWasDone() {
        kept.keep(RecordedDeparture.SPOT, CORDON, Disturbance.KILLED, Verdict.RIGHT, "");
        kept.keep(RecordedDeparture.SPOT, EVICT, Disturbance.KILLED, Verdict.WRONG, "pods is \"web\"\nand more");

        assertThat(new KeptRuns(file, "program").all())
                .containsExactly(
                        new Run(
                                "program",
                                RecordedDeparture.SPOT,
                                "cordon doomed 1",
                                Disturbance.KILLED,
                                Verdict.RIGHT,
                                ""),
                        new Run(
                                "program",
                                RecordedDeparture.SPOT,
                                "evict web 2",
                                Disturbance.KILLED,
                                Verdict.WRONG,
                                "pods is \"web\"\nand more"));
    }

    @Test
    void resultsOfAnotherProgramDoNotCountAndStay() {
        kept.keep(RecordedDeparture.SPOT, CORDON, Disturbance.KILLED, Verdict.RIGHT, "");

        assertThat(new KeptRuns(file, "another").all()).isEmpty();
        assertThat(kept.all()).hasSize(1);
    }

    @Test
    void aRunIsKnownByDepartureAndPointAndDisturbance() {
        Run run = kept.keep(RecordedDeparture.SPOT, CORDON, Disturbance.KILLED, Verdict.RIGHT, "");

        assertThat(run.isOf(RecordedDeparture.SPOT, CORDON, Disturbance.KILLED)).isTrue();
        assertThat(run.isOf(RecordedDeparture.LIFECYCLE_ACTION, CORDON, Disturbance.KILLED))
                .isFalse();
        assertThat(run.isOf(RecordedDeparture.SPOT, EVICT, Disturbance.KILLED)).isFalse();
        assertThat(run.isOf(RecordedDeparture.SPOT, CORDON, Disturbance.ANSWER_LOST))
                .isFalse();
    }

    @Test
    void aLineThatIsHalfWrittenIsRunAgain() throws IOException {
        kept.keep(RecordedDeparture.SPOT, CORDON, Disturbance.KILLED, Verdict.RIGHT, "");
        Files.writeString(file, "{\"program\": \"prog", StandardOpenOption.APPEND);

        assertThat(kept.all()).hasSize(1);
    }
}
