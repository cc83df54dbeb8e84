package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage.Settled;
import dev.glidepath.departure.action.Stage.Settling;
import dev.glidepath.departure.decision.Play.Done;
import dev.glidepath.departure.decision.Play.Look;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.node.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What must hold of any departure, told without the help of what decides it. */
final class Rules {
    private static final Duration MARGIN = Duration.ofSeconds(5);
    private static final Duration VOLUME_MARGIN = Duration.ofSeconds(20);

    private final RandomWorld world;
    private final Play play;

    private Rules(RandomWorld world) {
        this.world = world;
        this.play = world.play();
    }

    static void check(RandomWorld world) {
        Rules rules = new Rules(world);
        rules.noneIsEvictedAgain();
        rules.noneIsDeletedBeforeItsLastCall();
        rules.noneIsLeftWithoutSigterm();
        rules.noGraceIsZeroUnlessWished();
        rules.everythingIsPaid();
    }

    /** Neither after its 201 nor after its deletionTimestamp was looked at. */
    private void noneIsEvictedAgain() {
        for (Look look : play.looks()) {
            Set<PodRef> terminating = new HashSet<>();
            for (Pod pod : podsSeen(look)) {
                if (pod.terminating()) {
                    terminating.add(pod.ref());
                }
            }
            for (Action action : look.decision().actions()) {
                if (action instanceof Evict || action instanceof LastCall) {
                    PodRef pod = ((OnPod) action).pod();
                    require(!terminating.contains(pod), "evicted again while terminating: " + pod, look);
                    require(!saidYesBefore(pod, look), "evicted again after a yes: " + pod, look);
                }
            }
        }
    }

    private boolean saidYesBefore(PodRef pod, Look look) {
        return heardBefore(look)
                .anyMatch(done -> done.action() instanceof OnPod onPod
                        && !(onPod instanceof Action.MarkDisrupted)
                        && onPod.pod().equals(pod)
                        && done.outcome() instanceof Succeeded);
    }

    /** Outcomes that this process heard of. */
    private Stream<Done> heardBefore(Look look) {
        Instant born = world.restarts().stream()
                .filter(restart -> !restart.isAfter(look.at()))
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
        return play.done().stream()
                .filter(done -> done.at().isAfter(born) && !done.at().isAfter(look.at()));
    }

    private void noneIsDeletedBeforeItsLastCall() {
        for (Look look : play.looks()) {
            for (Action action : look.decision().actions()) {
                if (action instanceof Delete(PodRef pod, var _)) {
                    require(world.policy().drain().deletes(), "deleted though that is switched off: " + pod, look);
                    require(
                            isGoing(look) ? wasRefused(pod, look) : !look.at().isBefore(lastCall(pod, look)),
                            "deleted before its last call: " + pod,
                            look);
                }
            }
        }
    }

    private boolean wasRefused(PodRef pod, Look look) {
        return heardBefore(look)
                .anyMatch(done -> done.action() instanceof LastCall(PodRef evicted, var _)
                        && evicted.equals(pod)
                        && !(done.outcome() instanceof Succeeded));
    }

    private Instant lastCall(PodRef ref, Look look) {
        Pod pod = podsSeen(look).stream()
                .filter(each -> each.ref().equals(ref))
                .findFirst()
                .orElseThrow();
        Journal.Term term = look.snapshot().journal().flatMap(Journal::term).orElseThrow();
        Duration time = Duration.between(term.since(), term.deadline());
        Duration grace = pod.grace().compareTo(time) < 0 ? pod.grace() : time;
        Duration margin = pod.claims().isEmpty() ? MARGIN : MARGIN.plus(VOLUME_MARGIN);
        Instant latest = term.deadline().minus(grace).minus(margin);
        Duration quarter = time.dividedBy(4);
        Duration honoured = quarter.compareTo(Duration.ofSeconds(15)) < 0 ? quarter : Duration.ofSeconds(15);
        Instant earliest = term.since().plus(honoured);
        return latest.isAfter(earliest) ? latest : earliest;
    }

    /** While there was time, and nobody forbade it. */
    private void noneIsLeftWithoutSigterm() {
        Ending ending = play.ending().ending();
        boolean enforced = world.policy().drain().deletes() && !stays();
        Instant end = play.now();
        boolean justRestarted = world.restarts().stream().anyMatch(restart -> restart.isAfter(end.minusSeconds(20)));
        if (!enforced || justRestarted || ending == Ending.ALREADY_SETTLED) {
            return;
        }
        for (Pod pod : play.pods.there()) {
            boolean cameBack = pod.is(Trait.TOLERATES_ALL)
                    && (ending == Ending.DRAINED || pod.ref().name().equals("latecomer"));
            if (mustGo(pod) && !cameBack && !pod.terminating()) {
                throw new AssertionError("left without SIGTERM: " + pod.ref() + " at " + since(end) + ", " + ending);
            }
        }
    }

    private boolean stays() {
        return world.policy().hooks().stay()
                && world.interruptions().stream().allMatch(AsgTermination.class::isInstance);
    }

    private boolean mustGo(Pod pod) {
        boolean emptyDirStays =
                pod.is(Trait.EMPTY_DIR) && !world.policy().drain().evictEmptyDir();
        return !pod.ownedBy("DaemonSet") && !pod.is(Trait.SKIP) && !emptyDirStays;
    }

    private void noGraceIsZeroUnlessWished() {
        for (Pod pod : play.pods.there()) {
            pod.termination()
                    .filter(termination ->
                            termination.grace().isZero() && !pod.grace().isZero())
                    .ifPresent(_ -> {
                        throw new AssertionError("given no grace: " + pod.ref());
                    });
        }
    }

    /** The hook once, unless it is left to expire; the messages last. */
    private void everythingIsPaid() {
        List<Done> completions = play.succeeded(CompleteHook.class);
        boolean hooked = world.interruptions().stream().anyMatch(AsgTermination.class::isInstance);
        Ending ending = play.ending().ending();
        boolean expires = wasLate() && world.policy().hooks().atDeadline() == AtDeadline.EXPIRE;
        boolean paidBefore = ending == Ending.ALREADY_SETTLED;
        if (hooked && !expires && !paidBefore && completions.size() != 1) {
            throw new AssertionError("completed %d times, %s".formatted(completions.size(), ending));
        }
        Instant lastAct = play.done().getLast().at();
        List<Done> deleted = play.succeeded(DeleteMessages.class);
        if (deleted.isEmpty() || !deleted.getLast().at().equals(lastAct)) {
            throw new AssertionError("messages were not deleted last");
        }
    }

    /** Whether it was settled for its deadline, though the last pod may have gone while it was. */
    private boolean wasLate() {
        return play.looks().stream()
                .map(look -> look.decision().stage())
                .map(stage -> switch (stage) {
                    case Settling(Ending ending, var _) -> ending;
                    case Settled(Ending ending, var _) -> ending;
                    default -> Ending.DRAINED;
                })
                .anyMatch(ending -> ending == Ending.DEADLINE_PASSED);
    }

    private static boolean isGoing(Look look) {
        return look.snapshot().notices().stream().anyMatch(notice -> switch (notice.interruption()) {
            case StateChange _ -> true;
            case SpotInterruption spot -> spot.action() == SpotAction.HIBERNATE;
            default -> false;
        });
    }

    private static List<Pod> podsSeen(Look look) {
        return look.snapshot().pods() instanceof Listed(List<Pod> pods, var _, var _) ? pods : List.of();
    }

    private static void require(boolean holds, String broken, Look look) {
        if (!holds) {
            throw new AssertionError(broken + " at " + since(look.at()));
        }
    }

    private static Duration since(Instant at) {
        return Duration.between(START, at);
    }
}
