package dev.glidepath.departure.action;

import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a departure has come to: one line for each pod that had to leave.
 *
 * @param stay how many pods were left alone
 * @param sinceTakeOver whether another process began the drain: pods that went before we took over are unknown here
 */
public record DrainReport(List<OfPod> pods, int stay, boolean sinceTakeOver) {

    public DrainReport {
        pods = List.copyOf(pods);
    }

    /** How a pod came to leave. */
    public enum Result {
        /** It was evicted, within its budgets. */
        EVICTED,
        /** Its last eviction was refused, and it was deleted. */
        FORCED,
        /** It left by itself, or by another client. */
        BY_ITSELF,
        /** It was not asked, or refused each time. */
        LEFT;

        /** The word for it in logs and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What is special about a pod that is still there. */
    public enum Note {
        NONE,
        /** It is within its grace. */
        STILL_ENDING,
        /** It was evicted, or deleted, and nothing came of it: a policy of the cluster may make a dry run of such requests. */
        UNMOVED,
        /** Its grace was over a minute ago and more. */
        STUCK,
        /** Its containers have ended; finalizers keep its object. */
        HELD_BY_FINALIZERS,
        /** It tolerates every taint and came back. */
        CAME_BACK;

        /** The word for it in logs. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What became of one pod.
     *
     * @param there whether it is still on the node
     * @param wanted its own grace
     * @param given the grace it was given; empty while it was not asked to go, or where that is not known
     * @param blockedFor how long budgets held it back
     * @param blockedBy which
     */
    public record OfPod(
            PodRef pod,
            Result result,
            boolean there,
            Note note,
            Duration wanted,
            Optional<Duration> given,
            Duration blockedFor,
            Set<String> blockedBy) {
        public OfPod {
            blockedBy = Set.copyOf(blockedBy);
        }

        /** Whether it was given less than its own grace. */
        public boolean isShortened() {
            return given.filter(grace -> grace.compareTo(wanted) < 0).isPresent();
        }
    }

    /** Of a departure that no pod had to leave for. */
    public static DrainReport nothing() {
        return new DrainReport(List.of(), 0, false);
    }

    /** How many pods had this result. */
    public int count(Result result) {
        return (int) pods.stream().filter(pod -> pod.result() == result).count();
    }

    /** How many pods that had to leave are still there. */
    public int stillThere() {
        return (int) pods.stream().filter(OfPod::there).count();
    }

    /** How many pods were given less than their own grace. */
    public int shortened() {
        return (int) pods.stream().filter(OfPod::isShortened).count();
    }

    /** The budgets that held pods back. */
    public Set<String> blockedBy() {
        return pods.stream().flatMap(pod -> pod.blockedBy().stream()).collect(Collectors.toCollection(TreeSet::new));
    }
}
