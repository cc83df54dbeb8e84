package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.PodSight.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The pods and volumes that are still there, and which of them the drain waits for. */
final class PodsRemaining {
    /** A kubelet that has not ended a pod so long after its grace will not. */
    private static final Duration STUCK_AFTER = Duration.ofSeconds(60);

    /** A claim that cannot be read is not waited for. */
    private static final int TRIES = 3;

    private final Snapshot snapshot;
    private final Instant now;

    PodsRemaining(Snapshot snapshot, Instant now) {
        this.snapshot = snapshot;
        this.now = now;
    }

    /** Whether the drain waits for this pod to go. */
    boolean holds(Planned planned) {
        return switch (planned.verdict()) {
            case Verdict.Stay _, Verdict.CameBack _ -> false;
            case Verdict.Await _ -> !isHeldByFinalizers(planned.pod()) && !isStuck(planned.pod());
            case Verdict.Evict _, Verdict.EvictAtALoss _, Verdict.LetFinish _ -> true;
        };
    }

    /** Nothing of it runs any more; finalizers keep its object. */
    static boolean isHeldByFinalizers(Pod pod) {
        return pod.terminating() && pod.is(Trait.CONTAINERS_ENDED);
    }

    boolean isStuck(Pod pod) {
        return stuckAt(pod).filter(at -> !now.isBefore(at)).isPresent();
    }

    static Optional<Instant> stuckAt(Pod pod) {
        return pod.termination().map(termination -> termination.endsBy().plus(STUCK_AFTER));
    }

    /**
     * Whether the volumes of all pods that are gone are free; those of pods that are still there are not waited for. A replica that
     * has taken the departure over does not know which pods are gone: each volume counts that no pod uses which is there.
     */
    boolean volumesDetached() {
        if (!(snapshot.pods() instanceof Listed(List<Pod> pods, List<Pod> gone, var _))) {
            return true;
        }
        if (!snapshot.isInformed(now)) {
            return false;
        }
        if (snapshot.attached().isEmpty()) {
            return true;
        }
        Set<FindVolume> inUse = new HashSet<>();
        pods.forEach(pod -> inUse.addAll(claimsOf(pod)));
        boolean ofTheGone = gone.stream()
                .flatMap(pod -> claimsOf(pod).stream())
                .filter(claim -> !inUse.contains(claim))
                .anyMatch(this::isAttached);
        return !ofTheGone && !(snapshot.isTakenOver() && isAnyLeftOver(inUse));
    }

    /** Whether some volume is attached that none of these claims is bound to. Where one of them cannot be read, that is not known. */
    private boolean isAnyLeftOver(Set<FindVolume> inUse) {
        Set<String> used = new HashSet<>();
        for (FindVolume claim : inUse) {
            Optional<Attempt> asked = snapshot.attempts().of(claim);
            if (asked.filter(attempt -> attempt.denied() || isGivenUp(attempt)).isPresent()) {
                return false;
            }
            asked.map(Attempt::state).ifPresent(state -> {
                if (state instanceof Done(var _, Bound(String volume))) {
                    used.add(volume);
                }
            });
        }
        return !used.containsAll(snapshot.attached());
    }

    private static boolean isGivenUp(Attempt attempt) {
        return !(attempt.state() instanceof Done) && attempt.tries() >= TRIES;
    }

    static List<FindVolume> claimsOf(Pod pod) {
        return pod.claims().isEmpty()
                ? List.of()
                : pod.claims().stream()
                        .map(claim -> new FindVolume(pod.ref().namespace(), claim))
                        .toList();
    }

    private boolean isAttached(FindVolume claim) {
        return snapshot.attempts()
                .of(claim)
                .filter(attempt -> !attempt.denied())
                .map(attempt -> switch (attempt.state()) {
                    case Done(var _, Bound(String volume)) ->
                        snapshot.attached().contains(volume);
                    case Done _ -> false;
                    case Attempt.State.Waiting _, Attempt.State.InFlight _ -> !isGivenUp(attempt);
                })
                .orElse(false);
    }
}
