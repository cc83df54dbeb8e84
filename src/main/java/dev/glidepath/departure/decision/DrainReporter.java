package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.DrainReport.Note;
import dev.glidepath.departure.action.DrainReport.OfPod;
import dev.glidepath.departure.action.DrainReport.Result;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reports what a drain has come to. */
final class DrainReporter {
    private final Snapshot snapshot;
    private final PodsRemaining podsRemaining;
    private final Instant now;

    private DrainReporter(Snapshot snapshot, PodsRemaining podsRemaining, Instant now) {
        this.snapshot = snapshot;
        this.podsRemaining = podsRemaining;
        this.now = now;
    }

    static DrainReport report(Snapshot snapshot, DrainPlan.Given given, PodsRemaining podsRemaining, Instant now) {
        return new DrainReporter(snapshot, podsRemaining, now).report(given);
    }

    private DrainReport report(DrainPlan.Given given) {
        boolean takenOver = snapshot.isTakenOver();
        if (!(snapshot.pods() instanceof Listed(List<Pod> there, List<Pod> gone, var _))) {
            return new DrainReport(List.of(), 0, takenOver);
        }
        DrainPlan plan = DrainPlan.of(there, given);
        List<OfPod> pods = new ArrayList<>();
        DrainPlan.of(gone, given).leaving().forEach(planned -> pods.add(ofPod(planned, false)));
        plan.leaving().forEach(planned -> pods.add(ofPod(planned, true)));
        return new DrainReport(pods, (int) plan.staying().count(), takenOver);
    }

    private OfPod ofPod(Planned planned, boolean there) {
        Pod pod = planned.pod();
        List<Attempt> tried = Stream.of(Evict.class, LastCall.class, Delete.class)
                .flatMap(kind -> snapshot.attempts().of(kind, pod.ref()).stream())
                .toList();
        return new OfPod(
                pod.ref(),
                result(pod, there, tried),
                there,
                there ? note(planned, tried) : Note.NONE,
                pod.grace(),
                pod.termination().map(Pod.Termination::grace),
                tried.stream().map(attempt -> attempt.blockedFor(now)).reduce(Duration.ZERO, Duration::plus),
                tried.stream().flatMap(attempt -> attempt.blockedBy().stream()).collect(Collectors.toSet()));
    }

    private Result result(Pod pod, boolean there, List<Attempt> tried) {
        if (there && !pod.terminating() && promised(tried).noneMatch(yes -> PodRequests.isCredible(yes, now))) {
            return Result.LEFT;
        }
        if (succeeded(Delete.class, tried)) {
            return Result.FORCED;
        }
        boolean evicted = succeeded(Evict.class, tried)
                || succeeded(LastCall.class, tried)
                || pod.termination().filter(Pod.Termination::evicted).isPresent();
        return evicted ? Result.EVICTED : Result.BY_ITSELF;
    }

    private static Stream<Attempt> promised(List<Attempt> tried) {
        return tried.stream().filter(attempt -> attempt.state() instanceof Attempt.State.Done);
    }

    private static boolean succeeded(Class<? extends OnPod> kind, List<Attempt> tried) {
        return tried.stream()
                .anyMatch(attempt -> kind.isInstance(attempt.action())
                        && attempt.state() instanceof Attempt.State.Done(var _, Outcome.Succeeded _));
    }

    private Note note(Planned planned, List<Attempt> tried) {
        Pod pod = planned.pod();
        if (planned.verdict() instanceof Verdict.CameBack) {
            return Note.CAME_BACK;
        }
        if (!pod.terminating()) {
            return promised(tried).findAny().isPresent() ? Note.UNMOVED : Note.NONE;
        }
        if (PodsRemaining.isHeldByFinalizers(pod)) {
            return Note.HELD_BY_FINALIZERS;
        }
        return podsRemaining.isStuck(pod) ? Note.STUCK : Note.STILL_ENDING;
    }
}
