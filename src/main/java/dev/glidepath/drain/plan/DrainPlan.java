package dev.glidepath.drain.plan;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is to become of each pod on a node (pure).
 *
 * @param pods in the order in which they go: wave by wave, highest priority first, so that replacements of what matters most
 *     meet the scheduler first
 */
public record DrainPlan(List<Planned> pods) {
    private static final Comparator<Planned> IN_ORDER = Comparator.comparingInt(
                    (Planned planned) -> planned.wave().rank())
            .thenComparing(
                    Comparator.comparingInt((Planned planned) -> planned.pod().priority())
                            .reversed())
            .thenComparing(planned -> planned.pod().ref().namespace())
            .thenComparing(planned -> planned.pod().ref().name());

    public DrainPlan {
        pods = List.copyOf(pods);
    }

    /**
     * One pod's part of the plan.
     *
     * @param wave with whom it goes
     * @param lastCall from when on its budgets are not waited for; empty where they are honoured to the end, or it is not asked
     * @param standing whether its budgets have room now
     * @param grace what it is given
     * @param atLastCall what is done then
     */
    public record Planned(
            Pod pod,
            Verdict verdict,
            Wave wave,
            Optional<Instant> lastCall,
            Standing standing,
            Grace grace,
            AtLastCall atLastCall) {

        /** Whether it may be asked before its last call. */
        public boolean goesInItsWave() {
            return verdict instanceof Verdict.Evict || verdict instanceof Verdict.EvictAtALoss;
        }
    }

    /** What is done about a pod that is still there at its last call. */
    public enum AtLastCall {
        /** One more eviction; if that is refused, it is deleted. */
        EVICT_THEN_DELETE,
        /** One more eviction. */
        EVICT,
        /** Nothing: it stays until the machine goes. */
        STAY
    }

    /**
     * All that a plan is made from, beside the pods.
     *
     * @param evictedOwners since when pods of these owners, by UID, were evicted from this node
     * @param voluntary whether nobody takes the machine yet, so that whom a drain would cost too much is left alone
     */
    public record Given(
            Collection<Budget> budgets,
            Horizon horizon,
            DrainPolicy policy,
            AtLastCall atLastCall,
            Duration evictionBacklog,
            Map<String, Instant> evictedOwners,
            boolean voluntary) {

        /** Involuntary, with no budget, no deadline and nothing evicted before. */
        public static Given calm(DrainPolicy policy) {
            return new Given(
                    List.of(),
                    new Horizon.Calm(),
                    policy,
                    AtLastCall.EVICT_THEN_DELETE,
                    Duration.ZERO,
                    Map.of(),
                    false);
        }
    }

    /** Judges each pod, and gives it its place. */
    public static DrainPlan of(Collection<Pod> pods, Given given) {
        List<Planned> planned = new ArrayList<>(pods.size());
        for (Pod pod : pods) {
            planned.add(plan(pod, given));
        }
        planned.sort(IN_ORDER);
        return new DrainPlan(planned);
    }

    /** Whether a pod has to go when its machine does, rather than be left alone to the end. */
    public static boolean hasToGo(Pod pod, DrainPolicy policy) {
        return !(PodRule.verdictOn(pod, Given.calm(policy)) instanceof Verdict.Stay);
    }

    /** Those that are left alone, each with the reason. */
    public Stream<Planned> staying() {
        return pods.stream().filter(planned -> planned.verdict() instanceof Verdict.Stay);
    }

    /** Those that must go, whether or not they have been asked. */
    public Stream<Planned> leaving() {
        return pods.stream().filter(planned -> !(planned.verdict() instanceof Verdict.Stay));
    }

    private static Planned plan(Pod pod, Given given) {
        Verdict verdict = PodRule.verdictOn(pod, given);
        Wave wave = waveOf(pod, given.policy());
        boolean asked = verdict.asks();
        return new Planned(
                pod,
                verdict,
                wave,
                asked ? lastCallOf(pod, wave, given) : Optional.empty(),
                asked ? Standing.of(pod, given.budgets()) : new Standing.Free(),
                given.horizon().grace(pod),
                given.atLastCall());
    }

    /** We ourselves go when others have had theirs, as late as our own grace allows: the backlog of calls is over by then. */
    private static Optional<Instant> lastCallOf(Pod pod, Wave wave, Given given) {
        return given.horizon().lastCall(pod, wave.equals(Wave.OURSELVES) ? Duration.ZERO : given.evictionBacklog());
    }

    private static Wave waveOf(Pod pod, DrainPolicy policy) {
        if (policy.self().is(pod.ref())) {
            return Wave.OURSELVES;
        }
        if (pod.is(Pod.Trait.VOLUME_PLUMBING)) {
            return Wave.VOLUME_PLUMBING;
        }
        return pod.ownedBy("DaemonSet") ? Wave.DAEMON_SETS : policy.waves().of(pod.priority());
    }
}
