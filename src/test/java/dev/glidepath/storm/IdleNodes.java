package dev.glidepath.storm;

import dev.glidepath.lab.BareClient;
import dev.glidepath.lab.ControlGroup;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.ProcessUsage;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.ContainerImageBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A large cluster in which nothing happens: nodes as large as EKS makes them, and budgets.
 *
 * @param nodes of 16 KB each as JSON, most of which is the list of their images
 * @param budgets beside them
 */
record IdleNodes(int nodes, int budgets) implements Probe {
    private static final String ZONE = "eu-west-1a";
    private static final int IMAGES = 50;
    private static final int THREADS = 16;
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final double MILLIS = 1e3;

    @Override
    public String name() {
        return "idle-nodes";
    }

    @Override
    public String title() {
        return "%,d nodes of 16 KB and %,d budgets, idle".formatted(nodes, budgets);
    }

    @Override
    public String description() {
        return "From the start of the process until it is ready, and the most memory until 20 s later. The reference is the bare client,"
                + " which lists these nodes in pages of 500, as kubectl does.";
    }

    @Override
    public List<Reading> run(Bench bench) throws Exception {
        ControlPlane plane = bench.plane();
        try (ControlPlane.Paused _ = plane.pauseKubelets();
                TestCluster cluster = TestCluster.create(plane)) {
            try (ControlPlane.Paused _ = plane.pauseControllers()) {
                return run(bench, cluster);
            }
        }
    }

    private List<Reading> run(Bench bench, TestCluster cluster) throws Exception {
        create(
                "nodes",
                nodes,
                bench.progress(),
                number -> () -> cluster.client()
                        .resource(node(cluster.namespace() + "-" + number, number))
                        .create());
        create(
                "budgets",
                budgets,
                bench.progress(),
                number -> () -> cluster.client()
                        .resource(new PodDisruptionBudgetBuilder()
                                .withNewMetadata()
                                .withNamespace(cluster.namespace())
                                .withName("budget-" + number)
                                .endMetadata()
                                .withNewSpec()
                                .withNewMinAvailable(1)
                                .withNewSelector()
                                .addToMatchLabels("app", "app-" + number)
                                .endSelector()
                                .endSpec()
                                .build())
                        .create());
        bench.progress().accept("bare client");
        double reference = secondsToList(bench, cluster);
        bench.progress().accept("Glidepath");
        try (SqsFront front = SqsFront.holding();
                ControlGroup group = ControlGroup.of(bench.memory(), OptionalDouble.empty())) {
            Instant start = Instant.now();
            try (DaemonProcess daemon = bench.start(group, TestQueue.create(), front)) {
                daemon.awaitReady();
                double ready = Figures.seconds(start, Instant.now());
                Thread.sleep(IDLE);
                return List.of(
                        new Reading("ready, or all nodes listed, s", 2, reference, ready),
                        Reading.alone(
                                "peak resident memory, MB",
                                0,
                                ProcessUsage.of(daemon.pid()).peakResident() / 1e6));
            }
        }
    }

    private double secondsToList(Bench bench, TestCluster cluster) {
        try (BareClient client = BareClient.start(bench.plane(), cluster)) {
            return client.list(nodes) / MILLIS;
        }
    }

    private static void create(String what, int count, Consumer<String> progress, IntFunction<Runnable> creations)
            throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> made = new ArrayList<>();
            IntStream.range(0, count).forEach(number -> made.add(threads.submit(creations.apply(number))));
            for (int done = 0; done < made.size(); done++) {
                made.get(done).get();
                if (done % 1_000 == 999) {
                    progress.accept("%,d %s".formatted(done + 1, what));
                }
            }
        }
    }

    private static Node node(String name, int number) {
        List<ContainerImage> images = IntStream.range(0, IMAGES)
                .mapToObj(image -> new ContainerImageBuilder()
                        .withNames(
                                "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/image-%d@sha256:%064x"
                                        .formatted(image, image),
                                "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/image-%d:v1.%d.0-eksbuild.1-and-more"
                                        .formatted(image, image))
                        .withSizeBytes(100_000_000L + image)
                        .build())
                .toList();
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("kubernetes.io/hostname", name)
                .addToLabels("topology.kubernetes.io/zone", ZONE)
                .endMetadata()
                .withNewSpec()
                .withProviderID("aws:///%s/i-0%016x".formatted(ZONE, number))
                .endSpec()
                .withNewStatus()
                .withImages(images)
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }
}
