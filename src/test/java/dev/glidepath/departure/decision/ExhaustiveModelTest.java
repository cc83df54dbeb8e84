package dev.glidepath.departure.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.decision.Exploration.Found;
import dev.glidepath.departure.decision.SmallModel.Bounds;
import dev.glidepath.departure.decision.SmallModel.Freedom;
import dev.glidepath.departure.decision.SmallModel.Plant;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All that two replicas can do about one node, whatever happens in which order, within a few bounds. {@code -Dmodel.deep=true} goes on to
 * wider bounds, which takes many minutes and, with {@code -DargLine=-Xmx8g}, more memory.
 */
class ExhaustiveModelTest {
    private static final boolean DEEP = Boolean.getBoolean("model.deep");
    private static final int MOST_STATES = Integer.getInteger("model.states", DEEP ? 200_000_000 : 20_000_000);

    /** Each message comes once and at once; nothing fails; the budget has room for its pod. */
    private static final Bounds CALM = new Bounds(0, 0, 1, Duration.ZERO, 1, Set.of());

    static Stream<Arguments> bounds() {
        Stream<Arguments> usual = Stream.of(
                argumentSet("messages come twice", CALM.deliveries(2)),
                argumentSet("a process dies", CALM.crashes(1)),
                argumentSet("a watch falls behind", CALM.delays(1)),
                argumentSet(
                        "a watch falls behind, and the budget has no room",
                        CALM.delays(1).room(0)),
                argumentSet(
                        "a replica does not see the node, and Leases are late",
                        CALM.and(Freedom.NODE_UNSEEN).and(Freedom.SLOW_LEASES)));
        Stream<Arguments> deep = Stream.of(
                argumentSet(
                        "a replica does not see the node, and messages come twice",
                        CALM.and(Freedom.NODE_UNSEEN).deliveries(2)),
                argumentSet(
                        "a replica does not see the node, and a process dies",
                        CALM.and(Freedom.NODE_UNSEEN).crashes(1)),
                argumentSet(
                        "pods may end at once, and the budget gains room",
                        CALM.room(0).and(Freedom.ROOM_GROWS).and(Freedom.PODS_END_AT_ONCE)),
                argumentSet(
                        "a process dies, and the budget has no room",
                        CALM.crashes(1).room(0)),
                argumentSet(
                        "a process dies, and a watch falls behind",
                        CALM.crashes(1).delays(1)),
                argumentSet(
                        "a process dies, and messages come twice",
                        CALM.crashes(1).deliveries(2)),
                argumentSet("messages come late", CALM.heardWithin(Duration.ofSeconds(40))),
                argumentSet("any answer may be late", CALM.and(Freedom.SLOW_ANSWERS)),
                argumentSet(
                        "the machine may end", CALM.and(Freedom.MACHINE_ENDS).delays(1)));
        return DEEP ? Stream.concat(usual, deep) : usual;
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void everyPromiseIsKept(Bounds bounds) {
        Found found = explore(bounds, Plant.NONE);

        assertThat(found.broken()).isEmpty();
        assertThat(found.isWhole()).as("within -Dmodel.states").isTrue();
        assertThat(found.ends()).isPositive();
    }

    /** One for each promise, and those that were once broken: were they not found, the test above would prove nothing. */
    static Stream<Arguments> bugs() {
        return Stream.of(
                argumentSet(
                        "takes a node that it does not see for gone, at another's word",
                        "a hook is completed over running pods",
                        CALM.and(Freedom.NODE_UNSEEN),
                        sees(ExhaustiveModelTest::takesTheUnseenForGone)),
                argumentSet(
                        "goes by a watch that is behind its own writes",
                        "older than its own last write",
                        CALM.delays(1),
                        new SeesWhatTheWatchShows()),
                argumentSet(
                        "takes what another holds",
                        "taken from a holder that lives",
                        CALM,
                        sees(ExhaustiveModelTest::nobodyHolds)),
                argumentSet(
                        "completes the hook before the pods are gone",
                        "a hook is completed over running pods",
                        CALM,
                        decides(ExhaustiveModelTest::completesHooks)),
                argumentSet(
                        "forgets that it completed the hook",
                        "a hook is completed again by who completed it",
                        CALM,
                        decides(ExhaustiveModelTest::completesAgain)),
                argumentSet(
                        "asks pods again that end",
                        "a pod is asked again after a yes",
                        CALM,
                        decides(ExhaustiveModelTest::asksAgain)),
                argumentSet(
                        "deletes pods in the place of evicting them",
                        "a pod is deleted before its last call",
                        CALM,
                        decides((_, decision) -> deletesPods(decision))),
                argumentSet(
                        "deletes messages at once",
                        "a message is deleted that nothing remembers",
                        CALM,
                        decides(ExhaustiveModelTest::deletesMessages)),
                argumentSet(
                        "never completes the hook",
                        "it does not end",
                        CALM,
                        decides((_, decision) -> without(CompleteHook.class, decision))),
                argumentSet(
                        "sleeps for ever",
                        "nothing will ever wake it",
                        CALM.room(0),
                        decides((_, decision) -> sleepsForEver(decision))));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void aBugIsFound(String promise, Bounds bounds, Plant bug) {
        Found found = explore(bounds, bug);

        assertThat(found.broken())
                .hasValueSatisfying(broken -> assertThat(broken.promise()).contains(promise));
    }

    private static Found explore(Bounds bounds, Plant plant) {
        long began = System.nanoTime();
        Found found = new Exploration(new SmallModel(bounds, plant), MOST_STATES).explore();
        System.out.printf(
                Locale.ROOT,
                "%s: %,d states, %,d transitions, %,d ends, %d steps deep, in %.1f s%n",
                bounds,
                found.states(),
                found.transitions(),
                found.ends(),
                found.depth(),
                (System.nanoTime() - began) / 1e9);
        found.broken().ifPresent(System.out::println);
        return found;
    }

    private static Plant sees(UnaryOperator<Snapshot> instead) {
        return new Plant() {
            @Override
            public Snapshot sees(Snapshot snapshot, SmallReplica replica, SmallWorld world) {
                return instead.apply(snapshot);
            }
        };
    }

    /** What is decided instead of this, where that is seen. */
    private interface Decides {
        Decision instead(Snapshot snapshot, Decision decision);
    }

    private static Plant decides(Decides instead) {
        return new Plant() {
            @Override
            public Decision decides(Snapshot snapshot, Decision decision) {
                return instead.instead(snapshot, decision);
            }
        };
    }

    /** As if the API server had been asked, and had said that the node is no more. */
    private static Snapshot takesTheUnseenForGone(Snapshot snapshot) {
        return snapshot.node() instanceof NeverSeen && snapshot.hasPendingHooks()
                ? with(new NeverSeen(Instant.MAX, Optional.of(SmallModel.START)), snapshot.claim(), snapshot)
                : snapshot;
    }

    /** As if the API server's answers to its own writes were not remembered. */
    private static final class SeesWhatTheWatchShows implements Plant {
        @Override
        public Snapshot sees(Snapshot snapshot, SmallReplica replica, SmallWorld world) {
            boolean wroteLast = replica.own()
                    .filter(own -> own.version() == replica.past().wrote())
                    .isPresent();
            return replica.late()
                    .filter(_ -> wroteLast)
                    .map(late -> SmallModel.nodeSight(replica, late.view(), Optional.empty()))
                    .map(node -> with(node, snapshot.claim(), snapshot))
                    .orElse(snapshot);
        }
    }

    private static Snapshot nobodyHolds(Snapshot snapshot) {
        Claim claim = new Claim(snapshot.claim().us(), snapshot.claim().mayActUntil(), new Holding.Nobody());
        return with(snapshot.node(), claim, snapshot);
    }

    private static Snapshot with(NodeSight node, Claim claim, Snapshot snapshot) {
        return new Snapshot(
                snapshot.instance(),
                node,
                claim,
                snapshot.pods(),
                snapshot.budgets(),
                snapshot.attached(),
                snapshot.conditions(),
                snapshot.notices(),
                snapshot.announced(),
                snapshot.attempts());
    }

    private static Decision completesHooks(Snapshot snapshot, Decision decision) {
        return snapshot.journal().stream()
                .filter(journal -> journal.state() == Journal.State.OPEN)
                .filter(_ -> snapshot.claim().holding() instanceof Holding.Us)
                .flatMap(journal -> journal.hooks().stream())
                .findFirst()
                .map(hook -> new CompleteHook(hook.action(), HookResult.CONTINUE))
                .filter(complete -> snapshot.attempts().of(complete).isEmpty())
                .map(complete -> and(complete, decision))
                .orElse(decision);
    }

    private static Decision completesAgain(Snapshot snapshot, Decision decision) {
        CompleteHook complete = new CompleteHook(SmallModel.ACTION, HookResult.CONTINUE);
        return snapshot.attempts().isDone(complete) ? and(complete, decision) : decision;
    }

    private static Decision asksAgain(Snapshot snapshot, Decision decision) {
        if (!(snapshot.pods() instanceof Listed listed)) {
            return decision;
        }
        return listed.pods().stream()
                .flatMap(pod -> snapshot.attempts().of(Evict.class, pod.ref()).stream())
                .filter(attempt -> attempt.state() instanceof Attempt.State.Done)
                .findFirst()
                .map(attempt -> and(attempt.action(), decision))
                .orElse(decision);
    }

    private static Decision deletesPods(Decision decision) {
        List<Action> actions = decision.actions().stream()
                .<Action>map(action -> action instanceof OnPod onPod ? new Delete(onPod.pod(), onPod.terms()) : action)
                .toList();
        return with(actions, decision);
    }

    private static Set<MessageId> messagesOf(Snapshot snapshot) {
        return snapshot.notices().stream().map(Notice::message).collect(Collectors.toUnmodifiableSet());
    }

    private static Decision deletesMessages(Snapshot snapshot, Decision decision) {
        return messagesOf(snapshot).isEmpty() || !decision.actions().isEmpty()
                ? decision
                : and(new DeleteMessages(messagesOf(snapshot), Ending.ALREADY_SETTLED), decision);
    }

    private static Decision sleepsForEver(Decision decision) {
        return new Decision(
                decision.stage(),
                decision.actions(),
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                Instant.MAX);
    }

    private static Decision and(Action action, Decision decision) {
        List<Action> actions = new ArrayList<>(decision.actions());
        actions.removeIf(other -> other.key().equals(action.key()));
        actions.add(action);
        return with(actions, decision);
    }

    private static Decision without(Class<? extends Action> sort, Decision decision) {
        return with(
                decision.actions().stream()
                        .filter(action -> !sort.isInstance(action))
                        .toList(),
                decision);
    }

    private static Decision with(List<Action> actions, Decision decision) {
        return new Decision(
                decision.stage(),
                actions,
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }
}
