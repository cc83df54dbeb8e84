package dev.glidepath.departure.story;

import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What keeps pods on their node: a budget, a refusal, or an eviction without effect. Each is reported once a pod. */
final class HeldPods {
    private final Set<PodRef> heldBack = new HashSet<>();
    private final Set<PodRef> refused = new HashSet<>();
    private final Set<PodRef> withoutEffect = new HashSet<>();

    /**
     * A budget that can be seen has no room for it: with its numbers, and what can be done where waiting is useless. That other pods of
     * the budget are being evicted just now is daily life, and not reported.
     */
    Optional<Reported> reportHeldBack(Identity identity, HeldEviction held) {
        PodRef pod = held.evict().pod();
        Optional<String> why = switch (held.reason()) {
            case IN_USE -> Optional.empty();
            case NO_ROOM -> Optional.of(held.why());
            case UNHEALTHY_PODS ->
                Optional.of(held.why() + "; blocked by unhealthy pods; set unhealthyPodEvictionPolicy: AlwaysAllow");
            case STALE -> Optional.of("its status lags behind its spec");
        };
        return why.filter(_ -> heldBack.add(pod))
                .map(known ->
                        blocked(identity, pod, held.reason(), held.budget().toString(), known));
    }

    /** The API server says that a budget has no room, where none was seen without room. */
    Optional<Reported> reportBlocked(Identity identity, OnPod action, Blocked blocked) {
        return heldBack.add(action.pod())
                ? Optional.of(
                        blocked(identity, action.pod(), HeldEviction.Reason.NO_ROOM, blocked.budget(), blocked.why()))
                : Optional.empty();
    }

    private static Reported blocked(
            Identity identity, PodRef pod, HeldEviction.Reason reason, String budget, String why) {
        return identity.entryOnPod(
                        pod,
                        LogEvent.EVICTION_BLOCKED,
                        "a budget holds back " + pod,
                        Map.of(Field.POD, pod, Field.BUDGET, budget, Field.REASON, why),
                        "PodDisruptionBudget " + budget + " holds this pod back: " + why)
                .counting(Metric.EVICTIONS_HELD_BACK, reason.label());
    }

    /** A webhook, a policy or a second budget refuses its eviction. */
    Optional<Reported> reportRefused(Identity identity, OnPod action, String why) {
        PodRef pod = action.pod();
        return refused.add(pod)
                ? Optional.of(identity.entryOnPod(
                        pod,
                        LogEvent.EVICTION_REFUSED,
                        "the eviction of " + pod + " is refused",
                        Map.of(Field.POD, pod, Field.REASON, why),
                        "The eviction of this pod is refused: " + why))
                : Optional.empty();
    }

    /** Its eviction was accepted, and nothing has come of it. */
    Optional<Reported> reportWithoutEffect(Identity identity, OnPod again) {
        PodRef pod = again.pod();
        return withoutEffect.add(pod)
                ? Optional.of(identity.entryOnPod(
                        pod,
                        LogEvent.EVICTION_WITHOUT_EFFECT,
                        "the eviction of " + pod + " was answered with yes and had no effect; it is asked again",
                        Map.of(Field.POD, pod),
                        "The eviction of this pod was answered with yes and had no effect: does a webhook or a policy"
                                + " make a dry run of it?"))
                : Optional.empty();
    }
}
