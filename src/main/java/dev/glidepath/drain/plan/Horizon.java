package dev.glidepath.drain.plan;

import dev.glidepath.drain.pod.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Until when the machine can be counted on, and what that means for a pod: its last call, and the grace it can be given.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination">Termination of Pods</a>
 */
public sealed interface Horizon {
    /** For slow clocks and slow kubelets. */
    Duration MARGIN = Duration.ofSeconds(5);

    /** What unmounting and detaching a volume may take once its pod is gone. */
    Duration DETACHING = Duration.ofSeconds(20);

    /** However long its grace, a pod's budget is honoured for so long, or for a quarter of the time there was. */
    Duration HONOURED_AT_LEAST = Duration.ofSeconds(15);

    /** Nothing takes the machine: budgets are honoured to the end. */
    record Calm() implements Horizon {}

    /**
     * The machine is going already: each pod is asked once, and nothing is shortened, for the kubelet may be ending pods in
     * good order itself.
     */
    record Going() implements Horizon {}

    /**
     * The machine goes at an instant that is known.
     *
     * @param start when the deadline was learned
     */
    record Deadline(Instant start, Instant at) implements Horizon {
        /** How long there was, from when the deadline was learned; never negative. */
        public Duration timeThereWas() {
            Duration time = Duration.between(start, at);
            return time.isNegative() ? Duration.ZERO : time;
        }

        /**
         * From when on waiting for a budget costs the pod its grace.
         *
         * @param evictionBacklog how long the calls that are due then may take altogether
         */
        Instant lastCallOf(Pod pod, Duration evictionBacklog) {
            Duration needed = shorter(pod.grace(), timeThereWas());
            Instant latest = goneBy(pod).minus(needed).minus(evictionBacklog);
            Instant earliest =
                    start.plus(shorter(HONOURED_AT_LEAST, timeThereWas().dividedBy(4)));
            return latest.isAfter(earliest) ? latest : earliest;
        }

        /** When the pod's object is to be gone, so that its volumes are free before the machine is. */
        Instant goneBy(Pod pod) {
            Duration margin = pod.claims().isEmpty() ? MARGIN : MARGIN.plus(DETACHING);
            return at.minus(margin);
        }
    }

    /** The pod's last call; empty where there is none. */
    default Optional<Instant> lastCall(Pod pod, Duration evictionBacklog) {
        return this instanceof Deadline deadline
                ? Optional.of(deadline.lastCallOf(pod, evictionBacklog))
                : Optional.empty();
    }

    /** The grace the pod can be given. */
    default Grace grace(Pod pod) {
        return new Grace(
                pod.grace(), this instanceof Deadline deadline ? Optional.of(deadline.goneBy(pod)) : Optional.empty());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
