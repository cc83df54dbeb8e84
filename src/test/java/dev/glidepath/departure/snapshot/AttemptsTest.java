package dev.glidepath.departure.snapshot;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.Terms;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempt.State.InFlight;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Scheduling;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AttemptsTest {
    private static final Instant NOW = Instant.parse("2026-08-24T10:15:00Z");
    private static final LifecycleAction ACTION =
            new LifecycleAction("workers", "drain", "token", new InstanceId("i-0123456789abcdef0"));
    private static final PodRef POD = new PodRef("shop", "web", "uid-of-web");
    private static final Terms TERMS =
            new Terms(Instant.MAX, Instant.MAX, new Grace(ofSeconds(30), Optional.empty()), Set.of());
    private static final Evict EVICT = new Evict(POD, TERMS);
    private static final LastCall LAST_CALL = new LastCall(POD, TERMS);
    private static final Delete DELETE = new Delete(POD, TERMS);
    private static final Cordon CORDON =
            new Cordon(Journal.empty(NOW), "", Kind.SPOT_INTERRUPTION, Scheduling.FORBIDDEN);
    private static final Heartbeat HEARTBEAT = new Heartbeat(ACTION);

    private static final CompleteHook COMPLETE = new CompleteHook(ACTION, HookResult.CONTINUE);

    /** Whose doubles are a half: nothing is spread. */
    private static final RandomGenerator EVEN = () -> Long.MIN_VALUE;

    @Test
    void whatWasNotSentWasNotTried() {
        Attempts never = Attempts.none().started(List.of(EVICT), NOW).ended(EVICT, new NotSent(""), NOW, EVEN);
        assertThat(never.of(EVICT)).isEmpty();

        Attempts refused = Attempts.none()
                .started(List.of(EVICT), NOW)
                .ended(EVICT, new Refused(""), NOW, EVEN)
                .started(List.of(EVICT), NOW.plusSeconds(10))
                .ended(EVICT, new NotSent(""), NOW.plusSeconds(20), EVEN);
        assertThat(refused.of(EVICT)).hasValueSatisfying(attempt -> {
            assertThat(attempt.tries()).isEqualTo(1);
            assertThat(attempt.state())
                    .isInstanceOfSatisfying(
                            Waiting.class,
                            waiting -> assertThat(waiting.retryAt()).isEqualTo(NOW.plusSeconds(20)));
        });
    }

    @Test
    void whatABudgetHeldBackIsRememberedThoughItWasNotSent() {
        Attempts attempts = Attempts.none()
                .started(List.of(EVICT), NOW)
                .ended(EVICT, new Blocked("shop/web", ""), NOW, EVEN)
                .started(List.of(EVICT), NOW.plusSeconds(10))
                .ended(EVICT, new NotSent(""), NOW.plusSeconds(10), EVEN);

        assertThat(attempts.of(EVICT).orElseThrow().blockedFor(NOW.plusSeconds(30)))
                .isEqualTo(ofSeconds(10));
        assertThat(attempts.of(EVICT).orElseThrow().blockedBy()).containsExactly("shop/web");
    }

    /** The clock went on by an hour between two looks, and nobody knows whether the hour has passed. */
    @Test
    void aClockThatIsSetForwardMakesNoKubeletSilent() {
        assertThat(silence(0, 10, 20, 30, 3_600).kubeletSilentSince(NOW, NOW.plusSeconds(3_600)))
                .isEqualTo(ZERO);
    }

    @Test
    void aKubeletIsSilentForAsLongAsItIsSeenToBe() {
        Attempts silent = silence(0, 10, 20, 45);

        assertThat(silent.kubeletSilentSince(Instant.MIN, NOW.plusSeconds(50))).isEqualTo(ofSeconds(45));
        assertThat(silent.kubeletSilentSince(NOW.plusSeconds(15), NOW.plusSeconds(50)))
                .isEqualTo(ofSeconds(30));
        assertThat(silence(0, 10, 20).kubeletSilentSince(NOW, NOW.plusSeconds(20)))
                .as("too seldom")
                .isEqualTo(ZERO);
        assertThat(silent.kubeletSilentSince(NOW, NOW.plusSeconds(600)))
                .as("what it has done since")
                .isEqualTo(ZERO);
    }

    /** Looks at a Lease that is never renewed, after so many seconds. */
    private static Attempts silence(int... seconds) {
        AskKubelet ask = new AskKubelet();
        Attempts attempts = Attempts.none();
        for (int second : seconds) {
            Instant at = NOW.plusSeconds(second);
            attempts = attempts.started(List.of(ask), at).ended(ask, new Renewed(NOW), at, EVEN);
        }
        return attempts;
    }

    static Stream<Arguments> pauses() {
        return Stream.of(
                Arguments.of(EVICT, new Blocked("", ""), seconds(2, 4, 8, 16, 30, 30)),
                Arguments.of(EVICT, new Overloaded("", Duration.ZERO), seconds(0.25, 0.5, 1, 2, 4, 5, 5)),
                Arguments.of(EVICT, new Overloaded("", ofSeconds(3)), seconds(3.75, 3.75, 3.75, 3.75, 4)),
                Arguments.of(LAST_CALL, new Overloaded("", ofSeconds(30)), seconds(2.5, 2.5)),
                Arguments.of(new ListPods(1), new Overloaded("", ofSeconds(30)), seconds(6.25, 6.25)),
                Arguments.of(CORDON, new Overloaded("", ofSeconds(30)), seconds(6.25, 6.25)),
                Arguments.of(EVICT, new Refused(""), seconds(10, 20, 40, 80, 120, 120)),
                Arguments.of(EVICT, new Retry(""), seconds(0.25, 0.5, 1, 2, 4, 8, 10, 10)),
                Arguments.of(EVICT, new Forbidden(""), seconds(30, 30, 30)),
                Arguments.of(COMPLETE, new Forbidden(""), seconds(30, 60, 120, 120)),
                Arguments.of(COMPLETE, new NotFound(""), seconds(5, 5, 5)),
                Arguments.of(LAST_CALL, new Blocked("", ""), seconds(0.25, 0.5, 1, 2, 2)),
                Arguments.of(LAST_CALL, new Refused(""), seconds(0.25, 0.5, 1, 2, 2)),
                Arguments.of(LAST_CALL, new Forbidden(""), seconds(30, 30)),
                Arguments.of(DELETE, new Retry(""), seconds(0.25, 0.5, 1, 2, 2)),
                Arguments.of(new ListPods(1), new Retry(""), seconds(0.25, 0.5, 1, 2, 4, 8, 10, 10)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pauses")
    void waitsLongerEachTime(Action action, Outcome outcome, List<Duration> pauses) {
        Attempts attempts = Attempts.none();
        for (Duration pause : pauses) {
            attempts = attempts.started(List.of(action), NOW).ended(action, outcome, NOW, EVEN);
            assertThat(state(attempts, action)).isEqualTo(new Waiting(NOW, NOW.plus(pause), outcome));
        }
    }

    @Test
    void neverWaitsLongerThanTheLongestHoweverOftenItFailed() {
        Attempts attempts = Attempts.none();
        for (int attempt = 0; attempt < 100; attempt++) {
            attempts = attempts.started(List.of(EVICT), NOW).ended(EVICT, new Retry(""), NOW, EVEN);
        }
        assertThat(state(attempts, EVICT)).isEqualTo(new Waiting(NOW, NOW.plusSeconds(10), new Retry("")));
    }

    @Test
    void spreadsWhatIsTriedAgainByAQuarterEachWay() {
        Attempts started = Attempts.none().started(List.of(EVICT), NOW);

        assertThat(state(started.ended(EVICT, new Refused(""), NOW, () -> 0L), EVICT))
                .isEqualTo(new Waiting(NOW, NOW.plusMillis(7_500), new Refused("")));
        assertThat(state(started.ended(EVICT, new Refused(""), NOW, () -> -1L), EVICT))
                .isEqualTo(new Waiting(NOW, NOW.plusMillis(12_500), new Refused("")));
    }

    @Test
    void remembersAnOutcomeThoughTheStartIsForgotten() {
        Attempts attempts = Attempts.none().ended(EVICT, new NotNeeded("gone"), NOW, EVEN);

        assertThat(state(attempts, EVICT)).isEqualTo(new Done(NOW, new NotNeeded("gone")));
        assertThat(attempts.isDone(EVICT)).isTrue();
        assertThat(attempts.succeeded(Evict.class)).as("not by us").isEmpty();
    }

    @Test
    void aHeartbeatThatLandedBeginsToCountAnew() {
        Attempts failed = Attempts.none()
                .started(List.of(HEARTBEAT), NOW)
                .ended(HEARTBEAT, new Retry(""), NOW, EVEN)
                .started(List.of(HEARTBEAT), NOW);
        Attempts landed = failed.ended(HEARTBEAT, new Succeeded(), NOW, EVEN);

        assertThat(failed.of(HEARTBEAT).orElseThrow().tries()).isEqualTo(2);
        assertThat(landed.of(HEARTBEAT).orElseThrow().tries()).isEqualTo(2);
        assertThat(landed.succeeded(Heartbeat.class)).hasSize(1);
        assertThat(landed.started(List.of(HEARTBEAT), NOW)
                        .of(HEARTBEAT)
                        .orElseThrow()
                        .tries())
                .isEqualTo(1);
    }

    @Test
    void aDenialIsRememberedUntilSomethingElseIsSaid() {
        Attempts denied = Attempts.none().ended(HEARTBEAT, new Forbidden(""), NOW, EVEN);
        Attempts askedAgain = denied.started(List.of(HEARTBEAT), NOW);
        Attempts notAnswered = askedAgain.ended(HEARTBEAT, new Retry(""), NOW, EVEN);

        assertThat(List.of(denied, askedAgain, notAnswered))
                .allMatch(attempts -> attempts.of(HEARTBEAT).orElseThrow().denied());
        assertThat(List.of(new Succeeded(), new NotFound("")))
                .noneMatch(said -> notAnswered
                        .ended(HEARTBEAT, said, NOW, EVEN)
                        .of(HEARTBEAT)
                        .orElseThrow()
                        .denied());
    }

    @Test
    void addsUpHowLongBudgetsHeldAPodBack() {
        Attempts attempts = Attempts.none().heldBack(List.of(held("one")), NOW);
        assertThat(attempt(attempts).tries()).isZero();
        assertThat(attempt(attempts).wasAnswered()).isFalse();
        assertThat(attempt(attempts).blockedFor(NOW.plusSeconds(3))).isEqualTo(ofSeconds(3));

        attempts = attempts.heldBack(List.of(held("one")), NOW.plusSeconds(5));
        assertThat(attempt(attempts).since()).as("it is still held back").isEqualTo(NOW);

        attempts = attempts.started(List.of(EVICT), NOW.plusSeconds(10));
        assertThat(attempt(attempts).blockedFor(NOW.plusSeconds(11))).isEqualTo(ofSeconds(10));
        assertThat(attempt(attempts).since()).isEqualTo(NOW.plusSeconds(10));

        attempts = attempts.ended(EVICT, new Blocked("shop/two", "no room"), NOW.plusSeconds(12), EVEN);
        assertThat(attempt(attempts).blockedFor(NOW.plusSeconds(15))).isEqualTo(ofSeconds(13));
        assertThat(attempt(attempts).blockedBy()).containsExactlyInAnyOrder("shop/one", "shop/two");
        assertThat(attempt(attempts).wasAnswered()).isTrue();
    }

    @Test
    void heldBackAfterAFailureKeepsWhatWasKnown() {
        Attempts attempts = Attempts.none()
                .heldBack(List.of(held("one")), NOW)
                .started(List.of(EVICT), NOW.plusSeconds(4))
                .ended(EVICT, new Retry(""), NOW.plusSeconds(5), EVEN)
                .heldBack(List.of(held("two")), NOW.plusSeconds(6));

        assertThat(attempt(attempts).tries()).isEqualTo(1);
        assertThat(attempt(attempts).blockedFor(NOW.plusSeconds(7))).isEqualTo(ofSeconds(5));
        assertThat(attempt(attempts).blockedBy()).containsExactlyInAnyOrder("shop/one", "shop/two");
    }

    @Test
    void aBudgetWithoutANameIsNone() {
        Attempts attempts = Attempts.none().ended(EVICT, new Blocked("", "no room"), NOW, EVEN);

        assertThat(attempt(attempts).blockedBy()).isEmpty();
        assertThat(attempt(attempts).blockedFor(NOW)).isEqualTo(ZERO);
    }

    @Test
    void isAnsweredWhenItsOutcomeOrAFurtherStartTellsSo() {
        Attempts attempts = Attempts.none().started(List.of(EVICT), NOW);
        assertThat(attempt(attempts).state()).isEqualTo(new InFlight(NOW));
        assertThat(attempt(attempts).wasAnswered()).isFalse();

        attempts = attempts.ended(EVICT, new Retry(""), NOW, EVEN);
        assertThat(attempt(attempts).wasAnswered()).isTrue();

        attempts = attempts.started(List.of(EVICT), NOW);
        assertThat(attempt(attempts).wasAnswered()).isTrue();
    }

    private static HeldEviction held(String budget) {
        return new HeldEviction(EVICT, new Budget.Id("shop", budget), HeldEviction.Reason.NO_ROOM, "no room");
    }

    private static Attempt attempt(Attempts attempts) {
        return attempts.of(EVICT).orElseThrow();
    }

    private static Attempt.State state(Attempts attempts, Action action) {
        return attempts.of(action).orElseThrow().state();
    }

    private static List<Duration> seconds(double... each) {
        return Arrays.stream(each)
                .mapToObj(seconds -> ofMillis((long) (seconds * 1_000)))
                .toList();
    }
}
