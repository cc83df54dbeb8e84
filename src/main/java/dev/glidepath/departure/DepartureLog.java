package dev.glidepath.departure;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.AskForNode;
import dev.glidepath.departure.decision.Act.AskKubelet;
import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.Delete;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.FindVolume;
import dev.glidepath.departure.decision.Act.HandBack;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.LastCall;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.MarkDisrupted;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Act.PutBackInService;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Act.TakeOutOfService;
import dev.glidepath.departure.decision.Act.Undo;
import dev.glidepath.departure.decision.Attempt;
import dev.glidepath.departure.decision.Attempts;
import dev.glidepath.departure.decision.Decision;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Held;
import dev.glidepath.departure.decision.Decision.LeftHook;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Bound;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.NotFound;
import dev.glidepath.departure.decision.Outcome.NotSent;
import dev.glidepath.departure.decision.Outcome.Overloaded;
import dev.glidepath.departure.decision.Outcome.Refused;
import dev.glidepath.departure.decision.Outcome.Renewed;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.departure.decision.Report;
import dev.glidepath.departure.decision.Sight;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Reading;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.observe.Subject;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
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
    private final ClusterEvents events;
    private final Denials denials;
    private final Set<Act.Key> inTrouble = new HashSet<>();
    private DecisionLog log;
    private Optional<Stage> last = Optional.empty();
    private Optional<NodeName> node = Optional.empty();
    private Optional<InstanceId> instance = Optional.empty();
    private Instant start = Instant.MIN;

    /** Whether a message told of it, or something was done. */
    private boolean hadAnything;

    private boolean unreadableTold;
    private boolean drainStarted;
    private boolean drainFinished;

    /** Pods of which it was told already that a budget holds them back. */
    private final Set<PodRef> heldBack = new HashSet<>();

    /** Pods of which it was told already that nothing came of a yes. */
    private final Set<PodRef> withoutEffect = new HashSet<>();

    /** Hooks of which it was told already why they are not completed. */
    private final Set<Left> leftHooks = new HashSet<>();

    private record Left(LifecycleAction action, LeftHook.Why why) {}

    /** Pods of which it was told already that somebody refuses them. */
    private final Set<PodRef> refused = new HashSet<>();

    DepartureLog(DecisionLog log, Metrics metrics, ClusterEvents events, Denials denials) {
        this.log = log;
        this.metrics = metrics;
        this.events = events;
        this.denials = denials;
    }

    /** Tells what a decision changes. */
    void decided(Sight sight, Decision decision, Instant now) {
        introduce(sight);
        Stage stage = decision.stage();
        boolean sameAsBefore =
                last.map(before -> before.getClass() == stage.getClass()).orElse(false);
        last = Optional.of(stage);
        decision.held().stream()
                .filter(held -> held.reason() != Held.Reason.IN_USE)
                .forEach(this::heldBack);
        decision.acts().stream()
                .filter(OnPod.class::isInstance)
                .map(OnPod.class::cast)
                .filter(act -> act.terms().version().isPresent())
                .forEach(this::withoutEffect);
        decision.leftHooks().stream()
                .filter(hook -> leftHooks.add(new Left(hook.action(), hook.why())))
                .forEach(this::leftHook);
        switch (stage) {
            case Stage.Draining(Instant until, DrainPlan plan)
            when !drainStarted && sight.pods() instanceof PodSight.Listed -> drainStarted(plan, until);
            case Stage.AwaitingNode(Instant until)
            when !sameAsBefore && !(sight.node() instanceof NodeSight.Gone) ->
                log.tell(
                        LogEvent.NODE_AWAITED,
                        sight.node() instanceof NodeSight.Present
                                ? "the node has just joined and is not selected; its labels may come later"
                                : "no node has this instance; one may yet appear",
                        Map.of(Field.DEADLINE, until));
            case Stage.Settling(Ending ending, Report report)
            when drainStarted && !drainFinished -> drainFinished(ending, report, now);
            case Stage.AwaitingHook(Ending ending, Report report, var _)
            when drainStarted && !drainFinished -> drainFinished(ending, report, now);
            case Stage.Settled(Ending ending, Report report)
            when !sameAsBefore && hadAnything -> settled(ending, report, now);
            case Stage.AwaitingNode _,
                    Stage.Examining _,
                    Stage.Planned _,
                    Stage.Elsewhere _,
                    Stage.Cordoning _,
                    Stage.Draining _,
                    Stage.OutOfService _,
                    Stage.AwaitingHook _,
                    Stage.Settling _,
                    Stage.Settled _ -> {}
        }
        if (sight.node() instanceof NodeSight.Present(KubeNode present) && present.isUnread()) {
            unreadable(present.reading(), decision);
        }
        if (decision.isResting()) {
            drainStarted = false;
            drainFinished = false;
        }
    }

    /** Told once, when it is known what becomes of the node. */
    private void unreadable(Reading reading, Decision decision) {
        boolean writtenOver = decision.acts().stream().anyMatch(OnJournal.class::isInstance);
        boolean leftAlone = endingOf(decision.stage())
                .filter(Ending.JOURNAL_UNREADABLE::equals)
                .isPresent();
        if (unreadableTold || !(writtenOver || leftAlone)) {
            return;
        }
        unreadableTold = true;
        String reason = reading instanceof Reading.Newer ? "newer" : "broken";
        String what = reading instanceof Reading.Newer(int version, var _)
                ? "The journal on this node is of version " + version
                        + ", and no replica lives that reads more than version " + Journal.VERSION
                : "The annotation glidepath.dev/departure of this node is no journal";
        String note = what
                + (writtenOver
                        ? ": the node departs, and nothing that was changed before will be undone. The text is kept in"
                                + " glidepath.dev/departure-unread."
                        : ": the node is left alone, as nothing that was announced takes its instance. Remove the annotation"
                                + " when nobody needs it.");
        metrics.count(Metric.JOURNALS_UNREADABLE, reason);
        log.tell(LogEvent.JOURNAL_UNREADABLE, note, Map.of(Field.REASON, reason));
        tellOnNode(LogEvent.JOURNAL_UNREADABLE, note);
    }

    private static Optional<Ending> endingOf(Stage stage) {
        return switch (stage) {
            case Stage.Settling(Ending ending, var _) -> Optional.of(ending);
            case Stage.Settled(Ending ending, var _) -> Optional.of(ending);
            default -> Optional.empty();
        };
    }

    private void settled(Ending ending, Report report, Instant now) {
        metrics.count(Metric.DEPARTURES_SETTLED, ending.reason());
        log.tell(LogEvent.DEPARTURE_SETTLED, "settled: " + ending.reason(), summary(ending, report, now));
        hadAnything = false;
    }

    /** Tells what came of an act; {@code before} is what was known of it until now. */
    void ended(Act act, Outcome outcome, Attempts before) {
        metrics.count(Metric.ACTS, act.label(), outcome.label());
        hadAnything |= !(outcome instanceof NotSent);
        Attempt attempt = before.of(act).orElseThrow();
        switch (outcome) {
            case Landed _ -> {
                recovered(act);
                landed(act, attempt);
            }
            case Moot _, NotFound _ -> recovered(act);
            case Described _, Bound _, Renewed _ -> recovered(act);
            case Blocked(String budget, String why) -> {
                allowed(act);
                blocked(act, budget, why);
            }
            case Refused(String why) -> {
                allowed(act);
                refused(act, why);
            }
            case Overloaded(String why, var _) -> {
                if (attempt.tries() >= TRIES_BEFORE_TROUBLE) {
                    trouble(LogEvent.ACT_FAILED, act, why);
                }
            }
            case TryAgain(String why) -> {
                if (attempt.tries() >= TRIES_BEFORE_TROUBLE) {
                    trouble(LogEvent.ACT_FAILED, act, why);
                }
            }
            case Denied(String why) -> denied(act, why);
            case NotSent _ -> {}
        }
    }

    /** A departure is known by its instance and its start, which a restart finds in the journal. */
    private void introduce(Sight sight) {
        hadAnything |= !sight.notices().isEmpty();
        instance = Optional.of(sight.instance());
        log = log.about(Map.of(Field.INSTANCE, sight.instance()));
        sight.notices().stream()
                .findFirst()
                .ifPresent(notice -> log = log.about(
                        Map.of(Field.KIND, notice.interruption().kind().label())));
        switch (sight.node()) {
            case NodeSight.Present(KubeNode present) -> {
                isOn(present.name());
                present.journal()
                        .filter(journal -> journal.state() == Journal.State.OPEN)
                        .ifPresent(this::isAbout);
            }
            case NodeSight.Gone(NodeName name, var _, var _) -> isOn(name);
            case NodeSight.NeverSeen _ -> {}
        }
        if (start.equals(Instant.MIN)) {
            sight.notices().stream().findFirst().ifPresent(notice -> startsAt(sight.instance(), notice.receivedAt()));
        }
    }

    private void isAbout(Journal journal) {
        journal.causes().stream()
                .findFirst()
                .ifPresent(
                        cause -> log = log.about(Map.of(Field.KIND, cause.kind().label())));
        start = journal.start();
        instance.ifPresent(known -> startsAt(known, journal.start()));
    }

    private void startsAt(InstanceId known, Instant at) {
        start = at;
        log = log.about(Map.of(Field.DEPARTURE, known + "@" + at.truncatedTo(ChronoUnit.SECONDS)));
    }

    private void isOn(NodeName name) {
        node = Optional.of(name);
        log = log.about(Map.of(Field.NODE, name));
    }

    private void drainStarted(DrainPlan plan, Instant until) {
        drainStarted = true;
        Map<Field, Object> fields = new EnumMap<>(Map.of(
                Field.PODS, plan.leaving().count(), Field.STAY, plan.staying().count()));
        if (!until.equals(Instant.MAX)) {
            fields.put(Field.DEADLINE, until);
        }
        log.tell(
                LogEvent.DRAIN_STARTED,
                "draining %d pods".formatted(plan.leaving().count()),
                fields);
        plan.staying()
                .forEach(planned -> log.tell(LogEvent.POD_STAYS, planned.pod().ref() + " stays", judged(planned)));
        plan.leaving()
                .filter(planned -> planned.verdict() instanceof Verdict.EvictAtALoss)
                .forEach(planned ->
                        log.tell(LogEvent.POD_WITHOUT_OWNER, planned.pod().ref() + " is lost", judged(planned)));
    }

    private void drainFinished(Ending ending, Report report, Instant now) {
        drainFinished = true;
        Map<Field, Object> summary = summary(ending, report, now);
        log.tell(LogEvent.DRAIN_FINISHED, "drain finished: " + ending.reason(), summary);
        tellOnNode(LogEvent.DRAIN_FINISHED, "Drain finished: " + ending.reason() + ", " + inWords(report));
        for (Report.OfPod pod : report.pods()) {
            metrics.count(Metric.PODS_REPORTED, pod.fate().label());
            if (pod.isShortened()) {
                metrics.count(Metric.PODS_SHORTENED);
            }
            log.tell(LogEvent.POD_REPORTED, pod.pod() + ": " + pod.fate().label(), reported(pod));
        }
    }

    /** Told once a pod: by whom, with which numbers, and what can be done where waiting is in vain. */
    private void heldBack(Held held) {
        PodRef pod = held.evict().pod();
        if (!heldBack.add(pod)) {
            return;
        }
        metrics.count(Metric.EVICTIONS_HELD_BACK, held.reason().label());
        String why = switch (held.reason()) {
            case IN_USE -> held.why() + "; others of its pods are being evicted";
            case NO_ROOM -> held.why();
            case UNHEALTHY_PODS ->
                held.why() + "; blocked by unhealthy pods; set unhealthyPodEvictionPolicy: AlwaysAllow";
            case STALE -> "its status lags behind its spec";
        };
        blocked(pod, held.budget().toString(), why);
    }

    /** Told once a pod: a yes came, and no effect of it. */
    private void withoutEffect(OnPod again) {
        PodRef pod = again.pod();
        if (!withoutEffect.add(pod)) {
            return;
        }
        log.tell(
                LogEvent.EVICTION_WITHOUT_EFFECT,
                "the eviction of " + pod + " was answered with yes and had no effect; it is asked again",
                Map.of(Field.POD, pod));
        tellOnPod(
                pod,
                LogEvent.EVICTION_WITHOUT_EFFECT,
                "The eviction of this pod was answered with yes and had no effect: does a webhook or a policy make a"
                        + " dry run of it?");
    }

    private void landed(Act act, Attempt attempt) {
        if (act instanceof OnJournal write) {
            goneOn(write);
        }
        switch (act) {
            case Cordon cordon -> {
                isAbout(cordon.journal());
                String kind = cordon.kind().label();
                log.tell(LogEvent.NODE_CORDONED, "cordoned and tainted", Map.of(Field.REASON, kind));
                tellOnNode(LogEvent.NODE_CORDONED, "Cordoned and tainted for " + kind);
            }
            case Rejournal(Journal journal, var _) -> planned(journal);
            case Undo(Journal journal, var _, Ending ending) -> {
                log.tell(
                        LogEvent.NODE_RESTORED,
                        "what we changed on the node is taken back",
                        Map.of(Field.OUTCOME, ending.reason()));
                tellOnNode(
                        LogEvent.NODE_RESTORED, "What was changed for its departure is taken back: " + ending.reason());
                planned(journal);
            }
            case SettleJournal(Journal journal, var _, var _, var _) -> planned(journal);
            case Evict(PodRef pod, var _) -> log.tell(LogEvent.POD_EVICTED, "evicted " + pod, evicted(pod, attempt));
            case LastCall(PodRef pod, var _) ->
                log.tell(LogEvent.POD_EVICTED, "evicted " + pod + " at its last call", evicted(pod, attempt));
            case Delete(PodRef pod, var _) -> {
                log.tell(LogEvent.POD_DELETED, "deleted " + pod + " past its budgets", evicted(pod, attempt));
                tellOnPod(
                        pod,
                        LogEvent.POD_DELETED,
                        "Deleted at its last call: its last eviction was refused, or had no effect");
            }
            case TakeOutOfService _ ->
                log.tell(LogEvent.NODE_OUT_OF_SERVICE, "the machine is off; tainted as out of service", Map.of());
            case PutBackInService _ ->
                log.tell(LogEvent.NODE_BACK_IN_SERVICE, "no longer tainted as out of service", Map.of());
            case Heartbeat(LifecycleAction action) ->
                log.tell(LogEvent.LIFECYCLE_HEARTBEAT, "heartbeat sent", about(action));
            case CompleteHook(LifecycleAction action, HookResult result) ->
                log.tell(LogEvent.LIFECYCLE_COMPLETED, "lifecycle action completed", about(action, result));
            case DeleteMessages(Set<MessageId> messages, var _) ->
                log.tell(
                        LogEvent.MESSAGE_DELETED,
                        "deleted %d messages".formatted(messages.size()),
                        Map.of(Field.MESSAGES, messages.size()));
            case HandBack handBack ->
                log.tell(
                        LogEvent.MESSAGE_HANDED_BACK,
                        "handed back %d messages, for another replica"
                                .formatted(handBack.deliveries().size()),
                        Map.of(Field.MESSAGES, handBack.deliveries().size()));
            case ListPods _, FindVolume _, MarkDisrupted _, DescribeHook _, AskForNode _, AskKubelet _ -> {}
        }
    }

    private void goneOn(OnJournal write) {
        if (write.takesOver()) {
            log.tell(LogEvent.DEPARTURE_TAKEN_OVER, "taken over from a replica that is gone", Map.of());
        }
        write.movesDeadlineTo()
                .ifPresent(deadline ->
                        log.tell(LogEvent.DEADLINE_MOVED, "the deadline has moved", Map.of(Field.DEADLINE, deadline)));
    }

    private void planned(Journal journal) {
        if (journal.state() == Journal.State.PLANNED) {
            Map<Field, Object> fields = new EnumMap<>(Field.class);
            journal.term().ifPresent(term -> fields.put(Field.DEADLINE, term.deadline()));
            log.tell(LogEvent.DEPARTURE_PLANNED, "journaled on the node, for later", fields);
        }
    }

    /** Told once, with what can be done about it. */
    private void leftHook(LeftHook left) {
        LifecycleAction action = left.action();
        Map<Field, Object> fields = about(action);
        fields.put(Field.REASON, left.detail());
        String hook = "The lifecycle hook " + action.hook() + " of " + action.group();
        switch (left.why()) {
            case NOT_OURS -> {
                log.tell(LogEvent.LIFECYCLE_NOT_OURS, "not ours, and left alone", fields);
                tellOnNode(LogEvent.LIFECYCLE_NOT_OURS, hook + " is not ours, and left alone");
            }
            case UNDECIDED -> {
                String remedy = "list the hooks that are ours in lifecycle.hooks (GLIDEPATH_LIFECYCLE_HOOKS)";
                log.tell(
                        LogEvent.LIFECYCLE_UNDECIDED,
                        "left alone, for nobody can tell whose it is; " + remedy + ": " + left.detail(),
                        fields);
                tellOnNode(
                        LogEvent.LIFECYCLE_UNDECIDED,
                        hook + " is left alone, for nobody can tell whose it is: " + left.detail() + "; " + remedy);
            }
            case EXPIRES -> log.tell(LogEvent.LIFECYCLE_LEFT, "left to expire: " + left.detail(), fields);
            case OVER -> log.tell(LogEvent.LIFECYCLE_COMPLETED, "lifecycle action was over before", fields);
            case GIVEN_UP -> {
                log.tell(
                        LogEvent.LIFECYCLE_GIVEN_UP,
                        "given up, for the action cannot be alive any more: " + left.detail(),
                        fields);
                tellOnNode(LogEvent.LIFECYCLE_GIVEN_UP, hook + " could not be completed in its time: " + left.detail());
            }
        }
    }

    /** The server's word where we saw no budget without room. */
    private void blocked(Act act, String budget, String why) {
        if (act instanceof OnPod onPod && heldBack.add(onPod.pod())) {
            metrics.count(Metric.EVICTIONS_HELD_BACK, Held.Reason.NO_ROOM.label());
            blocked(onPod.pod(), budget, why);
        }
    }

    private void blocked(PodRef pod, String budget, String why) {
        log.tell(
                LogEvent.EVICTION_BLOCKED,
                "a budget holds back " + pod,
                Map.of(Field.POD, pod, Field.BUDGET, budget, Field.REASON, why));
        tellOnPod(pod, LogEvent.EVICTION_BLOCKED, "PodDisruptionBudget " + budget + " holds this pod back: " + why);
    }

    private void refused(Act act, String why) {
        if (act instanceof OnPod onPod && refused.add(onPod.pod())) {
            log.tell(
                    LogEvent.EVICTION_REFUSED,
                    "the eviction of " + onPod.pod() + " is refused",
                    Map.of(Field.POD, onPod.pod(), Field.REASON, why));
            tellOnPod(onPod.pod(), LogEvent.EVICTION_REFUSED, "The eviction of this pod is refused: " + why);
        }
        if (act instanceof OnJournal && !inTrouble.contains(act.key())) {
            tellOnNode(LogEvent.ACT_FAILED, act.label() + " is refused, and is tried again: " + why);
            trouble(LogEvent.ACT_FAILED, act, why);
        }
    }

    private void tellOnPod(PodRef pod, LogEvent event, String note) {
        events.tell(new Subject.Pod(pod.namespace(), pod.name(), pod.uid()), event, note);
    }

    private void tellOnNode(LogEvent event, String note) {
        node.ifPresent(name -> events.tell(new Subject.Node(name.value()), event, note));
    }

    private void trouble(LogEvent event, Act act, String why) {
        if (inTrouble.add(act.key())) {
            log.tell(
                    event,
                    act.label() + " fails, and is tried again: " + why,
                    Map.of(Field.ACT, act.label(), Field.REASON, why));
        }
    }

    /** What AWS denies is reported by the request itself, for all departures: see {@link dev.glidepath.permission.Permissions}. */
    private void denied(Act act, String why) {
        boolean atAws = act instanceof DescribeHook
                || act instanceof Heartbeat
                || act instanceof CompleteHook
                || act instanceof DeleteMessages;
        if (!atAws && denials.begin(act)) {
            log.tell(
                    LogEvent.ACT_DENIED,
                    act.label() + " is not allowed, and is tried again: " + why,
                    Map.of(Field.ACT, act.label(), Field.REASON, why));
        }
    }

    private void allowed(Act act) {
        if (denials.end(act)) {
            log.tell(LogEvent.ACT_RECOVERED, act.label() + " is allowed now", Map.of(Field.ACT, act.label()));
        }
    }

    private void recovered(Act act) {
        allowed(act);
        if (inTrouble.remove(act.key())) {
            log.tell(LogEvent.ACT_RECOVERED, act.label() + " works again", Map.of(Field.ACT, act.label()));
        }
    }

    private Map<Field, Object> summary(Ending ending, Report report, Instant now) {
        Map<Field, Object> fields = new EnumMap<>(Field.class);
        fields.put(Field.OUTCOME, ending.reason());
        fields.put(Field.EVICTED, report.count(Report.Fate.EVICTED));
        fields.put(Field.FORCED, report.count(Report.Fate.FORCED));
        fields.put(Field.BY_ITSELF, report.count(Report.Fate.BY_ITSELF));
        fields.put(Field.SHORTENED, report.shortened());
        fields.put(Field.LEFT, report.stillThere());
        fields.put(Field.STAY, report.stay());
        // Not known of a departure that another has begun and we have not taken over.
        if (!start.equals(Instant.MIN)) {
            fields.put(Field.ELAPSED, Duration.between(start, now));
        }
        if (!report.blockedBy().isEmpty()) {
            fields.put(Field.BUDGET, report.blockedBy().stream().sorted().collect(Collectors.joining(",")));
        }
        if (report.sinceTakeOver()) {
            fields.put(Field.BEFORE_TAKE_OVER, "unknown");
        }
        return fields;
    }

    private static String inWords(Report report) {
        return "%d evicted, %d deleted, %d went by themselves, %d left"
                .formatted(
                        report.count(Report.Fate.EVICTED),
                        report.count(Report.Fate.FORCED),
                        report.count(Report.Fate.BY_ITSELF),
                        report.stillThere());
    }

    private static Map<Field, Object> reported(Report.OfPod pod) {
        Map<Field, Object> fields = new EnumMap<>(
                Map.of(Field.POD, pod.pod(), Field.FATE, pod.fate().label(), Field.GRACE_WANTED, pod.wanted()));
        pod.given().ifPresent(given -> fields.put(Field.GRACE_GIVEN, given));
        if (pod.remark() != Report.Remark.NONE) {
            fields.put(Field.REMARK, pod.remark().label());
        }
        if (!pod.blockedBy().isEmpty()) {
            fields.put(Field.BUDGET, pod.blockedBy().stream().sorted().collect(Collectors.joining(",")));
            fields.put(Field.BLOCKED_FOR, pod.blockedFor());
        }
        return fields;
    }

    private static Map<Field, Object> judged(DrainPlan.Planned planned) {
        return Map.of(
                Field.POD, planned.pod().ref(), Field.REASON, planned.verdict().reason());
    }

    private static Map<Field, Object> evicted(PodRef pod, Attempt attempt) {
        Map<Field, Object> fields = new EnumMap<>(Map.of(Field.POD, pod));
        if (!attempt.blockedBy().isEmpty()) {
            fields.put(Field.BUDGET, attempt.blockedBy().stream().sorted().collect(Collectors.joining(",")));
            fields.put(Field.BLOCKED_FOR, attempt.blockedFor());
        }
        return fields;
    }

    private static Map<Field, Object> about(LifecycleAction action, HookResult result) {
        Map<Field, Object> fields = about(action);
        fields.put(Field.OUTCOME, result.name().toLowerCase(Locale.ROOT));
        return fields;
    }

    private static Map<Field, Object> about(LifecycleAction action) {
        return new EnumMap<>(Map.of(Field.HOOK, action.hook(), Field.GROUP, action.group()));
    }
}
