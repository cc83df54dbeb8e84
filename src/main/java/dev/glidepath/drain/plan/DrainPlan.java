package dev.glidepath.drain.plan;

import dev.glidepath.drain.plan.Verdict.Await;
import dev.glidepath.drain.plan.Verdict.Evict;
import dev.glidepath.drain.plan.Verdict.Stay;
import dev.glidepath.drain.pod.Pod;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is to become of each pod on a node (pure).
 *
 * @param evict those to be evicted, highest priority first, so that their replacements meet the scheduler first
 * @param await those that are going already
 * @param stay those that are left alone, each with the reason
 */
public record DrainPlan(List<Judged> evict, List<Judged> await, List<Judged> stay) {

    private static final Comparator<Judged> HIGHEST_PRIORITY_FIRST = Comparator.comparingInt(
                    (Judged judged) -> judged.pod().priority())
            .reversed()
            .thenComparing(judged -> judged.pod().ref().toString());

    public DrainPlan {
        evict = List.copyOf(evict);
        await = List.copyOf(await);
        stay = List.copyOf(stay);
    }

    /** A pod and the rules' verdict on it. */
    public record Judged(Pod pod, Verdict verdict) {}

    /** Judges each pod by kubectl's rules. */
    public static DrainPlan of(Collection<Pod> pods) {
        List<Judged> all = pods.stream()
                .map(pod -> new Judged(pod, PodRule.verdictOn(pod)))
                .sorted(HIGHEST_PRIORITY_FIRST)
                .toList();
        return new DrainPlan(only(all, Evict.class), only(all, Await.class), only(all, Stay.class));
    }

    /** Whether no pod is left to wait for. */
    public boolean isDrained() {
        return evict.isEmpty() && await.isEmpty();
    }

    /** The pods that must go, whether or not they have been asked. */
    public Stream<Pod> leaving() {
        return Stream.concat(evict.stream(), await.stream()).map(Judged::pod);
    }

    /** The longest grace period among the pods that must go. */
    public Duration longestGrace() {
        return leaving().map(Pod::grace).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    }

    private static List<Judged> only(List<Judged> all, Class<? extends Verdict> verdict) {
        return all.stream()
                .filter(judged -> verdict.isInstance(judged.verdict()))
                .toList();
    }
}
