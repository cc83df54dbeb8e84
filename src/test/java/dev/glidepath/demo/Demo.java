package dev.glidepath.demo;

import dev.glidepath.demo.Outcome.Guard;
import dev.glidepath.demo.Screen.Ink;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The main job in front of one's eyes, with no AWS account and no cluster. Ends with 0 only if every promise held. However it ends,
 * nothing it has started stays behind.
 */
public final class Demo {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    /** What is younger than this is not told yet: another source may have something older. */
    private static final Duration HOLD = Duration.ofMillis(400);

    private final Screen screen;
    private final Instant began = Instant.now();

    /** The real parts the story is played with. */
    record Parts(ControlPlane plane, TestQueue queue, AutoScalingStandIn autoScaling, DaemonProcess daemon) {}

    /**
     * When it was announced that both nodes go.
     *
     * @param mark of that moment in the API server's audit log
     */
    record Notice(Instant at, LifecycleAction action, AuditLog.Mark mark) {}

    private Demo(Screen screen) {
        this.screen = screen;
    }

    public static void main(String[] arguments) {
        silenceLibraries();
        var screen = Screen.ofStandardOutput();
        // On Ctrl-C and SIGTERM the lab puts its processes away; what comes of that is no part of the story.
        var farewell = new Thread(() -> screen.end("Interrupted; all that was started is stopped."), "demo-farewell");
        Runtime.getRuntime().addShutdownHook(farewell);
        boolean held = false;
        try {
            held = new Demo(screen).play();
            screen.end(
                    held ? screen.paint(Ink.GREEN, "All of it held.") : screen.paint(Ink.RED, "Not all of it held."));
        } catch (Exception failed) {
            screen.end(screen.paint(Ink.RED, "The demo ends here: " + failed.getMessage()));
        }
        System.exit(held ? 0 : 1); // some clients' threads would keep the JVM
    }

    /** Tells whether all of it held. */
    private boolean play() throws Exception {
        screen.line(screen.paint(Ink.BOLD, "Glidepath: two of three nodes are taken away"));
        screen.line(
                "No AWS account and no cluster is needed. Scheduler, budgets and evictions are Kubernetes' own; the");
        screen.line("queue speaks SQS; Auto Scaling and the machines are played.");
        screen.title("The stage");
        screen.awaiting("the control plane");
        var queueUnderWay = CompletableFuture.supplyAsync(TestQueue::create);
        try (var plane = ControlPlane.start();
                var autoScaling = AutoScalingStandIn.start(Clock.systemUTC())) {
            progress("a control plane is up: etcd, kube-apiserver, controllers, scheduler, kwok as kubelets");
            screen.awaiting("the queue");
            var queue = queueUnderWay.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            progress("a queue that speaks SQS is up, and a stand-in for Auto Scaling");
            try (var daemon = DaemonProcess.start(plane, queue, autoScaling)) {
                screen.awaiting("nodes and pods");
                var scenery = Scenery.layOut(TestCluster.named(plane, "demo"), this::progress);
                screen.awaiting("Glidepath");
                daemon.awaitReady();
                progress("Glidepath is ready, a process of its own");
                screen.line("");
                scenery.describe(screen);
                return play(scenery, new Parts(plane, queue, autoScaling, daemon));
            }
        }
    }

    private boolean play(Scenery scenery, Parts parts) {
        Set<String> agents = scenery.agent().pods().stream()
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
        try (var pods = new PodWatch(scenery);
                var webAway = scenery.web().watchUnavailability();
                var checkoutAway = scenery.checkout().watchUnavailability()) {
            screen.title("What happens, since the notice");
            var notice = giveNotice(scenery, parts);
            var timeline = new Timeline(
                    screen,
                    notice.at(),
                    scenery.nodes().stream().map(Scenery::shortName).toList());
            var story = new Story(scenery, parts, notice, pods, timeline);
            story.begin();
            screen.awaiting("the nodes to be empty");
            tellUntilItIsOver(story, timeline, () -> isOver(scenery, parts, pods));

            if (!parts.daemon().isAlive()) {
                screen.line(screen.paint(Ink.RED, "  Glidepath has ended by itself; this is how it stands."));
            }
            var evidence = Evidence.of(scenery.doomed(), parts, notice, pods);
            var guards = List.of(new Guard(scenery.web(), webAway), new Guard(scenery.checkout(), checkoutAway));
            var outcome = new Outcome(scenery, parts, notice, evidence, guards, agents);
            screen.title("What came of it");
            outcome.printTo(screen);
            screen.line("");
            return outcome.check(screen);
        }
    }

    private static Notice giveNotice(Scenery scenery, Parts parts) {
        parts.autoScaling().addHook(Hook.of(Scenery.GROUP, Scenery.HOOK).withHeartbeatTimeout(Duration.ofSeconds(16)));
        var mark = parts.plane().audit().mark();
        var at = Instant.now();
        parts.queue().send(Announcement.spotInterruption(scenery.spot().instance(), at));
        List<LifecycleAction> actions =
                parts.autoScaling().terminate(Scenery.GROUP, scenery.scaledIn().instance(), parts.queue());
        return new Notice(at, actions.getFirst(), mark);
    }

    private void tellUntilItIsOver(Story story, Timeline timeline, BooleanSupplier isOver) {
        try {
            Awaitility.await()
                    .atMost(LIMIT)
                    .pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        boolean over = isOver.getAsBoolean();
                        story.listen();
                        timeline.tellUntil(Instant.now().minus(HOLD));
                        return over;
                    });
        } catch (ConditionTimeoutException tooLong) {
            screen.line("  After %d s it is not over; this is how it stands.".formatted(LIMIT.toSeconds()));
        }
        story.listen();
        timeline.tellAll();
    }

    /** Nothing more will happen: Glidepath owes nothing, or has ended, and for every pod that left another one is Ready. */
    private static boolean isOver(Scenery scenery, Parts parts, PodWatch pods) {
        if (!parts.daemon().isAlive()) {
            return true;
        }
        return parts.daemon().told(LogEvent.DEPARTURE_SETTLED).size()
                        == scenery.doomed().size()
                && scenery.deployments().stream().allMatch(Scenery::isWhole)
                && scenery.doomed().stream()
                        .map(node -> pods.leftFrom(node.name()))
                        .allMatch(left -> pods.replaced(left) == left.size());
    }

    private void progress(String text) {
        screen.line("  %7s  %s".formatted(Timeline.seconds(Duration.between(began, Instant.now())), text));
    }

    /** What libraries have to say is for developers, and not for this stage. */
    private static void silenceLibraries() {
        java.util.logging.LogManager.getLogManager().reset();
    }
}
