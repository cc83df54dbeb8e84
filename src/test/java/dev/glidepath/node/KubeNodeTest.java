package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubeNodeTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    @ParameterizedTest
    @ValueSource(strings = {"False", "Unknown"})
    void isNotReadySinceItsConditionTurned(String status) {
        KubeNode node = KubeNode.of(reporting(status));

        assertThat(node.ready()).isFalse();
        assertThat(node.notReadySince()).contains(NOON);
        assertThat(node.readySince()).isEmpty();
    }

    @Test
    void isReadySinceItsConditionTurned() {
        KubeNode node = KubeNode.of(reporting("True"));

        assertThat(node.ready()).isTrue();
        assertThat(node.readySince()).contains(NOON);
        assertThat(node.notReadySince()).isEmpty();
    }

    @Test
    void nodeThatHasNotReportedYetIsNeither() {
        for (Node unborn : new Node[] {
            node().build(), node().withNewStatus().endStatus().build(),
        }) {
            assertThat(KubeNode.of(unborn).ready()).isFalse();
            assertThat(KubeNode.of(unborn).readySince()).isEmpty();
            assertThat(KubeNode.of(unborn).notReadySince()).isEmpty();
        }
    }

    @Test
    void isShutDownWhenTheCloudProviderSaysSo() {
        Node off = node().editSpec()
                .addNewTaint("NoSchedule", "node.cloudprovider.kubernetes.io/shutdown", null, null)
                .endSpec()
                .build();

        assertThat(KubeNode.of(off).shutDown()).isTrue();
        assertThat(KubeNode.of(reporting("Unknown")).shutDown()).isFalse();
    }

    @Test
    void knowsItsJournal() {
        Journal journal = Journal.empty(NOON);
        Node departing = node().editMetadata()
                .addToAnnotations(Journal.ANNOTATION, journal.text())
                .endMetadata()
                .build();

        assertThat(KubeNode.of(departing).journal()).contains(journal);
        assertThat(KubeNode.of(departing).journalText()).isEqualTo(journal.text());
        assertThat(KubeNode.of(reporting("True")).journal()).isEmpty();
    }

    @Test
    void knowsItsLabels() {
        Node labelled =
                node().editMetadata().addToLabels("pool", "spot").endMetadata().build();

        assertThat(KubeNode.of(labelled).labels()).isEqualTo(Map.of("pool", "spot"));
        assertThat(KubeNode.of(node().build()).labels()).isEmpty();
    }

    private static NodeBuilder node() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("ip-10-0-1-7")
                .endMetadata()
                .withNewSpec()
                .endSpec();
    }

    private static Node reporting(String status) {
        return node().withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(status)
                .withLastTransitionTime(NOON.toString())
                .endCondition()
                .endStatus()
                .build();
    }
}
