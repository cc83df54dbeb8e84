package dev.glidepath.departure.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.decision.RecordedDeparture.Bug;
import dev.glidepath.departure.decision.RecordedDeparture.Disturbed;
import dev.glidepath.departure.decision.RecordedDeparture.Recording;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every request of every kind of departure, disturbed in every way: the departure ends as it ends undisturbed, and is calm then.
 * Alone by {@code make points}.
 */
class PointsTest {
    @Test
    void noDisturbanceAtAnyRequestChangesHowADepartureEnds() {
        long began = System.nanoTime();
        List<Disturbed> all = new ArrayList<>();
        int points = 0;
        for (RecordedDeparture departure : RecordedDeparture.values()) {
            Recording undisturbed = departure.undisturbed(Bug.NONE);
            points += undisturbed.requests().size();
            for (Disturbance disturbance : Disturbance.values()) {
                disturbed(departure, undisturbed, disturbance, Bug.NONE).forEach(all::add);
            }
        }
        System.out.printf(
                "%d kinds of departures, %d requests, %d disturbances: %d plays in %d ms%n",
                RecordedDeparture.values().length,
                points,
                Disturbance.values().length,
                all.size(),
                Duration.ofNanos(System.nanoTime() - began).toMillis());
        List<Disturbed> wrong = all.stream().filter(Disturbed::isWrong).toList();

        assertThat(wrong).isEmpty();
    }

    /** One for each thing that a disturbance is to bring to light, and that nobody would see undisturbed. */
    static Stream<Arguments> bugs() {
        return Stream.of(
                argumentSet(
                        "what another process began is not settled",
                        Disturbance.KILLED,
                        decides((snapshot, decision) ->
                                isFirst(snapshot) ? decision : without(SettleJournal.class::isInstance, decision))),
                argumentSet(
                        "what another process began is not told to its hook",
                        Disturbance.KILLED,
                        decides((snapshot, decision) ->
                                isFirst(snapshot) ? decision : without(CompleteHook.class::isInstance, decision))),
                argumentSet(
                        "what was under way counts as done",
                        Disturbance.KILLED_WITH_ALL_UNDER_WAY,
                        decides((snapshot, decision) ->
                                isFirst(snapshot) ? decision : without(Evict.class::isInstance, decision))),
                argumentSet(
                        "what another replica began is left alone",
                        Disturbance.KILLED_AND_ANOTHER_GOES_ON,
                        decides((snapshot, decision) -> without(PointsTest::takesOver, decision))),
                argumentSet(
                        "what was not answered is not done again",
                        Disturbance.ANSWER_LOST,
                        decides((snapshot, decision) -> without(action -> failedBefore(action, snapshot), decision))),
                argumentSet(
                        "what is written is not tested against what was read",
                        Disturbance.KILLED_AND_VIEW_IS_OLDER,
                        new Bug() {
                            @Override
                            public Decision decides(Play play, Snapshot snapshot, Decision decision) {
                                return acts(actions -> actions.map(action -> withoutTest(action, play)), decision);
                            }
                        }),
                argumentSet(
                        "who once met another's write leaves the node to him",
                        Disturbance.JOURNAL_BLINKS,
                        decides((snapshot, decision) -> without(
                                action -> action instanceof OnJournal && failedBefore(action, snapshot), decision))),
                argumentSet(
                        "who was refused waits until the budget is seen to gain room",
                        Disturbance.ROOM_BLINKS,
                        decides((snapshot, decision) ->
                                without(action -> wasRefusedWithRoom(action, snapshot), decision))),
                argumentSet("pods are told from each other by name", Disturbance.POD_REPLACED, new Bug() {
                    @Override
                    public Snapshot sees(Snapshot snapshot) {
                        return byName(snapshot);
                    }
                }),
                argumentSet(
                        "who was not well once never is",
                        Disturbance.NODE_BLINKS,
                        decides((snapshot, decision) ->
                                wasAway(snapshot) ? without(Undo.class::isInstance, decision) : decision)));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void aBugThatNobodySeesUndisturbedIsFound(Disturbance disturbance, Bug bug) {
        boolean found = false;
        for (RecordedDeparture departure : RecordedDeparture.values()) {
            Recording undisturbed = departure.undisturbed(Bug.NONE);
            assertThat(departure.undisturbed(bug).end()).isEqualTo(undisturbed.end());
            found = found || disturbed(departure, undisturbed, disturbance, bug).anyMatch(Disturbed::isWrong);
        }
        assertThat(found).isTrue();
    }

    private static Stream<Disturbed> disturbed(
            RecordedDeparture departure, Recording undisturbed, Disturbance disturbance, Bug bug) {
        return IntStream.rangeClosed(1, undisturbed.requests().size())
                .boxed()
                .flatMap(number -> departure.disturbed(undisturbed, number, disturbance, bug).stream());
    }

    private static Bug decides(BiFunction<Snapshot, Decision, Decision> instead) {
        return new Bug() {
            @Override
            public Decision decides(Play play, Snapshot snapshot, Decision decision) {
                return instead.apply(snapshot, decision);
            }
        };
    }

    private static boolean isFirst(Snapshot snapshot) {
        return snapshot.claim().us().endsWith("/1");
    }

    private static boolean takesOver(Action action) {
        return action instanceof OnJournal write && write.takesOver();
    }

    private static boolean failedBefore(Action action, Snapshot snapshot) {
        return snapshot.attempts()
                .of(action)
                .filter(attempt -> attempt.state() instanceof Waiting(var _, var _, Retry _))
                .isPresent();
    }

    private static boolean wasRefusedWithRoom(Action action, Snapshot snapshot) {
        return action instanceof Evict
                && snapshot.budgets().stream().anyMatch(budget -> budget.allowed() > 0)
                && snapshot.attempts()
                        .of(action)
                        .filter(attempt ->
                                attempt.tries() > 0 && attempt.state() instanceof Waiting(var _, var _, Blocked _))
                        .isPresent();
    }

    private static boolean wasAway(Snapshot snapshot) {
        return snapshot.node() instanceof Present(KubeNode node)
                && snapshot.journal()
                        .filter(journal -> journal.stop().isEmpty())
                        .isPresent()
                && node.readySince()
                        .filter(since -> !since.isBefore(Play.START))
                        .isPresent();
    }

    private static Action withoutTest(Action action, Play play) {
        String found = play.node.node().journalText();
        return switch (action) {
            case Undo undo -> new Undo(undo.journal(), found, undo.ending());
            case UpdateJournal rejournal -> new UpdateJournal(rejournal.journal(), found);
            case SettleJournal settle -> new SettleJournal(settle.journal(), found, settle.ending(), settle.report());
            case Cordon cordon -> new Cordon(cordon.journal(), found, cordon.kind(), cordon.scheduling());
            default -> action;
        };
    }

    /** Who has the name of one that has gone is gone as well. */
    private static Snapshot byName(Snapshot snapshot) {
        if (!(snapshot.pods() instanceof Listed(List<Pod> there, List<Pod> gone, Instant listedAt))) {
            return snapshot;
        }
        Set<String> names = gone.stream().map(pod -> pod.ref().name()).collect(Collectors.toSet());
        List<Pod> others =
                there.stream().filter(pod -> !names.contains(pod.ref().name())).toList();
        return new Snapshot(
                snapshot.instance(),
                snapshot.node(),
                snapshot.siblings(),
                snapshot.claim(),
                new Listed(others, gone, listedAt),
                snapshot.budgets(),
                snapshot.attached(),
                snapshot.conditions(),
                snapshot.notices(),
                snapshot.announced(),
                snapshot.attempts());
    }

    private static Decision without(Predicate<Action> left, Decision decision) {
        return acts(actions -> actions.filter(left.negate()), decision);
    }

    private static Decision acts(UnaryOperator<Stream<Action>> change, Decision decision) {
        return new Decision(
                decision.stage(),
                change.apply(decision.actions().stream()).toList(),
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }
}
