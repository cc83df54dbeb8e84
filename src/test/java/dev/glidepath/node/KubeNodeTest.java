package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.glidepath.apiserver.encoding.Projection;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
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
        KubeNode node = read(reporting(status));

        assertThat(node.ready()).isFalse();
        assertThat(node.notReadySince()).contains(NOON);
        assertThat(node.readySince()).isEmpty();
    }

    @Test
    void isReadySinceItsConditionTurned() {
        KubeNode node = read(reporting("True"));

        assertThat(node.ready()).isTrue();
        assertThat(node.readySince()).contains(NOON);
        assertThat(node.notReadySince()).isEmpty();
    }

    /** As JSON has a time that is zero in Go. */
    @Test
    void aConditionThatNeverTurnedHasNoTime() throws JsonProcessingException {
        KubeNode node = KubeNode.of(Projection.of(KubeNode.READS).read("""
                {"metadata": {"name": "n"}, "status": {"conditions":
                  [{"type": "Ready", "status": "True", "lastTransitionTime": null}]}}
                """));

        assertThat(node.ready()).isTrue();
        assertThat(node.readySince()).isEmpty();
    }

    @Test
    void nodeThatHasNotReportedYetIsNeither() {
        for (Node unborn : new Node[] {
            node().build(), node().withNewStatus().endStatus().build(),
        }) {
            assertThat(read(unborn).ready()).isFalse();
            assertThat(read(unborn).readySince()).isEmpty();
            assertThat(read(unborn).notReadySince()).isEmpty();
        }
    }

    @Test
    void joinedWhenItWasMade() {
        Node made = node().editMetadata()
                .withCreationTimestamp("2026-08-24T12:00:00Z")
                .endMetadata()
                .build();

        assertThat(read(made).joinedAt()).isEqualTo(NOON);
        assertThat(read(node().build()).joinedAt()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void isShutDownWhenTheCloudProviderSaysSo() {
        Node off = node().editSpec()
                .addNewTaint("NoSchedule", "node.cloudprovider.kubernetes.io/shutdown", null, null)
                .endSpec()
                .build();

        assertThat(read(off).shutDown()).isTrue();
        assertThat(read(reporting("Unknown")).shutDown()).isFalse();
    }

    @Test
    void knowsItsJournal() {
        Journal journal = Journal.empty(NOON);
        Node departing = node().editMetadata()
                .addToAnnotations(Journal.ANNOTATION, journal.text())
                .endMetadata()
                .build();

        assertThat(read(departing).journal()).contains(journal);
        assertThat(read(departing).journalText()).isEqualTo(journal.text());
        assertThat(read(reporting("True")).journal()).isEmpty();
    }

    @Test
    void knowsItsLabels() {
        Node labelled =
                node().editMetadata().addToLabels("pool", "spot").endMetadata().build();

        assertThat(read(labelled).labels()).isEqualTo(Map.of("pool", "spot"));
        assertThat(read(node().build()).labels()).isEmpty();
    }

    private static KubeNode read(Node node) {
        try {
            return KubeNode.of(Projection.of(KubeNode.READS).read(Serialization.asJson(node)));
        } catch (JsonProcessingException garbled) {
            throw new AssertionError(garbled);
        }
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
