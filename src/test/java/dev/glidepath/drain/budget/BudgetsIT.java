package dev.glidepath.drain.budget;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All that is awaited here was told by the watch: nothing is asked for. */
class BudgetsIT {
    private static final Duration LIMIT = ofMinutes(2);

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final Budgets budgets = new Budgets(Clients.watcher(client));
    private final List<Budget> told = new CopyOnWriteArrayList<>();
    private final List<Budget.Id> removed = new CopyOnWriteArrayList<>();
    private TestCluster cluster;
    private LabNode node;

    @BeforeEach
    void start() {
        cluster = TestCluster.create(plane);
        node = cluster.node("one");
        budgets.onChange(budget -> {
            if (budget.id().namespace().equals(cluster.namespace())) {
                told.add(budget);
            }
        });
        budgets.onRemoval(removed::add);
        budgets.start();
        await().atMost(LIMIT).until(() -> budgets.watching().synced());
    }

    @AfterEach
    void end() {
        budgets.close();
        client.close();
        cluster.close();
    }

    @Test
    void roomGoesWithAnEvictionAndComesBackWithTheReplacement() throws InterruptedException {
        Workload web =
                cluster.deployment("web").replicas(2).readyAfter(ofSeconds(2)).createOn(node);
        cluster.budget("web", web).maxUnavailable(1);
        await().atMost(LIMIT).until(() -> allowed() == 1);
        told.clear();
        Instant before = Instant.now();
        String evicted = evictOneOf(web);

        await().atMost(LIMIT).until(() -> allowed() == 0);
        await().atMost(LIMIT)
                .until(() -> told.stream().anyMatch(seen -> seen.disrupted().contains(evicted)));
        await().atMost(LIMIT)
                .until(() -> told.stream().anyMatch(seen -> seen.health().healthy() == 1));
        await().atMost(LIMIT).until(() -> allowed() == 1);

        assertThat(told).extracting(Budget::allowed).contains(0, 1);
        assertThat(told).allMatch(seen -> seen.seenAt().isAfter(before));
        assertThat(budget().health()).isEqualTo(new Budget.Health(2, 1, 2));
        assertThat(budget().disrupted()).isEmpty();
    }

    @Test
    void changedSpecMakesItStaleUntilTheControllerHasCaughtUp() {
        Workload web = cluster.deployment("web").replicas(2).createOn(node);
        cluster.budget("web", web).maxUnavailable(1);
        await().atMost(LIMIT).until(() -> allowed() == 1 && budget().current());
        told.clear();

        cluster.client()
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(cluster.namespace())
                .withName("web")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"maxUnavailable\": 2}}");

        await().atMost(LIMIT).until(() -> allowed() == 2);
        assertThat(told).first().matches(seen -> !seen.current() && seen.allowed() == 1, "first not current");
        assertThat(told).last().matches(Budget::current, "then current");
    }

    @Test
    void deletedBudgetIsGoneAndToldOf() {
        Workload web = cluster.deployment("web").createOn(node);
        cluster.budget("web", web).maxUnavailable(1);
        await().atMost(LIMIT).until(() -> allowed() == 1);

        cluster.client()
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(cluster.namespace())
                .withName("web")
                .delete();

        await().atMost(LIMIT).until(() -> removed.contains(new Budget.Id(cluster.namespace(), "web")));
        assertThat(budgets.in(cluster.namespace())).isEmpty();
    }

    private Budget budget() {
        return budgets.in(cluster.namespace()).getFirst();
    }

    /** -1 while it is not there. */
    private int allowed() {
        return budgets.in(cluster.namespace()).stream()
                .findFirst()
                .map(Budget::allowed)
                .orElse(-1);
    }

    private String evictOneOf(Workload workload) throws InterruptedException {
        ObjectMeta pod = workload.pods().getFirst().getMetadata();
        assertThat(new Evictor(new ApiServer(client.getConfiguration()))
                        .evict(
                                new PodRef(pod.getNamespace(), pod.getName(), pod.getUid()),
                                Optional.empty(),
                                Optional.empty()))
                .isEqualTo(new Evicted());
        return pod.getName();
    }
}
