package dev.glidepath.node;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodesIT {
    private static final Duration LIMIT = ofMinutes(2);

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final Nodes nodes = new Nodes(Clients.watcher(client), NodeSelector.all());
    private final List<InstanceId> told = new CopyOnWriteArrayList<>();
    private TestCluster cluster;
    private LabNode doomed;

    @BeforeEach
    void startWithOneNode() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        nodes.onChange(told::add);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);
    }

    @AfterEach
    void end() {
        nodes.close();
        client.close();
        cluster.close();
    }

    @Test
    void findsTheNodeOfAnInstance() {
        assertThat(nodes.sight(doomed.instance())).isInstanceOfSatisfying(Present.class, present -> {
            assertThat(present.node().name()).hasToString(doomed.name());
            assertThat(present.node().ready()).isTrue();
            assertThat(present.node().unschedulable()).isFalse();
            assertThat(present.node().journal()).isEmpty();
        });
    }

    @Test
    void neverSawTheNodeOfAnInstanceElsewhere() {
        assertThat(nodes.sight(new InstanceId("i-00000000000000000"))).isInstanceOf(NeverSeen.class);
    }

    @Test
    void findsANodeThatJoinsLaterAndTellsOfIt() {
        LabNode late = cluster.node("late");

        await().atMost(LIMIT).until(() -> nodes.sight(late.instance()) instanceof Present);
        await().atMost(LIMIT).until(() -> told.contains(late.instance()));
    }

    @Test
    void seesAndTellsOfAChange() {
        await().atMost(LIMIT).until(() -> told.contains(doomed.instance()));
        told.clear();

        cluster.cordon(doomed);

        await().atMost(LIMIT)
                .until(() -> nodes.sight(doomed.instance()) instanceof Present(KubeNode node) && node.unschedulable());
        await().atMost(LIMIT).until(() -> told.contains(doomed.instance()));
    }

    @Test
    void remembersADeletedNodeAndTellsOfIt() {
        await().atMost(LIMIT).until(() -> told.contains(doomed.instance()));
        told.clear();

        cluster.client().nodes().withName(doomed.name()).delete();

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(nodes.sight(doomed.instance()))
                        .isInstanceOfSatisfying(
                                Gone.class, gone -> assertThat(gone.name()).isEqualTo(new NodeName(doomed.name()))));
        await().atMost(LIMIT).until(() -> told.contains(doomed.instance()));
    }

    @Test
    void nodeThatComesBackIsPresentAgain() {
        cluster.client().nodes().withName(doomed.name()).delete();
        await().atMost(LIMIT).until(() -> nodes.sight(doomed.instance()) instanceof Gone);

        cluster.client().resource(node(doomed.name(), doomed.providerId())).create();

        await().atMost(LIMIT).until(() -> nodes.sight(doomed.instance()) instanceof Present);
    }

    /** Nodes register before the cloud's controller has found their instance. */
    @Test
    void findsANodeWhoseInstanceBecomesKnownLater() {
        InstanceId instance = new InstanceId("i-0a1b2c3d4e5f69999");
        Node nameless =
                cluster.client().resource(node(doomed.name() + "-nameless", "")).create();
        try {
            cluster.client()
                    .nodes()
                    .withName(nameless.getMetadata().getName())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\": {\"providerID\": \"aws:///eu-west-1a/" + instance + "\"}}");

            await().atMost(LIMIT).until(() -> nodes.sight(instance) instanceof Present);
        } finally {
            cluster.client().resource(nameless).delete();
        }
    }

    @Test
    void ignoresNodesThatAreNotOnEc2() {
        InstanceId lookalike = new InstanceId("i-0a1b2c3d4e5f68888");
        Node elsewhere = cluster.client()
                .resource(node(doomed.name() + "-elsewhere", "gce://project/zone/" + lookalike))
                .create();
        try {
            LabNode later = cluster.node("later");
            await().atMost(LIMIT).until(() -> told.contains(later.instance()));

            assertThat(nodes.sight(lookalike)).isInstanceOf(NeverSeen.class);
            assertThat(told).doesNotContain(lookalike);
        } finally {
            cluster.client().resource(elsewhere).delete();
        }
    }

    private static Node node(String name, String providerId) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withProviderID(providerId)
                .endSpec()
                .build();
    }
}
