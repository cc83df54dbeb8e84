package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.drain.plan.DrainPolicy;
import dev.glidepath.drain.plan.Waves;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.lifecycle.AtDeadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A world drawn by its seed, and what is to be known of it to judge what became of it. */
final class RandomWorld {
    private static final List<Duration> GRACES = List.of(
            Duration.ZERO,
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(115),
            Duration.ofMinutes(10));
    private static final List<Integer> PRIORITIES = List.of(-10, 0, 0, 0, 1_000, 2_000_000_000, 2_000_001_000);

    private static final List<AtDeadline> AT_DEADLINE =
            List.of(AtDeadline.CONTINUE, AtDeadline.ABANDON, AtDeadline.EXPIRE);

    private static final int FAULTS_FOR_SECONDS = 40;

    private final Random random;
    private final Play play;
    private final List<Instant> restarts = new ArrayList<>();
    private final List<Interruption> interruptions = new ArrayList<>();
    private Policy policy = Policy.standard();

    RandomWorld(long seed) {
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

    List<Instant> restarts() {
        return List.copyOf(restarts);
    }

    List<Interruption> interruptions() {
        return List.copyOf(interruptions);
    }

    private void draw() {
        drawPolicy();
        int pods = random.nextInt(8);
        for (int pod = 0; pod < pods; pod++) {
            drawPod("pod-" + pod);
        }
        if (oneIn(4)) {
            play.at(START.plusMillis(random.nextInt(4_000)), () -> drawPod("latecomer"));
        }
        int budgets = random.nextInt(3);
        for (int budget = 0; budget < budgets; budget++) {
            drawBudget("budget-" + budget, budget);
        }
        drawFaults();
        drawNotices();
        while (oneIn(3) && restarts.size() < 2) {
            Instant at = START.plusMillis(random.nextInt(130_000));
            restarts.add(at);
            play.at(at, play::restart);
        }
        if (oneIn(8)) {
            play.nodeAppearsUnseen(); // the watch that would have shown it has fallen silent
        }
    }

    private void drawPolicy() {
        boolean stay = oneIn(10);
        AtDeadline atDeadline = stay ? AtDeadline.EXPIRE : AT_DEADLINE.get(random.nextInt(3));
        Waves waves = oneIn(5) ? Waves.parse("0:50%,1000:20%,2000000000:30%").orElseThrow() : Waves.standard();
        DrainPolicy standard = policy.drain();
        play.actionsFoundFrom(START.plusMillis(oneIn(2) ? random.nextInt(60_000) : 0));
        policy = policy.with(new DrainPolicy(waves, !oneIn(10), !oneIn(7), standard.self()))
                .with(SamplePolicy.hooks(atDeadline, stay));
        play.policy(policy);
    }

    private void drawPod(String name) {
        Duration grace = GRACES.get(random.nextInt(GRACES.size()));
        SamplePod pod = SamplePod.of(name).grace(grace).priority(PRIORITIES.get(random.nextInt(PRIORITIES.size())));
        switch (random.nextInt(12)) {
            case 0 -> pod.owner(new Pod.Owner.Nobody());
            case 1 -> pod.ownedBy("DaemonSet");
            case 2, 3 -> pod.ownedBy("Job");
            case 4 -> pod.with(Trait.WAIT);
            case 5 -> pod.with(Trait.SKIP);
            case 6 -> pod.with(Trait.EMPTY_DIR);
            case 7 -> pod.without(Trait.READY);
            case 8 -> pod.with(Trait.TOLERATES_ALL);
            default -> {}
        }
        if (oneIn(6)) {
            pod.claiming("claim-of-" + name);
        }
        if (oneIn(20)) {
            pod.terminating(new Termination(START.plus(grace), grace, false));
        }
        play.pod(pod, Duration.ofMillis(random.nextInt((int) grace.toMillis() + 1_000)));
        if (pod.build().terminating()) {
            play.at(START.plus(grace), () -> play.pods.goes("uid-of-" + name));
        }
    }

    private void drawBudget(String name, int number) {
        play.pods.addBudget(
                name,
                random.nextInt(3),
                Duration.ofMillis(random.nextInt(10_000)),
                pod -> Math.floorMod(pod.ref().name().hashCode(), 3) <= number);
        for (int change = random.nextInt(5); change > 0; change--) {
            int by = random.nextBoolean() ? 1 : -1;
            play.at(START.plusMillis(random.nextInt(120_000)), () -> play.pods.changeRoom(name, by));
        }
    }

    private void drawFaults() {
        int faultsIn10 = Math.max(0, random.nextInt(7) - 3);
        Instant end = START.plusSeconds(FAULTS_FOR_SECONDS);
        play.fault(action -> play.now().isBefore(end) && play.random().nextInt(10) < faultsIn10
                ? Optional.of(drawFault(action))
                : Optional.empty());
    }

    private Outcome drawFault(Action action) {
        return switch (play.random().nextInt(action instanceof OnPod ? 3 : 1)) {
            case 0 -> new Retry("at random");
            case 1 -> new Overloaded("at random", Duration.ZERO);
            default -> new Refused("at random");
        };
    }

    private void drawNotices() {
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> told(START, new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE));
            case 4 -> told(START, new SpotInterruption(Play.INSTANCE, START.minusSeconds(50), SpotAction.TERMINATE));
            case 5 -> told(START, new SpotInterruption(Play.INSTANCE, START, SpotAction.HIBERNATE));
            default -> told(START, Play.asg("token", START));
        }
        if (oneIn(4)) {
            Instant at = START.plusMillis(random.nextInt(30_000));
            told(at, new SpotInterruption(Play.INSTANCE, at, SpotAction.STOP));
        }
        if (oneIn(8)) {
            Instant at = START.plusMillis(random.nextInt(110_000));
            told(at, new StateChange(Play.INSTANCE, at, InstanceState.STOPPING));
        }
    }

    private void told(Instant at, Interruption interruption) {
        interruptions.add(interruption);
        play.noticeAt(at, interruption);
    }

    private boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }
}
