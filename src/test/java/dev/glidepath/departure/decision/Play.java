package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/**
 * A world of values in which one departure is played: acts take a while, pods take their time to end, faults happen as a test
 * says, and the clock jumps from one thing to the next. What was done is written down.
 */
final class Play {
    static final Instant START = Instant.parse("2026-08-24T10:15:00Z");
    static final InstanceId INSTANCE = new InstanceId("i-0123456789abcdef0");
    private static final NodeName NODE = new NodeName("node-1");
    private static final Duration ACT_TAKES = Duration.ofMillis(50);
    private static final int MOST_LOOKS = 20_000;

    /** Something that was done, and what came of it. */
    record Done(Instant at, Act act, Outcome outcome) {}

    private record Upcoming(Instant at, long order, Runnable happens) {}

    private final Policy policy = Policy.standard();
    private final Random random;
    private final PriorityQueue<Upcoming> upcoming =
            new PriorityQueue<>(Comparator.comparing(Upcoming::at).thenComparingLong(Upcoming::order));
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private final Map<String, Duration> exitAfter = new HashMap<>();
    private final List<Notice> notices = new ArrayList<>();
    private final List<Done> done = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();

    private Function<Act, java.util.Optional<Outcome>> fault = _ -> java.util.Optional.empty();
    private int budgetRoom = Integer.MAX_VALUE;
    private Duration replacementTakes = Duration.ZERO;
    private Duration heartbeatTimeout = Duration.ofHours(1);
    private boolean nodeExists = true;
    private boolean nodeDeleted;
    private boolean nodeReady = true;
    private boolean hookActive = true;
    private String journal = "";
    private boolean listed;
    private Instant listedAt = START;
    private Attempts attempts = Attempts.none();
    private Instant now = START;
    private long order;

    Play(long seed) {
        random = new Random(seed);
    }

    static LifecycleAction hook(String token) {
        return new LifecycleAction("workers", "drain", token, INSTANCE);
    }

    // What the world is like.

    Play pod(String name, int priority, Duration exits) {
        PodRef ref = new PodRef("default", name, "uid-" + name);
        pods.put(
                ref.uid(),
                new Pod(
                        ref,
                        START,
                        Pod.Phase.RUNNING,
                        Set.of(),
                        java.util.Optional.empty(),
                        Duration.ofSeconds(30),
                        priority,
                        new Pod.Owner.Controller("ReplicaSet", "web", "uid-of-web"),
                        Set.of(),
                        Set.of(),
                        Map.of()));
        exitAfter.put(ref.uid(), exits);
        return this;
    }

    Play budget(int room, Duration replacementTakes) {
        this.budgetRoom = room;
        this.replacementTakes = replacementTakes;
        return this;
    }

    Play heartbeatTimeout(Duration timeout) {
        heartbeatTimeout = timeout;
        return this;
    }

    Play noNode() {
        nodeExists = false;
        return this;
    }

    /** What an act comes to instead, where this says so. */
    Play fault(Function<Act, java.util.Optional<Outcome>> fault) {
        this.fault = fault;
        return this;
    }

    Play notice(Interruption interruption) {
        return noticeAt(START, interruption);
    }

    Play noticeAt(Instant at, Interruption interruption) {
        MessageId message = new MessageId("message-" + order);
        return at(at, () -> notices.add(new Notice(interruption, message, at)));
    }

    Play at(Instant at, Runnable happens) {
        upcoming.add(new Upcoming(at, order++, happens));
        return this;
    }

    void nodeIsDeleted() {
        nodeDeleted = true;
        pods.clear();
    }

    void nodeAppears() {
        nodeExists = true;
    }

    void hookIsOver() {
        hookActive = false;
    }

    /** The process is killed and another takes its place: memory and acts in flight are lost, messages come again. */
    void restart() {
        attempts = Attempts.none();
        listed = false;
        upcoming.removeIf(next -> next.happens() instanceof Landing);
    }

    /** What comes now begins a departure of its own; the node keeps what is written on it. */
    Play nextDeparture() {
        notices.clear();
        restart();
        return this;
    }

    /** Plays until the departure is settled. */
    Play run() {
        for (int look = 0; look < MOST_LOOKS; look++) {
            Decision decision = decide();
            if (decision.isSettled() && upcoming.stream().noneMatch(next -> next.happens() instanceof Landing)) {
                return this;
            }
            Upcoming next = upcoming.peek();
            boolean timerIsNext = next == null || decision.lookAgainAt().isBefore(next.at());
            if (timerIsNext && decision.lookAgainAt().equals(Instant.MAX)) {
                throw new AssertionError("nothing will ever wake it again: " + decision);
            }
            now = later(now, timerIsNext ? decision.lookAgainAt() : next.at());
            while (!upcoming.isEmpty() && !upcoming.peek().at().isAfter(now)) {
                upcoming.remove().happens().run();
            }
        }
        throw new AssertionError("it does not end: " + decisions.getLast());
    }

    // What has come of it.

    List<Done> done() {
        return List.copyOf(done);
    }

    <A extends Act> List<Done> done(Class<A> sort) {
        return done.stream().filter(each -> sort.isInstance(each.act())).toList();
    }

    /** Those of a sort that were accepted. */
    <A extends Act> List<Done> landed(Class<A> sort) {
        return done(sort).stream()
                .filter(each -> each.outcome() instanceof Landed)
                .toList();
    }

    Decision.Stage.Settled ending() {
        return (Decision.Stage.Settled) decisions.getLast().stage();
    }

    Set<String> podsLeft() {
        return Set.copyOf(pods.keySet());
    }

    Instant now() {
        return now;
    }

    boolean isSettledOnTheNode(Interruption interruption) {
        return node().journal().orElseThrow().isSettled(interruption.id());
    }

    private Decision decide() {
        if (notices.isEmpty()) {
            return new Decision(new Decision.Stage.AwaitingNode(START), List.of(), Instant.MAX);
        }
        Decision decision = Decider.decide(look(), policy, now);
        decisions.add(decision);
        for (Act act : decision.acts()) {
            if (attempts.of(act).map(Attempt::state).orElse(null) instanceof Attempt.State.InFlight) {
                throw new AssertionError("started again before its outcome: " + act);
            }
            attempts = attempts.started(act, now);
            at(now.plus(ACT_TAKES), new Landing(act));
        }
        return decision;
    }

    private Sight look() {
        return new Sight(
                INSTANCE,
                nodeSight(),
                listed
                        ? new PodSight.Listed(List.copyOf(pods.values()), List.of(), listedAt)
                        : new PodSight.NotListed(),
                notices,
                attempts);
    }

    private NodeSight nodeSight() {
        if (nodeDeleted) {
            return new NodeSight.Gone(NODE);
        }
        return nodeExists ? new NodeSight.Present(node()) : new NodeSight.NeverSeen();
    }

    private KubeNode node() {
        return new KubeNode(
                NODE, nodeReady, java.util.Optional.empty(), !journal.isEmpty(), false, true, List.of(), journal);
    }

    /** An act reaches the world, and its outcome comes back. */
    private final class Landing implements Runnable {
        private final Act act;

        Landing(Act act) {
            this.act = act;
        }

        @Override
        public void run() {
            Outcome outcome = fault.apply(act).orElseGet(() -> carryOut(act));
            done.add(new Done(now, act, outcome));
            attempts = attempts.ended(act, outcome, now, random);
        }
    }

    private Outcome carryOut(Act act) {
        return switch (act) {
            case Cordon cordon -> cordon(cordon);
            case ListPods _ -> list();
            case Evict(PodRef pod) -> evict(pod);
            case DescribeHook _ -> new Described(heartbeatTimeout, heartbeatTimeout.multipliedBy(100));
            case Heartbeat _ -> hookActive ? new Landed() : new Moot("no active action");
            case CompleteHook _ -> complete();
            case SettleJournal(Set<InterruptionId> interruptions) -> settle(interruptions);
            case DeleteMessages _ -> new Landed();
        };
    }

    private Outcome cordon(Cordon cordon) {
        if (nodeDeleted) {
            return new Moot("gone");
        }
        if (!cordon.basedOn().equals(journal)) {
            return new TryAgain("conflict");
        }
        journal = cordon.journal().text();
        return new Landed();
    }

    private Outcome list() {
        listed = true;
        listedAt = now;
        return new Landed();
    }

    private Outcome evict(PodRef ref) {
        Pod pod = pods.get(ref.uid());
        if (pod == null) {
            return new Moot("gone");
        }
        if (budgetRoom == 0) {
            return new Blocked("web", "no room");
        }
        budgetRoom--;
        pods.put(
                ref.uid(),
                new Pod(
                        ref,
                        pod.seenAt(),
                        pod.phase(),
                        pod.traits(),
                        java.util.Optional.of(new Pod.Termination(now.plus(pod.grace()), pod.grace(), true)),
                        pod.grace(),
                        pod.priority(),
                        pod.owner(),
                        pod.tolerated(),
                        pod.claims(),
                        pod.labels()));
        Instant gone = now.plus(exitAfter.get(ref.uid()));
        at(gone, () -> pods.remove(ref.uid()));
        at(gone.plus(replacementTakes), () -> budgetRoom++);
        return new Landed();
    }

    private Outcome complete() {
        if (!hookActive) {
            return new Moot("no active action");
        }
        hookActive = false;
        return new Landed();
    }

    private Outcome settle(Set<InterruptionId> interruptions) {
        if (nodeDeleted) {
            return new Moot("gone");
        }
        journal = Journal.parse(journal).orElseThrow().settle(interruptions).text();
        return new Landed();
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
