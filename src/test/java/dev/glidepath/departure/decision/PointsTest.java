package dev.glidepath.departure.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Act.Undo;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.departure.decision.RecordedDeparture.Bug;
import dev.glidepath.departure.decision.RecordedDeparture.Disturbed;
import dev.glidepath.departure.decision.RecordedDeparture.Recording;
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
    void everyDepartureEndsAsUndisturbedWhateverBefallsItAtAnyOfItsRequests() {
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
                        decides((sight, decision) ->
                                isFirst(sight) ? decision : without(SettleJournal.class::isInstance, decision))),
                argumentSet(
                        "what another process began is not told to its hook",
                        Disturbance.KILLED,
                        decides((sight, decision) ->
                                isFirst(sight) ? decision : without(CompleteHook.class::isInstance, decision))),
                argumentSet(
                        "what was under way counts as done",
                        Disturbance.KILLED_WITH_ALL_UNDER_WAY,
                        decides((sight, decision) ->
                                isFirst(sight) ? decision : without(Evict.class::isInstance, decision))),
                argumentSet(
                        "what another replica began is left alone",
                        Disturbance.KILLED_AND_ANOTHER_GOES_ON,
                        decides((sight, decision) -> without(PointsTest::takesOver, decision))),
                argumentSet(
                        "what was not answered is not done again",
                        Disturbance.ANSWER_LOST,
                        decides((sight, decision) -> without(act -> failedBefore(act, sight), decision))),
                argumentSet(
                        "what is written is not tested against what was read",
                        Disturbance.KILLED_AND_VIEW_IS_OLDER,
                        new Bug() {
                            @Override
                            public Decision decides(Play play, Sight sight, Decision decision) {
                                return acts(acts -> acts.map(act -> withoutTest(act, play)), decision);
                            }
                        }),
                argumentSet(
                        "who once met another's write leaves the node to him",
                        Disturbance.JOURNAL_BLINKS,
                        decides((sight, decision) ->
                                without(act -> act instanceof OnJournal && failedBefore(act, sight), decision))),
                argumentSet(
                        "who was refused waits until the budget is seen to gain room",
                        Disturbance.ROOM_BLINKS,
                        decides((sight, decision) -> without(act -> wasRefusedWithRoom(act, sight), decision))),
                argumentSet("pods are told from each other by name", Disturbance.POD_REPLACED, new Bug() {
                    @Override
                    public Sight sees(Sight sight) {
                        return byName(sight);
                    }
                }),
                argumentSet(
                        "who was not well once never is",
                        Disturbance.NODE_BLINKS,
                        decides((sight, decision) ->
                                wasAway(sight) ? without(Undo.class::isInstance, decision) : decision)));
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

    private static Bug decides(BiFunction<Sight, Decision, Decision> instead) {
        return new Bug() {
            @Override
            public Decision decides(Play play, Sight sight, Decision decision) {
                return instead.apply(sight, decision);
            }
        };
    }

    private static boolean isFirst(Sight sight) {
        return sight.claim().us().endsWith("/1");
    }

    private static boolean takesOver(Act act) {
        return act instanceof OnJournal write && write.takesOver();
    }

    private static boolean failedBefore(Act act, Sight sight) {
        return sight.attempts()
                .of(act)
                .filter(attempt -> attempt.state() instanceof Waiting(var _, var _, TryAgain _))
                .isPresent();
    }

    private static boolean wasRefusedWithRoom(Act act, Sight sight) {
        return act instanceof Evict
                && sight.budgets().stream().anyMatch(budget -> budget.allowed() > 0)
                && sight.attempts()
                        .of(act)
                        .filter(attempt ->
                                attempt.tries() > 0 && attempt.state() instanceof Waiting(var _, var _, Blocked _))
                        .isPresent();
    }

    private static boolean wasAway(Sight sight) {
        return sight.node() instanceof Present(KubeNode node)
                && sight.journal().filter(journal -> journal.stop().isEmpty()).isPresent()
                && node.readySince()
                        .filter(since -> !since.isBefore(Play.START))
                        .isPresent();
    }

    private static Act withoutTest(Act act, Play play) {
        String found = play.node.node().journalText();
        return switch (act) {
            case Undo undo -> new Undo(undo.journal(), found, undo.ending());
            case Rejournal rejournal -> new Rejournal(rejournal.journal(), found);
            case SettleJournal settle -> new SettleJournal(settle.journal(), found, settle.ending(), settle.report());
            case Cordon cordon -> new Cordon(cordon.journal(), found, cordon.kind(), cordon.scheduling());
            default -> act;
        };
    }

    /** Who has the name of one that has gone is gone as well. */
    private static Sight byName(Sight sight) {
        if (!(sight.pods() instanceof Listed(List<Pod> there, List<Pod> gone, Instant listedAt))) {
            return sight;
        }
        Set<String> names = gone.stream().map(pod -> pod.ref().name()).collect(Collectors.toSet());
        List<Pod> others =
                there.stream().filter(pod -> !names.contains(pod.ref().name())).toList();
        return new Sight(
                sight.instance(),
                sight.node(),
                sight.siblings(),
                sight.claim(),
                new Listed(others, gone, listedAt),
                sight.budgets(),
                sight.attached(),
                sight.surroundings(),
                sight.notices(),
                sight.announced(),
                sight.attempts());
    }

    private static Decision without(Predicate<Act> left, Decision decision) {
        return acts(acts -> acts.filter(left.negate()), decision);
    }

    private static Decision acts(UnaryOperator<Stream<Act>> change, Decision decision) {
        return new Decision(
                decision.stage(),
                change.apply(decision.acts().stream()).toList(),
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }
}
