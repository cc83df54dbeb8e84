package dev.glidepath.storm;

import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.BareClient;
import dev.glidepath.lab.ControlGroup;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.ProcessConnections;
import dev.glidepath.lab.ProcessUsage;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.storm.Observation.Termination;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One storm, measured for the bare client or for the program, each on nodes and pods of its own. While it runs, nothing is asked of the API
 * server but how many pods are left, twice a second; what happened is read from the audit log afterwards.
 */
final class Trial {
    /** What EC2 gives after a spot interruption warning. */
    private static final Duration NOTICE = Duration.ofMinutes(2);
    /** Nothing that goes well takes as long. */
    private static final Duration LIMIT = Duration.ofMinutes(6);

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration TELL = Duration.ofSeconds(5);
    private static final Duration CALM = Duration.ofSeconds(3);
    private static final double MEGABYTE = 1e6;
    private static final String HANDLER = "glidepath";
    private static final Path LOGS = Path.of("target", "storm");

    private final Scenario scenario;
    private final ControlPlane plane;
    private final AutoScalingStandIn autoScaling;
    private final Form form;
    private final Path binary;
    private final Consumer<String> progress;

    /** What the clocks of both processes showed. */
    private record Meter(ProcessUsage client, ProcessUsage server) {
        double cpuSince(Meter start, int pods) {
            return client.cpu().minus(start.client.cpu()).toNanos() / 1e6 / pods;
        }

        double serverCpuSince(Meter start, int pods) {
            return server.cpu().minus(start.server.cpu()).toNanos() / 1e6 / pods;
        }
    }

    /** How a storm ended. */
    private record End(
            int connections,
            Optional<Instant> podsGone,
            Optional<Meter> whenPodsGone,
            Optional<Instant> queueEmpty,
            String incomplete) {}

    Trial(
            Scenario scenario,
            ControlPlane plane,
            AutoScalingStandIn autoScaling,
            Form form,
            Path binary,
            Consumer<String> progress) {
        this.scenario = scenario;
        this.plane = plane;
        this.autoScaling = autoScaling;
        this.form = form;
        this.binary = binary;
        this.progress = progress;
    }

    /** Patches all nodes, and then, when that is over, evicts all pods. */
    Figures bareClient() throws InterruptedException {
        try (Landscape landscape = Landscape.of(scenario, plane, progress);
                BareClient client = BareClient.start(plane, landscape.cluster())) {
            AuditLog.Mark mark = plane.audit().mark();
            Instant cordonsStart = Instant.now();
            client.cordon();
            client.awaitCordoned(LIMIT);
            Thread.sleep(CALM);

            progress.accept("evicting");
            Meter before = meter(client.pid());
            Instant start = Instant.now();
            client.evict();
            End end = awaitEnd(landscape, client.pid(), start, () -> true, () -> true);
            Meter after = meter(client.pid());
            Observation seen = observation(mark, client.user(), landscape);
            Distribution cordons = Figures.since(cordonsStart, seen.cordoned().values());
            return figures(seen, start, start, before, after, end, cordons, cordons, null, null, 0);
        }
    }

    /** Sends all messages, and then lets the program receive them. */
    Figures handler() throws InterruptedException {
        return handler(Companion.NONE);
    }

    /** The same, with something beside the program. */
    Figures handler(Companion companion) throws InterruptedException {
        TestQueue queue = TestQueue.create();
        try (Landscape landscape = Landscape.of(scenario, plane, progress);
                SqsFront front = SqsFront.holding();
                ControlGroup group = ControlGroup.of(scenario.memory(), scenario.limitOfCpus());
                DaemonProcess daemon = DaemonProcess.start(
                        group.running(form.command(binary, scenario.memory())),
                        plane,
                        queue,
                        autoScaling,
                        Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString(), "GLIDEPATH_LOG_LEVEL", "INFO"))) {
            daemon.awaitReady();
            AuditLog.Mark mark = plane.audit().mark();
            Instant noticed = Instant.now();
            Map<String, String> messages = send(landscape.nodes(), queue, noticed);
            Thread.sleep(CALM);

            Meter before;
            Instant start;
            End end;
            try (Companion.Attachment _ = companion.attach(daemon.pid())) {
                progress.accept("the queue opens");
                before = meter(daemon.pid());
                start = Instant.now();
                front.open();
                end = awaitEnd(landscape, daemon.pid(), start, queue::isEmpty, daemon::isAlive);
            }
            if (!daemon.isAlive()) {
                throw new IllegalStateException("the program ended in the midst (%d killed for memory):%n%s"
                        .formatted(group.killedForMemory(), tail(daemon.output())));
            }
            Meter after = meter(daemon.pid());
            keep(daemon.output());
            Observation seen = observation(mark, AuditLog.serviceAccount(HANDLER, HANDLER), landscape);
            return figures(
                    seen,
                    start,
                    noticed,
                    before,
                    after,
                    end,
                    Figures.since(start, seen.cordoned().values()),
                    sinceReceipt(seen, messages, front),
                    messagesDeleted(start, messages.values(), front),
                    end.queueEmpty().map(at -> Figures.seconds(start, at)).orElse(null),
                    group.peakMemory() / MEGABYTE);
        }
    }

    /** What the program logged, for whoever asks why: the last run's. */
    private void keep(String log) {
        try {
            Files.createDirectories(LOGS);
            Files.writeString(LOGS.resolve(scenario.name() + ".log"), log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** @return the id of each node's message, by the node's name */
    private Map<String, String> send(List<LabNode> nodes, TestQueue queue, Instant noticed) {
        progress.accept("%,d messages".formatted(nodes.size() + scenario.noise()));
        Random random = new Random(scenario.nodes());
        List<Optional<LabNode>> about =
                new ArrayList<>(nodes.stream().map(Optional::of).toList());
        about.addAll(Collections.nCopies(scenario.noise(), Optional.empty()));
        Collections.shuffle(about, random);
        List<String> ids = queue.sendAll(about.stream()
                .map(node -> Announcement.spotInterruption(
                        node.map(LabNode::instance).orElseGet(() -> foreign(random)), noticed))
                .toList());
        Map<String, String> messages = new HashMap<>();
        IntStream.range(0, ids.size())
                .forEach(place -> about.get(place).ifPresent(node -> messages.put(node.name(), ids.get(place))));
        return messages;
    }

    private static InstanceId foreign(Random random) {
        return new InstanceId("i-0%016x".formatted(random.nextLong()));
    }

    private End awaitEnd(
            Landscape landscape, long client, Instant start, BooleanSupplier isQueueEmpty, BooleanSupplier isAlive)
            throws InterruptedException {
        Instant nextWord = start.plus(TELL);
        Optional<Instant> podsGone = Optional.empty();
        Optional<Meter> whenPodsGone = Optional.empty();
        Optional<Instant> queueEmpty = Optional.empty();
        int left = scenario.pods();
        ProcessConnections connections =
                new ProcessConnections(client, URI.create(plane.server()).getPort());
        while (podsGone.isEmpty() || queueEmpty.isEmpty()) {
            connections.look();
            Instant now = Instant.now();
            if (!isAlive.getAsBoolean() || now.isAfter(start.plus(LIMIT))) {
                return new End(
                        connections.count(),
                        podsGone,
                        whenPodsGone,
                        queueEmpty,
                        "%,d pods are left after %.0f s, and the queue is%s empty"
                                .formatted(left, Figures.seconds(start, now), queueEmpty.isEmpty() ? " not" : ""));
            }
            if (podsGone.isEmpty()) {
                left = landscape.pods();
                if (left == 0) {
                    podsGone = Optional.of(Instant.now());
                    whenPodsGone = Optional.of(meter(client));
                }
            }
            if (queueEmpty.isEmpty() && isQueueEmpty.getAsBoolean()) {
                queueEmpty = Optional.of(Instant.now());
            }
            if (now.isAfter(nextWord)) {
                progress.accept("%.0f s: %,d of %,d pods are left"
                        .formatted(Figures.seconds(start, now), left, scenario.pods()));
                nextWord = now.plus(TELL);
            }
            Thread.sleep(LOOK);
        }
        return new End(connections.count(), podsGone, whenPodsGone, queueEmpty, "");
    }

    private Figures figures(
            Observation seen,
            Instant start,
            Instant noticed,
            Meter before,
            Meter after,
            End end,
            Distribution cordons,
            Distribution cordonsAfterReceipt,
            @Nullable Double messagesDeleted,
            @Nullable Double queueEmpty,
            double groupMegabytes) {
        Instant deadline = noticed.plus(NOTICE);
        Map<String, Termination> terminations = seen.terminations();
        List<Instant> inTime = terminations.values().stream()
                .map(Termination::at)
                .filter(at -> at.isBefore(deadline))
                .toList();
        return new Figures(
                cordons,
                cordonsAfterReceipt,
                Figures.since(start, inTime),
                scenario.nodes() - seen.cordoned().size(),
                scenario.pods() - inTime.size(),
                (int) terminations.values().stream()
                        .filter(pod -> pod.at().isBefore(deadline))
                        .filter(pod -> isShort(pod, deadline))
                        .count(),
                seen.ended().values().stream()
                        .mapToDouble(at -> Figures.seconds(start, at))
                        .max()
                        .orElse(0),
                messagesDeleted,
                queueEmpty,
                seen.calls(),
                end.connections(),
                after.cpuSince(before, scenario.pods()),
                end.whenPodsGone().orElse(after).serverCpuSince(before, scenario.pods()),
                after.client().peakResident() / MEGABYTE,
                groupMegabytes,
                end.incomplete());
    }

    /** Given less than its own, or the machine goes before that is over. */
    private boolean isShort(Termination pod, Instant deadline) {
        return pod.grace().compareTo(scenario.grace()) < 0
                || pod.at().plus(scenario.grace()).isAfter(deadline);
    }

    private static @Nullable Double messagesDeleted(Instant start, Collection<String> messages, SqsFront front) {
        List<Instant> deleted =
                messages.stream().flatMap(id -> front.deletedAt(id).stream()).toList();
        return deleted.size() == messages.size() ? Figures.since(start, deleted).max() : null;
    }

    private Distribution sinceReceipt(Observation seen, Map<String, String> messages, SqsFront front) {
        List<Double> seconds = new ArrayList<>();
        seen.cordoned()
                .forEach((node, at) -> Optional.ofNullable(messages.get(node))
                        .flatMap(front::handedOutAt)
                        .ifPresent(receipt -> seconds.add(Figures.seconds(receipt, at))));
        return Distribution.of(seconds);
    }

    private Observation observation(AuditLog.Mark mark, String user, Landscape landscape) {
        progress.accept("reading the audit log");
        return Observation.of(
                plane.audit().since(mark), user, landscape.cluster().namespace(), scenario.grace());
    }

    private Meter meter(long client) {
        return new Meter(
                ProcessUsage.of(client), ProcessUsage.of(plane.apiServer().pid()));
    }

    private static String tail(String output) {
        List<String> lines = output.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }
}
