package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.Delete;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.LastCall;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a departure has come to: one line for each pod that had to leave.
 *
 * @param stay how many pods were left alone
 * @param sinceTakeOver whether another process began the drain: pods that went before we took over are unknown here
 */
public record Report(List<OfPod> pods, int stay, boolean sinceTakeOver) {

    public Report {
        pods = List.copyOf(pods);
    }

    /** How a pod came to leave. */
    public enum Fate {
        /** It was evicted, within its budgets. */
        EVICTED,
        /** Its last eviction was refused, and it was deleted. */
        FORCED,
        /** It went by itself, or somebody else sent it. */
        BY_ITSELF,
        /** It was not asked, or refused each time. */
        LEFT;

        /** The word for it in logs and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What is special about a pod that is still there. */
    public enum Remark {
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
     * @param given the grace it was given; empty while nobody has asked it to go, or where that is not known
     * @param blockedFor how long budgets held it back
     * @param blockedBy which
     */
    public record OfPod(
            PodRef pod,
            Fate fate,
            boolean there,
            Remark remark,
            Duration wanted,
            Optional<Duration> given,
            Duration blockedFor,
            Set<String> blockedBy) {
        public OfPod {
            blockedBy = Set.copyOf(blockedBy);
        }

        /** Whether it was given less than it wished. */
        public boolean isShortened() {
            return given.filter(grace -> grace.compareTo(wanted) < 0).isPresent();
        }
    }

    /** Of a departure that nobody had to leave for. */
    static Report nothing() {
        return new Report(List.of(), 0, false);
    }

    static Report of(Sight sight, DrainPlan.Given given, Presence presence, Instant now) {
        boolean takenOver = sight.isTakenOver();
        if (!(sight.pods() instanceof Listed(List<Pod> there, List<Pod> gone, var _))) {
            return new Report(List.of(), 0, takenOver);
        }
        DrainPlan plan = DrainPlan.of(there, given);
        List<OfPod> pods = new ArrayList<>();
        DrainPlan.of(gone, given).leaving().forEach(planned -> pods.add(ofPod(planned, false, sight, presence, now)));
        plan.leaving().forEach(planned -> pods.add(ofPod(planned, true, sight, presence, now)));
        return new Report(pods, (int) plan.staying().count(), takenOver);
    }

    /** How many pods had this fate. */
    public int count(Fate fate) {
        return (int) pods.stream().filter(pod -> pod.fate() == fate).count();
    }

    /** How many pods that had to leave are still there. */
    public int stillThere() {
        return (int) pods.stream().filter(OfPod::there).count();
    }

    /** How many pods were given less grace than they wished. */
    public int shortened() {
        return (int) pods.stream().filter(OfPod::isShortened).count();
    }

    /** The budgets that held pods back. */
    public Set<String> blockedBy() {
        return pods.stream().flatMap(pod -> pod.blockedBy().stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static OfPod ofPod(Planned planned, boolean there, Sight sight, Presence presence, Instant now) {
        Pod pod = planned.pod();
        List<Attempt> tried = Stream.of(Evict.class, LastCall.class, Delete.class)
                .flatMap(kind -> sight.attempts().of(kind, pod.ref()).stream())
                .toList();
        return new OfPod(
                pod.ref(),
                fate(pod, there, tried, now),
                there,
                there ? remark(planned, tried, presence) : Remark.NONE,
                pod.grace(),
                pod.termination().map(Pod.Termination::grace),
                tried.stream().map(attempt -> attempt.blockedFor(now)).reduce(Duration.ZERO, Duration::plus),
                tried.stream().flatMap(attempt -> attempt.blockedBy().stream()).collect(Collectors.toSet()));
    }

    private static Fate fate(Pod pod, boolean there, List<Attempt> tried, Instant now) {
        if (there && !pod.terminating() && promised(tried).noneMatch(yes -> Turns.isCredible(yes, now))) {
            return Fate.LEFT;
        }
        if (landed(Delete.class, tried)) {
            return Fate.FORCED;
        }
        boolean evicted = landed(Evict.class, tried)
                || landed(LastCall.class, tried)
                || pod.termination().filter(Pod.Termination::evicted).isPresent();
        if (evicted) {
            return Fate.EVICTED;
        }
        return Fate.BY_ITSELF;
    }

    private static Stream<Attempt> promised(List<Attempt> tried) {
        return tried.stream().filter(attempt -> attempt.state() instanceof Attempt.State.Done);
    }

    private static boolean landed(Class<? extends OnPod> kind, List<Attempt> tried) {
        return tried.stream()
                .anyMatch(attempt -> kind.isInstance(attempt.act())
                        && attempt.state() instanceof Attempt.State.Done(var _, Outcome.Landed _));
    }

    private static Remark remark(Planned planned, List<Attempt> tried, Presence presence) {
        Pod pod = planned.pod();
        if (planned.verdict() instanceof Verdict.CameBack) {
            return Remark.CAME_BACK;
        }
        if (!pod.terminating()) {
            return promised(tried).findAny().isPresent() ? Remark.UNMOVED : Remark.NONE;
        }
        if (Presence.isHeldByFinalizers(pod)) {
            return Remark.HELD_BY_FINALIZERS;
        }
        return presence.isStuck(pod) ? Remark.STUCK : Remark.STILL_ENDING;
    }
}
