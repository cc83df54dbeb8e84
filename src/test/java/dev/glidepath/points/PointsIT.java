package dev.glidepath.points;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.ProgramRun;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.points.Trial.Disturbed;
import dev.glidepath.points.Trial.Outcome;
import dev.glidepath.points.Trial.Terms;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runs of {@code make points} themselves, on the shortest departure there is: what is right is found right, and what is wrong wrong. */
@RunsTheProgram
class PointsIT {
    private static final Point CORDON = new Point("cordon", "doomed", 1);

    /** A message comes again after half a minute. */
    private static final Terms TERMS = new Terms(ofSeconds(90), ofSeconds(3));

    /** Undisturbed it takes six. */
    private static final Terms IN_VAIN = new Terms(ofSeconds(20), ofSeconds(1));

    private final ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void end() {
        lanes.shutdownNow();
    }

    @Test
    void aDisturbedDepartureEndsAsUndisturbedAndAnAbandonedOneIsWrong() throws Exception {
        Future<Outcome> undisturbed = start(Optional.empty(), TERMS);
        Future<Outcome> stale = start(Optional.of(new Disturbed(CORDON, Disturbance.KILLED_AND_VIEW_IS_OLD)), TERMS);
        Future<Outcome> unobserved = start(Optional.of(new Disturbed(CORDON, Disturbance.JOURNAL_BLINKS)), TERMS);
        Future<Outcome> forGood = start(Optional.of(new Disturbed(CORDON, Disturbance.KILLED_FOR_GOOD)), IN_VAIN);
        End expected = undisturbed.get().end();

        assertThat(undisturbed.get().trouble()).isEmpty();
        assertThat(undisturbed.get().points())
                .extracting(Point::request)
                .containsExactly("cordon", "evict", "settle", "delete");
        assertThat(expected.journal()).isEqualTo("SETTLED");
        assertThat(stale.get().disturbed()).isTrue();
        assertThat(stale.get().wrong(expected)).as(stale.get().story()).isEmpty();
        assertThat(unobserved.get().disturbed()).isTrue();
        assertThat(unobserved.get().wrong(expected))
                .as(unobserved.get().story())
                .isEmpty();
        assertThat(forGood.get().wrong(expected))
                .contains("it was not over", "journal is OPEN instead of SETTLED", "pods is [web] instead of []");
    }

    private Future<Outcome> start(Optional<Disturbed> disturbed, Terms terms) {
        return lanes.submit(() -> Trial.of(
                ControlPlane.shared(), ProgramRun.command(), RecordedDeparture.SHUTTING_DOWN, disturbed, terms));
    }
}
