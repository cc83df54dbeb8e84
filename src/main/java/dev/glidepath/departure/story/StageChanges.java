package dev.glidepath.departure.story;

import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.node.NodeSight;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How far a departure is: reported when a stage begins, a drain when it has started and when it is over. */
final class StageChanges {
    private Optional<Stage> last = Optional.empty();
    private boolean isDrainStarted;
    private boolean isDrainFinished;

    /** Whether a message announced it, or something was done: without that, its end is not worth a word. */
    private boolean hasContent;

    /** A message is held, or an action was sent. */
    void rememberContent() {
        hasContent = true;
    }

    List<Reported> report(Identity identity, Snapshot snapshot, Stage stage, Instant now) {
        boolean isNew =
                last.filter(before -> before.getClass() == stage.getClass()).isEmpty();
        last = Optional.of(stage);
        return switch (stage) {
            case Stage.Draining(Instant until, DrainPlan plan)
            when !isDrainStarted && snapshot.pods() instanceof PodSight.Listed -> {
                isDrainStarted = true;
                yield drainStarted(identity, plan, until);
            }
            case Stage.AwaitingNode(Instant until)
            when isNew && !(snapshot.node() instanceof NodeSight.Gone) ->
                List.of(nodeAwaited(identity, snapshot.node(), until));
            case Stage.Settling(Ending ending, DrainReport report)
            when isDrainStarted && !isDrainFinished -> {
                isDrainFinished = true;
                yield drainFinished(identity, ending, report, now);
            }
            case Stage.AwaitingHook(Ending ending, DrainReport report, var _)
            when isDrainStarted && !isDrainFinished -> {
                isDrainFinished = true;
                yield drainFinished(identity, ending, report, now);
            }
            case Stage.Settled(Ending ending, DrainReport report)
            when isNew && hasContent -> {
                hasContent = false;
                yield List.of(settled(identity, ending, report, now));
            }
            case Stage.AwaitingNode _,
                    Stage.Examining _,
                    Stage.Planned _,
                    Stage.Elsewhere _,
                    Stage.Cordoning _,
                    Stage.Draining _,
                    Stage.OutOfService _,
                    Stage.AwaitingHook _,
                    Stage.Settling _,
                    Stage.Settled _ -> List.of();
        };
    }

    /** What comes after a rest is another drain. */
    void forgetDrain(Decision decision) {
        if (decision.isResting()) {
            isDrainStarted = false;
            isDrainFinished = false;
        }
    }

    private static Reported nodeAwaited(Identity identity, NodeSight node, Instant until) {
        return identity.entry(
                LogEvent.NODE_AWAITED,
                node instanceof NodeSight.Present
                        ? "the node has just joined and is not selected; its labels may come later"
                        : "no node has this instance; one may yet appear",
                Map.of(Field.DEADLINE, until));
    }

    private static List<Reported> drainStarted(Identity identity, DrainPlan plan, Instant until) {
        List<Reported> entries = new ArrayList<>();
        Map<Field, Object> fields = new EnumMap<>(Map.of(
                Field.PODS, plan.leaving().count(), Field.STAY, plan.staying().count()));
        if (!until.equals(Instant.MAX)) {
            fields.put(Field.DEADLINE, until);
        }
        entries.add(identity.entry(
                LogEvent.DRAIN_STARTED,
                "draining %d pods".formatted(plan.leaving().count()),
                fields));
        plan.staying()
                .map(planned -> identity.entry(LogEvent.POD_STAYS, planned.pod().ref() + " stays", verdict(planned)))
                .forEach(entries::add);
        plan.leaving()
                .filter(planned -> planned.verdict() instanceof Verdict.EvictAtALoss)
                .map(planned ->
                        identity.entry(LogEvent.POD_WITHOUT_OWNER, planned.pod().ref() + " is lost", verdict(planned)))
                .forEach(entries::add);
        return entries;
    }

    private static Map<Field, Object> verdict(DrainPlan.Planned planned) {
        return Map.of(
                Field.POD, planned.pod().ref(), Field.REASON, planned.verdict().reason());
    }

    private static List<Reported> drainFinished(Identity identity, Ending ending, DrainReport report, Instant now) {
        List<Reported> entries = new ArrayList<>();
        entries.add(identity.entryOnNode(
                LogEvent.DRAIN_FINISHED,
                "drain finished: " + ending.reason(),
                DrainSummary.fields(ending, report, identity.start(), now),
                "Drain finished: " + ending.reason() + ", " + DrainSummary.inWords(report)));
        report.pods().stream().map(pod -> podReported(identity, pod)).forEach(entries::add);
        return entries;
    }

    private static Reported podReported(Identity identity, DrainReport.OfPod pod) {
        Reported entry = identity.entry(
                        LogEvent.POD_REPORTED, pod.pod() + ": " + pod.result().label(), DrainSummary.fields(pod))
                .counting(Metric.PODS_REPORTED, pod.result().label());
        return pod.isShortened() ? entry.counting(Metric.PODS_SHORTENED) : entry;
    }

    private static Reported settled(Identity identity, Ending ending, DrainReport report, Instant now) {
        return identity.entry(
                        LogEvent.DEPARTURE_SETTLED,
                        "settled: " + ending.reason(),
                        DrainSummary.fields(ending, report, identity.start(), now))
                .counting(Metric.DEPARTURES_SETTLED, ending.reason());
    }
}
