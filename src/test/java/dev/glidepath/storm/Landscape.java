package dev.glidepath.storm;

import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * The nodes and pods of one run, made anew for it and taken away after it. Pods are named {@code NODE-NUMBER}.
 *
 * <p>To be closed by whoever laid it out.
 */
record Landscape(TestCluster cluster, List<LabNode> nodes) implements AutoCloseable {
    private static final String ON = "storm/node";
    private static final int THREADS = 16;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration QUIET = Duration.ofSeconds(5);

    /** Lays it out and waits until all pods are Ready and the controllers have caught up. */
    static Landscape of(Scenario scenario, ControlPlane plane, Consumer<String> progress) throws InterruptedException {
        progress.accept("laying out %d nodes and %,d pods".formatted(scenario.nodes(), scenario.pods()));
        TestCluster cluster = TestCluster.create(plane);
        List<LabNode> nodes = cluster.nodes(
                IntStream.range(0, scenario.nodes()).mapToObj(i -> "node-" + i).toArray(String[]::new));
        Landscape landscape = new Landscape(cluster, nodes);
        landscape.fill(scenario, progress);
        landscape.awaitRunning();
        Thread.sleep(QUIET);
        return landscape;
    }

    /** How many pods are there, terminating ones included. */
    int pods() {
        var list = Serialization.unmarshal(
                cluster.client().raw(pods("limit=1")), io.fabric8.kubernetes.api.model.PodList.class);
        Long remaining = list.getMetadata().getRemainingItemCount();
        return list.getItems().size() + (remaining == null ? 0 : remaining.intValue());
    }

    static String nodeOf(String pod) {
        return pod.substring(0, pod.lastIndexOf('-'));
    }

    /** Takes it away, and waits until no pod and no node of it is left. */
    @Override
    public void close() {
        cluster.close();
        Awaitility.await("the pods of the last run to go").atMost(LIMIT).until(() -> pods() == 0);
    }

    private void fill(Scenario scenario, Consumer<String> progress) throws InterruptedException {
        long withBudget = Math.round(scenario.budgets() * scenario.nodes());
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> made = new ArrayList<>();
            nodes.stream().limit(withBudget).forEach(node -> made.add(threads.submit(() -> protect(node))));
            for (LabNode node : nodes) {
                made.add(threads.submit(() -> fill(node, scenario)));
            }
            for (int done = 0; done < made.size(); done++) {
                made.get(done).get();
                if (done % 100 == 99) {
                    progress.accept("… pods of %d nodes".formatted(done + 1 - withBudget));
                }
            }
        } catch (ExecutionException refused) {
            throw new IllegalStateException("the cluster cannot be laid out", refused.getCause());
        }
    }

    private void fill(LabNode node, Scenario scenario) {
        for (int number = 0; number < scenario.podsPerNode(); number++) {
            cluster.pod(node.name() + "-" + number)
                    .on(node)
                    .grace(scenario.grace())
                    .template(template -> staying(template, node))
                    .submit();
        }
    }

    /** Where the machine is so busy that kwok's heartbeats are late, the pods are not taken away for that. */
    private static PodTemplateSpec staying(PodTemplateSpec template, LabNode node) {
        return new PodTemplateSpecBuilder(template)
                .editMetadata()
                .addToLabels(ON, node.name())
                .endMetadata()
                .editSpec()
                .addToTolerations(
                        new TolerationBuilder()
                                .withKey("node.kubernetes.io/not-ready")
                                .withOperator("Exists")
                                .build(),
                        new TolerationBuilder()
                                .withKey("node.kubernetes.io/unreachable")
                                .withOperator("Exists")
                                .build())
                .endSpec()
                .build();
    }

    /** A bare pod has no controller that says how many there should be: only a number that stays available works. */
    private void protect(LabNode node) {
        cluster.client()
                .resource(new PodDisruptionBudgetBuilder()
                        .withNewMetadata()
                        .withNamespace(cluster.namespace())
                        .withName(node.name())
                        .endMetadata()
                        .withNewSpec()
                        .withNewMinAvailable(0)
                        .withNewSelector()
                        .addToMatchLabels(ON, node.name())
                        .endSelector()
                        .endSpec()
                        .build())
                .create();
    }

    private void awaitRunning() {
        Awaitility.await("all pods to run")
                .atMost(LIMIT)
                .until(() -> Serialization.unmarshal(
                                cluster.client().raw(pods("limit=1&fieldSelector=status.phase!=Running")),
                                io.fabric8.kubernetes.api.model.PodList.class)
                        .getItems()
                        .isEmpty());
    }

    private String pods(String query) {
        return "/api/v1/namespaces/" + cluster.namespace() + "/pods?" + query;
    }
}
