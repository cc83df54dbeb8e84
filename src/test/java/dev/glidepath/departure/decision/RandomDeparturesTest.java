package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static dev.glidepath.departure.decision.Play.hook;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Departures at random: pods, budgets, refusals, kinds, a restart at any moment. Each seed is a departure of its own. */
class RandomDeparturesTest {
    private static final int DEPARTURES = 1_000;

    @Test
    void everyDepartureEndsWithEveryPodAskedOnceAndEverythingPaid() {
        long first = new Random().nextLong();
        for (long seed = first; seed < first + DEPARTURES; seed++) {
            Random random = new Random(seed);
            boolean withHook = random.nextBoolean();
            boolean withRestart = random.nextInt(3) == 0;
            Play play = world(seed, random, withHook, withRestart);
            try {
                play.run();
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("seed " + seed, failed);
            }
            check(play, withHook, "seed " + seed);
        }
    }

    private static Play world(long seed, Random random, boolean withHook, boolean withRestart) {
        Play play = new Play(seed);
        int pods = random.nextInt(12);
        for (int pod = 0; pod < pods; pod++) {
            play.pod("pod-" + pod, random.nextInt(5), Duration.ofMillis(random.nextInt(60_000)));
        }
        if (random.nextBoolean()) {
            play.budget(random.nextInt(3), Duration.ofMillis(random.nextInt(5_000)));
        }
        int faultsIn10 = random.nextInt(4);
        play.fault(act -> random.nextInt(10) < faultsIn10 ? Optional.of(new TryAgain("at random")) : Optional.empty());
        play.notice(
                withHook
                        ? new AsgTermination(hook("token"), START)
                        : new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE));
        if (random.nextInt(3) == 0) {
            play.noticeAt(
                    START.plusMillis(random.nextInt(30_000)),
                    new SpotInterruption(Play.INSTANCE, START.plusSeconds(1), SpotAction.STOP));
        }
        if (withRestart) {
            play.at(START.plusMillis(random.nextInt(90_000)), play::restart);
        }
        return play;
    }

    private static void check(Play play, boolean withHook, String seed) {
        List<Play.Done> evictions = play.landed(Evict.class);
        assertThat(evictions.stream().map(Play.Done::act)).as(seed).doesNotHaveDuplicates();
        Ending ending = play.ending().ending();
        assertThat(ending).as(seed).isIn(Ending.DRAINED, Ending.DEADLINE_PASSED, Ending.ALREADY_SETTLED);
        if (ending == Ending.DRAINED) {
            assertThat(play.podsLeft()).as(seed).isEmpty();
        }
        if (withHook) {
            assertThat(play.landed(CompleteHook.class)).as(seed).hasSize(1);
        }
        Instant lastAct = play.done().getLast().at();
        assertThat(play.landed(DeleteMessages.class)).as(seed).isNotEmpty();
        assertThat(play.landed(DeleteMessages.class).getLast().at()).as(seed).isEqualTo(lastAct);
    }
}
