package dev.glidepath.departure.decision;

import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.cluster.LabelSelector.Requirement;
import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.decision.SmallReplica.Debts;
import dev.glidepath.departure.decision.SmallReplica.Late;
import dev.glidepath.departure.decision.SmallReplica.Listing;
import dev.glidepath.departure.decision.SmallReplica.Past;
import dev.glidepath.departure.decision.SmallReplica.Sent;
import dev.glidepath.departure.decision.SmallWorld.Message;
import dev.glidepath.departure.decision.SmallWorld.Orphan;
import dev.glidepath.departure.decision.SmallWorld.Phase;
import dev.glidepath.departure.decision.SmallWorld.SmallNode;
import dev.glidepath.departure.decision.SmallWorld.SmallPod;
import dev.glidepath.departure.decision.SmallWorld.View;
import dev.glidepath.departure.decision.SmallWorld.Word;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.Readiness;
import dev.glidepath.queue.MessageId;
import dev.glidepath.replica.LeaseBoard;
import dev.glidepath.replica.LeaseBoard.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two replicas, one node with two pods, one lifecycle hook and two messages, as values; and each step that may come next. What the
 * replicas do is decided by the program's own {@link Decider}; the rest is what an API server, a queue, Auto Scaling and a kubelet
 * would do. Time stands still while anything can be done at once, and then jumps to the next moment at which anybody looks again.
 *
 * <p>An act that changes something takes two steps, its effect and its answer; a process may die between them, and a watch may miss
 * an effect. What only asks is asked and answered in one.
 */
final class SmallModel {
    static final Instant START = Play.START;
    static final Duration NOTICE = Duration.ofMinutes(2);
    static final LifecycleAction ACTION =
            new LifecycleAction("workers", "glidepath-drain", new LifecycleToken("token").hash(), Play.INSTANCE);

    private static final InstanceId INSTANCE = Play.INSTANCE;
    private static final NodeName NODE = new NodeName("node-1");
    private static final Instant LONG_AGO = START.minus(Duration.ofDays(1));
    private static final Budget.Id BUDGET = new Budget.Id("shop", "budgeted");
    private static final Outcome CONFLICT = new Retry("conflict");
    private static final Outcome NOT_THERE = new Retry("the node is not there");
    private static final Outcome WITHOUT_TOKEN = new Retry("the token is not known here");

    /** So long after a departure has ended its node is looked at once more. */
    private static final Duration ONCE_MORE = Duration.ofSeconds(1);

    private static final Duration RENEWED_EVERY = Duration.ofSeconds(5);

    /** A watch that is behind for longer is known to be. */
    private static final Duration LATE_AT_MOST = Duration.ofSeconds(30);

    private static final Duration MOST_TIME = Duration.ofMinutes(30);

    /** Half the way between the shortest pause and the longest: the usual one. */
    private static final RandomGenerator USUAL = fixed(0.5);

    /** No pause at all: what met a conflict is tried again in the same moment, and moments are few. */
    private static final RandomGenerator AT_ONCE = fixed(-1.5);

    private final Bounds bounds;
    private final Plant plant;
    private final Policy policy = Policy.standard();
    private final Numbered<SmallWorld> worlds = new Numbered<>();
    private final Numbered<SmallReplica> replicas = new Numbered<>();

    /** What was found out once is not found out again: a replica does the same in the same world, whatever the other does. */
    private final Map<Of, List<Taken>> taken = new HashMap<>();

    private final State fresh;
    private final Map<Integer, List<Taken>> changed = new HashMap<>();
    private final Map<Seeing, Integer> seen = new HashMap<>();
    private final Map<Of, Boolean> renewed = new HashMap<>();

    /** Values, each once, with a number. */
    private static final class Numbered<T> {
        private final Map<T, Integer> numbers = new HashMap<>();
        private final List<T> all = new ArrayList<>();

        int of(T value) {
            Integer known = numbers.putIfAbsent(value, all.size());
            if (known != null) {
                return known;
            }
            all.add(value);
            return all.size() - 1;
        }

        T get(int number) {
            return all.get(number);
        }
    }

    /**
     * How much may happen. Never in this model: a Lease that lapses while its process lives, a view known to be stale, an API server that
     * fails or refuses (but for conflicts and budgets), a process that looks twice before it hears of its own write, a second node.
     *
     * @param crashes how many processes may die
     * @param delays how often a watch may fall behind
     * @param deliveries how often each message may be delivered
     * @param heardWithin how late a message comes
     * @param room how many pods the budget lets go at first
     * @param freedoms what may happen besides
     */
    record Bounds(int crashes, int delays, int deliveries, Duration heardWithin, int room, Set<Freedom> freedoms) {
        Bounds {
            freedoms = Set.copyOf(freedoms);
        }

        Bounds crashes(int most) {
            return with(most, delays, deliveries, heardWithin, room);
        }

        Bounds delays(int most) {
            return with(crashes, most, deliveries, heardWithin, room);
        }

        Bounds deliveries(int most) {
            return with(crashes, delays, most, heardWithin, room);
        }

        Bounds heardWithin(Duration within) {
            return with(crashes, delays, deliveries, within, room);
        }

        Bounds room(int pods) {
            return with(crashes, delays, deliveries, heardWithin, pods);
        }

        private Bounds with(int crashes, int delays, int deliveries, Duration heardWithin, int room) {
            return new Bounds(crashes, delays, deliveries, heardWithin, room, freedoms);
        }

        Bounds and(Freedom one) {
            Set<Freedom> more = EnumSet.of(one);
            more.addAll(freedoms);
            return new Bounds(crashes, delays, deliveries, heardWithin, room, more);
        }

        boolean may(Freedom freedom) {
            return freedoms.contains(freedom);
        }
    }

    /** What may happen besides. */
    enum Freedom {
        /** The second replica's watches begin behind, before the node joined. */
        NODE_UNSEEN,
        /** The budget may let one pod more go later. */
        ROOM_GROWS,
        /** The node may be deleted once its hook is completed, or its notice is over. */
        MACHINE_ENDS,
        /** A pod may end in the moment in which it is asked; else it takes its grace. */
        PODS_END_AT_ONCE,
        /** Any answer may come late; else only that to a write on the node does. */
        SLOW_ANSWERS,
        /** A Lease may be renewed later than what it tells has changed. */
        SLOW_LEASES
    }

    /** A bug: what is seen instead, and what is decided instead. */
    interface Plant {
        /** Nothing is wrong. */
        Plant NONE = new Plant() {};

        default Snapshot sees(Snapshot snapshot, SmallReplica replica, SmallWorld world) {
            return snapshot;
        }

        default Decision decides(Snapshot snapshot, Decision decision) {
            return decision;
        }
    }

    /** Everything at one moment, by the numbers of the values it is made of. */
    record State(int world, int first, int second) {}

    /**
     * What may come next.
     *
     * @param what in words
     * @param broken the promise that it breaks, if any
     */
    record Step(String what, State state, Optional<String> broken) {}

    /**
     * What a step does to the world, and to the replica that takes it.
     *
     * @param lost the message that the other replica must not hold
     */
    private record Move(
            String what, SmallWorld world, SmallReplica replica, Optional<String> broken, Optional<Word> lost) {
        Move(String what, SmallWorld world, SmallReplica replica, Optional<String> broken) {
            this(what, world, replica, broken, Optional.empty());
        }

        Move(String what, SmallWorld world, SmallReplica replica) {
            this(what, world, replica, Optional.empty());
        }

        Move with(Optional<String> promise) {
            return new Move(what, world, replica, promise, lost);
        }
    }

    /**
     * The same, by their numbers.
     *
     * @param behind who misses it: nobody, the replica that takes the step, or the other
     */
    private record Taken(
            String what, int world, int replica, Behind behind, Optional<String> broken, Optional<Word> lost) {}

    private enum Behind {
        NOBODY,
        ACTOR,
        OTHER
    }

    /** A change of the world, and who sees it or misses it. */
    private record Seeing(int before, int after, int replica, boolean misses) {}

    private record Of(int world, int replica) {}

    /** What wakes a replica when it changes. */
    private record Glance(
            SmallNode node,
            List<SmallPod> pods,
            int room,
            boolean tokenTold,
            boolean isWitnessed,
            Optional<Standing> holder) {}

    SmallModel(Bounds bounds, Plant plant) {
        this.bounds = bounds;
        this.plant = plant;
        this.fresh = begin();
    }

    State start() {
        return fresh;
    }

    private State begin() {
        List<SmallPod> pods = Stream.of("free", "budgeted")
                .map(name -> new SmallPod(
                        Phase.RUNS, SamplePod.of(name).seenAt(LONG_AGO).build(), Optional.empty()))
                .toList();
        SmallReplica first = SmallReplica.begun(0, 1, true, LONG_AGO);
        SmallReplica second = SmallReplica.begun(1, 1, !bounds.may(Freedom.NODE_UNSEEN), LONG_AGO);
        View empty = new View(SmallNode.NONE, pods);
        SmallWorld world = new SmallWorld(
                START,
                new View(SmallNode.BLANK, pods),
                bounds.room(),
                LONG_AGO,
                Map.of(Word.SPOT, new Message(0, false), Word.ASG, new Message(0, false)),
                false,
                LeaseBoard.empty().begins(first.holder(), START).begins(second.holder(), START),
                Set.of(),
                bounds.crashes(),
                bounds.delays());
        SmallReplica blind = second.with(draft -> draft.late = Optional.of(new Late(empty, START)));
        return new State(
                worlds.of(world), replicas.of(first), replicas.of(bounds.may(Freedom.NODE_UNSEEN) ? blind : second));
    }

    SmallWorld world(State state) {
        return worlds.get(state.world());
    }

    SmallReplica first(State state) {
        return replicas.get(state.first());
    }

    SmallReplica second(State state) {
        return replicas.get(state.second());
    }

    /** All that may come next; nothing where all has ended. */
    List<Step> next(State state) {
        List<Step> steps = new ArrayList<>();
        for (Taken move : moves(state.world(), state.first())) {
            add(move, state, 0, steps);
        }
        if (!areAlike(state)) {
            for (Taken move : moves(state.world(), state.second())) {
                add(move, state, 1, steps);
            }
        }
        for (Taken change : changed.computeIfAbsent(state.world(), this::changes)) {
            add(change, state, steps);
        }
        timePasses(state).ifPresent(steps::add);
        return steps;
    }

    /** What is wrong with the end of a story; empty where it is a good one. */
    Optional<String> brokenAtEnd(State state) {
        return SmallRules.atEnd(world(state), List.of(first(state), second(state)));
    }

    /** Whether it does not matter which of the two goes on: nothing has happened to either. */
    private boolean areAlike(State state) {
        return state.first() == fresh.first() && state.second() == fresh.second() && !bounds.may(Freedom.NODE_UNSEEN);
    }

    // What a step does to all: watches show it, or fall behind.

    private List<Taken> moves(int world, int replica) {
        Of of = new Of(world, replica);
        List<Taken> known = taken.get(of);
        if (known == null) {
            known = moves(replicas.get(replica), worlds.get(world)).stream()
                    .flatMap(move -> taken(move, world, replica).stream())
                    .filter(move -> move.broken().isPresent() || move.world() != world || move.replica() != replica)
                    .toList();
            taken.put(of, known);
        }
        return known;
    }

    private List<Taken> taken(Move move, int before, int actor) {
        SmallWorld world = worlds.get(before);
        SmallReplica replica = replicas.get(actor);
        SmallReplica moved = move.replica();
        List<Taken> all = new ArrayList<>();
        all.add(new Taken(
                move.what(),
                worlds.of(move.world()),
                replicas.of(wakes(world, replica, move.world(), moved)),
                Behind.NOBODY,
                move.broken(),
                move.lost()));
        if (move.world().delays() > 0 && !move.world().truth().equals(world.truth())) {
            SmallWorld after = move.world().afterDelay();
            if (moved.alive() && moved.late().isEmpty()) {
                all.add(new Taken(
                        move.what() + "; the watches of " + moved.holder() + " miss it",
                        worlds.of(after),
                        replicas.of(wakes(world, replica, after, misses(moved, world))),
                        Behind.ACTOR,
                        move.broken(),
                        move.lost()));
            }
            all.add(new Taken(
                    move.what() + "; the other's watches miss it",
                    worlds.of(after),
                    replicas.of(wakes(world, replica, after, moved)),
                    Behind.OTHER,
                    move.broken(),
                    move.lost()));
        }
        return all;
    }

    private static SmallReplica misses(SmallReplica replica, SmallWorld before) {
        return replica.with(draft -> draft.late = Optional.of(new Late(before.truth(), before.now())));
    }

    private void add(Taken move, State state, int actor, List<Step> steps) {
        int other = actor == 0 ? state.second() : state.first();
        boolean misses = move.behind() == Behind.OTHER;
        boolean isHeld = move.lost()
                .filter(word -> isHeld(word, List.of(replicas.get(other))))
                .isPresent();
        if (isHeld || (misses && !mayFallBehind(other))) {
            return;
        }
        int after = seeing(state.world(), move.world(), other, misses);
        State next = actor == 0
                ? new State(move.world(), move.replica(), after)
                : new State(move.world(), after, move.replica());
        steps.add(new Step(move.what(), next, move.broken()));
    }

    /** A change that no replica makes: the numbers of its move are those of the world alone. */
    private void add(Taken change, State state, List<Step> steps) {
        boolean firstMisses = change.behind() == Behind.ACTOR;
        boolean secondMisses = change.behind() == Behind.OTHER;
        if ((firstMisses && !mayFallBehind(state.first())) || (secondMisses && !mayFallBehind(state.second()))) {
            return;
        }
        steps.add(new Step(
                change.what(),
                new State(
                        change.world(),
                        seeing(state.world(), change.world(), state.first(), firstMisses),
                        seeing(state.world(), change.world(), state.second(), secondMisses)),
                change.broken()));
    }

    private boolean mayFallBehind(int number) {
        SmallReplica replica = replicas.get(number);
        return replica.alive() && replica.late().isEmpty();
    }

    private int seeing(int before, int after, int replica, boolean misses) {
        if (before == after) {
            return replica;
        }
        Seeing seeing = new Seeing(before, after, replica, misses);
        Integer known = seen.get(seeing);
        if (known == null) {
            SmallReplica was = replicas.get(replica);
            SmallWorld world = worlds.get(before);
            known = replicas.of(wakes(world, was, worlds.get(after), misses ? misses(was, world) : was));
            seen.put(seeing, known);
        }
        return known;
    }

    /** What the replica learns from what it sees now, and whether that wakes it. */
    private SmallReplica wakes(SmallWorld worldBefore, SmallReplica before, SmallWorld world, SmallReplica replica) {
        if (!replica.alive()) {
            return replica;
        }
        Glance was = before.alive() && before.process() == replica.process() ? glance(before, worldBefore) : null;
        Glance is = glance(replica, world);
        boolean changed = was == null || !was.equals(is);
        boolean sawItGo = was != null && was.node().exists() && !is.node().exists();
        boolean learns = (is.tokenTold() && !replica.knowsToken()) || (is.node().exists() && !replica.hasSeen());
        boolean wakes = changed && !replica.woken() && (!replica.idle() || concerns(is.node()));
        if (!learns && !sawItGo && !wakes) {
            return replica;
        }
        return replica.with(draft -> {
            draft.knowsToken |= is.tokenTold();
            draft.hasSeen |= is.node().exists();
            draft.woken |= wakes;
            if (sawItGo) {
                draft.wentAt = Optional.of(world.now());
            }
        });
    }

    private Glance glance(SmallReplica replica, SmallWorld world) {
        View view = replica.sees(world);
        boolean lists = replica.listing().isPresent();
        return new Glance(
                view.node(),
                lists ? view.pods() : List.of(),
                lists ? world.room() : 0,
                world.leases().tellsTokens(),
                !replica.hasSeen()
                        && world.leases().witnessOf(replica.holder(), INSTANCE).isPresent(),
                view.node().journal().flatMap(Journal::holder).map(world.leases()::standing));
    }

    private static boolean concerns(SmallNode node) {
        return node.exists() && Decider.concerns(kubeNode(node), _ -> true);
    }

    // What the world does by itself.

    private List<Taken> changes(int before) {
        SmallWorld world = worlds.get(before);
        List<Taken> all = new ArrayList<>();
        for (SmallWorld after : changes(world)) {
            all.add(new Taken(
                    what(world, after), worlds.of(after), -1, Behind.NOBODY, Optional.empty(), Optional.empty()));
            if (after.delays() > 0 && !after.truth().equals(world.truth())) {
                String what = what(world, after) + "; the watches of glidepath-";
                int missed = worlds.of(after.afterDelay());
                all.add(new Taken(what + "0 miss it", missed, -1, Behind.ACTOR, Optional.empty(), Optional.empty()));
                all.add(new Taken(what + "1 miss it", missed, -1, Behind.OTHER, Optional.empty(), Optional.empty()));
            }
        }
        return all;
    }

    private List<SmallWorld> changes(SmallWorld world) {
        List<SmallWorld> changes = new ArrayList<>();
        for (SmallPod pod : world.truth().pods()) {
            boolean endsAtOnce = bounds.may(Freedom.PODS_END_AT_ONCE)
                    && pod.askedAt().filter(world.now()::equals).isPresent();
            if (pod.phase() == Phase.ENDS && endsAtOnce) {
                changes.add(world.with(pod.gone()));
            }
        }
        if (bounds.may(Freedom.ROOM_GROWS)
                && world.room() == bounds.room()
                && world.truth().node().exists()) {
            changes.add(world.withRoom(world.room() + 1));
        }
        boolean mayEnd = world.hookOver() || !world.now().isBefore(START.plus(NOTICE));
        if (bounds.may(Freedom.MACHINE_ENDS) && mayEnd && world.truth().node().exists()) {
            SmallWorld ended = world.with(world.truth().with(SmallNode.NONE));
            for (SmallPod pod : world.truth().pods()) {
                ended = ended.with(pod.gone());
            }
            changes.add(ended);
        }
        for (Orphan orphan : world.underWay()) {
            changes.add(arrive(orphan, world.without(orphan)));
        }
        return changes;
    }

    private static String what(SmallWorld before, SmallWorld after) {
        if (!before.underWay().equals(after.underWay())) {
            Set<Orphan> arrived = new HashSet<>(before.underWay());
            arrived.removeAll(after.underWay());
            return "what a dead process had sent arrives: "
                    + arrived.stream()
                            .map(orphan -> name(orphan.action()) + " of " + orphan.holder())
                            .collect(Collectors.joining());
        }
        if (before.room() != after.room()) {
            return "the budget has room for one more";
        }
        return before.truth().node().exists() == after.truth().node().exists()
                ? "a pod has ended: "
                        + after.truth().pods().stream()
                                .filter(pod -> !before.truth().pods().contains(pod))
                                .map(SmallPod::name)
                                .collect(Collectors.joining())
                : "the machine has ended, and its node is deleted";
    }

    private SmallWorld arrive(Orphan orphan, SmallWorld world) {
        return carryOut(orphan.action(), true, world).world();
    }

    private Optional<Step> timePasses(State state) {
        SmallReplica first = first(state);
        SmallReplica second = second(state);
        if (isBusy(first) || isBusy(second)) {
            return Optional.empty();
        }
        SmallWorld world = world(state);
        Optional<Instant> next = Stream.concat(
                        Stream.of(first, second).filter(SmallReplica::alive).map(SmallReplica::lookAgainAt),
                        world.truth().pods().stream()
                                .filter(pod -> pod.phase() == Phase.ENDS)
                                .flatMap(pod -> pod.pod().termination().stream())
                                .map(Termination::endsBy))
                .filter(at -> at.isAfter(world.now()) && !at.equals(Instant.MAX))
                .min(Instant::compareTo);
        return next.filter(then -> mayPassUntil(then, state)).map(then -> passes(state, then));
    }

    private static boolean isBusy(SmallReplica replica) {
        return replica.alive() && (replica.woken() || !replica.underWay().isEmpty());
    }

    private boolean mayPassUntil(Instant then, State state) {
        SmallWorld world = world(state);
        List<SmallReplica> both = List.of(first(state), second(state));
        boolean isHeard = world.messages().entrySet().stream()
                .allMatch(message -> message.getValue().deleted() || isHeld(message.getKey(), both));
        boolean isSeen = both.stream()
                .flatMap(replica -> replica.late().stream())
                .noneMatch(late -> then.isAfter(late.since().plus(LATE_AT_MOST)));
        boolean isRenewed = then.isBefore(world.now().plus(RENEWED_EVERY))
                || !bounds.may(Freedom.SLOW_LEASES)
                || (isRenewed(state.world(), state.first()) && isRenewed(state.world(), state.second()));
        return (isHeard || !then.isAfter(START.plus(bounds.heardWithin()))) && isSeen && isRenewed;
    }

    private boolean isRenewed(int world, int replica) {
        return renewed.computeIfAbsent(new Of(world, replica), of -> {
            SmallReplica who = replicas.get(of.replica());
            SmallWorld where = worlds.get(of.world());
            return !who.alive() || renew(who, where).equals(where.leases());
        });
    }

    private static boolean isHeld(Word word, List<SmallReplica> both) {
        return both.stream()
                .flatMap(replica -> replica.notices().stream())
                .anyMatch(notice -> notice.message().equals(message(word)));
    }

    private Step passes(State state, Instant then) {
        SmallWorld before = world(state);
        SmallWorld world = before.at(then).withUnderWay(Set.of());
        for (SmallPod pod : world.truth().pods()) {
            boolean ends = pod.pod()
                    .termination()
                    .filter(termination -> !termination.endsBy().isAfter(then))
                    .isPresent();
            if (pod.phase() == Phase.ENDS && ends) {
                world = world.with(pod.gone());
            }
        }
        SmallWorld after = world;
        int[] both = Stream.of(first(state), second(state))
                .map(replica -> wakes(before, replica, after, alarm(replica, after)))
                .mapToInt(replicas::of)
                .toArray();
        boolean isSettled = before.truth()
                .node()
                .journal()
                .filter(journal -> journal.state() == Journal.State.SETTLED)
                .isPresent(); // what is waited for then is whether the node survives
        boolean tooLong = then.isAfter(START.plus(MOST_TIME)) && !isSettled;
        return new Step(
                "time passes",
                new State(worlds.of(after), both[0], both[1]),
                tooLong ? Optional.of("it does not end") : Optional.empty());
    }

    private static SmallReplica alarm(SmallReplica replica, SmallWorld world) {
        if (!replica.alive() || replica.lookAgainAt().isAfter(world.now())) {
            return replica;
        }
        boolean looks = !replica.idle() || concerns(replica.sees(world).node());
        return replica.with(draft -> {
            draft.woken = looks;
            draft.lookAgainAt = Instant.MAX;
        });
    }

    // What a replica does, and what happens to it.

    private List<Move> moves(SmallReplica replica, SmallWorld world) {
        List<Move> moves = new ArrayList<>();
        if (!replica.alive()) {
            moves.add(restart(replica, world));
            return moves;
        }
        for (Word word : Word.values()) {
            deliver(word, replica, world).ifPresent(moves::add);
        }
        if (replica.woken() && replica.underWay().values().stream().noneMatch(Sent::looked)) {
            moves.add(look(replica, world));
        }
        replica.underWay()
                .forEach((action, sent) -> sent.outcome()
                        .ifPresentOrElse(
                                known -> moves.add(answer(action, known, replica, world)),
                                () -> moves.addAll(effects(action, replica, world))));
        LeaseBoard renewed = bounds.may(Freedom.SLOW_LEASES) ? renew(replica, world) : world.leases();
        if (!renewed.equals(world.leases())) {
            moves.add(new Move(replica.holder() + " renews its Lease", world.with(renewed), replica));
        }
        if (replica.late().isPresent()) {
            moves.add(new Move("the watches of " + replica.holder() + " catch up", world, replica.with(draft -> {
                draft.late = Optional.empty();
                draft.own = Optional.empty();
            })));
        }
        if (world.crashes() > 0) {
            moves.add(crash(replica, world));
        }
        return moves;
    }

    private Optional<Move> deliver(Word word, SmallReplica replica, SmallWorld world) {
        Message message = world.message(word);
        boolean inTime = !world.now().isAfter(START.plus(bounds.heardWithin()));
        boolean again = message.deliveries() < bounds.deliveries() && inTime;
        if (isHeld(word, List.of(replica)) || (!again && (message.deleted() || message.deliveries() == 0))) {
            return Optional.empty();
        }
        Notice notice = new Notice(interruption(word), message(word), world.now(), Delivery.FIRST);
        SmallReplica holds = replica.with(draft -> {
            Notice latest = draft.notices.stream()
                    .filter(notice::isSameAs)
                    .findFirst()
                    .map(notice::after)
                    .orElse(notice);
            draft.notices.removeIf(notice::isSameAs);
            draft.notices.add(latest);
            draft.idle = false;
            draft.woken = true;
            draft.knowsToken |= word == Word.ASG;
        });
        return Optional.of(new Move(
                "%s receives the message %s".formatted(replica.holder(), word),
                world.with(
                        word,
                        before ->
                                new Message(Math.min(before.deliveries() + 1, bounds.deliveries()), before.deleted())),
                holds,
                Optional.empty(),
                again ? Optional.empty() : Optional.of(word)));
    }

    private Move crash(SmallReplica replica, SmallWorld world) {
        Set<Orphan> underWay = new HashSet<>(world.underWay());
        replica.underWay().forEach((action, sent) -> {
            if (sent.outcome().isEmpty() && hasEffect(action)) {
                underWay.add(new Orphan(replica.holder(), action));
            }
        });
        SmallReplica dead = SmallReplica.begun(replica.number(), replica.process(), false, world.now())
                .with(draft -> draft.alive = false);
        return new Move(
                replica.holder() + " dies",
                world.afterCrash().withUnderWay(underWay).with(world.leases().falls(replica.holder(), world.now())),
                dead);
    }

    private Move restart(SmallReplica replica, SmallWorld world) {
        SmallNode node = world.truth().node();
        SmallReplica begun = SmallReplica.begun(replica.number(), replica.process() + 1, node.exists(), world.now())
                .with(draft -> {
                    draft.woken = concerns(node);
                    draft.knowsToken = world.leases().tellsTokens();
                });
        return new Move(
                begun.holder() + " begins", world.with(world.leases().begins(begun.holder(), world.now())), begun);
    }

    private static LeaseBoard renew(SmallReplica replica, SmallWorld world) {
        Optional<String> witness = replica.idle() || !replica.debts().hasPendingHooks()
                ? Optional.empty()
                : replica.hasSeen()
                        ? Optional.of(replica.holder())
                        : world.leases().witnessOf(replica.holder(), INSTANCE);
        boolean tells =
                witness.isPresent() && replica.knowsToken() && replica.debts().hasActions();
        return world.leases()
                .renewed(
                        replica.holder(),
                        witness.map(by -> Map.of(by, Set.of(INSTANCE))).orElse(Map.of()),
                        tells
                                ? Map.of(new LifecycleToken("token"), new ActionNotice(ACTION, Route.EVENT_BRIDGE))
                                : Map.of(),
                        world.now());
    }

    // Looking and deciding.

    private Move look(SmallReplica replica, SmallWorld world) {
        Instant now = world.now();
        View view = replica.sees(world);
        Attempts attempts = view.node().exists()
                ? replica.memory().attempts().seen(view.node().text(), now)
                : replica.memory().attempts();
        Optional<Instant> seenByAnotherAt = replica.hasSeen()
                        || world.leases().witnessOf(replica.holder(), INSTANCE).isEmpty()
                ? Optional.empty()
                : replica.seenByAnotherAt().or(() -> Optional.of(now));
        Snapshot snapshot = sight(replica, world, view, attempts, seenByAnotherAt);
        Snapshot planted = plant.sees(snapshot, replica, world);
        Decision decision = plant.decides(snapshot, Decider.decide(planted, policy, now));
        Optional<String> broken = SmallRules.atLook(replica, snapshot, planted, view, decision, now);
        SmallReplica looked = replica.with(draft -> {
            draft.idle = false;
            draft.woken = false;
            draft.seenByAnotherAt = seenByAnotherAt;
            draft.lookAgainAt = decision.lookAgainAt();
            draft.attempts = attempts.heldBack(decision.held(), now)
                    .started(decision.actions(), now)
                    .after(decision);
            draft.underWay.replaceAll((_, sent) -> sent.withLook());
            decision.actions().forEach(action -> draft.underWay.put(action, Sent.NOW));
            draft.givenUp.addAll(decision.givenUp());
            if (decision.isResting()) {
                draft.listing = Optional.empty();
            }
            boolean hasActions = !snapshot.actions(policy.hooks().ownership()).isEmpty();
            draft.debts = new Debts(draft.debts.hadHooks() || hasActions, snapshot.hasPendingHooks(), hasActions);
        });
        if (decision.stage() instanceof Stage.Settled) {
            return ends(looked, world, decision, broken);
        }
        SmallReplica told = looked;
        for (Action action : decision.actions()) {
            if (!hasEffect(action) && !bounds.may(Freedom.SLOW_ANSWERS)) {
                told = answer(action, ask(action, told, world), told, world).replica();
            }
        }
        return new Move(
                "%s looks: %s, %s"
                        .formatted(
                                replica.holder(),
                                decision.stage().getClass().getSimpleName(),
                                names(decision.actions())),
                bounds.may(Freedom.SLOW_LEASES) ? world : world.with(renew(told, world)),
                told,
                broken);
    }

    /** Nothing is owed here any more: the departure is forgotten, and its node looked at once more. */
    private Move ends(SmallReplica replica, SmallWorld world, Decision decision, Optional<String> broken) {
        Ending ending = ((Stage.Settled) decision.stage()).ending();
        Set<Orphan> underWay = new HashSet<>(world.underWay());
        replica.underWay().forEach((action, sent) -> {
            if (sent.outcome().isEmpty() && hasEffect(action)) {
                underWay.add(new Orphan(replica.holder(), action));
            }
        });
        SmallReplica ended = replica.with(draft -> {
            draft.attempts = Attempts.none();
            draft.listing = Optional.empty();
            draft.seenByAnotherAt = Optional.empty();
            draft.idle = true;
            draft.notices.clear();
            draft.underWay.clear();
            draft.givenUp.clear();
            draft.debts = Debts.NONE;
            draft.lookAgainAt =
                    concerns(replica.sees(world).node()) ? world.now().plus(ONCE_MORE) : Instant.MAX;
        });
        LeaseBoard leases = replica.debts().hadHooks()
                ? world.leases().settled(replica.holder(), INSTANCE, world.now())
                : world.leases();
        SmallWorld left = world.withUnderWay(underWay).with(leases);
        return new Move(
                "%s looks: Settled, %s".formatted(replica.holder(), ending),
                bounds.may(Freedom.SLOW_LEASES) ? left : left.with(renew(ended, left)),
                ended,
                broken);
    }

    private Snapshot sight(
            SmallReplica replica, SmallWorld world, View view, Attempts attempts, Optional<Instant> seenByAnotherAt) {
        boolean hears = replica.knowsToken();
        return new Snapshot(
                INSTANCE,
                nodeSight(replica, view, seenByAnotherAt),
                new Claim(replica.holder(), Instant.MAX, holding(replica, view, world)),
                replica.listing().<PodSight>map(listing -> pods(listing, view)).orElseGet(PodSight.NotListed::new),
                replica.listing().isPresent() ? List.of(budget(replica, world)) : List.of(),
                Set.of(),
                ClusterConditions.QUIET,
                replica.notices(),
                hears ? Set.of(new ActionNotice(ACTION, Route.EVENT_BRIDGE)) : Set.of(),
                attempts);
    }

    static NodeSight nodeSight(SmallReplica replica, View view, Optional<Instant> seenByAnotherAt) {
        if (view.node().exists()) {
            return new NodeSight.Present(kubeNode(view.node()));
        }
        return replica.hasSeen()
                ? new NodeSight.Gone(NODE, replica.wentAt().orElse(LONG_AGO), replica.askedAt())
                : new NodeSight.NeverSeen(replica.askedAt(), seenByAnotherAt);
    }

    private static Holding holding(SmallReplica replica, View view, SmallWorld world) {
        return view.node()
                .journal()
                .flatMap(Journal::holder)
                .<Holding>map(holder -> holder.equals(replica.holder())
                        ? new Holding.Us()
                        : new Holding.Other(holder, world.leases().freeAt(holder, world.now())))
                .orElseGet(Holding.Nobody::new);
    }

    private static PodSight pods(Listing listing, View view) {
        return new PodSight.Listed(
                view.pods().stream()
                        .filter(pod -> pod.phase() != Phase.GONE)
                        .map(SmallPod::pod)
                        .toList(),
                view.pods().stream()
                        .filter(pod -> pod.phase() == Phase.GONE)
                        .map(SmallPod::pod)
                        .filter(pod -> listing.pods().contains(pod.ref().uid()))
                        .toList(),
                listing.at());
    }

    private static Budget budget(SmallReplica replica, SmallWorld world) {
        int reserved = (int) replica.underWay().keySet().stream()
                .filter(action ->
                        action instanceof Evict evict && evict.pod().name().equals("budgeted"))
                .count();
        return new Budget(
                        BUDGET,
                        new LabelSelector(List.of(new Requirement.In("app", Set.of("budgeted")))),
                        false,
                        world.room(),
                        new Budget.Health(1 + world.room(), 1, 2),
                        true,
                        Set.of(),
                        world.roomSince())
                .reserving(reserved);
    }

    static KubeNode kubeNode(SmallNode node) {
        return new KubeNode(
                NODE,
                LONG_AGO,
                new Readiness(Readiness.Status.TRUE, Optional.of(LONG_AGO)),
                node.changed().contains(Change.UNSCHEDULABLE),
                false,
                true,
                Map.of(),
                List.of(),
                node.text(),
                node.journal());
    }

    // What becomes of acts.

    /** Whether it changes something, so that its effect and its answer are two steps. */
    private static boolean hasEffect(Action action) {
        return action.needsLease() || action instanceof DeleteMessages;
    }

    private List<Move> effects(Action action, SmallReplica replica, SmallWorld world) {
        List<Move> moves = new ArrayList<>();
        if (!hasEffect(action)) {
            moves.add(answer(action, ask(action, replica, world), replica, world));
            return moves;
        }
        if (replica.givenUp().contains(action.key())) {
            moves.add(answer(action, new NotSent("as its turn came"), replica, world));
        }
        Carried carried = carryOut(action, replica.knowsToken(), world);
        Optional<String> broken = SmallRules.atEffect(action, replica, world, bounds);
        SmallReplica sent = replica.with(draft ->
                draft.underWay.put(action, new Sent(Optional.of(carried.outcome()), saidOf(action, carried), false)));
        moves.add(
                action instanceof OnJournal || bounds.may(Freedom.SLOW_ANSWERS)
                        ? new Move(
                                "%s of %s takes effect: %s"
                                        .formatted(
                                                name(action),
                                                replica.holder(),
                                                carried.outcome().label()),
                                carried.world(),
                                sent,
                                broken)
                        : answer(action, carried.outcome(), sent, carried.world())
                                .with(broken));
        return moves;
    }

    private record Carried(SmallWorld world, Outcome outcome) {}

    /** The answer to a write has the node in it; after a conflict it is read. */
    private static Optional<SmallNode> saidOf(Action action, Carried carried) {
        return Optional.of(carried.world().truth().node()).filter(node -> action instanceof OnJournal && node.exists());
    }

    private static Carried carryOut(Action action, boolean knowsToken, SmallWorld world) {
        return switch (action) {
            case OnJournal write -> write(write, world);
            case OnPod onPod -> onPod(onPod, world);
            case CompleteHook _ when !knowsToken -> new Carried(world, WITHOUT_TOKEN);
            case CompleteHook _ when world.hookOver() -> new Carried(world, new NotFound("no active action"));
            case CompleteHook _ -> new Carried(world.withHookOver(), new Succeeded());
            case DeleteMessages(Set<MessageId> messages, var _) -> {
                SmallWorld after = world;
                for (Word word : Word.values()) {
                    if (messages.contains(message(word))) {
                        after = after.with(word, before -> new Message(before.deliveries(), true));
                    }
                }
                yield new Carried(after, new Succeeded());
            }
            case AskForNode _, AskKubelet _, ListPods _, FindVolume _, DescribeHook _, Heartbeat _, HandBack _ ->
                throw new IllegalArgumentException("it changes nothing: " + action);
        };
    }

    private static Carried write(OnJournal action, SmallWorld world) {
        SmallNode node = world.truth().node();
        if (!node.exists()) {
            return new Carried(world, NOT_THERE);
        }
        if (!node.text().equals(action.basedOn())) {
            return new Carried(world, CONFLICT);
        }
        Set<Change> changed = EnumSet.noneOf(Change.class);
        changed.addAll(node.changed());
        if (action instanceof Cordon) {
            changed.addAll(Set.of(Change.UNSCHEDULABLE, Change.TAINT));
        } else if (action instanceof Undo) {
            changed.clear();
        }
        return new Carried(world.with(world.truth().with(node.written(action.journal(), changed))), new Succeeded());
    }

    private static Carried onPod(OnPod action, SmallWorld world) {
        SmallPod pod = world.truth().pod(action.pod().uid());
        if (pod.phase() == Phase.ENDS && action.terms().version().isPresent()) {
            return new Carried(world, new Retry("the pod has changed since it was seen"));
        }
        if (action instanceof MarkDisrupted || pod.phase() == Phase.ENDS) {
            return new Carried(world, new Succeeded());
        }
        if (pod.phase() == Phase.GONE) {
            return new Carried(world, new NotNeeded("gone"));
        }
        boolean evicts = action instanceof Evict || action instanceof LastCall;
        boolean isBudgeted = pod.name().equals("budgeted");
        if (evicts && isBudgeted && world.room() == 0) {
            return new Carried(world, new Blocked(BUDGET.toString(), "no room"));
        }
        Duration grace =
                action.terms().grace().sentAt(world.now()).orElse(pod.pod().grace());
        SmallWorld after = world.with(pod.ending(new Termination(world.now().plus(grace), grace, evicts), world.now()));
        return new Carried(evicts && isBudgeted ? after.withRoom(world.room() - 1) : after, new Succeeded());
    }

    private static Outcome ask(Action action, SmallReplica replica, SmallWorld world) {
        return switch (action) {
            case AskForNode _ -> new Succeeded();
            case AskKubelet _ -> new Renewed(world.now());
            case ListPods _ -> replica.sees(world).node().exists() ? new Succeeded() : NOT_THERE;
            case FindVolume(var _, String claim) -> new Bound("volume-of-" + claim);
            case DescribeHook _ ->
                new Described(
                        Duration.ofHours(1),
                        Duration.ofMinutes(25),
                        List.of(new GroupHook(ACTION.hook(), true, "", "")));
            case Heartbeat _ when !replica.knowsToken() -> WITHOUT_TOKEN;
            case Heartbeat _ -> world.hookOver() ? new NotFound("no active action") : new Succeeded();
            case HandBack _ -> throw new IllegalStateException("it can act: " + action);
            case OnJournal _, OnPod _, CompleteHook _, DeleteMessages _ ->
                throw new IllegalArgumentException("it changes something: " + action);
        };
    }

    /** The outcome comes back; with it, what the API server said that the node is like, or which pods there are. */
    private static Move answer(Action action, Outcome outcome, SmallReplica replica, SmallWorld world) {
        boolean lands = outcome instanceof Succeeded;
        Optional<SmallNode> said =
                Optional.ofNullable(replica.underWay().get(action)).flatMap(Sent::node);
        SmallReplica answered = replica.with(draft -> {
            draft.underWay.remove(action);
            draft.givenUp.remove(action.key());
            draft.woken = true;
            draft.attempts =
                    draft.attempts.ended(action, outcome, world.now(), outcome.equals(CONFLICT) ? AT_ONCE : USUAL);
            switch (action) {
                case DeleteMessages(Set<MessageId> messages, var _)
                when lands -> draft.notices.removeIf(notice -> messages.contains(notice.message()));
                case AskForNode _ -> {
                    draft.askedAt = world.now();
                    draft.late = Optional.empty();
                    draft.own = Optional.empty();
                }
                case ListPods _
                when lands -> {
                    Set<String> there = world.truth().pods().stream()
                            .filter(pod -> pod.phase() != Phase.GONE)
                            .map(pod -> pod.pod().ref().uid())
                            .collect(Collectors.toSet());
                    Set<String> before = draft.listing.map(Listing::pods).orElse(Set.of());
                    there.addAll(before);
                    draft.listing = Optional.of(new Listing(world.now(), there));
                    draft.late = draft.late.map(late ->
                            new Late(new View(late.view().node(), world.truth().pods()), late.since()));
                }
                case OnJournal _
                when draft.late.isPresent() ->
                    draft.own = said.filter(
                                    node -> draft.own.stream().noneMatch(known -> known.version() > node.version()))
                            .or(() -> draft.own);
                default -> {}
            }
            draft.past = past(action, outcome, draft.past, said);
        });
        return new Move(
                "%s hears of %s: %s".formatted(replica.holder(), name(action), outcome.label()), world, answered);
    }

    private static Past past(Action action, Outcome outcome, Past before, Optional<SmallNode> said) {
        Set<String> agreed = new HashSet<>(before.agreed());
        Set<String> refused = new HashSet<>(before.refused());
        boolean lands = outcome instanceof Succeeded;
        if (action instanceof OnPod onPod && lands) {
            agreed.add(onPod.pod().uid());
        }
        if (action instanceof LastCall call && outcome instanceof Blocked) {
            refused.add(call.pod().uid());
        }
        int wrote = said.filter(_ -> lands).map(SmallNode::version).orElse(-1);
        return new Past(
                agreed,
                refused,
                Math.max(before.wrote(), wrote),
                before.completed() || (action instanceof CompleteHook && lands));
    }

    // Words.

    static Interruption interruption(Word word) {
        return switch (word) {
            case SPOT -> SampleNotices.spot(START);
            case ASG -> new AsgTermination(ACTION, START, Route.EVENT_BRIDGE, false);
        };
    }

    static MessageId message(Word word) {
        return new MessageId("message-" + word);
    }

    private static String names(List<Action> actions) {
        return actions.isEmpty()
                ? "nothing"
                : actions.stream().map(SmallModel::name).collect(Collectors.joining(", "));
    }

    private static String name(Action action) {
        return action instanceof OnPod onPod
                ? action.label() + " " + onPod.pod().name()
                : action.label();
    }

    private static RandomGenerator fixed(double value) {
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }

            @Override
            public double nextDouble() {
                return value;
            }
        };
    }
}
