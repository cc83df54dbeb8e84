package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.DrainReport.Note;
import dev.glidepath.departure.action.DrainReport.Result;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.decision.PlayedView.Behind;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A yes of the API server is believed when the pod is seen to go: a policy may make a dry run of an eviction. */
class EvictionWithoutEffectPlayTest {
    private static final Interruption SPOT = new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE);
    private static final Duration AN_ACT = Duration.ofMillis(50);

    private final Play play = new Play(7);

    @Test
    void aPodThatDoesNotGoIsAskedAgain() {
        play.pod("web", 0, ofSeconds(1)).notice(SPOT);
        play.pods.evictionsWorkFrom(START.plusSeconds(5));
        play.run();

        List<Duration> asked = play.started(Evict.class, "web");
        assertThat(asked).hasSize(2);
        assertThat(asked.get(1).minus(asked.get(0))).isEqualTo(ofSeconds(10).plus(AN_ACT));
        assertThat(play.done(Delete.class)).isEmpty();
        assertThat(play.report("web").result()).isEqualTo(Result.EVICTED);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void onlyAsItIsSeenIsItAskedAgain() {
        play.pod(SamplePod.of("web").version("41"), ofSeconds(1)).notice(SPOT);
        play.pods.evictionsWorkFrom(START.plusSeconds(5));
        play.at(
                START.plusSeconds(3),
                () -> play.pods.change(
                        "uid-of-web", pod -> SamplePod.like(pod).version("42").build()));
        play.run();

        assertThat(play.done(Evict.class))
                .extracting(done -> ((Evict) done.action()).terms().version())
                .containsExactly(Optional.empty(), Optional.of("42"));
    }

    @Test
    void theHookWaitsAndThePodIsDeletedAtItsLastCall() {
        play.pod(SamplePod.of("web").grace(ofSeconds(30)), ofSeconds(1)).notice(Play.asg("token-1", START));
        play.pods.evictionsWorkFrom(Instant.MAX);
        play.run();

        assertThat(play.done(Delete.class)).hasSize(1);
        assertThat(play.done(Delete.class).getFirst().at())
                .isBefore(START.plus(ofMinutes(15)).minusSeconds(30));
        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(play.pods.names()).isEmpty();
        assertThat(play.report("web").result()).isEqualTo(Result.FORCED);
    }

    @Test
    void askedAgainNeverGetsLessThanItWasPromised() {
        play.pod(SamplePod.of("web").grace(ofSeconds(600)), ofSeconds(1)).notice(SPOT);
        play.pods.evictionsWorkFrom(START.plusSeconds(20));
        play.run();

        assertThat(play.done())
                .filteredOn(done -> done.action() instanceof Action.OnPod)
                .extracting(done -> ((Action.OnPod) done.action())
                        .terms()
                        .grace()
                        .sentAt(done.at())
                        .orElseThrow())
                .isNotEmpty()
                .allMatch(grace -> grace.compareTo(ofSeconds(114)) >= 0);
    }

    /** What is watched does not show yet that the pod is on its way out. */
    @Test
    void askedAgainAfterALostAnswerGetsNoLessThanItMayHaveBeenGiven() {
        play.pod(SamplePod.of("web").grace(ofMinutes(5)), ofMinutes(4))
                .notice(SPOT)
                .isBehind(0, START.plusSeconds(1), START.plusSeconds(30), Behind.SILENT, Duration.ZERO)
                .drainsFrom(START.plusSeconds(1))
                .dies(action -> action instanceof Evict ? Optional.of(true) : Optional.empty())
                .run();

        List<Duration> graces = play.done().stream()
                .filter(done -> done.action() instanceof Action.OnPod)
                .map(done -> ((Action.OnPod) done.action())
                        .terms()
                        .grace()
                        .sentAt(done.at())
                        .orElseThrow())
                .toList();
        assertThat(graces).hasSizeGreaterThan(2).allMatch(grace -> grace.compareTo(graces.getFirst()) >= 0);
    }

    @Test
    void aMachineThatIsGoingCallsOnceMoreAndThenDeletes() {
        play.pod("web", 0, ofSeconds(1)).notice(SampleNotices.state(InstanceState.SHUTTING_DOWN, START));
        play.pods.evictionsWorkFrom(Instant.MAX);
        play.run();

        assertThat(play.done(LastCall.class)).hasSize(1);
        assertThat(play.done(Delete.class)).hasSize(1);
    }

    @Test
    void whatNeverWentIsReportedAsLeft() {
        play.policy(SamplePolicy.withoutDeletes()).pod("web", 0, ofSeconds(1)).notice(SPOT);
        play.pods.evictionsWorkFrom(Instant.MAX);
        play.run();

        assertThat(play.report("web").result()).isEqualTo(Result.LEFT);
        assertThat(play.report("web").note()).isEqualTo(Note.UNMOVED);
    }
}
