package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.UnknownParts;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole lives of nodes at random: the same ones each time, so that a change is judged and not luck. {@code -Dstories.count} plays so many
 * new ones, {@code -Dstories.first} from a seed that failed; {@code -Dstories.threads=1} leaves the other processors to others.
 */
class RandomStoriesTest {
    private static final int STORIES = 10_000;

    private static final int TOLD_AFTER = 10_000;

    /** Enough for any of the bugs below to show. */
    private static final int WITH_A_BUG = 20_000;

    /** A bug: what is seen instead, what is decided instead, and what is not done in the world that should be. */
    record Bug(UnaryOperator<Snapshot> sees, Decides decides, Consumer<Play> world) {
        /** What is decided instead of this, where that is seen. */
        interface Decides {
            Decision instead(Snapshot snapshot, Decision decision);
        }

        static Bug none() {
            return RandomStoriesTest.decides((_, decision) -> decision);
        }
    }

    @Test
    void everyStoryKeepsTheRules() {
        boolean isAskedFor = Long.getLong("stories.count") != null;
        long first = Long.getLong("stories.first", isAskedFor ? new Random().nextLong(Integer.MAX_VALUE) : 1);
        long count = Long.getLong("stories.count", STORIES);
        System.out.printf("playing stories %d to %d%n", first, first + count - 1);

        AtomicLong played = new AtomicLong();
        LongStream seeds = LongStream.range(first, first + count);
        assertThat(Seeds.broken(Integer.getInteger("stories.threads", 2) == 1 ? seeds : seeds.parallel(), seed -> {
                    tellAfter(played.incrementAndGet(), count, first);
                    play(seed, Bug.none());
                }))
                .isEmpty();
    }

    private static void tellAfter(long played, long count, long first) {
        if (played % TOLD_AFTER == 0) {
            System.out.printf("%d of %d stories played, seeds from %d on%n", played, count, first);
        }
    }

    /** Each with the rule that finds it: were they not found, the test above would prove nothing. */
    static Stream<Arguments> bugs() {
        return Stream.of(
                argumentSet("writes without a Lease", "written without a Lease", sees(RandomStoriesTest::mayAlwaysAct)),
                argumentSet(
                        "takes what another holds", "taken from a live holder", sees(RandomStoriesTest::nobodyHolds)),
                argumentSet("deletes messages at once", "too early", decides(RandomStoriesTest::deletesMessages)),
                argumentSet("completes hooks at once", "completed", decides(RandomStoriesTest::completesHooks)),
                argumentSet(
                        "keeps what it cannot act on",
                        "kept by who cannot act",
                        decides((_, decision) -> without(HandBack.class, decision))),
                argumentSet(
                        "gives nothing up",
                        "evicted",
                        decides((_, decision) -> new Decision(
                                decision.stage(),
                                decision.actions(),
                                decision.held(),
                                Set.of(),
                                decision.leftHooks(),
                                decision.lookAgainAt()))),
                argumentSet(
                        "forgets what it wrote",
                        "older than its own last write",
                        new Bug(RandomStoriesTest::forgetsItsWrite, (_, decision) -> decision, Play::forgetsAnswers)),
                argumentSet(
                        "does what it decided while it had a Lease",
                        "sent without a Lease",
                        new Bug(UnaryOperator.identity(), (_, decision) -> decision, Play::asksOnlyOnce)),
                argumentSet(
                        "takes what died for done", "hook completed 0 times", sees(RandomStoriesTest::believesTheDead)),
                argumentSet(
                        "takes what never reached the cluster for done",
                        "deleted a message too early",
                        sees(RandomStoriesTest::believesWhatNeverArrived)),
                argumentSet(
                        "forgets what it could not delete",
                        "nothing will ever wake it again",
                        decides((snapshot, decision) ->
                                isCutOffFromTheQueue(snapshot) ? without(DeleteMessages.class, decision) : decision)),
                argumentSet(
                        "takes denied for done",
                        "hook completed 0 times",
                        sees(snapshot -> believes(CompleteHook.class, new Forbidden(PlayedReach.DENIED), snapshot))),
                argumentSet(
                        "completes hooks of instances of others",
                        "touched another's hook",
                        decides(RandomStoriesTest::completesHooksWithoutANode)),
                argumentSet(
                        "tells nodes by their names",
                        "wrote to the node of another instance",
                        new Bug(UnaryOperator.identity(), (_, decision) -> decision, Play::tellsNodesByTheirNames)),
                argumentSet(
                        "forgets what it does not know",
                        "lost what a later build wrote",
                        decides((_, decision) -> writesWhatItKnows(decision))),
                argumentSet(
                        "takes a later journal for nobody's",
                        "deleted a message too early",
                        sees(snapshot -> snapshot.node() instanceof Present(KubeNode node) && node.isUnread()
                                ? nobodyHolds(snapshot)
                                : snapshot)),
                argumentSet(
                        "ignores what is said to be of the future",
                        "it does not end",
                        sees(RandomStoriesTest::withoutTheFuture)),
                argumentSet(
                        "believes a kubelet's clock",
                        "deleted a message too early",
                        sees(RandomStoriesTest::believesTheKubelet)),
                argumentSet(
                        "believes its own Lease",
                        "touched another's hook",
                        new Bug(
                                UnaryOperator.identity(),
                                (_, decision) -> decision,
                                play -> play.leases.tellWhatIsHeard())),
                argumentSet(
                        "takes yes for gone",
                        "completed while pods were there",
                        sees(RandomStoriesTest::believesEvictions)),
                argumentSet(
                        "never rests",
                        "done in the calm",
                        new Bug(
                                UnaryOperator.identity(),
                                RandomStoriesTest::neverRests,
                                RandomStoriesTest::asksSlowly)),
                argumentSet("forgets to undo", "left on the node", decides((_, decision) -> undoesNothing(decision))));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void aBugIsFound(String rule, Bug bug) {
        assertThat(LongStream.rangeClosed(1, WITH_A_BUG)
                        .parallel()
                        .mapToObj(seed -> brokenBy(bug, seed))
                        .flatMap(Optional::stream)
                        .anyMatch(broken -> String.valueOf(broken.getMessage()).contains(rule)))
                .as("whether this rule finds it")
                .isTrue();
    }

    private static Optional<AssertionError> brokenBy(Bug bug, long seed) {
        try {
            play(seed, bug);
            return Optional.empty();
        } catch (AssertionError broken) {
            return Optional.of(broken);
        }
    }

    private static void play(long seed, Bug bug) {
        RandomStory story = new RandomStory(seed);
        try {
            bug.world().accept(story.play());
            story.play().bug(bug.sees(), bug.decides()::instead);
            story.run();
            StoryRules.check(story);
        } catch (AssertionError | RuntimeException broken) {
            throw new AssertionError("seed " + seed + ": " + broken + " after " + story.told(), broken);
        }
    }

    private static Bug sees(UnaryOperator<Snapshot> sees) {
        return new Bug(sees, (_, decision) -> decision, _ -> {});
    }

    private static Bug decides(Bug.Decides decides) {
        return new Bug(UnaryOperator.identity(), decides, _ -> {});
    }

    private static Snapshot mayAlwaysAct(Snapshot snapshot) {
        return with(
                new Claim(snapshot.claim().us(), Instant.MAX, snapshot.claim().holding()), snapshot);
    }

    private static Snapshot nobodyHolds(Snapshot snapshot) {
        return with(new Claim(snapshot.claim().us(), snapshot.claim().mayActUntil(), new Holding.Nobody()), snapshot);
    }

    private static Snapshot forgetsItsWrite(Snapshot snapshot) {
        return snapshot.node() instanceof Present(KubeNode node)
                ? with(
                        snapshot.pods(),
                        snapshot.attempts()
                                .seen("something else", START)
                                .seen(node.journalText(), snapshot.attempts().journalSince()),
                        snapshot)
                : snapshot;
    }

    private static Snapshot believesTheDead(Snapshot snapshot) {
        return believes(CompleteHook.class, new Retry(Play.DIED), snapshot);
    }

    private static Snapshot believesWhatNeverArrived(Snapshot snapshot) {
        return believes(OnJournal.class, new Retry(PlayedReach.NO_CLUSTER), snapshot);
    }

    /** What came to that is taken for done. */
    private static Snapshot believes(Class<? extends Action> sort, Outcome failed, Snapshot snapshot) {
        Attempts attempts = snapshot.attempts();
        for (Attempt tried : attempts.tried(sort).toList()) {
            if (tried.state() instanceof Attempt.State.Waiting(Instant since, var _, Outcome outcome)
                    && outcome.equals(failed)) {
                attempts = attempts.ended(tried.action(), new Succeeded(), since, new Random(0));
            }
        }
        return with(snapshot.pods(), attempts, snapshot);
    }

    private static Decision writesWhatItKnows(Decision decision) {
        return decision.with(decision.actions().stream()
                .map(action -> action instanceof UpdateJournal rejournal
                        ? new UpdateJournal(known(rejournal.journal()), rejournal.basedOn())
                        : action)
                .toList());
    }

    private static Journal known(Journal journal) {
        return new Journal(
                journal.state(),
                journal.holder(),
                journal.start(),
                journal.term(),
                journal.longestGrace(),
                journal.causes(),
                journal.hooks(),
                journal.changed(),
                journal.stop(),
                journal.goneBy(),
                journal.settled(),
                UnknownParts.NONE);
    }

    private static Snapshot withoutTheFuture(Snapshot snapshot) {
        return with(
                snapshot.claim(),
                snapshot.pods(),
                snapshot.notices().stream()
                        .filter(notice -> !notice.interruption().noticedAt().isAfter(notice.receivedAt()))
                        .toList(),
                snapshot.attempts(),
                snapshot);
    }

    /** Its Lease says a time after all that was said of its machine: so it lives. */
    private static Snapshot believesTheKubelet(Snapshot snapshot) {
        Attempts attempts = snapshot.attempts();
        for (Attempt asked : attempts.tried(AskKubelet.class).toList()) {
            if (asked.state() instanceof Attempt.State.Done(Instant at, Renewed(Instant renewed))
                    && snapshot.notices().stream()
                            .allMatch(notice -> notice.noticedAt().isBefore(renewed))) {
                attempts = attempts.ended(asked.action(), new Renewed(renewed.minusMillis(1)), at, new Random(0))
                        .ended(asked.action(), new Renewed(renewed), at, new Random(0));
            }
        }
        return with(snapshot.pods(), attempts, snapshot);
    }

    private static boolean isCutOffFromTheQueue(Snapshot snapshot) {
        return snapshot.attempts()
                .tried(DeleteMessages.class)
                .anyMatch(tried -> tried.state() instanceof Attempt.State.Waiting(var _, var _, Retry(String why))
                        && why.equals(PlayedReach.NO_QUEUE));
    }

    private static Decision completesHooksWithoutANode(Snapshot snapshot, Decision decision) {
        return snapshot.node() instanceof NeverSeen
                ? snapshot.notices().stream()
                        .flatMap(notice -> notice.interruption() instanceof AsgTermination asg
                                ? Stream.of(asg.action())
                                : Stream.empty())
                        .filter(action -> !StoryRules.isOfOthers(action)) // to complete those is against another rule
                        .findFirst()
                        .map(action -> and(new CompleteHook(action, HookResult.CONTINUE), snapshot, decision))
                        .orElse(decision)
                : decision;
    }

    private static Snapshot believesEvictions(Snapshot snapshot) {
        if (!(snapshot.pods() instanceof Listed(List<Pod> there, List<Pod> gone, Instant listedAt))) {
            return snapshot;
        }
        Set<PodRef> asked = snapshot.attempts()
                .succeeded(Evict.class)
                .map(attempt -> ((Evict) attempt.action()).pod())
                .collect(Collectors.toSet());
        List<Pod> seen = there.stream()
                .map(pod -> asked.contains(pod.ref()) && !pod.terminating()
                        ? PlayedPods.terminating(pod, new Termination(listedAt.plus(pod.grace()), pod.grace(), true))
                        : pod)
                .toList();
        return with(new Listed(seen, gone, listedAt), snapshot.attempts(), snapshot);
    }

    private static Decision neverRests(Snapshot snapshot, Decision decision) {
        return decision.stage() instanceof Stage.Planned && decision.actions().isEmpty()
                ? and(new AskKubelet(), snapshot, decision)
                : decision;
    }

    private static void asksSlowly(Play play) {
        play.takes(action -> action instanceof AskKubelet ? Optional.of(Duration.ofMinutes(20)) : Optional.empty());
    }

    private static Snapshot with(Claim claim, Snapshot snapshot) {
        return with(claim, snapshot.pods(), snapshot.attempts(), snapshot);
    }

    private static Snapshot with(PodSight pods, Attempts attempts, Snapshot snapshot) {
        return with(snapshot.claim(), pods, attempts, snapshot);
    }

    private static Snapshot with(Claim claim, PodSight pods, Attempts attempts, Snapshot snapshot) {
        return with(claim, pods, snapshot.notices(), attempts, snapshot);
    }

    private static Snapshot with(
            Claim claim, PodSight pods, List<Notice> notices, Attempts attempts, Snapshot snapshot) {
        return new Snapshot(
                snapshot.instance(),
                snapshot.node(),
                snapshot.siblings(),
                claim,
                pods,
                snapshot.budgets(),
                snapshot.attached(),
                snapshot.conditions(),
                notices,
                snapshot.announced(),
                attempts);
    }

    private static Set<MessageId> messagesOf(Snapshot snapshot) {
        return snapshot.notices().stream().map(Notice::message).collect(Collectors.toUnmodifiableSet());
    }

    private static Decision deletesMessages(Snapshot snapshot, Decision decision) {
        return messagesOf(snapshot).isEmpty() || !decision.actions().isEmpty()
                ? decision
                : and(new DeleteMessages(messagesOf(snapshot), Ending.ALREADY_SETTLED), snapshot, decision);
    }

    private static Decision completesHooks(Snapshot snapshot, Decision decision) {
        return snapshot.journal().stream()
                .filter(journal -> journal.state() == Journal.State.OPEN)
                .flatMap(journal -> journal.hooks().stream())
                .filter(hook -> !StoryRules.isOfOthers(hook.action())) // to complete those is against another rule
                .findFirst()
                .map(hook -> and(new CompleteHook(hook.action(), HookResult.CONTINUE), snapshot, decision))
                .orElse(decision);
    }

    private static Decision and(Action action, Snapshot snapshot, Decision decision) {
        if (snapshot.attempts().of(action).isPresent()) {
            return decision;
        }
        List<Action> actions = new ArrayList<>(decision.actions());
        actions.removeIf(other -> other.key().equals(action.key()));
        actions.add(action);
        return new Decision(
                decision.stage(),
                actions,
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }

    private static Decision without(Class<? extends Action> sort, Decision decision) {
        List<Action> actions = decision.actions().stream()
                .filter(action -> !sort.isInstance(action))
                .toList();
        return new Decision(
                decision.stage(),
                actions,
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }

    private static Decision undoesNothing(Decision decision) {
        List<Action> actions = decision.actions().stream()
                .map(action -> action instanceof Undo undo ? new UpdateJournal(undo.journal(), undo.basedOn()) : action)
                .toList();
        return new Decision(
                decision.stage(),
                actions,
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }
}
