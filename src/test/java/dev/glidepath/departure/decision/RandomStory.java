package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.decision.Play.Place;
import dev.glidepath.departure.decision.PlayedView.Behind;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Hours in the life of a node, drawn by a seed: all that AWS may say of it, late, twice and out of order, to one replica or two
 * of which one may die; then a day's end at which it is well, or gone.
 */
final class RandomStory {
    /** A group with two hooks that nobody can tell from each other. */
    static final String CROWDED = Play.CROWDED;

    private static final List<Behind> BEHIND = List.of(Behind.values());

    private static final List<AtDeadline> AT_DEADLINE =
            List.of(AtDeadline.CONTINUE, AtDeadline.ABANDON, AtDeadline.EXPIRE);

    private static final List<Class<? extends Action>> DENIED = List.of(
            CompleteHook.class, Heartbeat.class, DescribeHook.class, OnJournal.class, Evict.class, HandBack.class);

    /** Until then everything that was announced has come. */
    private static final Instant REBOOTS = START.plus(Duration.ofHours(8));

    /** Long after the last cause and the last fault: from then on there is nothing to do. */
    static final Instant CALM = REBOOTS.plus(Duration.ofHours(1));

    private static final Instant END = CALM.plus(Duration.ofHours(1));

    private final Random random;
    private final Play play;
    private final List<Interruption> told = new ArrayList<>();
    private Policy policy = Policy.standard();
    private boolean two;

    /** By how much its clock is behind that of the cluster and of all replicas: by as much as they do not correct. */
    private Duration awsIsBehind = Duration.ZERO;

    RandomStory(long seed) {
        random = new Random(seed);
        play = new Play(seed);
        draw();
    }

    Play play() {
        return play;
    }

    Policy policy() {
        return policy;
    }

    List<Interruption> told() {
        return List.copyOf(told);
    }

    /** What AWS would say that this moment is. */
    Instant byAws(Instant moment) {
        return moment.minus(awsIsBehind);
    }

    void run() {
        play.runUntil(END);
    }

    private void draw() {
        awsIsBehind = Duration.ofMillis(oneIn(3) ? random.nextInt(10_000) - 5_000L : 0);
        policy = policy.with(Map.of(
                        Kind.REBALANCE_RECOMMENDATION, oneIn(2) ? Response.CORDON : Response.DRAIN,
                        Kind.SPOT_INTERRUPTION, oneIn(8) ? Response.CORDON : Response.DRAIN,
                        Kind.ASG_TERMINATION, oneIn(8) ? Response.CORDON : Response.DRAIN,
                        Kind.SCHEDULED_CHANGE, oneIn(8) ? Response.CORDON : Response.DRAIN))
                .with(SamplePolicy.hooks(AT_DEADLINE.get(random.nextInt(AT_DEADLINE.size())), false));
        play.policy(policy);
        play.mostReceives(1 + random.nextInt(10));
        two = oneIn(2);
        if (two) {
            play.withAnotherReplica();
        }
        drawPods();
        if (oneIn(4)) {
            drawSibling();
        }
        drawFaults();
        for (int several = 1 + random.nextInt(3); several > 0; several--) {
            drawAnnouncement();
        }
        drawReplicas();
        drawNode();
        if (oneIn(3)) {
            drawViews();
        }
        if (oneIn(3)) {
            drawActs();
        }
        if (oneIn(6)) {
            drawReach();
        }
        if (oneIn(6)) {
            drawDenials();
        }
        if (oneIn(12)) {
            drawForeign();
        }
        if (oneIn(6)) {
            drawSuccessor();
        }
        if (oneIn(6)) {
            play.node.kubeletIsAhead(Duration.ofMillis(random.nextInt(360_000) - 180_000L));
        }
        if (oneIn(8)) {
            drawVersions();
        }
        if (oneIn(3)) {
            play.leasesTake(Duration.ofMillis(random.nextInt(30_000)));
        }
        if (!oneIn(4)) {
            play.looksOnlyAtNews();
        }
    }

    /** Watches that are behind: as long as nobody takes notice of it. */
    private void drawViews() {
        do {
            Instant from = soon();
            Duration lasts = Duration.ofMillis(1 + random.nextInt(30_000));
            Behind behind = BEHIND.get(random.nextInt(BEHIND.size()));
            Instant until = from.plus(behind == Behind.LATE ? lasts.multipliedBy(20) : lasts);
            play.isBehind(anyone(), from, until, behind, Duration.ofMillis(1 + random.nextInt(30_000)));
        } while (oneIn(2));
    }

    /** Acts that are begun late, whose end nobody hears of, or that are answered with yes and have no effect. */
    private void drawActs() {
        Instant from = soon();
        Instant until = from.plusSeconds(random.nextInt(600));
        int late = random.nextInt(4);
        int dead = random.nextInt(4);
        play.beginsLate(_ -> isWithin(from, until) && play.random().nextInt(10) < late
                ? Duration.ofMillis(play.random().nextInt(60_000))
                : Duration.ZERO);
        play.dies(_ -> isWithin(from, until) && play.random().nextInt(10) < dead
                ? Optional.of(play.random().nextBoolean())
                : Optional.empty());
        if (oneIn(3)) {
            play.pods.evictionsWorkFrom(START.plusSeconds(random.nextInt(1_200)));
        }
        if (oneIn(3)) {
            play.pods.deletionsWorkFrom(START.plusSeconds(random.nextInt(1_200)));
        }
    }

    /** A replica that reads the queue and does not reach the cluster, or the reverse. */
    private void drawReach() {
        do {
            int replica = anyone();
            Instant from = soon();
            Instant until = from.plusMillis(1 + random.nextInt(oneIn(2) ? 60_000 : 1_200_000));
            if (oneIn(2)) {
                play.isCutOffFromTheCluster(replica, from, until);
            } else {
                play.isCutOffFromTheQueue(replica, from, until);
            }
        } while (oneIn(3));
    }

    /** What nobody may do for a while; or nothing about hooks, for good. */
    private void drawDenials() {
        if (oneIn(4)) {
            Instant from = soon();
            play.heartbeatTimeout(Duration.ofMinutes(2)); // a hundred of them are over before all is calm
            play.mayNot(Heartbeat.class, from, Instant.MAX).mayNot(CompleteHook.class, from, Instant.MAX);
            return;
        }
        do {
            Instant from = soon();
            Instant until = from.plusMillis(random.nextInt(oneIn(2) ? 150_000 : 7_000_000));
            play.mayNot(DENIED.get(random.nextInt(DENIED.size())), from, until);
        } while (oneIn(2));
    }

    /** An instance that is no node of this cluster; now and then one of a group whose hooks are ours all the same. */
    private void drawForeign() {
        play.isForeign();
        if (oneIn(2)) {
            policy = policy.with(SamplePolicy.ofGroup("workers", policy.hooks()));
            play.policy(policy);
        }
    }

    /** A replica of a later version writes more into the journal than we know, or has it in a form that we cannot read. */
    private void drawVersions() {
        if (oneIn(2)) {
            play.at(soon(), play.node::isWrittenByALaterBuild);
        } else {
            Instant from = soon();
            Instant until = from.plusMillis(random.nextInt(oneIn(2) ? 30_000 : 900_000));
            play.laterVersionHolds(from, until);
        }
    }

    /** The node goes, and one of its name joins: on another instance, or on the same, where somebody has deleted its object. */
    private void drawSuccessor() {
        Instant goes = soon();
        Instant joins = goes.plusMillis(random.nextInt(oneIn(2) ? 1_000 : 120_000));
        play.at(goes, play::nodeIsDeleted);
        play.at(joins, oneIn(2) ? play.node::joinsOnAnotherInstance : play.node::isMadeAnew);
        if (oneIn(2)) {
            Duration late = Duration.ofMillis(1 + random.nextInt(30_000));
            play.isBehind(anyone(), goes.minusMillis(1), joins.plus(late), Behind.LATE, late);
        }
    }

    private boolean isWithin(Instant from, Instant until) {
        return !play.now().isBefore(from) && play.now().isBefore(until);
    }

    private void drawPods() {
        for (int pod = random.nextInt(4); pod > 0; pod--) {
            Duration grace = Duration.ofSeconds(List.of(0, 5, 30, 300).get(random.nextInt(4)));
            SamplePod sample = SamplePod.of("pod-" + pod).grace(grace).priority(random.nextInt(3) * 1_000);
            play.pod(sample, Duration.ofMillis(random.nextInt((int) grace.toMillis() + 1_000)));
        }
        if (oneIn(2)) {
            play.budget(random.nextInt(2), Duration.ofSeconds(random.nextInt(60)));
        }
    }

    /** Another Node object of the instance, which comes first or last by name; now and then it joins late, or goes. */
    private void drawSibling() {
        Place sibling = play.sibling(oneIn(2) ? "node-0" : "node-2");
        for (int pod = random.nextInt(3); pod > 0; pod--) {
            Duration grace = Duration.ofSeconds(List.of(5, 30, 300).get(random.nextInt(3)));
            SamplePod sample = SamplePod.of("other-" + pod).grace(grace).seenAt(START);
            sibling.pods().add(sample.build(), Duration.ofMillis(random.nextInt((int) grace.toMillis())));
        }
        if (oneIn(5)) {
            sibling.node().isUnknown();
            play.at(soon(), sibling.node()::appears);
        } else if (oneIn(5)) {
            play.at(soon(), () -> {
                sibling.node().isDeleted();
                sibling.pods().clear();
            });
        }
    }

    private void drawFaults() {
        int faultsIn10 = Math.max(0, random.nextInt(6) - 3);
        Instant from = soon();
        Instant end = from.plusSeconds(random.nextInt(300));
        play.fault(act -> !play.now().isBefore(from)
                        && play.now().isBefore(end)
                        && play.random().nextInt(10) < faultsIn10
                ? Optional.of(
                        act instanceof OnPod && play.random().nextBoolean()
                                ? new Refused("at random")
                                : new Retry("at random"))
                : Optional.empty());
        if (oneIn(3)) {
            int longest = List.of(2_000, 60_000).get(random.nextInt(2));
            play.waits(_ -> Duration.ofMillis(play.random().nextInt(longest)));
        }
        if (oneIn(4)) {
            play.drainsFrom(START.plusSeconds(random.nextInt(3)));
        }
        if (oneIn(4)) {
            Instant many = soon();
            play.at(many, () -> play.tooManyDepart(true));
            play.at(many.plusSeconds(random.nextInt(5_000)), () -> play.tooManyDepart(false));
        }
    }

    private void drawAnnouncement() {
        Instant at = soon();
        switch (random.nextInt(9)) {
            case 0 -> tell(at, SampleNotices.spot(at));
            case 1 ->
                tell(at, new SpotInterruption(Play.INSTANCE, at, oneIn(2) ? SpotAction.STOP : SpotAction.HIBERNATE));
            case 2 -> tell(at, SampleNotices.rebalance(at));
            case 3 -> tell(at, action(at, false));
            case 4 -> tellOfWarmPool(at);
            case 5 -> tell(at, SampleNotices.capacity(at, at.plusSeconds(random.nextInt(3_600))));
            case 6 ->
                tell(at, SampleNotices.state(oneIn(2) ? InstanceState.STOPPING : InstanceState.SHUTTING_DOWN, at));
            default -> tellOfChange(at);
        }
        if (oneIn(6)) {
            Instant off = at.plusSeconds(random.nextInt(600));
            play.at(ours(off), play::machineStops);
            tell(off, SampleNotices.state(oneIn(2) ? InstanceState.STOPPED : InstanceState.TERMINATED, off));
        }
    }

    private AsgTermination action(Instant at, boolean toWarmPool) {
        String hook = oneIn(6) ? "Terminate-LC-Hook" : "drain";
        String group = oneIn(2) ? "workers" : (oneIn(4) ? CROWDED : "others");
        LifecycleAction action = new LifecycleAction(group, hook, "token-" + told.size(), Play.INSTANCE);
        if (oneIn(2)) {
            play.actionFoundFrom(action, at.plusMillis(random.nextInt(90_000)));
        }
        if (group.equals(CROWDED)) {
            return new AsgTermination(action, at, Route.EVENT_BRIDGE, toWarmPool);
        }
        return new AsgTermination(action, at, oneIn(3) ? Route.DIRECT : Route.EVENT_BRIDGE, toWarmPool);
    }

    private void tellOfWarmPool(Instant at) {
        tell(at, action(at, true));
        Instant stops = at.plusSeconds(random.nextInt(1_800));
        Instant back = stops.plusSeconds(60 + random.nextInt(3_600));
        play.at(ours(stops), play::machineStops);
        play.at(ours(back).plusSeconds(random.nextInt(120)), play::machineStarts);
        if (oneIn(2)) {
            tell(back, SampleNotices.launchFromWarmPool(back));
        }
    }

    /** Announced, perhaps moved, perhaps withdrawn; and heard of in any order. */
    private void tellOfChange(Instant at) {
        int updates = 1 + random.nextInt(3);
        List<Instant> spoken = new ArrayList<>();
        for (int update = 0; update <= updates; update++) {
            spoken.add(at.plusSeconds(random.nextInt(4_000)));
        }
        spoken.sort(Comparator.naturalOrder());
        for (int update = 0; update < updates; update++) {
            Instant starts = spoken.get(update).plusSeconds(random.nextInt(12_000));
            tell(spoken.get(update), SampleNotices.change(told.size(), spoken.get(update), starts));
        }
        if (oneIn(2)) {
            tell(spoken.getLast(), SampleNotices.closed(told.size(), spoken.getLast()));
        }
    }

    /** Late now and then, to anyone, and perhaps once more. */
    private void tell(Instant at, Interruption interruption) {
        told.add(interruption);
        String message = "message-" + told.size();
        Instant heard = ours(at).plusMillis(random.nextInt(oneIn(6) ? 2_000_000 : 2_000));
        play.noticeAt(heard, interruption, message, anyone());
        while (oneIn(4)) {
            play.noticeAt(
                    heard.plusMillis(random.nextInt(oneIn(2) ? 3_000 : 3_000_000)),
                    interruption,
                    oneIn(2) ? message : message + "-again",
                    anyone());
        }
    }

    private void drawReplicas() {
        while (oneIn(3)) {
            play.at(soon(), play::restart);
        }
        while (oneIn(3)) {
            Instant lost = soon();
            int replica = anyone();
            play.at(lost, () -> play.leaseIsLost(replica));
            play.at(lost.plusMillis(random.nextInt(60_000)), () -> play.leaseIsRenewed(replica));
        }
        while (oneIn(4)) {
            Instant old = soon();
            int replica = anyone();
            play.at(old, () -> play.viewIsFresh(replica, false));
            play.at(old.plusMillis(random.nextInt(300_000)), () -> play.viewIsFresh(replica, true));
        }
        if (two && oneIn(2)) {
            int replica = anyone();
            play.at(soon(), () -> play.dies(replica, Duration.ofMillis(random.nextInt(30_000))));
        }
    }

    private void drawNode() {
        if (oneIn(5)) {
            Instant away = soon();
            play.at(away, play::machineStops);
            play.at(away.plusSeconds(random.nextInt(1_200)), play::machineStarts);
        }
        if (oneIn(5)) {
            play.at(soon(), play::nodeIsDeleted);
        }
        play.at(REBOOTS, play::machineStops);
        play.at(REBOOTS.plusSeconds(100), play::machineStarts);
        if (oneIn(8)) {
            play.nodeAppearsUnseen(); // the watch that would have shown it has fallen silent
            play.at(soon(), play::nodeAppears); // and is opened again
        }
    }

    /** The same moment by the clock of the cluster. */
    private Instant ours(Instant byAws) {
        return byAws.plus(awsIsBehind);
    }

    /** Most things happen close together. */
    private Instant soon() {
        return START.plusMillis(
                random.nextInt(List.of(5_000, 150_000, 1_200_000, 7_000_000).get(random.nextInt(4))));
    }

    private int anyone() {
        return two ? random.nextInt(2) : 0;
    }

    private boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }
}
