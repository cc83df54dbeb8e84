package dev.glidepath.departure;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Attempt;
import dev.glidepath.departure.decision.Attempts;
import dev.glidepath.departure.decision.Decision;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.departure.decision.Report;
import dev.glidepath.departure.decision.Sight;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells a departure's story, each thing once: a decision when it differs from the last, an act when it is done, trouble when it
 * begins and when it ends.
 */
final class DepartureLog {
    /** What fails once or twice in a row is daily life: a conflict, a hiccup. */
    private static final int TRIES_BEFORE_TROUBLE = 3;

    private final Metrics metrics;
    private final Set<Act> inTrouble = new HashSet<>();
    private DecisionLog log;
    private Optional<Stage> last = Optional.empty();
    private Instant start = Instant.MIN;
    private boolean drainStarted;

    DepartureLog(DecisionLog log, Metrics metrics) {
        this.log = log;
        this.metrics = metrics;
    }

    /** Tells what a decision changes. */
    void decided(Sight sight, Decision decision, Instant now) {
        introduce(sight);
        Stage stage = decision.stage();
        boolean sameAsBefore =
                last.map(before -> before.getClass() == stage.getClass()).orElse(false);
        last = Optional.of(stage);
        switch (stage) {
            case Stage.Draining(Instant until, var _) -> drainStarted(sight.pods(), until);
            case Stage.AwaitingNode(Instant until)
            when !sameAsBefore ->
                log.tell(
                        LogEvent.NODE_AWAITED,
                        "no node has this instance; one may yet appear",
                        Map.of(Field.DEADLINE, until));
            case Stage.Settling(Ending ending, Report report)
            when !sameAsBefore && drainStarted ->
                log.tell(LogEvent.DRAIN_FINISHED, "drain finished: " + ending.reason(), summary(ending, report, now));
            case Stage.Settled(Ending ending, Report report)
            when !sameAsBefore -> {
                metrics.count(Metric.DEPARTURES_SETTLED, ending.reason());
                log.tell(LogEvent.DEPARTURE_SETTLED, "settled: " + ending.reason(), summary(ending, report, now));
            }
            case Stage.AwaitingNode _, Stage.Cordoning _, Stage.Settling _, Stage.Settled _ -> {}
        }
    }

    /** Tells what came of an act; {@code before} is what was known of it until now. */
    void ended(Act act, Outcome outcome, Attempts before) {
        metrics.count(Metric.ACTS, act.label(), outcome.label());
        Attempt attempt = before.of(act).orElseThrow();
        switch (outcome) {
            case Landed _ -> {
                recovered(act);
                landed(act, attempt);
            }
            case Moot(String why) -> {
                recovered(act);
                moot(act, why);
            }
            case Described _ -> recovered(act);
            case Blocked(String budget, String why) -> blocked(act, attempt, budget, why);
            case TryAgain(String why) -> {
                if (attempt.tries() >= TRIES_BEFORE_TROUBLE) {
                    trouble(LogEvent.ACT_FAILED, act, why);
                }
            }
            case Denied(String why) -> trouble(LogEvent.ACT_DENIED, act, why);
        }
    }

    /** A departure is known by its instance and its start, which a restart finds in the journal. */
    private void introduce(Sight sight) {
        if (start.equals(Instant.MIN)) {
            Instant firstNotice = sight.notices().getFirst().receivedAt();
            start = sight.node() instanceof NodeSight.Present(KubeNode node)
                    ? node.journal()
                            .filter(journal -> journal.state() == Journal.State.OPEN)
                            .map(Journal::start)
                            .orElse(firstNotice)
                    : firstNotice;
            log = log.about(Map.of(
                    Field.INSTANCE,
                    sight.instance(),
                    Field.DEPARTURE,
                    sight.instance() + "@" + start.truncatedTo(ChronoUnit.SECONDS),
                    Field.KIND,
                    sight.notices().getFirst().interruption().kind()));
        }
        switch (sight.node()) {
            case NodeSight.Present(KubeNode node) -> log = log.about(Map.of(Field.NODE, node.name()));
            case NodeSight.Gone(NodeName name) -> log = log.about(Map.of(Field.NODE, name));
            case NodeSight.NeverSeen _ -> {}
        }
    }

    private void drainStarted(PodSight pods, Instant until) {
        if (drainStarted || !(pods instanceof PodSight.Listed(var listed, var _, var _))) {
            return;
        }
        drainStarted = true;
        DrainPlan plan = DrainPlan.of(listed);
        log.tell(
                LogEvent.DRAIN_STARTED,
                "draining %d pods".formatted(plan.leaving().count()),
                Map.of(
                        Field.PODS,
                        plan.leaving().count(),
                        Field.STAY,
                        plan.stay().size(),
                        Field.DEADLINE,
                        until));
        plan.stay()
                .forEach(judged -> log.tell(
                        LogEvent.POD_STAYS,
                        judged.pod().ref() + " stays",
                        Map.of(
                                Field.POD,
                                judged.pod().ref(),
                                Field.REASON,
                                judged.verdict().reason())));
    }

    private void landed(Act act, Attempt attempt) {
        switch (act) {
            case Cordon cordon ->
                log.tell(LogEvent.NODE_CORDONED, "cordoned and tainted", Map.of(Field.REASON, cordon.kind()));
            case Evict(PodRef pod) -> log.tell(LogEvent.POD_EVICTED, "evicted " + pod, evicted(pod, attempt));
            case Heartbeat(LifecycleAction action) ->
                log.tell(LogEvent.LIFECYCLE_HEARTBEAT, "heartbeat sent", about(action));
            case CompleteHook(LifecycleAction action) ->
                log.tell(LogEvent.LIFECYCLE_COMPLETED, "lifecycle action completed", about(action));
            case DeleteMessages(Set<MessageId> messages) ->
                log.tell(
                        LogEvent.MESSAGE_DELETED,
                        "deleted %d messages".formatted(messages.size()),
                        Map.of(Field.MESSAGES, messages.size()));
            case ListPods _, DescribeHook _, SettleJournal _ -> {}
        }
    }

    private void moot(Act act, String why) {
        if (act instanceof CompleteHook(LifecycleAction action)) {
            Map<Field, Object> fields = about(action);
            fields.put(Field.REASON, why);
            log.tell(LogEvent.LIFECYCLE_COMPLETED, "lifecycle action was over before", fields);
        }
    }

    private void blocked(Act act, Attempt attempt, String budget, String why) {
        if (act instanceof Evict(PodRef pod) && attempt.blockedBy().isEmpty()) {
            log.tell(
                    LogEvent.EVICTION_BLOCKED,
                    "a budget holds back " + pod,
                    Map.of(Field.POD, pod, Field.BUDGET, budget, Field.REASON, why));
        }
    }

    private void trouble(LogEvent event, Act act, String why) {
        if (inTrouble.add(act)) {
            log.tell(
                    event,
                    act.label() + " fails, and is tried again: " + why,
                    Map.of(Field.ACT, act.label(), Field.REASON, why));
        }
    }

    private void recovered(Act act) {
        if (inTrouble.remove(act)) {
            log.tell(LogEvent.ACT_RECOVERED, act.label() + " works again", Map.of(Field.ACT, act.label()));
        }
    }

    private Map<Field, Object> summary(Ending ending, Report report, Instant now) {
        Map<Field, Object> fields = new EnumMap<>(Field.class);
        fields.put(Field.OUTCOME, ending.reason());
        fields.put(Field.EVICTED, report.evicted());
        fields.put(Field.LEFT, report.left());
        fields.put(Field.STAY, report.stay());
        fields.put(Field.ELAPSED, Duration.between(start, now));
        if (!report.blockedBy().isEmpty()) {
            fields.put(Field.BUDGET, report.blockedBy().stream().sorted().collect(Collectors.joining(",")));
        }
        return fields;
    }

    private static Map<Field, Object> evicted(PodRef pod, Attempt attempt) {
        Map<Field, Object> fields = new EnumMap<>(Map.of(Field.POD, pod));
        if (!attempt.blockedBy().isEmpty()) {
            fields.put(Field.BUDGET, attempt.blockedBy());
            fields.put(Field.BLOCKED_FOR, attempt.blockedFor());
        }
        return fields;
    }

    private static Map<Field, Object> about(LifecycleAction action) {
        return new EnumMap<>(Map.of(Field.HOOK, action.hook(), Field.GROUP, action.group()));
    }
}
