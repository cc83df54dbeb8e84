package dev.glidepath.drain.plan;

import dev.glidepath.drain.plan.Verdict.Await;
import dev.glidepath.drain.plan.Verdict.Evict;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Owner.Nobody;
import dev.glidepath.drain.pod.Pod.Trait;
import java.util.List;
import java.util.Optional;

/** One reason for which a pod is treated as it is; silent about all other pods. */
@FunctionalInterface
interface PodRule {
    /** The taint a pod may tolerate by name to stay; the node package sets it. */
    String DEPARTING_TAINT = "glidepath.dev/departing";

    Optional<Verdict> judge(Pod pod);

    /** The rules in their order: the first that speaks is heeded. */
    List<PodRule> IN_ORDER = List.of(
            pod -> when(pod.is(Trait.MIRROR), new Stay("mirror pod: the kubelet owns it")),
            pod -> when(pod.ownedBy("Node"), new Stay("static pod: the kubelet owns it")),
            pod -> when(pod.ownedBy("DaemonSet"), new Stay("DaemonSet pod: it would be back at once")),
            pod -> when(pod.finished(), new Stay("finished")),
            pod -> when(pod.terminating(), new Await("already terminating")),
            pod -> when(pod.tolerated().contains(DEPARTING_TAINT), new Stay("tolerates our taint by name")),
            pod -> when(pod.owner() instanceof Nobody, new Evict("bare pod: nobody makes another")),
            pod -> when(pod.is(Trait.EMPTY_DIR), new Evict("its emptyDir is lost with the node in any case")));

    /** What the rules say of a pod; one they are silent about is evicted. */
    static Verdict verdictOn(Pod pod) {
        return IN_ORDER.stream()
                .flatMap(rule -> rule.judge(pod).stream())
                .findFirst()
                .orElseGet(() -> new Evict("its controller makes another"));
    }

    private static Optional<Verdict> when(boolean applies, Verdict verdict) {
        return applies ? Optional.of(verdict) : Optional.empty();
    }
}
