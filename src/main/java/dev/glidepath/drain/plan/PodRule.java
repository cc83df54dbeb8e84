package dev.glidepath.drain.plan;

import dev.glidepath.cluster.DepartingTaint;
import dev.glidepath.drain.plan.DrainPlan.Given;
import dev.glidepath.drain.plan.Verdict.Await;
import dev.glidepath.drain.plan.Verdict.CameBack;
import dev.glidepath.drain.plan.Verdict.Evict;
import dev.glidepath.drain.plan.Verdict.EvictAtALoss;
import dev.glidepath.drain.plan.Verdict.LetFinish;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Trait;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * One reason for which a pod is treated as it is.
 *
 * @param applies to which pods, given all that a plan is made from
 */
record PodRule(Applies applies, Verdict verdict) {
    private static final Verdict OTHERWISE = new Evict("its controller makes another");

    /** The rules in their order: the first that applies is heeded. */
    private static final List<PodRule> IN_ORDER = List.of(
            rule(pod -> pod.is(Trait.MIRROR), new Stay("mirror pod: the kubelet owns it")),
            rule(pod -> pod.ownedBy("Node"), new Stay("static pod: the kubelet owns it")),
            rule(
                    pod -> pod.ownedBy("DaemonSet") && !pod.is(Trait.DAEMON_SET_EVICTION),
                    new Stay("DaemonSet pod: it would be back at once")),
            rule(Pod::terminating, new Await("already terminating")),
            rule(Pod::finished, new Stay("finished")),
            rule(pod -> pod.is(Trait.SKIP), new Stay("glidepath.dev/drain: skip")),
            rule(pod -> pod.tolerated().contains(DepartingTaint.KEY), new Stay("tolerates our taint by name")),
            new PodRule(PodRule::cameBack, new CameBack("tolerates every taint and came back")),
            new PodRule(
                    (pod, given) -> isSpared(pod, given) && given.horizon() instanceof Horizon.Calm,
                    new Stay("left alone: nobody takes the machine")),
            new PodRule(
                    (pod, given) -> isSpared(pod, given) && given.horizon() instanceof Horizon.Deadline,
                    new LetFinish("left alone until its last call: nobody takes the machine yet")),
            rule(pod -> pod.ownedBy("DaemonSet"), new Evict("DaemonSet pod that asks to be evicted")),
            new PodRule(
                    (pod, given) -> pod.is(Trait.EMPTY_DIR) && !given.policy().evictEmptyDir(),
                    new Stay("its emptyDir would be lost")),
            rule(pod -> pod.is(Trait.WAIT), new LetFinish("glidepath.dev/drain: wait")),
            rule(pod -> pod.owner() instanceof Owner.Nobody, new EvictAtALoss("bare pod: nobody makes another")),
            rule(pod -> pod.is(Trait.EMPTY_DIR), new Evict("its emptyDir is lost with the node in any case")));

    /** To which pods a rule applies. */
    @FunctionalInterface
    interface Applies {
        /** Whether it applies to this one. */
        boolean to(Pod pod, Given given);
    }

    /** What the rules say of a pod; one they are silent about is evicted. */
    static Verdict verdictOn(Pod pod, Given given) {
        for (PodRule rule : IN_ORDER) {
            if (rule.applies.to(pod, given)) {
                return rule.verdict;
            }
        }
        return OTHERWISE;
    }

    private static PodRule rule(Predicate<Pod> applies, Verdict verdict) {
        return new PodRule((pod, _) -> applies.test(pod), verdict);
    }

    /** A cordon does not keep out who tolerates it: evicting the successor again and again would empty nothing. */
    private static boolean cameBack(Pod pod, Given given) {
        Map<String, Instant> evictedOwners = given.evictedOwners();
        return pod.is(Trait.TOLERATES_ALL)
                && pod.owner() instanceof Owner.Controller controller
                && evictedOwners.containsKey(controller.uid())
                && pod.seenAt().isAfter(evictedOwners.get(controller.uid()));
    }

    /** A machine that nobody takes yet is not worth what cannot be made again, nor what asks to be left alone. */
    private static boolean isSpared(Pod pod, Given given) {
        return given.voluntary() && (pod.owner() instanceof Owner.Nobody || pod.is(Trait.DO_NOT_DISRUPT));
    }
}
