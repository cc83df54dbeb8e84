package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.decision.PlayedReach.Side;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.departure.story.Entry;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Reading;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A world of values in which one departure is played: acts take a while, pods take their time to end, faults happen as a test
 * says, and the clock jumps from one thing to the next. What was decided and done is written down.
 */
final class Play {
    static final Instant START = Instant.parse("2026-08-24T10:15:00Z");
    /** A group with one hook more, which notifies nobody either. */
    static final String CROWDED = "crowded";

    static final InstanceId INSTANCE = new InstanceId("i-0123456789abcdef0");
    /** Who hears of what is done after its thread or process has died. */
    static final String NOBODY = "";

    /** What is heard of an act whose thread has died. */
    static final String DIED = "it died";

    private static final Outcome NO_ACTION = new NotFound("no active action");
    private static final Outcome WITHOUT_TOKEN = new Retry("the token is not known here");
    private static final Duration SELDOM = Duration.ofSeconds(15);
    private static final Duration INVISIBLE_FOR = Duration.ofSeconds(30);
    private static final Duration ACT_TAKES = Duration.ofMillis(50);
    /** A replica of a later version, after it has let go of a journal: longer than any watch is behind. */
    private static final Duration LIVES_ON_FOR = Duration.ofHours(1);

    private static final int MOST_LOOKS = 20_000;

    /**
     * Something that was done, and what came of it.
     *
     * @param by the process that did it and heard of it; {@link #NOBODY} where none did
     * @param node the node for which it was done
     */
    record Done(Instant at, String by, PlayedNode node, Action action, Outcome outcome) {}

    /** What was seen, and what was decided, about which node. */
    record Look(Instant at, Snapshot snapshot, Decision decision, PlayedNode node) {}

    /**
     * A writing act that waited for its turn, in the moment when it was sent.
     *
     * @param looks how many looks there had been by then
     */
    record Sent(Instant at, String by, Action action, Instant mayActUntil, int looks, PlayedNode node) {}

    /** A node of the instance, and what runs on it. */
    record Place(PlayedNode node, PlayedPods pods) {}

    /** Stands by when requests take effect, and says what their process hears of it. */
    interface Witness {
        /** Right before a request takes effect. */
        void before(Place place, Action act);

        /** Right after it did. Returns the answer that its process hears; empty where that is no more. */
        Optional<Outcome> heard(Place place, Action act, Outcome outcome);
    }

    private static final class NoWitness implements Witness {
        @Override
        public void before(Place place, Action act) {}

        @Override
        public Optional<Outcome> heard(Place place, Action act, Outcome outcome) {
            return Optional.of(outcome);
        }
    }
    /** What a watch shows of a place at some moment. */
    private record Shown(PlayedNode.Shown node, PlayedPods.Shown pods) {}

    private record Upcoming(Instant at, long order, Runnable happens) {}

    final PlayedPods pods;
    final PlayedNode node;
    private final List<Place> places;
    /** How each place was, where some watch is behind. */
    private final Map<Place, NavigableMap<Instant, Shown>> history = new HashMap<>();

    private boolean believesAnswers = true;
    private boolean asksAgain = true;
    private boolean onlyAtNews;
    private final Random random;
    private final PriorityQueue<Upcoming> upcoming =
            new PriorityQueue<>(Comparator.comparing(Upcoming::at).thenComparingLong(Upcoming::order));
    private final List<Done> done = new ArrayList<>();
    private final List<Look> looks = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();

    private final List<PlayedReplica> replicas = new ArrayList<>(List.of(new PlayedReplica("glidepath-0")));
    final PlayedLeases leases = new PlayedLeases();
    private final Set<LifecycleAction> hooksOver = new HashSet<>();
    private final List<Notice> inTheQueue = new ArrayList<>();
    private final Map<MessageId, Integer> deliveries = new HashMap<>();
    private final Map<MessageId, Instant> deletedAt = new HashMap<>();
    private final Set<MessageId> deadLetters = new HashSet<>();
    private final Map<ActionNotice, Instant> announcedAt = new HashMap<>();
    private int mostReceives = 1_000;
    private Optional<PlayedStory> story = Optional.empty();

    private Policy policy = Policy.standard();
    private UnaryOperator<Snapshot> sees = UnaryOperator.identity();
    private BiFunction<Snapshot, Decision, Decision> decides = (_, decision) -> decision;
    private Function<Action, Optional<Outcome>> fault = _ -> Optional.empty();
    private Function<Action, Duration> takes = _ -> ACT_TAKES;
    private Function<OnPod, Duration> waits = _ -> Duration.ZERO;
    private Witness witness = new NoWitness();
    private Function<Action, Optional<Boolean>> dies = _ -> Optional.empty();
    private Function<Action, Duration> beginsLate = _ -> Duration.ZERO;
    private Duration heartbeatTimeout = Duration.ofHours(1);
    private Duration leasesTake = Duration.ZERO;
    private boolean everyHookOver;
    private Instant actionsFoundFrom = Instant.MIN;
    private final Map<LifecycleAction, Instant> foundFrom = new HashMap<>();
    private Instant strangersFreeAt = START;
    private boolean strangersAreOfOtherRelease;
    private Instant laterVersionsLiveUntil = Instant.MIN;
    private boolean tooManyDepart;
    private Instant drainsFrom = Instant.MIN;
    private boolean tooManyWait;
    private boolean isInformed = true;
    private String target = "";
    private List<GroupHook> group = List.of();
    private Instant now = START;
    private long order;

    Play(long seed) {
        random = new Random(seed);
        pods = new PlayedPods(this);
        node = new PlayedNode(this, new NodeName("node-1"), pods);
        places = new ArrayList<>(List.of(new Place(node, pods)));
    }

    static LifecycleAction hook(String token) {
        return new LifecycleAction("workers", "drain", token, INSTANCE);
    }

    static AsgTermination asg(String token, Instant at) {
        return new AsgTermination(hook(token), at, Route.EVENT_BRIDGE, false);
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

    /** Another Node object that names the instance, with pods of its own. */
    Place sibling(String name) {
        PlayedPods others = new PlayedPods(this);
        Place sibling = new Place(new PlayedNode(this, new NodeName(name), others), others);
        places.add(sibling);
        places.sort(Comparator.comparing(place -> place.node().name().value()));
        return sibling;
    }

    List<Place> places() {
        return List.copyOf(places);
    }

    Play heartbeatTimeout(Duration timeout) {
        heartbeatTimeout = timeout;
        return this;
    }

    Duration heartbeatTimeout() {
        return heartbeatTimeout;
    }

    Play noNode() {
        node.isUnknown();
        return this;
    }

    /** The instance is a node of no cluster, or of another. */
    void isForeign() {
        places.forEach(place -> {
            place.node().neverJoins();
            place.pods().clear();
        });
    }

    boolean isForeignInstance() {
        return places.stream().allMatch(place -> place.node().timesJoined() == 0);
    }

    /** For a while a replica of a later version holds the journal, and lives. */
    void laterVersionHolds(Instant from, Instant until) {
        at(from, () -> {
            if (node.isTakenByALaterVersion()) {
                laterVersionsLiveUntil = later(laterVersionsLiveUntil, until.plus(LIVES_ON_FOR));
                at(until, node::isHandedBackByALaterVersion);
            }
        });
    }

    /** What each hook notifies: each is the only one of its group. */
    Play target(String arn) {
        target = arn;
        return this;
    }

    /** The hooks of every group. */
    Play group(GroupHook... hooks) {
        group = List.of(hooks);
        return this;
    }

    /** Auto Scaling is eventually consistent: until then it finds no action, though there is one. */
    Play actionsFoundFrom(Instant from) {
        actionsFoundFrom = from;
        return this;
    }

    /** The same of one action. */
    Play actionFoundFrom(LifecycleAction action, Instant from) {
        foundFrom.put(action, from);
        return this;
    }

    /** How long it takes until the Leases of replicas show what one of them received. */
    Play leasesTake(Duration delay) {
        leasesTake = delay;
        return this;
    }

    /** More departures wait for hooks than are kept. */
    Play tooManyWait() {
        tooManyWait = true;
        return this;
    }

    /** The watches of a replica are behind for a while. */
    Play isBehind(int replica, Instant from, Instant until, PlayedView.Behind behind, Duration by) {
        replicas.get(replica).view.isBehind(from, until, behind, by);
        return at(until, () -> {});
    }

    /** A replica that receives messages and does not reach the cluster: neither to write to it, nor to renew its Lease, nor to watch. */
    Play isCutOffFromTheCluster(int replica, Instant from, Instant until) {
        replicas.get(replica).reach.isCutOffFrom(Side.CLUSTER, from, until);
        return at(from, () -> leaseIsLost(replica))
                .at(from.plus(PlayedReplica.VIEW_IS_FRESH_FOR), () -> {})
                .at(until, () -> leaseIsRenewed(replica))
                .isBehind(replica, from, until, PlayedView.Behind.SILENT, Duration.ZERO);
    }

    /** A replica that can write to the cluster and does not reach the queue: what it holds of that, others receive in time. */
    Play isCutOffFromTheQueue(int replica, Instant from, Instant until) {
        PlayedReplica cutOff = replicas.get(replica);
        cutOff.reach.isCutOffFrom(Side.QUEUE, from, until);
        Instant visibleAt = from.plus(INVISIBLE_FOR);
        return visibleAt.isBefore(until)
                ? at(
                        visibleAt,
                        () -> List.copyOf(cutOff.notices)
                                .forEach(notice -> deliver(notice.interruption(), notice.message(), replica)))
                : this;
    }

    /** No replica may do this for a while. */
    Play mayNot(Class<? extends Action> sort, Instant from, Instant until) {
        replicas.forEach(replica -> replica.reach.mayNot(sort, from, until));
        return this;
    }

    /** Whether acts of that sort were not allowed at any time between these. */
    boolean wasDenied(Class<? extends Action> sort, Instant from, Instant until) {
        return replicas.getFirst().reach.wasDenied(sort, from, until);
    }

    /** Replicas look when they see something new, or their time has come; otherwise whenever anything happens. */
    Play looksOnlyAtNews() {
        onlyAtNews = true;
        return this;
    }

    /** A bug: what the API server answers to a write is forgotten, and the watch alone counts. */
    Play forgetsAnswers() {
        believesAnswers = false;
        return this;
    }

    /** A bug: a node is told by its name and its journal alone. */
    Play tellsNodesByTheirNames() {
        places.forEach(place -> place.node().isToldByItsName());
        return this;
    }

    /** A bug: whether an act may be done is asked when it is decided, and not when it is begun. */
    Play asksOnlyOnce() {
        asksAgain = false;
        return this;
    }

    /** An act of which nobody hears again: whether it takes effect all the same, where this says so. */
    Play dies(Function<Action, Optional<Boolean>> dies) {
        this.dies = dies;
        return this;
    }

    /** How long it takes until an act is begun that was decided. */
    Play beginsLate(Function<Action, Duration> late) {
        this.beginsLate = late;
        return this;
    }

    /** Whether namespaces and volumes' attachments have been read. */
    void isInformed(boolean informed) {
        isInformed = informed;
    }

    /** While a burst of notices is being cordoned. */
    Play drainsFrom(Instant from) {
        drainsFrom = from;
        return this;
    }

    /** Two replicas, of which the first hears what nobody else is said to hear. */
    Play withAnotherReplica() {
        replicas.add(new PlayedReplica("glidepath-1"));
        return this;
    }

    /** What an act comes to instead, where this says so. */
    Play fault(Function<Action, Optional<Outcome>> fault) {
        this.fault = fault;
        return this;
    }

    /** Who stands by when requests take effect. */
    Play witness(Witness witness) {
        this.witness = witness;
        return this;
    }

    /** How long an act takes, where this says so. */
    Play takes(Function<Action, Optional<Duration>> takes) {
        this.takes = act -> takes.apply(act).orElse(ACT_TAKES);
        return this;
    }

    /** How long an act about a pod waits for its turn before it is sent: the gate is full. */
    Play waits(Function<OnPod, Duration> waits) {
        this.waits = waits;
        return this;
    }

    /** Keeps what is reported, for {@link #story}. */
    Play withStory() {
        story = Optional.of(new PlayedStory());
        return this;
    }

    /** What is decided instead. */
    Play bug(UnaryOperator<Decision> bug) {
        return bug(UnaryOperator.identity(), (_, decision) -> bug.apply(decision));
    }

    /** What is seen instead, and what is decided instead. */
    Play bug(UnaryOperator<Snapshot> sees, BiFunction<Snapshot, Decision, Decision> decides) {
        this.sees = sees;
        this.decides = decides;
        return this;
    }

    Play notice(Interruption interruption) {
        return noticeAt(START, interruption);
    }

    Play noticeAt(Instant at, Interruption interruption) {
        return noticeAt(at, interruption, "message-" + order, 0);
    }

    /** This replica, by its number, receives a message. */
    Play noticeAt(Instant at, Interruption interruption, String message, int replica) {
        return at(at, () -> deliver(interruption, new MessageId(message), replica));
    }

    private void deliver(Interruption interruption, MessageId message, int replica) {
        PlayedReplica named = replicas.get(replica);
        Optional<PlayedReplica> receiver = Stream.concat(Stream.of(named), replicas.stream())
                .filter(this::receives)
                .findFirst();
        receiver.ifPresentOrElse(
                each -> deliver(interruption, message, each, !each.canAct(now)),
                () -> at(
                        living().reach.isBackAt(Side.QUEUE, now),
                        () -> deliver(interruption, message, replicas.indexOf(living()))));
    }

    private boolean receives(PlayedReplica replica) {
        return !replica.dead && !replica.reach.isCutOffFrom(Side.QUEUE, now);
    }

    private void deliver(Interruption interruption, MessageId message, PlayedReplica receiver, boolean isSeldom) {
        inTheQueue.removeIf(waiting ->
                waiting.message().equals(message) && waiting.interruption().equals(interruption));
        anotherHeard(interruption);
        int count = Math.min(deliveries.merge(message, 1, Integer::sum), mostReceives);
        Notice notice = new Notice(interruption, message, now, new Delivery(count, count == mostReceives, isSeldom));
        Notice latest = receiver.notices.stream()
                .filter(notice::isSameAs)
                .findFirst()
                .map(notice::after)
                .orElse(notice);
        receiver.notices.removeIf(notice::isSameAs);
        receiver.notices.add(latest);
    }

    /** A long poll that a replica began while it could act is answered, after the message was delivered so often before. */
    Play longPollIsAnsweredAt(Instant at, Interruption interruption, int deliveriesBefore, int replica) {
        MessageId message = new MessageId("of-a-long-poll");
        return at(at, () -> {
            deliveries.put(message, deliveriesBefore);
            deliver(interruption, message, replicas.get(replica), false);
        });
    }

    /** A message that is visible again is received at once by a replica that can act, else seldom, by any that lives. */
    private void isVisibleAgain(Notice notice, Instant since) {
        List<PlayedReplica> living =
                replicas.stream().filter(replica -> !replica.dead).toList();
        Optional<PlayedReplica> able = living.stream()
                .filter(replica -> replica.canAct(now) && receives(replica))
                .findFirst();
        if (able.isEmpty() && now.isBefore(since.plus(SELDOM))) {
            at(now.plusSeconds(1), () -> isVisibleAgain(notice, since));
        } else if (inTheQueue.remove(notice)) {
            if (deliveries.getOrDefault(notice.message(), 0) >= mostReceives) {
                deadLetters.add(notice.message());
                return;
            }
            PlayedReplica receiver = able.orElseGet(() -> living.get(random.nextInt(living.size())));
            deliver(notice.interruption(), notice.message(), replicas.indexOf(receiver));
        }
    }

    /** What has been delivered again since has another handle. */
    private void handBack(PlayedReplica replica, HandBack act) {
        List<Notice> handedBack = replica.notices.stream()
                .filter(notice -> act.deliveries().contains(notice.deliveryId()))
                .toList();
        replica.notices.removeAll(handedBack);
        for (Notice notice : handedBack) {
            boolean isHeld =
                    replicas.stream().flatMap(other -> other.notices.stream()).anyMatch(notice::isSameAs);
            boolean isDeleted =
                    deletedAt.getOrDefault(notice.message(), Instant.MIN).isAfter(notice.receivedAt());
            if (!isHeld && !isDeleted) {
                Instant visibleAt = act.atOnce() ? now : now.plus(INVISIBLE_FOR);
                inTheQueue.add(notice);
                at(visibleAt, () -> isVisibleAgain(notice, visibleAt));
            }
        }
    }

    /** What the first replica holds of them is deleted, whether it hears of that or not. */
    void areDeleted(DeleteMessages act) {
        replicas.getFirst().notices.removeIf(notice -> act.messages().contains(notice.message()));
    }

    private PlayedReplica living() {
        return replicas.stream().filter(replica -> !replica.dead).findFirst().orElseThrow();
    }

    Play at(Instant at, Runnable happens) {
        upcoming.add(new Upcoming(at, order++, happens));
        return this;
    }

    void nodeIsDeleted() {
        node.isDeleted();
        pods.clear();
    }

    void nodeAppears() {
        node.appears();
    }

    /** It has joined, and what is watched does not show it. */
    void nodeAppearsUnseen() {
        node.appearsUnseen();
    }

    void nodeIsNotReady() {
        node.isReady(false);
    }

    void nodeIsReady() {
        node.isReady(true);
    }

    /** The machine starts anew: the node comes back without its pods, if it was away. */
    void machineStarts() {
        places.forEach(place -> {
            place.node().kubeletRuns(true);
            place.node().isReady(true);
        });
    }

    void machineStops() {
        places.forEach(place -> {
            place.node().kubeletRuns(false);
            place.node().isReady(false);
        });
    }

    /** Another replica receives a message, and tells the journal. */
    void anotherHears(Interruption interruption) {
        anotherHeard(interruption);
        Notice notice = new Notice(interruption, new MessageId("of-another"), now, Delivery.FIRST);
        node.isJournaled(Causes.merge(node.journal().orElseThrow(), List.of(notice)));
    }

    /** Another replica has received this, as its Lease shows. */
    void anotherHeard(Interruption interruption) {
        ActionNotice.of(interruption).ifPresent(action -> announcedAt.putIfAbsent(action, now));
    }

    void hookIsOver() {
        everyHookOver = true;
    }

    void tooManyDepart(boolean tooMany) {
        tooManyDepart = tooMany;
    }

    /** When a holder that is not played counts as dead, if it shows no sign of life before. */
    void strangersFreeAt(Instant at) {
        strangersFreeAt = at;
    }

    /** How often the queue delivers a message before it moves it away. */
    Play mostReceives(int most) {
        mostReceives = most;
        return this;
    }

    Set<MessageId> deadLetters() {
        return Set.copyOf(deadLetters);
    }

    void strangersAreOfAnotherRelease() {
        strangersAreOfOtherRelease = true;
    }

    /** Its watches have shown nothing for long, or do so again. */
    void viewIsFresh(int replica, boolean fresh) {
        replicas.get(replica).viewIsFresh = fresh;
    }

    void leaseIsLost(int replica) {
        PlayedReplica losing = replicas.get(replica);
        losing.losesItsLease(now);
        at(losing.mayActUntil(), () -> {}); // it is woken then
    }

    void leaseIsRenewed(int replica) {
        PlayedReplica renewing = replicas.get(replica);
        if (!renewing.dead && !renewing.reach.isCutOffFrom(Side.CLUSTER, now)) {
            renewing.renewsItsLease();
        }
    }

    /** A replica is killed for good: others receive its messages when they are visible again. */
    void dies(int number, Duration messagesReappearAfter) {
        PlayedReplica dying = replicas.get(number);
        dying.losesItsLease(now);
        dying.dead = true;
        dying.forgets();
        loseWhatIsUnderWay(dying, random::nextBoolean);
        for (Notice notice : dying.notices) {
            at(
                    now.plus(messagesReappearAfter),
                    () -> deliver(notice.interruption(), notice.message(), replicas.indexOf(living())));
        }
        dying.notices.clear();
    }

    /**
     * The process is killed and another takes its place: memory is lost, messages come again. Of the requests under way some
     * have reached their server, and nobody hears the answer.
     */
    void restart() {
        restart(random::nextBoolean);
    }

    /**
     * The same.
     *
     * @param reaches whether a request under way has reached its server
     */
    void restart(BooleanSupplier reaches) {
        PlayedReplica replica = replicas.getFirst();
        if (!replica.dead) {
            loseWhatIsUnderWay(replica, reaches);
            replica.startsAnew();
            if (replica.view.isEverBehind() && !replica.reach.isCutOffFrom(Side.CLUSTER, now)) {
                replica.view.asks(now); // what a new process begins with is what the API server lists
            }
            places.forEach(place -> place.pods().seenAnew(now));
        }
    }

    /** The messages that the first replica holds are in the queue again only after that time. */
    void messagesReappearAfter(Duration time) {
        PlayedReplica replica = replicas.getFirst();
        Instant visibleAt = now.plus(time);
        List<Notice> held = List.copyOf(replica.notices);
        replica.notices.clear();
        inTheQueue.addAll(held);
        held.forEach(notice -> at(visibleAt, () -> isVisibleAgain(notice, visibleAt)));
    }

    private void loseWhatIsUnderWay(PlayedReplica replica, BooleanSupplier reaches) {
        upcoming.removeIf(next -> next.happens() instanceof Waiting waiting && waiting.replica.equals(replica));
        List<Upcoming> underWay = upcoming.stream()
                .filter(next -> next.happens() instanceof Landing landing && landing.replica.equals(replica))
                .toList();
        upcoming.removeAll(underWay);
        for (Upcoming next : underWay) {
            if (reaches.getAsBoolean() && next.happens() instanceof Landing landing) {
                landing.inVain();
            }
        }
    }

    /** What comes now begins a departure of its own; the node keeps what is written on it. */
    Play nextDeparture() {
        replicas.getFirst().notices.clear();
        restart();
        return this;
    }

    /** Plays until the departure is settled. */
    Play run() {
        return play(Instant.MAX, true);
    }

    /** Plays on until then, whatever is settled before. */
    Play runUntil(Instant end) {
        return play(end, false);
    }

    private Play play(Instant end, boolean once) {
        for (int look = 0; look < MOST_LOOKS; look++) {
            remember();
            boolean settled = false;
            for (PlayedReplica replica : replicas) {
                settled |= decide(replica);
            }
            if (settled && once) {
                return this;
            }
            Upcoming next = upcoming.peek();
            Instant timer = replicas.stream()
                    .map(replica -> replica.lookAgainAt)
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            boolean timerIsNext = next == null || timer.isBefore(next.at());
            if (timerIsNext && timer.equals(Instant.MAX)) {
                if (once || replicas.stream().anyMatch(replica -> !replica.idle)) {
                    throw new AssertionError("nothing will ever wake it again: " + lastDecision());
                }
                return this;
            }
            if (timerIsNext && !timer.isAfter(now)) {
                throw new AssertionError("it looks again at once, for ever: " + lastDecision());
            }
            Instant then = later(now, timerIsNext ? timer : next.at());
            if (then.isAfter(end)) {
                now = later(now, end);
                return this;
            }
            now = then;
            while (!upcoming.isEmpty() && !upcoming.peek().at().isAfter(now)) {
                upcoming.remove().happens().run();
            }
        }
        throw new AssertionError("it does not end: " + lastDecision());
    }

    /** How all is now, for watches that show it later. */
    private void remember() {
        if (replicas.stream().noneMatch(replica -> replica.view.isEverBehind())) {
            return;
        }
        for (Place place : places) {
            NavigableMap<Instant, Shown> known = history.computeIfAbsent(place, _ -> new TreeMap<>());
            Shown shown = new Shown(place.node().shown(), place.pods().shown());
            if (known.isEmpty()) {
                known.put(Instant.MIN, shown);
            } else if (!known.lastEntry().getValue().equals(shown)) {
                known.put(now, shown);
                replicas.stream()
                        .map(replica -> replica.view.lateBy(now))
                        .filter(late -> !late.isZero())
                        .forEach(late -> at(now.plus(late), () -> {}));
            }
        }
    }

    /** As it was at that moment. */
    private Shown shownAt(Instant moment, Place place) {
        NavigableMap<Instant, Shown> known = history.get(place);
        return known == null || !moment.isBefore(now)
                ? new Shown(place.node().shown(), place.pods().shown())
                : known.floorEntry(moment).getValue();
    }

    /** What the watch shows, or what the API server has answered since. */
    private PlayedNode.Shown shownOfNode(PlayedReplica replica, Place place) {
        if (!replica.view.isEverBehind()) {
            return place.node().shown();
        }
        Instant watched = replica.view.shownAt(now);
        PlayedNode.Shown shown = shownAt(watched, place).node();
        return shown.there().isPresent()
                        && believesAnswers
                        && replica.answeredAt(place).isAfter(watched)
                ? shownAt(replica.answeredAt(place), place).node()
                : shown;
    }

    private PodSight shownOfPods(PlayedReplica replica, Place place, Instant listedAt) {
        Instant shown = later(replica.view.podsShownAt(now), listedAt);
        return shownAt(shown, place).pods().sight(listedAt);
    }

    private String lastDecision() {
        return looks.isEmpty() ? "none" : looks.getLast().decision().toString();
    }

    // What has come of it.

    /** The hooks of which it was decided not to complete them, once each. */
    List<LeftHook> left() {
        return looks.stream()
                .flatMap(look -> look.decision().leftHooks().stream())
                .distinct()
                .toList();
    }

    List<Done> done() {
        return List.copyOf(done);
    }

    /** What was reported since {@link #withStory}, by all replicas, in the order of time. */
    List<Entry> story() {
        return story.orElseThrow().entries();
    }

    <A extends Action> List<Done> done(Class<A> sort) {
        return done.stream().filter(each -> sort.isInstance(each.action())).toList();
    }

    /** Those of a sort that were accepted. */
    <A extends Action> List<Done> succeeded(Class<A> sort) {
        return done(sort).stream()
                .filter(each -> each.outcome() instanceof Succeeded)
                .toList();
    }

    /** Acts that waited for their turn and were sent. */
    List<Sent> sent() {
        return List.copyOf(sent);
    }

    /** When acts of a sort were started about the pod of this name, from the start on. */
    List<Duration> started(Class<? extends OnPod> sort, String pod) {
        return looks.stream()
                .flatMap(look -> look.decision().actions().stream()
                        .filter(sort::isInstance)
                        .filter(act -> ((OnPod) act).pod().name().equals(pod))
                        .map(_ -> Duration.between(START, look.at())))
                .toList();
    }

    List<Look> looks() {
        return List.copyOf(looks);
    }

    Stage.Settled ending() {
        return looks.reversed().stream()
                .map(look -> look.decision().stage())
                .filter(Stage.Settled.class::isInstance)
                .map(Stage.Settled.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** What the departure came to for the pod of this name. */
    DrainReport.OfPod report(String pod) {
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
        return node.journal();
    }

    /** The messages that nobody has deleted. */
    List<Notice> messages() {
        return Stream.concat(inTheQueue.stream(), replicas.stream().flatMap(replica -> replica.notices.stream()))
                .toList();
    }

    /** Whether no replica is at work: at most it waits for what will become of a node whose departure is settled. */
    boolean isAtRest() {
        return replicas.stream().allMatch(replica -> replica.idle || replica.dead || replica.isWatching);
    }

    boolean isSettledOnTheNode(Interruption interruption) {
        return node.journal().orElseThrow().isSettled(interruption.id());
    }

    /** One replica looks and decides. Tells whether its departure has ended. */
    private boolean decide(PlayedReplica replica) {
        if (replica.dead || (replica.idle && !isAskedFor(replica))) {
            replica.lookAgainAt = Instant.MAX;
            return false;
        }
        replica.idle = false;
        List<Place> shown = shown(replica);
        replica.remembersOnly(shown).forEach(place -> giveUpAll(replica, place));
        List<Snapshot> snapshots =
                shown.stream().map(place -> look(replica, place, shown)).toList();
        if (onlyAtNews && now.isBefore(replica.lookAgainAt) && !replica.hasNews(snapshots)) {
            return false;
        }
        List<Decision> decisions = Agreement.of(snapshots.stream()
                .map(snapshot -> decides.apply(snapshot, Decider.decide(sees.apply(snapshot), policy, now)))
                .toList());
        for (int each = 0; each < shown.size(); each++) {
            looks.add(new Look(
                    now,
                    snapshots.get(each),
                    decisions.get(each),
                    shown.get(each).node()));
            if (story.isPresent()) {
                story.get().decided(replica.of(shown.get(each)), snapshots.get(each), decisions.get(each), now);
            }
            giveUp(decisions.get(each).givenUp(), replica, shown.get(each));
            begin(decisions.get(each), replica, shown.get(each));
        }
        for (int each = 0; each < shown.size(); each++) {
            Decision decision = decisions.get(each);
            PlayedReplica.Memory memory = replica.of(shown.get(each));
            memory.attempts = memory.attempts.after(decision);
            if (decision.isResting()) {
                memory.listedAt = Optional.empty();
            }
        }
        if (onlyAtNews) {
            replica.hasLooked(snapshots, shown);
        }
        replica.lookAgainAt = decisions.stream()
                .map(Decision::lookAgainAt)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        replica.isWatching = replica.notices.isEmpty()
                && decisions.stream().anyMatch(decision -> decision.stage() instanceof Stage.Planned)
                && shown.stream().allMatch(place -> isSettledOn(place.node()));
        boolean ended = decisions.stream().allMatch(decision -> decision.stage() instanceof Stage.Settled)
                && upcoming.stream()
                        .noneMatch(
                                next -> next.happens() instanceof Landing landing && landing.replica.equals(replica));
        leases.looked(replica.holder(), snapshots, now);
        if (ended) {
            leases.settled();
            replica.forgets();
            replica.lookAgainAt = isAskedFor(replica) ? now.plusMillis(1) : Instant.MAX;
        }
        return ended;
    }

    /** All nodes that it sees; where there is none, the last that it saw. */
    private List<Place> shown(PlayedReplica replica) {
        List<Place> seen = places.stream()
                .filter(place -> shownOfNode(replica, place).there().isPresent())
                .toList();
        return seen.isEmpty()
                ? List.of(places.stream()
                        .max(Comparator.comparing(
                                place -> shownOfNode(replica, place).wentAt()))
                        .orElseThrow())
                : seen;
    }

    private void begin(Decision decision, PlayedReplica replica, Place place) {
        PlayedReplica.Memory memory = replica.of(place);
        for (Action act : decision.actions()) {
            if (memory.attempts.of(act).map(Attempt::state).orElse(null) instanceof Attempt.State.InFlight) {
                throw new AssertionError("started again before its outcome: " + act);
            }
        }
        memory.attempts = memory.attempts.heldBack(decision.held(), now).started(decision.actions(), now);
        replica.others(place)
                .forEach(other -> other.attempts = other.attempts.started(
                        decision.actions().stream().filter(Action::isOfInstance).toList(), now));
        for (Action act : decision.actions()) {
            if (act instanceof Evict evict) {
                place.pods().reserve(evict);
            }
            Duration turn = beginsLate.apply(act).plus(act instanceof OnPod onPod ? waits.apply(onPod) : Duration.ZERO);
            at(
                    now.plus(turn.isZero() ? takes.apply(act) : turn),
                    turn.isZero() ? new Landing(replica, place, act) : new Waiting(replica, place, act));
        }
    }

    private static boolean isSettledOn(PlayedNode node) {
        return node.journal()
                .filter(journal -> journal.state() != Journal.State.SETTLED)
                .isEmpty();
    }

    /** As a replica has it: by a message, or by what it sees on the node. */
    private boolean isAskedFor(PlayedReplica replica) {
        return !replica.notices.isEmpty()
                || places.stream()
                        .flatMap(place -> shownOfNode(replica, place).there().stream())
                        .anyMatch(seen -> Decider.concerns(seen, this::mayTouch));
    }

    private boolean mayTouch(KubeNode each) {
        return policy.nodes().selects(each.labels());
    }

    private Snapshot look(PlayedReplica replica, Place place, List<Place> shown) {
        PlayedNode node = place.node();
        PlayedPods pods = place.pods();
        PlayedReplica.Memory memory = replica.of(place);
        PlayedNode.Shown seen = shownOfNode(replica, place);
        if (seen.there().isPresent()) {
            memory.attempts = memory.attempts.seen(seen.there().get().journalText(), now);
        }
        return new Snapshot(
                INSTANCE,
                withWitness(node.sight(seen, replica.view.askedAt()), replica),
                shown.stream()
                        .filter(other -> !other.equals(place))
                        .flatMap(other -> shownOfNode(replica, other).there().stream())
                        .toList(),
                new Claim(replica.holder(), replica.mayActUntil(), holding(replica, seen)),
                memory.listedAt
                        .map(listedAt -> shownOfPods(replica, place, listedAt))
                        .orElseGet(PodSight.NotListed::new),
                memory.listedAt.isPresent() ? pods.budgets() : List.of(),
                pods.attached(),
                new ClusterConditions(
                        Duration.ZERO, drainsFrom, tooManyDepart, tooManyWait, replica.seesTheCluster(now), isInformed),
                replica.notices,
                announced(),
                memory.attempts);
    }

    /** Of a node that it never saw, others may have told. */
    private NodeSight withWitness(NodeSight snapshot, PlayedReplica replica) {
        return snapshot instanceof NodeSight.NeverSeen(Instant askedAt, Optional<Instant> told) && told.isEmpty()
                ? new NodeSight.NeverSeen(
                        askedAt,
                        leases.toldBeside(replica.holder())
                                .map(at -> at.plus(leasesTake))
                                .filter(at -> !at.isAfter(now)))
                : snapshot;
    }

    /** The Leases of all replicas show what each received. */
    private Set<ActionNotice> announced() {
        return announcedAt.entrySet().stream()
                .filter(announced -> !now.isBefore(announced.getValue().plus(leasesTake)))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private Holding holding(PlayedReplica replica, PlayedNode.Shown seen) {
        return switch (seen.there().map(KubeNode::reading).orElseGet(Reading.None::new)) {
            case Reading.None _, Reading.Broken _ -> new Holding.Nobody();
            case Reading.Read(Journal journal) ->
                journal.holder()
                        .<Holding>map(holder -> holder.equals(replica.holder())
                                ? new Holding.Us()
                                : new Holding.Other(holder, freeAt(holder), strangersAreOfOtherRelease))
                        .orElseGet(Holding.Nobody::new);
            case Reading.Newer(var _, Optional<String> holder) ->
                new Holding.Other(
                        holder.orElse("a replica of a later version"),
                        later(strangersFreeAt, laterVersionsLiveUntil),
                        strangersAreOfOtherRelease);
        };
    }

    /** A process that another took the place of counts as dead at once, as its Lease bears the other's name. */
    private Instant freeAt(String holder) {
        return replicas.stream()
                .filter(replica -> replica.holder().equals(holder))
                .findFirst()
                .map(replica -> replica.freeAt(now))
                .orElse(strangersFreeAt);
    }

    /** What still waits for its turn is never sent, and that is soon known. */
    private void giveUp(Set<Action.Key> keys, PlayedReplica replica, Place place) {
        List<Upcoming> given = upcoming.stream()
                .filter(next -> next.happens() instanceof Waiting waiting
                        && waiting.act instanceof OnPod
                        && waiting.replica.equals(replica)
                        && waiting.place.equals(place)
                        && keys.contains(waiting.act.key()))
                .toList();
        upcoming.removeAll(given);
        given.forEach(next -> at(now, ((Waiting) next.happens())::notSent));
    }

    /** Of a node that it does not see any more: nobody hears of that. */
    private void giveUpAll(PlayedReplica replica, Place place) {
        List<Upcoming> given = upcoming.stream()
                .filter(next -> next.happens() instanceof Waiting waiting
                        && waiting.act instanceof OnPod
                        && waiting.replica.equals(replica)
                        && waiting.place.equals(place))
                .toList();
        upcoming.removeAll(given);
        given.forEach(next -> ((Waiting) next.happens()).release());
    }

    private void ended(PlayedReplica replica, Place place, Action act, Outcome outcome) {
        story.ifPresent(kept -> kept.ended(replica.of(place), act, outcome));
        replica.ended(place, act, outcome, now, random);
    }

    /** An act whose turn comes: whether it may be sent is asked then. */
    private final class Waiting implements Runnable {
        private final PlayedReplica replica;
        private final Place place;
        private final Action act;

        Waiting(PlayedReplica replica, Place place, Action act) {
            this.replica = replica;
            this.place = place;
            this.act = act;
        }

        @Override
        public void run() {
            if ((!asksAgain && !(act instanceof OnPod)) || !act.needsLease() || now.isBefore(replica.mayActUntil())) {
                if (act.needsLease()) {
                    sent.add(new Sent(now, replica.holder(), act, replica.mayActUntil(), looks.size(), place.node()));
                }
                at(now.plus(takes.apply(act)), new Landing(replica, place, act));
            } else {
                notSent();
            }
        }

        void release() {
            if (act instanceof Evict evict) {
                place.pods().release(evict);
            }
        }

        void notSent() {
            release();
            ended(replica, place, act, new NotSent("as its turn came"));
        }
    }

    /** An act reaches the world, and its outcome comes back. */
    private final class Landing implements Runnable {
        private final PlayedReplica replica;
        private final String process;
        private final Place place;
        private final Action act;

        Landing(PlayedReplica replica, Place place, Action act) {
            this.replica = replica;
            this.place = place;
            this.process = replica.holder();
            this.act = act;
        }

        @Override
        public void run() {
            witness.before(place, act);
            Outcome outcome = fault.apply(act)
                    .or(() -> replica.reach.answerTo(act, now))
                    .or(this::dead)
                    .orElseGet(() -> carryOut(replica, place, act));
            if (act instanceof Evict evict) {
                place.pods().release(evict);
            }
            done.add(new Done(now, process, place.node(), act, outcome));
            witness.heard(place, act, outcome).ifPresent(this::isHeard);
        }

        private void isHeard(Outcome outcome) {
            ended(replica, place, act, outcome);
            if (act instanceof DeleteMessages deleted && outcome instanceof Succeeded) {
                replica.notices.removeIf(notice -> deleted.messages().contains(notice.message()));
                deleted.messages().forEach(message -> deletedAt.put(message, now));
            }
            if (act instanceof HandBack handedBack && outcome instanceof Succeeded) {
                handBack(replica, handedBack);
            }
        }

        /** What it comes to where its thread dies, before it reached the world or after. */
        private Optional<Outcome> dead() {
            return dies.apply(act).map(takesEffect -> {
                if (takesEffect) {
                    inVain();
                }
                return new Retry(DIED);
            });
        }

        /** It reaches the world, and nobody hears of it. */
        void inVain() {
            if (fault.apply(act).isEmpty() && replica.reach.answerTo(act, now).isEmpty()) {
                done.add(new Done(now, NOBODY, place.node(), act, carryOut(replica, place, act)));
            }
        }
    }

    private Outcome carryOut(PlayedReplica replica, Place place, Action act) {
        return switch (act) {
            case OnJournal onJournal -> write(replica, place, onJournal);
            case AskForNode _ -> list(replica);
            case AskKubelet _ -> place.node().kubeletLease();
            case ListPods _ -> list(replica, place);
            case FindVolume(var _, String claim) -> new Bound("volume-of-" + claim);
            case MarkDisrupted _ -> new Succeeded();
            case OnPod onPod -> place.pods().carryOut(onPod, replica.holder());
            case DescribeHook(LifecycleAction action) -> describe(action);
            case Heartbeat(LifecycleAction action) when !isTokenKnown(action) -> WITHOUT_TOKEN;
            case CompleteHook(LifecycleAction action, var _) when !isTokenKnown(action) -> WITHOUT_TOKEN;
            case Heartbeat(LifecycleAction action) -> isActive(action) ? new Succeeded() : NO_ACTION;
            case CompleteHook(LifecycleAction action, var _) -> complete(action);
            case DeleteMessages _, HandBack _ -> new Succeeded();
        };
    }

    /** Of an action that no message named, and no Lease, nobody has the token. */
    private boolean isTokenKnown(LifecycleAction action) {
        return announced().stream().anyMatch(notice -> notice.action().equals(action));
    }

    /** Only what is still seen as it was when that was decided is sent. */
    private Outcome write(PlayedReplica replica, Place place, OnJournal act) {
        Optional<KubeNode> seen = shownOfNode(replica, place).there();
        if (seen.isEmpty()) {
            return new Retry("the node is not there");
        }
        if (!seen.get().journalText().equals(act.basedOn())) {
            return new Retry("the journal has changed since");
        }
        Outcome outcome = place.node().write(act, seen.get());
        replica.isAnswered(place, now);
        return outcome;
    }

    private Outcome list(PlayedReplica replica) {
        replica.view.asks(now);
        places.forEach(place -> place.node().isListed());
        return new Succeeded();
    }

    private Outcome list(PlayedReplica replica, Place place) {
        replica.of(place).listedAt = Optional.of(now);
        return new Succeeded();
    }

    private Outcome describe(LifecycleAction action) {
        GroupHook described = new GroupHook(action.hook(), true, target, "");
        List<GroupHook> hooks = group.isEmpty() ? List.of(described) : group;
        if (action.group().equals(CROWDED)) {
            hooks = List.of(described, new GroupHook("upload-logs", true, "", ""));
        }
        return new Described(heartbeatTimeout, heartbeatTimeout.multipliedBy(100), hooks);
    }

    private boolean isActive(LifecycleAction action) {
        return !now.isBefore(later(actionsFoundFrom, foundFrom.getOrDefault(action, Instant.MIN)))
                && !everyHookOver
                && !hooksOver.contains(action);
    }

    private Outcome complete(LifecycleAction action) {
        if (!isActive(action)) {
            return NO_ACTION;
        }
        hooksOver.add(action);
        return new Succeeded();
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
