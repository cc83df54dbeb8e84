package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.FindVolume;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Outcome.Bound;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who and what is still there and waited for. */
final class Presence {
    /** A kubelet that has not ended a pod so long after its grace will not. */
    private static final Duration STUCK_AFTER = Duration.ofSeconds(60);

    private static final Duration UNRESPONSIVE_AFTER = Duration.ofSeconds(60);

    /** A claim that cannot be read is not waited for. */
    private static final int TRIES = 3;

    private final Sight sight;
    private final Instant now;

    Presence(Sight sight, Instant now) {
        this.sight = sight;
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

    /** Nothing of it runs any more; somebody keeps its object. */
    static boolean isHeldByFinalizers(Pod pod) {
        return pod.terminating() && pod.is(Trait.CONTAINERS_ENDED);
    }

    boolean isStuck(Pod pod) {
        return stuckAt(pod).filter(at -> !now.isBefore(at)).isPresent();
    }

    static Optional<Instant> stuckAt(Pod pod) {
        return pod.termination().map(termination -> termination.endsBy().plus(STUCK_AFTER));
    }

    /** From when on the node does not answer: nobody on it can be asked in earnest. */
    Optional<Instant> unresponsiveAt() {
        return sight.node() instanceof Present(KubeNode node)
                ? node.notReadySince().map(since -> since.plus(UNRESPONSIVE_AFTER))
                : Optional.empty();
    }

    /** Whether the volumes of all pods that are gone are free; those of pods that are still there are not waited for. */
    boolean volumesDetached() {
        if (!(sight.pods() instanceof Listed(List<Pod> pods, List<Pod> gone, var _)) || gone.isEmpty()) {
            return true;
        }
        Set<FindVolume> inUse = new HashSet<>();
        pods.forEach(pod -> inUse.addAll(claimsOf(pod)));
        return gone.stream()
                .flatMap(pod -> claimsOf(pod).stream())
                .filter(claim -> !inUse.contains(claim))
                .noneMatch(this::isAttached);
    }

    static List<FindVolume> claimsOf(Pod pod) {
        return pod.claims().isEmpty()
                ? List.of()
                : pod.claims().stream()
                        .map(claim -> new FindVolume(pod.ref().namespace(), claim))
                        .toList();
    }

    private boolean isAttached(FindVolume claim) {
        return sight.attempts()
                .of(claim)
                .filter(attempt -> !attempt.denied())
                .map(attempt -> switch (attempt.state()) {
                    case Done(var _, Bound(String volume)) -> sight.attached().contains(volume);
                    case Done _ -> false;
                    case Attempt.State.Waiting _, Attempt.State.InFlight _ -> attempt.tries() < TRIES;
                })
                .orElse(false);
    }
}
