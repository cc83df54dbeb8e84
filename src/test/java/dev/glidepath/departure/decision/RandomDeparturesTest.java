package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.HeldEviction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Departures at random: pods, graces, priorities, budgets that gain and lose room, refusals, kinds, settings, restarts at any
 * moment. Each seed is a departure of its own; {@code -Ddepartures.first} plays from a seed that failed.
 */
class RandomDeparturesTest {
    private static final int DEPARTURES = 25_000;

    /** Enough for any of the bugs below to show. */
    private static final int WITH_A_BUG = 2_000;

    @Test
    void everyDepartureKeepsTheRules() {
        long first = Long.getLong("departures.first", new Random().nextLong(Integer.MAX_VALUE));
        System.out.printf("playing departures %d to %d%n", first, first + DEPARTURES - 1);

        assertThat(Seeds.broken(first, DEPARTURES, seed -> play(seed, UnaryOperator::identity)))
                .isEmpty();
    }

    /** One for each rule: were they not found, the test above would prove nothing. */
    static Stream<Arguments> bugs() {
        return Stream.of(
                argumentSet("evicts again after a yes", "evicted again", bug(EvictsAgain::new)),
                argumentSet("deletes before the last call", "deleted before its last call", bug(DeletesEarly::new)),
                argumentSet("forgets a pod", "left without SIGTERM", bug(() -> RandomDeparturesTest::forgetsAPod)),
                argumentSet("never settles", "for ever", bug(() -> RandomDeparturesTest::neverSettles)));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void aBugIsFound(String rule, Supplier<UnaryOperator<Decision>> bug) {
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed <= WITH_A_BUG; seed++) {
                        play(seed, bug);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .satisfies(found -> assertThat(found.getCause()).hasMessageContaining(rule));
    }

    private static void play(long seed, Supplier<UnaryOperator<Decision>> bug) {
        RandomWorld world = new RandomWorld(seed);
        try {
            world.play().bug(bug.get()).run();
            Rules.check(world);
        } catch (AssertionError | RuntimeException broken) {
            throw new AssertionError("seed " + seed + ": " + broken + " after " + world.interruptions(), broken);
        }
    }

    private static Supplier<UnaryOperator<Decision>> bug(Supplier<UnaryOperator<Decision>> bug) {
        return bug;
    }

    /** Asks everyone once more who was asked ten looks ago. */
    private static final class EvictsAgain implements UnaryOperator<Decision> {
        private final List<Action> asked = new ArrayList<>();
        private int looks;

        @Override
        public Decision apply(Decision decision) {
            looks++;
            decision.actions().stream().filter(Evict.class::isInstance).forEach(asked::add);
            if (looks % 10 != 0 || asked.isEmpty() || !decision.actions().isEmpty()) {
                return decision;
            }
            return new Decision(
                    decision.stage(),
                    List.of(asked.removeFirst()),
                    decision.held(),
                    decision.givenUp(),
                    decision.leftHooks(),
                    decision.lookAgainAt());
        }
    }

    /** Deletes whom a budget holds back. */
    private static final class DeletesEarly implements UnaryOperator<Decision> {
        private final Set<Object> deleted = new HashSet<>();

        @Override
        public Decision apply(Decision decision) {
            List<Action> actions = new ArrayList<>(decision.actions());
            for (HeldEviction held : decision.held()) {
                if (deleted.add(held.evict().pod())) {
                    actions.add(new Delete(held.evict().pod(), held.evict().terms()));
                }
            }
            return new Decision(
                    decision.stage(),
                    actions,
                    decision.held(),
                    decision.givenUp(),
                    decision.leftHooks(),
                    decision.lookAgainAt());
        }
    }

    private static Decision forgetsAPod(Decision decision) {
        List<Action> actions = decision.actions().stream()
                .filter(action ->
                        !(action instanceof OnPod onPod && onPod.pod().name().equals("pod-1")))
                .toList();
        return new Decision(
                decision.stage(), actions, decision.held(), decision.givenUp(), decision.leftHooks(), soon(decision));
    }

    private static Decision neverSettles(Decision decision) {
        List<Action> actions = decision.actions().stream()
                .filter(action -> !(action instanceof DeleteMessages))
                .toList();
        return new Decision(
                decision.stage(), actions, decision.held(), decision.givenUp(), decision.leftHooks(), soon(decision));
    }

    private static Instant soon(Decision decision) {
        return decision.lookAgainAt().equals(Instant.MAX) ? START.plusSeconds(1_000_000) : decision.lookAgainAt();
    }
}
