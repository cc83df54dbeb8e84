package dev.glidepath.footprint;

import static java.util.Comparator.naturalOrder;

import dev.glidepath.container.Dockerfile;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.LogEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Measures both forms of the program on one control plane, one after the other, and prints them side by side. Memory is what the
 * kernel counts as resident, with the heap that a container of the chart's limit would give.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_status.5.html">proc_pid_status(5)</a>
 */
public final class Footprint {
    private static final int NODES = 100;
    private static final int PODS_PER_NODE = 3;
    private static final int STARTS = 5;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static final Path JVM = Path.of("target", "quarkus-app");

    private final ControlPlane plane;
    private final AutoScalingStandIn autoScaling;

    /** One way to run the program, as its image does: with 256 MiB a native image takes 80 % for its heap, and a JVM a quarter. */
    private record Form(String name, Path files, List<String> command) {}

    /** @param megabytes what lies on the disk, the Java runtime not counted */
    private record Measure(
            double megabytes, double secondsToFirstReceive, double idle, double afterDepartures, double atMost) {}

    private static List<String> asItsImageStartsIt(Path binary) {
        List<String> command = new ArrayList<>();
        command.add(binary.toAbsolutePath().toString());
        command.addAll(Dockerfile.named("Dockerfile.native").options());
        command.add("-Xmx205m"); // as it finds it in a container of 256 MiB
        return command;
    }

    private Footprint(ControlPlane plane, AutoScalingStandIn autoScaling) {
        this.plane = plane;
        this.autoScaling = autoScaling;
    }

    public static void main(String[] arguments) throws Exception {
        Path binary = Path.of(arguments[0]);
        Form nativeImage = new Form("native", binary, asItsImageStartsIt(binary));
        Form jvm = new Form(
                "JVM",
                JVM,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:MaxRAM=256m",
                        "-XX:+UseSerialGC",
                        "-jar",
                        JVM.resolve("quarkus-run.jar").toString()));
        try (ControlPlane plane = ControlPlane.start();
                AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC())) {
            Footprint footprint = new Footprint(plane, autoScaling);
            print(footprint.measure(nativeImage), footprint.measure(jvm));
        }
        System.exit(0); // some clients' threads would keep the JVM
    }

    private Measure measure(Form form) throws Exception {
        List<Double> starts = new ArrayList<>();
        for (int start = 1; start <= STARTS; start++) {
            tell("%s: start %d of %d".formatted(form.name(), start, STARTS));
            starts.add(secondsToFirstReceive(form));
        }
        starts.sort(naturalOrder());
        try (TestCluster cluster = TestCluster.create(plane)) {
            tell("%s: %d nodes with %d pods each".formatted(form.name(), NODES, PODS_PER_NODE));
            List<LabNode> nodes = cluster.nodes(
                    IntStream.range(0, NODES).mapToObj(i -> "node-" + i).toArray(String[]::new));
            fill(cluster, nodes);
            TestQueue queue = TestQueue.create();
            try (DaemonProcess daemon = DaemonProcess.start(form.command(), plane, queue, autoScaling, Map.of())) {
                tell("%s: idle for %d s".formatted(form.name(), IDLE.toSeconds()));
                daemon.awaitReady();
                Thread.sleep(IDLE);
                double idle = megabytes(daemon, "VmRSS");
                tell("%s: %d spot notices".formatted(form.name(), NODES));
                nodes.forEach(node -> queue.send(Announcement.spotInterruption(node.instance(), Instant.now())));
                daemon.awaitThat(
                        "did not settle them",
                        LIMIT,
                        () -> daemon.told(LogEvent.DEPARTURE_SETTLED).size() == NODES);
                Thread.sleep(IDLE);
                return new Measure(
                        sizeOf(form.files()) / 1e6,
                        starts.get(STARTS / 2),
                        idle,
                        megabytes(daemon, "VmRSS"),
                        megabytes(daemon, "VmHWM"));
            }
        }
    }

    private double secondsToFirstReceive(Form form) {
        Instant began = Instant.now();
        try (SqsFront front = SqsFront.start(1);
                DaemonProcess _ = DaemonProcess.start(
                        form.command(),
                        plane,
                        TestQueue.create(),
                        autoScaling,
                        Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString()))) {
            Awaitility.await("the first receive").atMost(LIMIT).until(() -> front.requests("ReceiveMessage") > 0);
            return Duration.between(began, front.firstReceiveAt()).toMillis() / 1e3;
        }
    }

    /** Bare pods: nothing that leaves comes back elsewhere, to leave once more. */
    private static void fill(TestCluster cluster, List<LabNode> nodes) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> pods = new ArrayList<>();
            for (LabNode node : nodes) {
                for (int i = 0; i < PODS_PER_NODE; i++) {
                    String name = node.instance() + "-" + i;
                    pods.add(threads.submit(
                            () -> cluster.pod(name).on(node).create().awaitReady()));
                }
            }
            for (Future<?> pod : pods) {
                pod.get();
            }
        }
    }

    private static double megabytes(DaemonProcess daemon, String what) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(daemon.pid()), "status"))) {
            return lines.filter(line -> line.startsWith(what + ":"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElseThrow()
                    * 1024
                    / 1e6;
        }
    }

    private static long sizeOf(Path files) throws IOException {
        try (Stream<Path> all = Files.walk(files)) {
            return all.filter(Files::isRegularFile).mapToLong(Footprint::length).sum();
        }
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static void print(Measure nativeImage, Measure jvm) {
        System.out.printf(
                Locale.ROOT,
                "%nOn %d cores, %s %s, Java %s; %d nodes, %d pods%n%n",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version(),
                NODES,
                NODES * PODS_PER_NODE);
        System.out.printf("  %-44s %10s %10s %12s%n", "", "native", "JVM", "native / JVM");
        row("on disk, MB (JVM: besides a Java runtime)", nativeImage, jvm, Measure::megabytes);
        row("start to first receive, s (median of 5)", nativeImage, jvm, Measure::secondsToFirstReceive);
        row("resident when idle, MB", nativeImage, jvm, Measure::idle);
        row("resident after 100 departures, MB", nativeImage, jvm, Measure::afterDepartures);
        row("resident at most, MB", nativeImage, jvm, Measure::atMost);
    }

    private static void row(String what, Measure nativeImage, Measure jvm, ToDoubleFunction<Measure> of) {
        double left = of.applyAsDouble(nativeImage);
        double right = of.applyAsDouble(jvm);
        System.out.printf(Locale.ROOT, "  %-44s %10.2f %10.2f %12.2f%n", what, left, right, left / right);
    }

    private static void tell(String progress) {
        System.out.println(progress);
    }
}
