package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.glidepath.departure.decision.Act.AskKubelet;
import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.HandBack;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Act.Undo;
import dev.glidepath.departure.decision.Claim.Holding;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Renewed;
import dev.glidepath.departure.decision.Outcome.TryAgain;
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
    record Bug(UnaryOperator<Sight> sees, Decides decides, Consumer<Play> world) {
        /** What is decided instead of this, where that is seen. */
        interface Decides {
            Decision instead(Sight sight, Decision decision);
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
                                decision.acts(),
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
                        decides((sight, decision) ->
                                isCutOffFromTheQueue(sight) ? without(DeleteMessages.class, decision) : decision)),
                argumentSet(
                        "takes denied for done",
                        "hook completed 0 times",
                        sees(sight -> believes(CompleteHook.class, new Denied(PlayedReach.DENIED), sight))),
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
                        sees(sight -> sight.node() instanceof Present(KubeNode node) && node.isUnread()
                                ? nobodyHolds(sight)
                                : sight)),
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

    private static Bug sees(UnaryOperator<Sight> sees) {
        return new Bug(sees, (_, decision) -> decision, _ -> {});
    }

    private static Bug decides(Bug.Decides decides) {
        return new Bug(UnaryOperator.identity(), decides, _ -> {});
    }

    private static Sight mayAlwaysAct(Sight sight) {
        return with(new Claim(sight.claim().us(), Instant.MAX, sight.claim().holding()), sight);
    }

    private static Sight nobodyHolds(Sight sight) {
        return with(new Claim(sight.claim().us(), sight.claim().mayActUntil(), new Holding.Nobody()), sight);
    }

    private static Sight forgetsItsWrite(Sight sight) {
        return sight.node() instanceof Present(KubeNode node)
                ? with(
                        sight.pods(),
                        sight.attempts()
                                .seen("something else", START)
                                .seen(node.journalText(), sight.attempts().journalSince()),
                        sight)
                : sight;
    }

    private static Sight believesTheDead(Sight sight) {
        return believes(CompleteHook.class, new TryAgain(Play.DIED), sight);
    }

    private static Sight believesWhatNeverArrived(Sight sight) {
        return believes(OnJournal.class, new TryAgain(PlayedReach.NO_CLUSTER), sight);
    }

    /** What came to that is taken for done. */
    private static Sight believes(Class<? extends Act> sort, Outcome failed, Sight sight) {
        Attempts attempts = sight.attempts();
        for (Attempt tried : attempts.tried(sort).toList()) {
            if (tried.state() instanceof Attempt.State.Waiting(Instant since, var _, Outcome outcome)
                    && outcome.equals(failed)) {
                attempts = attempts.ended(tried.act(), new Landed(), since, new Random(0));
            }
        }
        return with(sight.pods(), attempts, sight);
    }

    private static Decision writesWhatItKnows(Decision decision) {
        return decision.with(decision.acts().stream()
                .map(act -> act instanceof Rejournal rejournal
                        ? new Rejournal(known(rejournal.journal()), rejournal.basedOn())
                        : act)
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

    private static Sight withoutTheFuture(Sight sight) {
        return with(
                sight.claim(),
                sight.pods(),
                sight.notices().stream()
                        .filter(notice -> !notice.interruption().noticedAt().isAfter(notice.receivedAt()))
                        .toList(),
                sight.attempts(),
                sight);
    }

    /** Its Lease says a time after all that was said of its machine: so it lives. */
    private static Sight believesTheKubelet(Sight sight) {
        Attempts attempts = sight.attempts();
        for (Attempt asked : attempts.tried(AskKubelet.class).toList()) {
            if (asked.state() instanceof Attempt.State.Done(Instant at, Renewed(Instant renewed))
                    && sight.notices().stream()
                            .allMatch(notice -> notice.noticedAt().isBefore(renewed))) {
                attempts = attempts.ended(asked.act(), new Renewed(renewed.minusMillis(1)), at, new Random(0))
                        .ended(asked.act(), new Renewed(renewed), at, new Random(0));
            }
        }
        return with(sight.pods(), attempts, sight);
    }

    private static boolean isCutOffFromTheQueue(Sight sight) {
        return sight.attempts()
                .tried(DeleteMessages.class)
                .anyMatch(tried -> tried.state() instanceof Attempt.State.Waiting(var _, var _, TryAgain(String why))
                        && why.equals(PlayedReach.NO_QUEUE));
    }

    private static Decision completesHooksWithoutANode(Sight sight, Decision decision) {
        return sight.node() instanceof NeverSeen
                ? sight.notices().stream()
                        .flatMap(notice -> notice.interruption() instanceof AsgTermination asg
                                ? Stream.of(asg.action())
                                : Stream.empty())
                        .filter(action -> !StoryRules.isOfOthers(action)) // to complete those is against another rule
                        .findFirst()
                        .map(action -> and(new CompleteHook(action, HookResult.CONTINUE), sight, decision))
                        .orElse(decision)
                : decision;
    }

    private static Sight believesEvictions(Sight sight) {
        if (!(sight.pods() instanceof Listed(List<Pod> there, List<Pod> gone, Instant listedAt))) {
            return sight;
        }
        Set<PodRef> asked = sight.attempts()
                .landed(Evict.class)
                .map(attempt -> ((Evict) attempt.act()).pod())
                .collect(Collectors.toSet());
        List<Pod> seen = there.stream()
                .map(pod -> asked.contains(pod.ref()) && !pod.terminating()
                        ? PlayedPods.terminating(pod, new Termination(listedAt.plus(pod.grace()), pod.grace(), true))
                        : pod)
                .toList();
        return with(new Listed(seen, gone, listedAt), sight.attempts(), sight);
    }

    private static Decision neverRests(Sight sight, Decision decision) {
        return decision.stage() instanceof Stage.Planned && decision.acts().isEmpty()
                ? and(new AskKubelet(), sight, decision)
                : decision;
    }

    private static void asksSlowly(Play play) {
        play.takes(act -> act instanceof AskKubelet ? Optional.of(Duration.ofMinutes(20)) : Optional.empty());
    }

    private static Sight with(Claim claim, Sight sight) {
        return with(claim, sight.pods(), sight.attempts(), sight);
    }

    private static Sight with(PodSight pods, Attempts attempts, Sight sight) {
        return with(sight.claim(), pods, attempts, sight);
    }

    private static Sight with(Claim claim, PodSight pods, Attempts attempts, Sight sight) {
        return with(claim, pods, sight.notices(), attempts, sight);
    }

    private static Sight with(Claim claim, PodSight pods, List<Notice> notices, Attempts attempts, Sight sight) {
        return new Sight(
                sight.instance(),
                sight.node(),
                sight.siblings(),
                claim,
                pods,
                sight.budgets(),
                sight.attached(),
                sight.surroundings(),
                notices,
                sight.announced(),
                attempts);
    }

    private static Decision deletesMessages(Sight sight, Decision decision) {
        return sight.messages().isEmpty() || !decision.acts().isEmpty()
                ? decision
                : and(new DeleteMessages(sight.messages(), Ending.ALREADY_SETTLED), sight, decision);
    }

    private static Decision completesHooks(Sight sight, Decision decision) {
        return sight.journal().stream()
                .filter(journal -> journal.state() == Journal.State.OPEN)
                .flatMap(journal -> journal.hooks().stream())
                .filter(hook -> !StoryRules.isOfOthers(hook.action())) // to complete those is against another rule
                .findFirst()
                .map(hook -> and(new CompleteHook(hook.action(), HookResult.CONTINUE), sight, decision))
                .orElse(decision);
    }

    private static Decision and(Act act, Sight sight, Decision decision) {
        if (sight.attempts().of(act).isPresent()) {
            return decision;
        }
        List<Act> acts = new ArrayList<>(decision.acts());
        acts.removeIf(other -> other.key().equals(act.key()));
        acts.add(act);
        return new Decision(
                decision.stage(),
                acts,
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }

    private static Decision without(Class<? extends Act> sort, Decision decision) {
        List<Act> acts =
                decision.acts().stream().filter(act -> !sort.isInstance(act)).toList();
        return new Decision(
                decision.stage(),
                acts,
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }

    private static Decision undoesNothing(Decision decision) {
        List<Act> acts = decision.acts().stream()
                .map(act -> act instanceof Undo undo ? new Rejournal(undo.journal(), undo.basedOn()) : act)
                .toList();
        return new Decision(
                decision.stage(),
                acts,
                decision.held(),
                decision.givenUp(),
                decision.leftHooks(),
                decision.lookAgainAt());
    }
}
