package dev.glidepath.departure.story;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.Readiness;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Subject;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A departure for a spot notice, on a node without a journal whose pods are not listed yet, unless changed; and its story. */
final class SampleDeparture {
    static final Instant START = Instant.parse("2026-08-24T10:15:00Z");
    /** When it is looked at. */
    static final Instant NOW = START.plusSeconds(60);

    static final Instant DEADLINE = START.plusSeconds(120);
    static final InstanceId INSTANCE = new InstanceId("i-0123456789abcdef0");
    static final NodeName NAME = new NodeName("node-1");
    static final Subject NODE = new Subject.Node(NAME.value());
    static final PodRef WEB = new PodRef("shop", "web", "uid-of-web");
    static final Subject POD = new Subject.Pod("shop", "web", "uid-of-web");
    static final LifecycleAction HOOK = new LifecycleAction("workers", "drain", "token-1", INSTANCE);
    static final DrainReport NOTHING = new DrainReport(List.of(), 0, false);
    static final Notice NOTICE = new Notice(
            new SpotInterruption(INSTANCE, START, SpotAction.TERMINATE),
            new MessageId("message-1"),
            START,
            Delivery.FIRST);

    private final Story story = new Story(INSTANCE);
    private NodeSight node = new NodeSight.Present(node(""));
    private PodSight pods = new PodSight.NotListed();
    private List<Notice> notices = List.of(NOTICE);

    SampleDeparture on(NodeSight seen) {
        node = seen;
        return this;
    }

    /** On a node with this annotation. */
    SampleDeparture on(String journalText) {
        return on(new NodeSight.Present(node(journalText)));
    }

    SampleDeparture listed(Pod... there) {
        pods = new PodSight.Listed(List.of(there), List.of(), START);
        return this;
    }

    SampleDeparture withoutNotices() {
        notices = List.of();
        return this;
    }

    /** What it reports when this is decided. */
    List<Reported> decides(Stage stage) {
        return decides(stage, List.of(), List.of(), Set.of());
    }

    List<Reported> decides(Action... actions) {
        return decides(new Stage.Examining(), List.of(actions), List.of(), Set.of());
    }

    List<Reported> decides(HeldEviction held) {
        return decides(new Stage.Examining(), List.of(), List.of(held), Set.of());
    }

    List<Reported> decides(LeftHook left) {
        return decides(new Stage.Examining(), List.of(), List.of(), Set.of(left));
    }

    List<Reported> decides(Stage stage, List<Action> actions, List<HeldEviction> held, Set<LeftHook> left) {
        Snapshot snapshot = new Snapshot(
                INSTANCE,
                node,
                new Claim("glidepath-0/1", Instant.MAX, new Claim.Holding.Nobody()),
                pods,
                List.of(),
                Set.of(),
                ClusterConditions.QUIET,
                notices,
                Set.of(),
                Attempts.none());
        Decision decision = new Decision(stage, actions, held, Set.of(), left, Instant.MAX);
        return reported(story.reportDecision(snapshot, decision, NOW));
    }

    /** What it reports when the first try of an action comes to this. */
    List<Reported> hears(Action action, Outcome outcome) {
        return hears(action, outcome, 1);
    }

    List<Reported> hears(Action action, Outcome outcome, int tries) {
        return hears(action, outcome, tried(action, tries, Duration.ZERO, Set.of()));
    }

    List<Reported> hears(Action action, Outcome outcome, Attempt attempt) {
        return reported(story.reportOutcome(action, outcome, attempt, Permission.UNCHANGED));
    }

    List<Reported> hears(Action action, Outcome outcome, Permission permission) {
        return reported(story.reportOutcome(action, outcome, tried(action, 1, Duration.ZERO, Set.of()), permission));
    }

    /** All entries, those that are only counted among them. */
    List<Entry> entries(Action action, Outcome outcome) {
        return story.reportOutcome(action, outcome, tried(action, 1, Duration.ZERO, Set.of()), Permission.UNCHANGED);
    }

    static Attempt tried(Action action, int tries, Duration blockedFor, Set<String> blockedBy) {
        return new Attempt(action, tries, new Attempt.State.InFlight(START), START, blockedFor, blockedBy, false);
    }

    static List<LogEvent> events(List<Reported> entries) {
        return entries.stream().map(Reported::event).toList();
    }

    private static List<Reported> reported(List<Entry> entries) {
        return entries.stream()
                .filter(Reported.class::isInstance)
                .map(Reported.class::cast)
                .toList();
    }

    /** A Ready node with this annotation. */
    static KubeNode node(String journalText) {
        return new KubeNode(
                NAME,
                START.minusSeconds(3_600),
                new Readiness(Readiness.Status.TRUE, Optional.of(START.minusSeconds(3_600))),
                false,
                false,
                true,
                Map.of(),
                List.of(),
                journalText);
    }

    /** A journal begun then, under way, for a scheduled change. */
    static Journal journal(Instant start) {
        return Journal.empty(start)
                .heldBy("glidepath-0/1")
                .with(new Cause(
                        new InterruptionId("scheduled-change/" + INSTANCE + "/1"),
                        Kind.SCHEDULED_CHANGE,
                        Effect.ENDS,
                        start,
                        start,
                        Optional.of(DEADLINE),
                        false));
    }

    /** A journal with this deadline. */
    static Journal withDeadline(Journal journal, Instant deadline) {
        return journal.with(Optional.of(new Journal.Term(deadline, START)), Optional.empty());
    }

    static Action.Terms terms(Optional<String> version) {
        return new Action.Terms(
                START, Instant.MAX, new Grace(Duration.ofSeconds(30), Optional.empty()), Set.of(), version);
    }

    static Action.Evict evict(PodRef pod) {
        return new Action.Evict(pod, terms(Optional.empty()));
    }
}
