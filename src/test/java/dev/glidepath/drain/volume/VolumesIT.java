package dev.glidepath.drain.volume;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.Evictor;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodsOnNode;
import dev.glidepath.drain.volume.ClaimOutcome.Forbidden;
import dev.glidepath.drain.volume.ClaimOutcome.Found;
import dev.glidepath.drain.volume.ClaimOutcome.Gone;
import dev.glidepath.drain.volume.ClaimOutcome.Unbound;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.LabVolume;
import dev.glidepath.lab.TestCluster;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** There is no attacher in the lab: what one would do to a VolumeAttachment is done by hand. */
class VolumesIT {
    private static final Duration LIMIT = ofMinutes(2);

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final Attachments attachments = new Attachments(Clients.watcher(client));
    private final ClaimLookup claims = new ClaimLookup(new ApiServer(client.getConfiguration()));
    private final List<String> told = new CopyOnWriteArrayList<>();
    private TestCluster cluster;
    private LabNode doomed;
    private LabVolume data;
    private String volume;

    @BeforeEach
    void start() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        data = LabVolume.named(cluster, "data");
        volume = data.name();
        attachments.onChange(told::add);
        attachments.start();
        await().atMost(LIMIT).until(attachments::isSynced);
    }

    @AfterEach
    void end() {
        attachments.close();
        client.close();
        data.close();
        cluster.close();
    }

    @Test
    void volumeIsAttachedForAsLongAsItsAttachmentIsThere() {
        assertThat(attachments.attachedTo(doomed.name())).isEmpty();

        data.attachTo(doomed);
        await().atMost(LIMIT).until(() -> attachments.attachedTo(doomed.name()).contains(volume));
        await().atMost(LIMIT).until(() -> told.contains(doomed.name()));
        assertThat(attachments.attachedTo("another")).isEmpty();
        told.clear();

        data.detach();
        await().atMost(LIMIT).until(() -> attachments.attachedTo(doomed.name()).isEmpty());
        await().atMost(LIMIT).until(() -> told.contains(doomed.name()));
    }

    @Test
    void claimLeadsToItsVolumeOnceItIsBound() throws InterruptedException {
        String namespace = cluster.namespace();
        assertThat(claims.volumeOf(namespace, "data")).isEqualTo(new Gone());

        data.createClaim();
        assertThat(claims.volumeOf(namespace, "data")).isEqualTo(new Unbound());

        data.createVolume();
        await().atMost(LIMIT).until(() -> claims.volumeOf(namespace, "data").equals(new Found(volume)));
    }

    /** The attach-detach controller makes an attachment for a pod with a claim, and takes it away when the pod is gone. */
    @Test
    void volumeOfAPodIsDetachedWhenThePodIsGone() throws IOException, InterruptedException {
        cluster.client()
                .nodes()
                .withName(doomed.name())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"volumes.kubernetes.io/controller-managed-attach-detach\": \"true\"}}}");
        data.createVolume();
        data.createClaim();
        cluster.pod("db").claim("data").on(doomed).create();
        await().atMost(LIMIT).until(() -> attachments.attachedTo(doomed.name()).contains(volume));
        VolumeAttachment attachment = plane.client().storage().v1().volumeAttachments().list().getItems().stream()
                .filter(it -> volume.equals(it.getSpec().getSource().getPersistentVolumeName()))
                .findFirst()
                .orElseThrow();
        plane.client()
                .resource(attachment)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"attached\": true}}");

        try (PodsOnNode pods = new PodsOnNode(Clients.watcher(client), doomed.name(), () -> {})) {
            pods.list();
            Pod pod = ((Listed) pods.sight()).pods().getFirst();
            assertThat(pod.claims()).containsExactly("data");
            assertThat(claims.volumeOf(cluster.namespace(), "data")).isEqualTo(new Found(volume));

            new Evictor(new ApiServer(client.getConfiguration())).evict(pod.ref(), Optional.empty(), Optional.empty());

            await().atMost(LIMIT).until(() -> ((Listed) pods.sight()).pods().isEmpty());
        }
        await().atMost(LIMIT).until(() -> attachments.attachedTo(doomed.name()).isEmpty());
    }

    @Test
    void lackOfRightsIsForbidden() throws InterruptedException {
        try (KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default")) {
            assertThat(new ClaimLookup(new ApiServer(nobody.getConfiguration())).volumeOf(cluster.namespace(), "data"))
                    .isInstanceOf(Forbidden.class);
        }
    }
}
