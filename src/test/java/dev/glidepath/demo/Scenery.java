package dev.glidepath.demo;

import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import dev.glidepath.lab.WorkloadBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * The small cluster the story plays in: two nodes that will be taken away, with all that runs, and a third one that has just joined.
 *
 * @param spot a spot instance
 * @param scaledIn an instance of the Auto Scaling group
 * @param fresh the node that stays
 * @param web many pods under a budget
 * @param checkout of high priority, under a budget
 * @param reports a single pod, without budget
 * @param agent a DaemonSet
 */
record Scenery(
        TestCluster cluster,
        LabNode spot,
        LabNode scaledIn,
        LabNode fresh,
        Workload web,
        Workload checkout,
        Workload reports,
        Workload agent) {
    static final String GROUP = "workers";
    static final String HOOK = "drain";

    /** What both budgets allow. */
    static final int MOST_AWAY = 1;

    private static final Duration LIMIT = Duration.ofMinutes(1);

    static Scenery layOut(TestCluster cluster, Consumer<String> progress) {
        var first = cluster.nodes("ip-10-0-1-23.eu-west-1.compute.internal", "ip-10-0-2-47.eu-west-1.compute.internal");
        progress.accept("two nodes are Ready");
        // On its node first: the other one is cordoned meanwhile.
        var reports = cluster.deployment("reports")
                .readyAfter(Duration.ofSeconds(1))
                .exitAfter(Duration.ofSeconds(3))
                .createOn(first.getLast());
        var web = spread(cluster.deployment("web"), "web")
                .replicas(4)
                .readyAfter(Duration.ofSeconds(2))
                .submit();
        var checkout = spread(cluster.deployment("checkout"), "checkout")
                .replicas(2)
                .priority(1_000_000)
                .readyAfter(Duration.ofMillis(1_500))
                .submit();
        var agent = cluster.daemonSet("node-agent").submit();
        Stream.of(web, checkout, agent).forEach(Workload::awaitReady);
        cluster.budget("web", web).maxUnavailable(MOST_AWAY);
        cluster.budget("checkout", checkout).maxUnavailable(MOST_AWAY);
        progress.accept("their pods are Ready, their budgets in force");
        var fresh = cluster.node("ip-10-0-3-81.eu-west-1.compute.internal");
        Awaitility.await("the DaemonSet's pod on " + fresh.name())
                .atMost(LIMIT)
                .until(() -> agent.podsOn(fresh).stream().anyMatch(Readiness::isPodReady));
        progress.accept("a third node has joined");
        return new Scenery(cluster, first.getFirst(), first.getLast(), fresh, web, checkout, reports, agent);
    }

    List<LabNode> nodes() {
        return List.of(spot, scaledIn, fresh);
    }

    List<LabNode> doomed() {
        return List.of(spot, scaledIn);
    }

    List<Workload> deployments() {
        return List.of(web, checkout, reports);
    }

    /** The pods that have to leave this node before it goes; none is left when it is drained. */
    List<Pod> movablePodsOn(LabNode node) {
        return deployments().stream()
                .flatMap(deployment -> deployment.podsOn(node).stream())
                .toList();
    }

    /** As many pods as it wants are Ready, and no other is there. */
    static boolean isWhole(Workload workload) {
        var pods = workload.pods();
        return pods.size() == workload.desired()
                && pods.stream()
                        .allMatch(pod ->
                                Readiness.isPodReady(pod) && pod.getMetadata().getDeletionTimestamp() == null);
    }

    void describe(Screen screen) {
        var workloads = new Table("workload", "pods", "what to know about it");
        workloads.row("web", count(web), "its budget: at most %d away at a time".formatted(MOST_AWAY));
        workloads.row("checkout", count(checkout), "high priority; its budget: at most %d away".formatted(MOST_AWAY));
        workloads.row("reports", count(reports), "a single pod without a budget");
        workloads.row("node-agent", "%d".formatted(nodes().size()), "a DaemonSet: one pod a node, and it stays");
        workloads.printTo(screen);
        screen.line("");
        var nodes = new Table("node", "instance", "what it is", "runs");
        nodes.row(shortName(spot), spot.instance().value(), "a spot instance", runs(spot));
        nodes.row(shortName(scaledIn), scaledIn.instance().value(), "in group " + GROUP, runs(scaledIn));
        nodes.row(shortName(fresh), fresh.instance().value(), "has just joined", runs(fresh));
        nodes.printTo(screen);
    }

    /** As people call it: without the domain. */
    static String shortName(LabNode node) {
        return shortName(node.name());
    }

    static String shortName(String node) {
        int dot = node.indexOf('.');
        return dot < 0 ? node : node.substring(0, dot);
    }

    private String runs(LabNode node) {
        Map<String, Long> pods = Stream.concat(deployments().stream(), Stream.of(agent))
                .flatMap(workload -> workload.podsOn(node).stream().map(_ -> workload.name()))
                .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
        return pods.entrySet().stream()
                .map(entry -> entry.getValue() == 1 ? entry.getKey() : entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }

    private static String count(Workload workload) {
        return Integer.toString(workload.desired());
    }

    /** Over the nodes, as far as it goes. */
    private static WorkloadBuilder spread(WorkloadBuilder workload, String app) {
        return workload.template(template -> new PodTemplateSpecBuilder(template)
                .editSpec()
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withNewLabelSelector()
                .addToMatchLabels("app", app)
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .endSpec()
                .build());
    }
}
