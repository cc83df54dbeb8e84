package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static dev.glidepath.departure.decision.Play.asg;
import static dev.glidepath.departure.decision.Play.hook;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.decision.Play.Done;
import dev.glidepath.departure.decision.Play.Place;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal.State;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An instance that two Node objects name. */
class SiblingsPlayTest {
    private static final String TOKEN = "token";

    /** As when a machine has joined again under another name, which comes first or last. */
    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void bothAreDrainedBeforeTheHookIsCompleted(String stale) {
        Play play = new Play(7).heartbeatTimeout(ofSeconds(20));
        Place other = play.sibling(stale);
        other.node().isReady(false);
        play.pod("web", 0, ofSeconds(25)).notice(asg(TOKEN, START)).run();

        assertThat(play.succeeded(Cordon.class)).hasSize(2);
        assertThat(play.pods.names()).isEmpty();
        assertThat(completedAt(play)).isAfter(START.plusSeconds(25));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.succeeded(Heartbeat.class)).as("it waits").isNotEmpty();
        assertBothAreSettled(play, other);
        assertThat(lastOf(play).action()).isInstanceOf(DeleteMessages.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void aMessageIsDeletedWhenBothAreDone(String slow) {
        Play play = new Play(7);
        Place other = play.sibling(slow);
        add(play, other, "slow", 25);
        play.notice(SampleNotices.spot(START)).run();

        assertThat(play.succeeded(DeleteMessages.class))
                .singleElement()
                .satisfies(deleted -> assertThat(deleted.at()).isAfter(START.plusSeconds(25)));
        assertBothAreSettled(play, other);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void aRestartGoesOnWithBoth(String slow) {
        Play play = new Play(7);
        Place other = play.sibling(slow);
        add(play, other, "slow", 60);
        play.pod("web", 0, ofSeconds(20)).notice(asg(TOKEN, START));
        play.at(START.plusSeconds(10), play::restart);
        play.at(START.plusSeconds(30), play::restart);
        play.runUntil(START.plus(ofMinutes(10)));

        assertThat(completedAt(play)).isAfter(START.plusSeconds(60));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertBothAreSettled(play, other);
        assertThat(play.messages()).isEmpty();
    }

    /** Each of them may be held by another replica; and whoever dies is followed by the other. */
    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void anotherReplicaTakesBothOver(String slow) {
        Play play = new Play(7).withAnotherReplica();
        Place other = play.sibling(slow);
        add(play, other, "slow", 60);
        play.pod("web", 0, ofSeconds(20)).notice(asg(TOKEN, START));
        play.at(START.plusSeconds(10), () -> play.dies(0, ofSeconds(30)));
        play.runUntil(START.plus(ofMinutes(10)));

        assertThat(completedAt(play)).isAfter(START.plusSeconds(60));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertBothAreSettled(play, other);
        assertThat(play.messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void aReplicaThatCannotActLeavesBothNodesToAnother(String name) {
        Play play = new Play(7).withAnotherReplica();
        Place other = play.sibling(name);
        play.leaseIsLost(0);
        Instant at = START.plusSeconds(20);
        play.noticeAt(at, SampleNotices.spot(at), "message", 0).runUntil(START.plus(ofMinutes(10)));

        assertThat(play.succeeded(HandBack.class))
                .singleElement()
                .satisfies(done -> assertThat(done.by()).isEqualTo("glidepath-0/1"));
        assertThat(play.succeeded(Cordon.class)).hasSize(2).allSatisfy(done -> {
            assertThat(done.by()).isEqualTo("glidepath-1/1");
            assertThat(done.at()).isBefore(at.plusSeconds(1));
        });
        assertBothAreSettled(play, other);
        assertThat(play.messages()).isEmpty();
    }

    /** What one is in the midst of is not left to another for want of a use for it on the other node. */
    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void aMessageIsKeptForAsLongAsOneOfThemIsBeingDrained(String name) {
        Play play = new Play(7).withAnotherReplica();
        Place other = play.sibling(name);
        add(play, other, "slow", 55);
        Instant lost = START.plusSeconds(20);
        play.noticeAt(START, asg(TOKEN, START), "message", 0)
                .at(lost, () -> play.leaseIsLost(0))
                .runUntil(START.plus(ofMinutes(10)));

        assertThat(play.succeeded(HandBack.class))
                .first()
                .satisfies(done -> assertThat(done.at()).isBetween(lost.plusSeconds(15), lost.plusSeconds(16)));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertBothAreSettled(play, other);
        assertThat(play.messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void whereOneIsDeletedTheOtherCompletesTheHook(String other) {
        Play play = new Play(7);
        Place deleted = play.sibling(other);
        play.pod("web", 0, ofSeconds(25)).notice(asg(TOKEN, START));
        play.at(START.plusSeconds(20), () -> deleted.node().isDeleted());
        play.run();

        assertThat(completedAt(play)).isAfter(START.plusSeconds(25));
        assertThat(play.journal().orElseThrow().state()).isEqualTo(State.SETTLED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-0", "node-2"})
    void whereTheSlowOneIsDeletedTheOtherCompletesTheHook(String other) {
        Play play = new Play(7);
        Place deleted = play.sibling(other);
        add(play, deleted, "slow", 200);
        play.notice(asg(TOKEN, START));
        play.at(START.plusSeconds(20), () -> deleted.node().isDeleted());
        play.run();

        assertThat(completedAt(play)).isBetween(START.plusSeconds(20), START.plusSeconds(25));
        assertThat(play.messages()).isEmpty();
    }

    /** After a crash the message may be away for a while, and the journal of one node alone tells what is owed for both. */
    @Test
    void aNodeNotJournaledYetIsDrainedBeforeTheHookIsCompleted() {
        Play play = new Play(7);
        Place other = play.sibling("node-2");
        add(play, other, "web", 5);
        AtomicInteger cordons = new AtomicInteger();
        play.takes(act -> act instanceof Cordon && cordons.incrementAndGet() == 2
                        ? Optional.of(ofSeconds(2))
                        : Optional.empty())
                .notice(asg(TOKEN, START))
                .at(START.plusMillis(60), () -> {
                    play.restart(() -> false);
                    play.messagesReappearAfter(ofSeconds(30));
                })
                .runUntil(START.plus(ofMinutes(10)));

        assertThat(completedAt(play)).isAfter(START.plusSeconds(35));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertBothAreSettled(play, other);
        assertThat(play.messages()).isEmpty();
    }

    /** As when a machine joins again under another name while it departs. */
    @Test
    void oneThatJoinsLaterIsDrainedAsWell() {
        Play play = new Play(7);
        Place later = play.sibling("node-0");
        later.node().isUnknown();
        play.pod("web", 0, ofSeconds(40)).notice(asg(TOKEN, START));
        play.at(START.plusSeconds(20), () -> {
            later.node().appears();
            add(play, later, "late", 60);
        });
        play.run();

        assertThat(completedAt(play)).isAfter(START.plusSeconds(80));
        assertBothAreSettled(play, later);
    }

    /** One that cannot be written to must not hold the hook past its deadline. */
    @Test
    void theFirstWaitsForTheOthersUntilTheDeadlineOnly() {
        Play play = new Play(7).policy(Policy.standard().with(SamplePolicy.hooks(AtDeadline.CONTINUE, false)));
        play.sibling("node-2");
        play.fault(act -> act instanceof Cordon cordon
                        && cordon.basedOn().isEmpty()
                        && play.journal().isPresent()
                ? Optional.of(new Outcome.Refused("by a policy"))
                : Optional.empty());
        play.takes(act ->
                act instanceof Cordon && play.journal().isPresent() ? Optional.of(ofSeconds(1)) : Optional.empty());
        play.notice(asg(TOKEN, START)).runUntil(START.plus(ofMinutes(20)));

        assertThat(completedAt(play))
                .isBetween(START.plus(ofMinutes(15)), START.plus(ofMinutes(15)).plusSeconds(5));
    }

    @Test
    void aLaunchIsCompletedWhenOneOfThemIsReady() {
        Play play = new Play(7);
        play.sibling("node-0").node().isReady(false);
        play.notice(SampleNotices.launch(START)).run();

        assertThat(play.succeeded(CompleteHook.class)).singleElement().satisfies(done -> {
            assertThat(done.at()).isBefore(START.plusSeconds(5));
            assertThat(done.action()).isEqualTo(new CompleteHook(SampleNotices.LAUNCH, HookResult.CONTINUE));
        });
    }

    private static void add(Play play, Place place, String pod, int exitsAfter) {
        place.pods()
                .add(SamplePod.of(pod).grace(ofMinutes(1)).seenAt(play.now()).build(), ofSeconds(exitsAfter));
    }

    private static Instant completedAt(Play play) {
        LifecycleAction action = hook(TOKEN);
        return play.succeeded(CompleteHook.class).stream()
                .filter(done -> ((CompleteHook) done.action()).action().equals(action))
                .map(Done::at)
                .findFirst()
                .orElseThrow();
    }

    private static Done lastOf(Play play) {
        return play.done().getLast();
    }

    private static void assertBothAreSettled(Play play, Place other) {
        for (Place place : Set.of(other, new Place(play.node, play.pods))) {
            assertThat(place.pods().names()).isEmpty();
            assertThat(place.node().journal().orElseThrow().state())
                    .as("journal of %s", place.node().name())
                    .isEqualTo(State.SETTLED);
            assertThat(place.node().changed()).as("cordoned").isNotEmpty();
        }
    }
}
