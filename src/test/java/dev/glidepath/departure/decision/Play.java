package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.FindVolume;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.MarkDisrupted;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Act.PutBackInService;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Act.TakeOutOfService;
import dev.glidepath.departure.decision.Outcome.Bound;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
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
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A world of values in which one departure is played: acts take a while, pods take their time to end, faults happen as a test
 * says, and the clock jumps from one thing to the next. What was decided and done is written down.
 */
final class Play {
    static final Instant START = Instant.parse("2026-08-24T10:15:00Z");
    static final InstanceId INSTANCE = new InstanceId("i-0123456789abcdef0");
    private static final NodeName NODE = new NodeName("node-1");
    private static final Duration ACT_TAKES = Duration.ofMillis(50);
    private static final int MOST_LOOKS = 20_000;

    /** Something that was done, and what came of it. */
    record Done(Instant at, Act act, Outcome outcome) {}

    /** What was seen, and what was decided. */
    record Look(Instant at, Sight sight, Decision decision) {}

    private record Upcoming(Instant at, long order, Runnable happens) {}

    final PlayedPods pods;
    private final Random random;
    private final PriorityQueue<Upcoming> upcoming =
            new PriorityQueue<>(Comparator.comparing(Upcoming::at).thenComparingLong(Upcoming::order));
    private final List<Notice> notices = new ArrayList<>();
    private final List<Done> done = new ArrayList<>();
    private final List<Look> looks = new ArrayList<>();

    private Policy policy = Policy.standard();
    private UnaryOperator<Decision> bug = UnaryOperator.identity();
    private Function<Act, Optional<Outcome>> fault = _ -> Optional.empty();
    private Function<Act, Duration> takes = _ -> ACT_TAKES;
    private Duration heartbeatTimeout = Duration.ofHours(1);
    private boolean nodeExists = true;
    private boolean nodeDeleted;
    private Optional<Instant> notReadySince = Optional.empty();
    private boolean hookActive = true;
    private String journalText = "";
    private Optional<Journal> journal = Optional.empty();
    private boolean listed;
    private Instant listedAt = START;
    private Attempts attempts = Attempts.none();
    private Instant now = START;
    private long order;

    Play(long seed) {
        random = new Random(seed);
        pods = new PlayedPods(this);
    }

    static LifecycleAction hook(String token) {
        return new LifecycleAction("workers", "drain", token, INSTANCE);
    }

    // What the world is like.

    Play policy(Policy policy) {
        this.policy = policy;
        return this;
    }

    Play pod(String name, int priority, Duration exits) {
        return pod(SamplePod.of(name).priority(priority), exits);
    }

    /**
     * A pod on the node.
     *
     * @param exits how long its containers take to end
     */
    Play pod(SamplePod pod, Duration exits) {
        pods.add(pod.seenAt(now).build(), exits);
        return this;
    }

    /** One budget over all pods. */
    Play budget(int room, Duration replacementTakes) {
        pods.addBudget("web", room, replacementTakes, _ -> true);
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
    Play fault(Function<Act, Optional<Outcome>> fault) {
        this.fault = fault;
        return this;
    }

    /** How long an act takes, where this says so. */
    Play takes(Function<Act, Optional<Duration>> takes) {
        this.takes = act -> takes.apply(act).orElse(ACT_TAKES);
        return this;
    }

    /** What is decided instead. */
    Play bug(UnaryOperator<Decision> bug) {
        this.bug = bug;
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

    void nodeIsNotReady() {
        notReadySince = Optional.of(now);
    }

    void nodeIsReady() {
        notReadySince = Optional.empty();
    }

    void hookIsOver() {
        hookActive = false;
    }

    /**
     * The process is killed and another takes its place: memory is lost, messages come again. Of the requests under way some
     * have reached their server, and nobody hears the answer.
     */
    void restart() {
        attempts = Attempts.none();
        listed = false;
        List<Upcoming> underWay = upcoming.stream()
                .filter(next -> next.happens() instanceof Landing)
                .toList();
        upcoming.removeAll(underWay);
        for (Upcoming next : underWay) {
            if (random.nextBoolean() && next.happens() instanceof Landing landing) {
                landing.inVain();
            }
        }
        pods.seenAnew(now);
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
        throw new AssertionError("it does not end: " + looks.getLast().decision());
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

    /** When acts of a sort were started about the pod of this name, from the start on. */
    List<Duration> started(Class<? extends OnPod> sort, String pod) {
        return looks.stream()
                .flatMap(look -> look.decision().acts().stream()
                        .filter(sort::isInstance)
                        .filter(act -> ((OnPod) act).pod().name().equals(pod))
                        .map(_ -> Duration.between(START, look.at())))
                .toList();
    }

    List<Look> looks() {
        return List.copyOf(looks);
    }

    Decision.Stage.Settled ending() {
        return (Decision.Stage.Settled) looks.getLast().decision().stage();
    }

    /** What the departure came to for the pod of this name. */
    Report.OfPod report(String pod) {
        return ending().report().pods().stream()
                .filter(each -> each.pod().name().equals(pod))
                .findFirst()
                .orElseThrow();
    }

    Instant now() {
        return now;
    }

    Random random() {
        return random;
    }

    Optional<Journal> journal() {
        return journal;
    }

    boolean isSettledOnTheNode(Interruption interruption) {
        return journal.orElseThrow().isSettled(interruption.id());
    }

    private Decision decide() {
        if (notices.isEmpty()) {
            return new Decision(new Decision.Stage.AwaitingNode(START), List.of(), List.of(), Instant.MAX);
        }
        Sight sight = look();
        Decision decision = bug.apply(Decider.decide(sight, policy, now));
        looks.add(new Look(now, sight, decision));
        for (Act act : decision.acts()) {
            if (attempts.of(act).map(Attempt::state).orElse(null) instanceof Attempt.State.InFlight) {
                throw new AssertionError("started again before its outcome: " + act);
            }
        }
        attempts = attempts.heldBack(decision.held(), now).started(decision.acts(), now);
        for (Act act : decision.acts()) {
            if (act instanceof Evict evict) {
                pods.reserve(evict);
            }
            at(now.plus(takes.apply(act)), new Landing(act));
        }
        return decision;
    }

    private Sight look() {
        return new Sight(
                INSTANCE,
                nodeSight(),
                listed ? pods.sight(listedAt) : new PodSight.NotListed(),
                listed ? pods.budgets() : List.of(),
                pods.attached(),
                Duration.ZERO,
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
                NODE,
                notReadySince.isEmpty(),
                notReadySince,
                journal.isPresent(),
                false,
                true,
                List.of(),
                journalText,
                journal);
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
            if (act instanceof Evict evict) {
                pods.release(evict);
            }
            done.add(new Done(now, act, outcome));
            attempts = attempts.ended(act, outcome, now, random);
        }

        /** It reaches the world, and nobody hears of it. */
        void inVain() {
            if (fault.apply(act).isEmpty()) {
                done.add(new Done(now, act, carryOut(act)));
            }
        }
    }

    private Outcome carryOut(Act act) {
        return switch (act) {
            case Cordon cordon -> write(cordon.basedOn(), cordon.journal());
            case Rejournal(Journal rejournaled, String basedOn) -> write(basedOn, rejournaled);
            case ListPods _ -> list();
            case FindVolume(var _, String claim) -> new Bound("volume-of-" + claim);
            case MarkDisrupted _ -> new Landed();
            case OnPod onPod -> pods.carryOut(onPod);
            case DescribeHook _ -> new Described(heartbeatTimeout, heartbeatTimeout.multipliedBy(100));
            case Heartbeat _ -> hookActive ? new Landed() : new Moot("no active action");
            case CompleteHook _ -> complete();
            case TakeOutOfService(Journal tainted, String basedOn) -> {
                pods.freed();
                yield write(basedOn, changed(tainted, Set.of(Journal.Change.OUT_OF_SERVICE)));
            }
            case PutBackInService _ -> write(journalText, changed(journal.orElseThrow(), Set.of()));
            case SettleJournal(var interruptions) ->
                write(journalText, journal.orElseThrow().settle(interruptions));
            case DeleteMessages _ -> new Landed();
        };
    }

    private Outcome write(String basedOn, Journal written) {
        if (nodeDeleted) {
            return new Moot("gone");
        }
        if (!basedOn.equals(journalText)) {
            return new TryAgain("conflict");
        }
        journalText = written.text();
        journal = Journal.parse(journalText);
        return new Landed();
    }

    private static Journal changed(Journal journal, Set<Journal.Change> changed) {
        return new Journal(
                journal.state(),
                journal.start(),
                journal.term(),
                journal.longestGrace(),
                journal.causes(),
                journal.hooks(),
                changed,
                journal.settled());
    }

    private Outcome list() {
        listed = true;
        listedAt = now;
        return new Landed();
    }

    private Outcome complete() {
        if (!hookActive) {
            return new Moot("no active action");
        }
        hookActive = false;
        return new Landed();
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
